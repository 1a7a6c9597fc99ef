package cli_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"intercom/internal/notrun"
)

// golden compares a text with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func TestServiceFiles(t *testing.T) {
	for _, tt := range []struct {
		file, goos string
		args       []string
		vars       map[string]string
	}{
		{"user.service", "linux", nil, nil},
		{"odd.service", "linux", nil, map[string]string{"INTERCOM_DAEMON": `/opt/my "tools"/100%/intercomd`, "INTERCOM_HOME": "/srv/a b/50%"}},
		{"system.service", "linux", []string{"--system"}, map[string]string{"SUDO_USER": "bob"}},
		{"user.plist", "darwin", nil, map[string]string{"INTERCOM_DAEMON": "/opt/a&b/intercomd", "INTERCOM_HOME": "/Users/alice/<x>"}},
		{"system.plist", "darwin", []string{"--system"}, nil},
	} {
		w := newWorld(t)
		w.GOOS = tt.goos
		w.vars = map[string]string{"HOME": "/home/alice", "USER": "alice", "INTERCOM_PROFILE": "work",
			"INTERCOM_DAEMON": "/usr/local/bin/intercomd", "INTERCOM_HOME": "", "SUDO_USER": ""}
		for k, v := range tt.vars {
			w.vars[k] = v
		}
		if exit := w.run(t, append([]string{"up", "--install", "--dry-run"}, tt.args...)...); exit != 0 {
			t.Fatal(w.stderr.String())
		}
		golden(t, tt.file, w.out.String())
		if tt.goos == "darwin" {
			if err := xml.Unmarshal(w.out.Bytes(), new(struct{ XMLName xml.Name })); err != nil {
				t.Errorf("%s: %v", tt.file, err)
			}
		}
		notes := strings.ReplaceAll(w.stderr.String(), "gui/"+uid(), "gui/UID")
		golden(t, tt.file+".notes", notes)
	}
}

func uid() string {
	b, _ := json.Marshal(os.Getuid())
	return string(b)
}

// TestSystemdAcceptsTheUnits asks systemd itself.
func TestSystemdAcceptsTheUnits(t *testing.T) {
	verify, err := exec.LookPath("systemd-analyze")
	if err != nil {
		notrun.Skip(t, "systemd-analyze")
	}
	dir := t.TempDir()
	daemon := filepath.Join(dir, "a b 100%", "intercomd")
	if err := os.MkdirAll(filepath.Dir(daemon), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(daemon, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"--system", "--user"} {
		w := newWorld(t)
		w.GOOS, w.vars["INTERCOM_DAEMON"], w.vars["USER"] = "linux", daemon, "root"
		args := []string{"up", "--install", "--dry-run"}
		if kind == "--system" {
			args = append(args, kind)
		}
		if exit := w.run(t, args...); exit != 0 {
			t.Fatal(w.stderr.String())
		}
		unit := filepath.Join(dir, "intercom-test.service")
		if err := os.WriteFile(unit, w.out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(verify, kind, "verify", "--man=no", unit)
		cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+dir)
		said, err := cmd.CombinedOutput()
		for line := range strings.Lines(string(said)) {
			if strings.Contains(line, "intercom-test.service") {
				t.Errorf("%s: %s", kind, line)
			}
		}
		if err != nil {
			t.Errorf("%s: %v: %s", kind, err, said)
		}
	}
}

// fakeManager puts a service manager's program on the PATH of the world that
// writes down how it is called, and fails where the folder has a file `fails`.
func fakeManager(t *testing.T, w *world, name string) (calls func() string, dir string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		notrun.Skip(t, "a POSIX shell")
	}
	dir = t.TempDir()
	script := "#!/bin/sh\necho \"$(basename $0) $*\" >> '" + dir + "/calls'\nif [ -e '" + dir + "/fails' ]; then echo 'Failed to connect to bus' >&2; exit 1; fi\n"
	if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	w.LookPath = func(program string) (string, error) {
		if program != name {
			return "", os.ErrNotExist
		}
		return filepath.Join(dir, name), nil
	}
	w.Environ = os.Environ()
	return func() string {
		b, err := os.ReadFile(filepath.Join(dir, "calls"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(dir, "calls")); err != nil {
			t.Fatal(err)
		}
		return string(b)
	}, dir
}

// newServiceWorld has a root of its own for the files of services.
func newServiceWorld(t *testing.T, goos string) *world {
	w := newWorld(t)
	w.GOOS, w.Root = goos, t.TempDir()
	w.vars["HOME"], w.vars["USER"], w.vars["INTERCOM_DAEMON"] = "/home/alice", "alice", "/usr/bin/intercomd"
	return w
}

func TestInstallAndUninstallWithAServiceManager(t *testing.T) {
	for _, tt := range []struct {
		goos, program, file    string
		args                   []string
		install, again, remove string
	}{
		{"linux", "systemctl", "/home/alice/.config/systemd/user/intercom-test.service", nil,
			"systemctl --user daemon-reload\nsystemctl --user enable intercom-test.service\nsystemctl --user restart intercom-test.service\n",
			"systemctl --user daemon-reload\nsystemctl --user enable intercom-test.service\nsystemctl --user restart intercom-test.service\n",
			"systemctl --user disable --now intercom-test.service\nsystemctl --user daemon-reload\n"},
		{"linux", "systemctl", "/etc/systemd/system/intercom-test.service", []string{"--system"},
			"systemctl daemon-reload\nsystemctl enable intercom-test.service\nsystemctl restart intercom-test.service\n",
			"systemctl daemon-reload\nsystemctl enable intercom-test.service\nsystemctl restart intercom-test.service\n",
			"systemctl disable --now intercom-test.service\nsystemctl daemon-reload\n"},
		{"darwin", "launchctl", "/home/alice/Library/LaunchAgents/intercom.test.plist", nil,
			"launchctl bootstrap gui/UID FILE\n",
			"launchctl bootout gui/UID/intercom.test\nlaunchctl bootstrap gui/UID FILE\n",
			"launchctl bootout gui/UID/intercom.test\n"},
	} {
		w := newServiceWorld(t, tt.goos).serve(t) // the daemon that the manager would start
		calls, _ := fakeManager(t, w, tt.program)
		file := filepath.Join(w.Root, tt.file)
		called := func() string {
			return strings.NewReplacer("gui/"+uid(), "gui/UID", file, "FILE").Replace(calls())
		}
		for _, want := range []string{tt.install, tt.again} {
			exit := w.run(t, append([]string{"up", "--install", "--jq", `"\(.file) \(.running)"`}, tt.args...)...)
			if exit != 0 || w.out.String() != file+" true\n" {
				t.Errorf("exit code %d: %s%s", exit, w.out.String(), w.stderr.String())
			}
			if got := called(); got != want {
				t.Errorf("install called\n%swant\n%s", got, want)
			}
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("%v %v", info, err)
		}
		exit := w.run(t, append([]string{"down", "--uninstall", "--jq", ".changed"}, tt.args...)...)
		if exit != 0 || w.out.String() != "true\n" {
			t.Errorf("exit code %d: %s%s", exit, w.out.String(), w.stderr.String())
		}
		if got := called(); got != tt.remove {
			t.Errorf("uninstall called\n%swant\n%s", got, tt.remove)
		}
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the file is there: %v", err)
		}
		w.wantError(t, w.run(t, append([]string{"down", "--uninstall"}, tt.args...)...), 0, "no service was installed")
		if got := called(); got != "" {
			t.Errorf("without a file it called %s", got)
		}
	}
}

func TestInstallWithoutAServiceManagerSaysTheCommands(t *testing.T) {
	w := newServiceWorld(t, "linux")
	w.wantError(t, w.run(t, "up", "--install"), 0, "there is no systemctl here",
		"systemctl --user daemon-reload\n", "systemctl --user enable intercom-test.service\n", "systemctl --user restart intercom-test.service\n")
	if _, err := os.Stat(filepath.Join(w.Root, "/home/alice/.config/systemd/user/intercom-test.service")); err != nil {
		t.Error(err)
	}
}

func TestAServiceManagerThatFailsLeavesItPartlyDone(t *testing.T) {
	w := newServiceWorld(t, "linux")
	_, dir := fakeManager(t, w, "systemctl")
	if err := os.WriteFile(filepath.Join(dir, "fails"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w.wantError(t, w.run(t, "up", "--install"), 3, "is written, but", "Failed to connect to bus", "hint: when that is repaired: systemctl --user daemon-reload && ")
}

func TestFilesOfOthersAreLeftAlone(t *testing.T) {
	w := newServiceWorld(t, "linux")
	file := filepath.Join(w.Root, "/home/alice/.config/systemd/user/intercom-test.service")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("[Unit]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"up --install", "down --uninstall"} {
		w.wantError(t, w.run(t, strings.Fields(args)...), 6, "was not written by intercom")
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "[Unit]\n" {
		t.Errorf("%q %v", b, err)
	}
}

func TestInstallRefusesWhatItCannotDo(t *testing.T) {
	w := newServiceWorld(t, "linux")
	for _, args := range []string{"up --system", "up --dry-run", "down --system", "up --install -- --log-level debug"} {
		w.wantError(t, w.run(t, strings.Fields(args)...), 2)
	}
	w.vars["INTERCOM_LISTEN"] = "nonsense"
	if exit := w.run(t, "up", "--install"); exit == 0 {
		t.Error("a service with settings that are not valid is installed")
	}
	w = newServiceWorld(t, "plan9")
	w.wantError(t, w.run(t, "up", "--install"), 2, "neither", "hint: ")
}
