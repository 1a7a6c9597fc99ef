//go:build unix

package daemon_test

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
)

// hangup sends SIGHUP and returns the line that the daemon logs about it.
func hangup(t *testing.T, d *daemontest.Daemon) string {
	t.Helper()
	before := len(d.Log())
	d.Signal(syscall.SIGHUP)
	var said string
	daemontest.Eventually(t, soon, "the configuration is read again", func() bool {
		for line := range strings.Lines(d.Log()[before:]) {
			if strings.Contains(line, "configuration") && strings.HasSuffix(line, "\n") {
				said = line
			}
		}
		return said != ""
	})
	return said
}

func TestAHangupReadsTheConfigurationAgain(t *testing.T) {
	h := daemontest.NewHome(t)
	a := h.Start("a", "--min-free", "170MiB")
	for _, kv := range [][2]string{{"log-level", "debug"}, {"listen", "/ip4/127.0.0.1/tcp/0,/ip4/127.0.0.2/tcp/0"}, {"channel", "c"}, {"min-free", "1GiB"}} {
		if err := a.Profile.Set(kv[0], kv[1]); err != nil {
			t.Fatal(err)
		}
	}
	// The flag still wins over the file, and commands read `channel` themselves.
	if said := hangup(t, a); !strings.Contains(said, `changed="log-level=debug"`) || !strings.Contains(said, "needs_restart=listen\n") {
		t.Errorf("it says %q", said)
	}
	if level := daemontest.Call(a, wire.LogLevel, wire.LogLevelReq{}).Level; level != "debug" {
		t.Errorf("it logs from %s on", level)
	}
	if err := a.Profile.Set("log-level", "error"); err != nil {
		t.Fatal(err)
	}
	if said := hangup(t, a); !strings.Contains(said, `changed="log-level=error"`) {
		t.Errorf("where only errors are logged it says %q", said)
	}
	if h := daemontest.Call(a, wire.Health, wire.None{}); !h.Ready {
		t.Errorf("it is %s", h.Status)
	}
}

func TestAConfigurationThatIsNotValidChangesNothing(t *testing.T) {
	h := daemontest.NewHome(t)
	a := h.Start("a")
	if err := os.WriteFile(a.Profile.ConfigFile(), []byte("log-level: loud\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if said := hangup(t, a); !strings.Contains(said, "nothing has changed") || !strings.Contains(said, "loud") {
		t.Errorf("it says %q", said)
	}
	if level := daemontest.Call(a, wire.LogLevel, wire.LogLevelReq{}).Level; level != "info" {
		t.Errorf("it logs from %s on", level)
	}
}

func TestTheLogLevelChangesWhileTheDaemonRuns(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	if strings.Contains(a.Log(), "level=DEBUG") {
		t.Fatal("it logs everything already")
	}
	if r := daemontest.Call(a, wire.LogLevel, wire.LogLevelReq{Level: "debug"}); r.Level != "debug" || r.Before != "info" {
		t.Errorf("%+v", r)
	}
	daemontest.Eventually(t, soon, "it logs everything", func() bool {
		if _, err := a.Dial().Hello(t.Context()); err != nil {
			t.Fatal(err)
		}
		return strings.Contains(a.Log(), "level=DEBUG")
	})
	if _, err := daemontest.Try(a, wire.LogLevel, wire.LogLevelReq{Level: "loud"}); wire.AsError(err).Code != wire.InvalidRequest {
		t.Errorf("an unknown level: %v", err)
	}
}
