//go:build unix

package daemon_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"intercom/daemon/daemontest"
)

// page asks a daemon for a page, over its TCP address or its Unix socket.
func page(t *testing.T, d *daemontest.Daemon, socket bool, path, token string) (int, string) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	if socket {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", d.Profile.Socket())
		}
	}
	b, err := d.Profile.Bridge()
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+b.TCP+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestADaemonTellsItsHealthToAllAndTheRestToItsOwner(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	a.Write("team", 0, 3)
	raw, err := os.ReadFile(a.Profile.TokenFile())
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimSpace(string(raw))
	for _, tt := range []struct {
		path   string
		open   bool
		within string
	}{
		{"/healthz", true, "ok\n"},
		{"/readyz", true, "ready\n"},
		{"/metrics", false, "intercom_events"},
		{"/debug/pprof/", false, "goroutine"},
		{"/debug/pprof/goroutine?debug=1", false, "goroutine profile: total"},
		{"/debug/pprof/heap?debug=1", false, "heap profile"},
	} {
		status, body := page(t, a, false, tt.path, "")
		if tt.open && (status != 200 || body != tt.within) || !tt.open && (status != 401 || strings.Contains(body, tt.within)) {
			t.Errorf("%s for a stranger: %d %q", tt.path, status, body)
		}
		for _, socket := range []bool{false, true} {
			if status, body := page(t, a, socket, tt.path, token); status != 200 || !strings.Contains(body, tt.within) {
				t.Errorf("%s for the owner: %d %.200q", tt.path, status, body)
			}
		}
	}
}

func TestMetricsCountWhatHappened(t *testing.T) {
	h := daemontest.NewHome(t)
	a, b := h.Start("a"), h.Start("b")
	daemontest.Eventually(t, soon, "the two are connected", func() bool { return a.Sees(b) && b.Sees(a) })
	a.Write("team", 0, 3)
	b.Join("team")
	daemontest.Eventually(t, soon, "b has what a wrote", func() bool { return b.Room("team").Events == 3 })
	_, text := page(t, b, true, "/metrics", "")
	for _, want := range []string{
		`intercom_status{status="ready"} 1`, `intercom_status{status="read-only"} 0`, "intercom_peers 1",
		"intercom_rooms_joined 2", "intercom_events 3", "intercom_events_waiting 0",
		`intercom_ledger_total{what="events_ingested"} 3`, "intercom_store_read_only 0",
		`intercom_bridge_request_duration_seconds_count{request="join"} 1`, "intercom_store_sync_duration_seconds_count ",
		"go_goroutines ", "process_start_time_seconds ", `intercom_build_info{version="`,
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("%q is not in the metrics", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
	for _, secret := range []string{"team", a.Profile.Name + "\"", h.Dir} {
		if strings.Contains(text, secret) {
			t.Errorf("the metrics tell %q", secret)
		}
	}
}
