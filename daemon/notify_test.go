//go:build unix

package daemon_test

import (
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/daemon"
	"intercom/daemon/daemontest"
)

// manager is a service manager's end of the notification socket.
type manager struct {
	*net.UnixConn
	t testing.TB
}

func newManager(t testing.TB, h *daemontest.Home) manager {
	t.Helper()
	path := filepath.Join(h.Dir, "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	h.Env = append(h.Env, "NOTIFY_SOCKET="+path)
	return manager{conn, t}
}

// until reads assignments up to the one that is wanted, and returns all.
func (m manager) until(want string) []string {
	m.t.Helper()
	m.SetReadDeadline(time.Now().Add(soon))
	var all []string
	for !slices.Contains(all, want) {
		buf := make([]byte, 4096)
		n, err := m.Read(buf)
		if err != nil {
			m.t.Fatalf("no %s after %q: %v", want, all, err)
		}
		all = append(all, strings.Split(string(buf[:n]), "\n")...)
	}
	return all
}

func TestTheServiceManagerHearsOfEachState(t *testing.T) {
	h := daemontest.NewHome(t)
	m := newManager(t, h)
	a := h.Launch("a")
	if said := m.until("READY=1"); said[0] != "STATUS=starting" {
		t.Errorf("before it is ready it says %q", said)
	}
	if h := daemontest.Call(a, wire.Health, wire.None{}); !h.Ready {
		t.Errorf("READY=1 while it is %s", h.Status)
	}
	m.until("STATUS=ready")
	if code := a.Stop(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
	if said := m.until("STOPPING=1"); slices.Contains(said, "WATCHDOG=1") {
		t.Errorf("nobody asked for a watchdog: %q", said)
	}
}

func TestTheWatchdogIsFedWhileTheDaemonLives(t *testing.T) {
	h := daemontest.NewHome(t)
	m := newManager(t, h)
	h.Env = append(h.Env, "WATCHDOG_USEC=100000")
	a := h.Start("a")
	m.until("READY=1")
	for range 5 {
		m.until("WATCHDOG=1")
	}
	a.Pause()
	m.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	for {
		if _, err := m.Read(make([]byte, 4096)); err != nil {
			break // those that were sent before it stopped are read
		}
	}
	a.Continue()
	m.until("WATCHDOG=1")
}

func TestAManagerThatIsGoneKeepsNobodyFromRunning(t *testing.T) {
	h := daemontest.NewHome(t)
	h.Env = append(h.Env, "NOTIFY_SOCKET="+filepath.Join(h.Dir, "nobody"))
	a := h.Start("a")
	if code := a.Stop(); code != 0 || !strings.Contains(a.Log(), "service manager not told") {
		t.Errorf("it ended with %d", code)
	}
}

func TestNotifyFrom(t *testing.T) {
	for _, tt := range []struct {
		env  map[string]string
		want daemon.Notify
	}{
		{nil, daemon.Notify{}},
		{map[string]string{"NOTIFY_SOCKET": "@x"}, daemon.Notify{Socket: "@x"}},
		{map[string]string{"NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": "1500000"}, daemon.Notify{Socket: "/s", Watchdog: 1500 * time.Millisecond}},
		{map[string]string{"NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "7"}, daemon.Notify{Socket: "/s", Watchdog: time.Microsecond}},
		{map[string]string{"NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "8"}, daemon.Notify{Socket: "/s"}},
		{map[string]string{"NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": "-1"}, daemon.Notify{Socket: "/s"}},
		{map[string]string{"NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": "soon"}, daemon.Notify{Socket: "/s"}},
	} {
		if got := daemon.NotifyFrom(func(k string) string { return tt.env[k] }, 7); got != tt.want {
			t.Errorf("%v: %+v, want %+v", tt.env, got, tt.want)
		}
	}
}
