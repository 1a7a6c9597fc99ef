package cli

import (
	"cmp"
	"embed"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"intercom/client"
	"intercom/client/wire"
)

//go:embed service
var serviceFiles embed.FS

// service is what makes the system's service manager run a profile's daemon.
type service struct {
	Profile client.Profile
	Daemon  string   // absolute path of intercomd
	User    string   // of a system service
	UID     int      // of who asks
	Log     string   // file
	Env     []string // NAME=value that the daemon must have to find the profile

	system string // GOOS
	whole  bool   // for the whole system, not only while the user is logged in
	other  bool   // it runs as somebody else than who asks: he alone may talk to it
	folder string // of unit files
}

// profileVars tell where profiles are; a service must see what the shell sees.
var profileVars = []string{"INTERCOM_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"}

// newService describes the service of a profile; wire.Unsupported where there
// is no service manager that this program knows.
func newService(sh *shell, p client.Profile, whole bool) (service, error) {
	s := service{Profile: p, Log: p.LogFile(), UID: os.Getuid(), system: sh.GOOS, whole: whole}
	s.User = cmp.Or(sh.Getenv("SUDO_USER"), sh.Getenv("USER"), sh.Getenv("LOGNAME"), strconv.Itoa(s.UID))
	s.other = sh.Getenv("SUDO_USER") != "" && whole
	for _, name := range profileVars {
		if value := sh.Getenv(name); value != "" {
			s.Env = append(s.Env, name+"="+value)
		}
	}
	home := sh.Getenv("HOME")
	switch {
	case s.system == "linux" && whole:
		s.folder = "/etc/systemd/system"
	case s.system == "linux":
		s.folder = filepath.Join(home, ".config", "systemd", "user")
		if dir := sh.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
			s.folder = filepath.Join(dir, "systemd", "user")
		}
	case s.system == "darwin" && whole:
		s.folder = "/Library/LaunchDaemons"
	case s.system == "darwin":
		s.folder = filepath.Join(home, "Library", "LaunchAgents")
	default:
		return s, wire.Errorf(wire.Unsupported, "services are written for systemd and launchd; this system has neither").
			WithHint("let the system's own means run: intercomd --profile " + p.Name)
	}
	s.folder = filepath.Join(sh.Root, s.folder)
	var err error
	if s.Daemon, err = sh.findDaemon(); err != nil {
		return s, err
	}
	if s.Daemon, err = filepath.Abs(s.Daemon); err != nil {
		return s, err
	}
	return s, nil
}

// name is that of the unit or the label of the job.
func (s service) name() string {
	if s.system == "darwin" {
		return "intercom." + s.Profile.Name
	}
	return "intercom-" + s.Profile.Name + ".service"
}

// path is where the file belongs.
func (s service) path() string {
	if s.system == "darwin" {
		return filepath.Join(s.folder, s.name()+".plist")
	}
	return filepath.Join(s.folder, s.name())
}

// text is the content of the file.
func (s service) text() (string, error) {
	file := "systemd-user.service"
	switch {
	case s.system == "darwin":
		file = "launchd.plist"
	case s.whole:
		file = "systemd-system.service"
	}
	form, err := serviceFiles.ReadFile("service/" + file)
	if err != nil {
		return "", err
	}
	text := string(form)
	fill := func(name, value string) {
		if value == "" { // with its line
			text = strings.ReplaceAll(text, "{{"+name+"}}\n", "")
			return
		}
		text = strings.ReplaceAll(text, "{{"+name+"}}", value)
	}
	if s.system == "darwin" {
		fill("label", escapeXML(s.name()))
		fill("daemon", escapeXML(s.Daemon))
		fill("profile", escapeXML(s.Profile.Name))
		fill("stderr", s.launchdStderr())
		fill("environment", s.launchdEnv())
		fill("user", s.launchdUser())
		return text, nil
	}
	fill("daemon", quoteUnit(s.Daemon))
	fill("profile", s.Profile.Name) // letters, digits, dots, - and _
	fill("user", s.User)
	var env []string
	for _, e := range s.Env {
		env = append(env, "Environment="+quoteUnit(e))
	}
	fill("environment", strings.Join(env, "\n"))
	return text, nil
}

func (s service) launchdEnv() string {
	if len(s.Env) == 0 {
		return ""
	}
	lines := []string{"\t<key>EnvironmentVariables</key>", "\t<dict>"}
	for _, e := range s.Env {
		name, value, _ := strings.Cut(e, "=")
		lines = append(lines, "\t\t<key>"+name+"</key>", "\t\t<string>"+escapeXML(value)+"</string>")
	}
	return strings.Join(append(lines, "\t</dict>"), "\n")
}

// launchdStderr is for what is said before there is a log. The folder of a
// user's log is there; that of a system service is its user's to make.
func (s service) launchdStderr() string {
	if s.whole {
		return ""
	}
	return "\t<key>StandardErrorPath</key>\n\t<string>" + escapeXML(s.Log) + "</string>"
}

func (s service) launchdUser() string {
	if !s.whole {
		return ""
	}
	return "\t<key>UserName</key>\n\t<string>" + escapeXML(s.User) + "</string>"
}

// enable returns the commands that make the service manager run it now and at
// every start, in order.
func (s service) enable() [][]string {
	if s.system == "darwin" {
		return [][]string{{"launchctl", "bootstrap", s.domain(), s.path()}}
	}
	return [][]string{s.systemctl("daemon-reload"), s.systemctl("enable", s.name()), s.systemctl("restart", s.name())}
}

// disable returns the commands that end it for good, those before the file is
// removed and those after.
func (s service) disable() (before, after [][]string) {
	if s.system == "darwin" {
		return [][]string{{"launchctl", "bootout", s.domain() + "/" + s.name()}}, nil
	}
	return [][]string{s.systemctl("disable", "--now", s.name())}, [][]string{s.systemctl("daemon-reload")}
}

func (s service) systemctl(args ...string) []string {
	if s.whole {
		return append([]string{"systemctl"}, args...)
	}
	return append([]string{"systemctl", "--user"}, args...)
}

func (s service) domain() string {
	if s.whole {
		return "system"
	}
	return "gui/" + strconv.Itoa(s.UID)
}

// logs is the command that shows what the daemon logs.
func (s service) logs() string {
	switch {
	case s.system == "darwin":
		return "intercom logs"
	case s.whole:
		return "journalctl -u " + s.name()
	}
	return "journalctl --user -u " + s.name()
}

// quoteUnit quotes a program's path or an assignment for a unit file:
// systemd.service(5), "Command lines", and systemd.unit(5), "Specifiers".
func quoteUnit(word string) string {
	word = strings.ReplaceAll(word, "%", "%%")
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("/._-+=:@%$,~", r) || r > 127
	}
	if !slices.ContainsFunc([]rune(word), func(r rune) bool { return !plain(r) }) {
		return word
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(word) + `"`
}

func escapeXML(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}
