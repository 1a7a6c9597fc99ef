package cli_test

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"intercom/client/wire"
)

// finding is a row of what `doctor` prints.
type finding struct{ Check, Result, Message, Hint string }

// doctor runs the checks and returns what each found.
func doctor(t *testing.T, w *world, exit int) (found map[string]finding, running bool) {
	t.Helper()
	if got := w.run(t, "doctor", "--json"); got != exit {
		t.Errorf("exit code %d, want %d: %s%s", got, exit, w.out.String(), w.stderr.String())
	}
	var d struct {
		Running bool
		Checks  []finding
	}
	if err := json.Unmarshal(w.out.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	found = map[string]finding{}
	for _, f := range d.Checks {
		found[f.Check] = f
		if f.Result != "ok" && f.Hint == "" {
			t.Errorf("%s says no next step: %+v", f.Check, f)
		}
	}
	return found, d.Running
}

func (f finding) want(t *testing.T, result string, parts ...string) {
	t.Helper()
	if f.Result != result {
		t.Errorf("%+v: want %s", f, result)
	}
	for _, part := range parts {
		if !strings.Contains(f.Message+"\n"+f.Hint, part) {
			t.Errorf("%+v: %q is not in it", f, part)
		}
	}
}

func TestDoctorWorksWithoutADaemon(t *testing.T) {
	w := newWorld(t)
	w.vars["INTERCOM_SC_BRIDGE_PORT"] = "0"
	found, running := doctor(t, w, 0)
	if running || !strings.Contains(w.stderr.String(), "no daemon answers") {
		t.Error(w.stderr.String())
	}
	found["daemon"].want(t, "warning", "not running", "intercom --profile test up")
	if _, there := found["peers"]; there {
		t.Error("it checks the peers of no daemon")
	}
	for _, name := range []string{"profile", "key", "token", "configuration", "runtime folder", "clock", "port"} {
		found[name].want(t, "ok")
	}
}

func TestDoctorFindsWhatIsWrongWithFiles(t *testing.T) {
	w := newWorld(t)
	if exit := w.run(t, "id", "new"); exit != 0 {
		t.Fatal(w.stderr.String())
	}
	p := mustProfile(t, w.Getenv)
	if err := p.Create(); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{p.TokenFile(): "token\n", p.ConfigFile(): "log-level: loud\n"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for path, mode := range map[string]os.FileMode{p.TokenFile(): 0o644, p.IdentityFile(): 0o640, filepath.Dir(p.ConfigFile()): 0o777} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	found, _ := doctor(t, w, 1)
	found["token"].want(t, "failure", "chmod 600", p.TokenFile())
	found["key"].want(t, "failure", "chmod 600", p.IdentityFile())
	found["profile"].want(t, "failure", "chmod 700", filepath.Dir(p.ConfigFile()))
	found["configuration"].want(t, "failure", "loud", "log-level")
	if err := os.Remove(p.IdentityFile()); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(p.StoreDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	found, _ = doctor(t, w, 1)
	found["key"].want(t, "failure", "is gone, but its rooms are here", "intercom id import")
}

func TestDoctorFindsWhatIsWrongWithTheMachine(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.vars["INTERCOM_SC_BRIDGE_PORT"], w.vars["INTERCOM_MIN_FREE"] = port, "1000000TiB"
	w.Now = func() time.Time { return time.Unix(0, 0) }
	found, _ := doctor(t, w, 1)
	found["port"].want(t, "failure", port, "taken", "sc-bridge-port")
	found["disk"].want(t, "failure", "refuses writes below")
	found["clock"].want(t, "failure", "1970")
}

func TestDoctorAsksTheDaemon(t *testing.T) {
	w := newWorld(t)
	w.serve(t)
	w.vars["INTERCOM_PEERS"] = "/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	w.Now = func() time.Time { return now }
	status := wire.HealthReady
	zero := w.answer
	w.answer = func(request map[string]json.RawMessage) []string {
		var reply any
		switch string(request["type"]) {
		case `"health"`:
			reply = wire.HealthReply{Status: status, Ready: true, Reason: "the disk is full", Started: now.Add(-time.Hour), UptimeMs: 60_000}
		case `"info"`:
			reply = wire.InfoReply{Info: wire.NodeInfo{PeerPubkey: "ab", LocalOnly: true, Rooms: []wire.RoomInfo{
				{Room: "trip-nyc", Events: 2}, {Room: "Trip NYC"}, {Room: "big", Incomplete: true},
			}}}
		case `"stats"`:
			reply = wire.StatsReply{Counters: map[string]int64{"events_refused": 3, "hooks_failed": 1}}
		default:
			return zero(request)
		}
		b, err := json.Marshal(reply)
		if err != nil {
			t.Error(err)
		}
		return []string{`{"type":` + string(request["type"]) + `,` + string(b[1:])}
	}
	found, running := doctor(t, w, 0)
	if !running {
		t.Error("the daemon is not seen")
	}
	found["daemon"].want(t, "ok", "ready")
	found["clock"].want(t, "warning", "59m0s")
	found["reachable"].want(t, "ok", "only peers on this machine", "intercom config set listen")
	found["peers"].want(t, "warning", "0 connected; the setting peers names 1")
	found["rooms"].want(t, "warning", "big")
	found["names"].want(t, "warning", "Trip NYC, trip-nyc")
	found["refused"].want(t, "ok", "events_refused 3")
	found["hooks"].want(t, "warning", "hooks_failed 1")
	found["version"].want(t, "warning", "one release")

	status = wire.HealthReadOnly
	found, _ = doctor(t, w, 1)
	found["daemon"].want(t, "failure", "the disk is full")
}
