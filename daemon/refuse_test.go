//go:build unix

package daemon_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
)

// refused waits until a daemon that cannot start has ended, and checks what
// it says: exit code, code, a hint, and further words.
func refused(t *testing.T, d *daemontest.Daemon, code wire.Code, words ...string) {
	t.Helper()
	if exit := d.Exit(soon); exit != code.Exit() {
		t.Errorf("it ended with %d, want %d", exit, code.Exit())
	}
	said := d.Log()
	for _, w := range append(words, "("+string(code)+")", "\nhint: ") {
		if !strings.Contains(said, w) {
			t.Errorf("it does not say %q:\n%s", w, said)
		}
	}
	if strings.Contains(said, "goroutine ") {
		t.Errorf("it panicked:\n%s", said)
	}
}

func TestASecondDaemonOnAProfileIsRefused(t *testing.T) {
	h := daemontest.NewHome(t)
	a := h.Start("a")
	since := a.Info().Started.Format("2006-01-02T15:04:05Z")
	refused(t, h.Launch("a"), wire.Locked, fmt.Sprint("process ", a.PID()), since)
	a.Write("team", 0, 2) // the first is not disturbed
	if b, err := a.Profile.Bridge(); err != nil || b.PID != a.PID() {
		t.Errorf("the bridge file is now that of %d (%v)", b.PID, err)
	}
	if code := a.Stop(); code != 0 {
		t.Errorf("the first ended with %d", code)
	}
	h.Start("a")
}

func TestABusyPort(t *testing.T) {
	h := daemontest.NewHome(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	refused(t, h.Launch("a", "--sc-bridge-port", port), wire.PortBusy, port)

	// Only a port that nobody asked for gives way.
	h.Env = append(h.Env, "INTERCOM_SC_BRIDGE_PORT=")
	a, b := h.Start("a"), h.Start("b")
	if x, y := a.Info().TCP, b.Info().TCP; x == y || x == "" || y == "" {
		t.Errorf("two daemons listen on %q and %q", x, y)
	}
}

func TestADamagedStoreIsRefusedAndLeftAsItIs(t *testing.T) {
	for name, damage := range map[string]struct {
		file, text string
		code       wire.Code
	}{
		"no manifest":   {"badger/MANIFEST", "", wire.Corrupt},
		"garbage":       {"badger/MANIFEST", "what is this", wire.Corrupt},
		"no version":    {"VERSION", "none\n", wire.Corrupt},
		"newer version": {"VERSION", "1000\n", wire.NewerFormat},
	} {
		t.Run(name, func(t *testing.T) {
			h := daemontest.NewHome(t)
			a := h.Start("a")
			a.Write("team", 0, 5)
			if code := a.Stop(); code != 0 {
				t.Fatalf("it ended with %d", code)
			}
			path := filepath.Join(a.Profile.StoreDir(), damage.file)
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if damage.text == "" {
				err = os.Remove(path)
			} else {
				err = os.WriteFile(path, []byte(damage.text), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second time it finds what the first has left
				refused(t, h.Launch("a"), damage.code)
			}
			if err := os.WriteFile(path, whole, 0o600); err != nil {
				t.Fatal(err)
			}
			if n := h.Start("a").Room("team").Events; n != 5 {
				t.Errorf("repaired, it has %d events, want 5", n)
			}
		})
	}
}

func TestAKeyFileThatOthersCanReadIsRefused(t *testing.T) {
	h := daemontest.NewHome(t)
	a := h.Start("a")
	key := daemontest.Call(a, wire.Identity, wire.None{})
	if code := a.Stop(); code != 0 {
		t.Fatalf("it ended with %d", code)
	}
	path := a.Profile.IdentityFile()
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	refused(t, h.Launch("a"), wire.KeyFileExposed, path)
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if again := daemontest.Call(h.Start("a"), wire.Identity, wire.None{}); again != key {
		t.Errorf("it was %v and is %v", key, again)
	}
}

func TestADamagedKeyFileIsRefusedAndNotReplaced(t *testing.T) {
	h := daemontest.NewHome(t)
	a := h.Start("a")
	if code := a.Stop(); code != 0 {
		t.Fatalf("it ended with %d", code)
	}
	path := a.Profile.IdentityFile()
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if exit := h.Launch("a").Exit(soon); exit == 0 {
		t.Error("it ended well")
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "{}" {
		t.Errorf("the key file is now %q (%v)", b, err)
	}
}

func TestSettingsThatMakeNoSenseAreRefused(t *testing.T) {
	for _, flags := range [][]string{
		{"--sc-bridge-port", "high"},
		{"--no-such-flag"},
		{"--min-free", "much"},
		{"--log-level", "loud"},
		{"stray"},
	} {
		refused(t, daemontest.NewHome(t).Launch("a", flags...), wire.InvalidRequest)
	}
}

func TestTCPAsksForTheToken(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	token, err := os.ReadFile(a.Profile.TokenFile())
	if err != nil {
		t.Fatal(err)
	}
	wrong, _ := a.ConnectTCP(nil)
	if hello := wrong.Next(); hello["requiresAuth"] != true {
		t.Errorf("hello: %v", hello)
	}
	wrong.Send(daemontest.Frame{"type": "info"})
	if f := wrong.Next(); f["type"] != "error" {
		t.Errorf("without a token info is answered with %v", f)
	}
	wrong.Send(daemontest.Frame{"type": "auth", "token": "not it"})
	if f := wrong.Next(); f["type"] != "error" {
		t.Errorf("a wrong token is answered with %v", f)
	}
	if n := a.Count("bridge_wrong_tokens"); n == 0 {
		t.Error("wrong tokens are not counted")
	}

	right, _ := a.ConnectTCP(nil)
	right.Until("hello")
	right.Send(daemontest.Frame{"type": "auth", "token": strings.TrimSpace(string(token))})
	right.Until("auth_ok")
	right.Send(daemontest.Frame{"type": "info"})
	right.Until("info")
}

func TestForeignWebPagesAreRefused(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	for _, h := range []http.Header{
		{"Origin": {"https://example.com"}},
		{"Origin": {"null"}},
		{"Origin": {"http://localhost.example.com"}},
		{"Host": {"example.com"}},
	} {
		if _, status := a.ConnectTCP(h); status != http.StatusForbidden {
			t.Errorf("%v is answered with %d", h, status)
		}
	}
	if _, status := a.ConnectTCP(http.Header{"Origin": {"http://localhost:3000"}}); status != http.StatusSwitchingProtocols {
		t.Errorf("a page of this machine is answered with %d", status)
	}
}

func TestAnUnknownRequestIsNamed(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	for typ, reason := range map[string]string{"no_such_request": `no such request: "no_such_request"`, "": `no such request: ""`} {
		_, err := a.TryRaw(daemontest.Frame{"type": typ})
		if got := wire.AsError(err); got.Reason != reason {
			t.Errorf("%q: %s", typ, got.Reason)
		}
	}
}

func TestFramesThatMakeNoSenseAreAnsweredWithACode(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	for _, c := range []struct {
		frame daemontest.Frame
		code  wire.Code
	}{
		{daemontest.Frame{"type": "no_such_request"}, wire.UnknownType},
		{daemontest.Frame{"type": "join", "channel": ""}, wire.NoChannel},
		{daemontest.Frame{"type": "join", "channel": strings.Repeat("x", 200)}, wire.InvalidRequest},
		{daemontest.Frame{"type": "focus_start", "room": "team", "minutes": -1}, wire.InvalidRequest},
		{daemontest.Frame{"type": "focus_checkin", "room": "team"}, wire.MissingField},
		{daemontest.Frame{"type": "focus_end", "room": "team"}, wire.NotActive},
		{daemontest.Frame{"type": "expense_add", "channel": "team", "payer": "a", "amount": "1e3", "split": []string{"a", "b"}}, wire.InvalidAmount},
		{daemontest.Frame{"type": "expense_add", "channel": "team", "amount": "1", "split": []string{"a", "b"}}, wire.MissingField},
		{daemontest.Frame{"type": "focus_checkin", "room": "team", "text": "x", "key": strings.Repeat("k", 200)}, ""},
	} {
		_, err := a.TryRaw(c.frame)
		if err == nil {
			t.Errorf("%v is answered", c.frame)
			continue
		}
		e := wire.AsError(err)
		if e.Code == wire.Internal || c.code != "" && e.Code != c.code {
			t.Errorf("%v: code %s (%s), want %s", c.frame, e.Code, e.Reason, c.code)
		}
	}
	if n := a.Room("team").Events; n != 0 {
		t.Errorf("%d events were written", n)
	}
}
