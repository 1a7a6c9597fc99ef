//go:build unix

package cli_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"intercom/client/cli"
	"intercom/client/wire"
	"intercom/daemon/daemontest"
	"intercom/p2p/identity"
)

// unpack returns the files of a report.
func unpack(t *testing.T, archive []byte) map[string]string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for r := tar.NewReader(z); ; {
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimPrefix(head.Name, "intercom-bugreport/")] = string(data)
	}
}

func TestABugReportHoldsNoSecretsAndNoContents(t *testing.T) {
	h := daemontest.NewHome(t)
	d := h.Start("a", "--log-to", "file", "--log-level", "debug")
	const said, room = "meet me at the harbour", "trip-to-the-moon"
	d.Join(room)
	daemontest.Call(d, wire.Send, wire.SendReq{Channel: room, Message: json.RawMessage(`"` + said + `"`)})
	d.Write("team-of-nobody", 0, 2)
	if err := d.Profile.Set("channel", room); err != nil {
		t.Fatal(err)
	}

	var out, stderr bytes.Buffer
	env := cli.OS()
	env.Stdout, env.Stderr = &out, &stderr
	env.Getenv = func(name string) string {
		return map[string]string{"INTERCOM_HOME": h.Dir, "INTERCOM_PROFILE": "a", "INTERCOM_SC_BRIDGE_PORT": "0"}[name]
	}
	path := filepath.Join(t.TempDir(), "report.tar.gz")
	if exit := cli.Main(t.Context(), []string{"bugreport", "--out", path}, env); exit != 0 {
		t.Fatalf("exit code %d: %s", exit, stderr.String())
	}
	archive, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files := unpack(t, archive)
	want := []string{"doctor.json", "goroutines.txt", "health.json", "info.json", "log.txt", "metrics.txt", "settings.json", "stats.json", "versions.json"}
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) {
		t.Errorf("it holds %q, want %q", got, want)
	}
	for name, part := range map[string]string{
		"goroutines.txt": "goroutine ", "metrics.txt": "intercom_events 2", "log.txt": "msg=ready", "doctor.json": `"result": "ok"`,
		"settings.json": `"[set]"`, "info.json": "[room ", "versions.json": `"daemon"`,
	} {
		if !strings.Contains(files[name], part) {
			t.Errorf("%q is not in %s:\n%.2000s", part, name, files[name])
		}
	}

	id, err := identity.Load(d.Profile.IdentityFile())
	if err != nil {
		t.Fatal(err)
	}
	token, err := os.ReadFile(d.Profile.TokenFile())
	if err != nil {
		t.Fatal(err)
	}
	secrets := map[string]string{
		"the token": strings.TrimSpace(string(token)), "the words": id.Mnemonic(),
		"the key": hex.EncodeToString(id.PrivateKey()[:32]), "a message": said, "a room's name": room, "another room's name": "team-of-nobody",
	}
	for name, text := range files {
		for what, secret := range secrets {
			if secret == "" || strings.Contains(text, secret) {
				t.Errorf("%s is in %s", what, name)
			}
		}
	}

	if exit := cli.Main(t.Context(), []string{"bugreport", "--out", path}, env); exit != wire.Conflict.Exit() {
		t.Errorf("over a file that is there: exit code %d", exit)
	}
	d.Stop()
	out.Reset()
	if exit := cli.Main(t.Context(), []string{"bugreport", "--out", "-"}, env); exit != 0 {
		t.Fatalf("without a daemon: exit code %d: %s", exit, stderr.String())
	}
	if files := unpack(t, out.Bytes()); !strings.Contains(files["metrics.txt"], "not read") || !strings.Contains(files["log.txt"], "msg=stopped") {
		t.Errorf("without a daemon it holds %v", slices.Sorted(maps.Keys(files)))
	}
}
