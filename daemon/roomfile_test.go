//go:build linux

package daemon_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
	"intercom/daemon/roomfile"
	"intercom/ledger/event"
)

// fileOf returns a room as its daemon writes it for another's.
func fileOf(t *testing.T, room string, from, to *daemontest.Daemon) []byte {
	t.Helper()
	var file []byte
	in := wire.RoomExportReq{Channel: room, For: []string{to.Info().PeerPubkey}}
	for {
		rep := daemontest.Call(from, wire.RoomExport, in)
		data, err := base64.StdEncoding.DecodeString(rep.Data)
		if err != nil || len(data) > wire.MaxPiece {
			t.Fatal(len(data), err)
		}
		if file = append(file, data...); rep.File == "" {
			return file
		}
		in = wire.RoomExportReq{File: rep.File}
	}
}

// takeFile gives a file to a daemon in pieces of a size.
func takeFile(d *daemontest.Daemon, file io.Reader, size int) (rep wire.RoomImportReply, err error) {
	piece := make([]byte, size)
	for in := (wire.RoomImportReq{}); ; in = (wire.RoomImportReq{File: rep.File}) {
		n, err := io.ReadFull(file, piece)
		in.Last = err != nil
		in.Data = base64.StdEncoding.EncodeToString(piece[:n])
		if rep, err = daemontest.Try(d, wire.RoomImport, in); err != nil || rep.File == "" {
			return rep, err
		}
	}
}

func TestARoomComesInAFileAndGoesOnOverTheNetwork(t *testing.T) {
	a, b := daemontest.NewHome(t).Start("a"), daemontest.NewHome(t).Start("b") // two users: nothing leads from one to the other
	const events = 103
	for n := range 100 { // more than one part of a file
		f := daemontest.Entry("team", 2*n)
		for len(fmt.Sprint(f["note"])) < 4000 {
			f["note"] = fmt.Sprint(f["note"], rand.Uint64())
		}
		a.Raw(f)
	}
	a.Raw(daemontest.Frame{"type": "expense_clear", "channel": "team"})
	a.Write("team", 300, 302)
	file := fileOf(t, "team", a, b)

	// What came before a cut is taken, and joined; the rest comes with the whole file.
	cut, err := takeFile(b, bytes.NewReader(file[:len(file)-1]), 1000)
	if err != nil || cut.Whole || !strings.Contains(cut.Problem, "cut short") {
		t.Fatalf("cut: %+v, %v", cut, err)
	}
	rep, err := takeFile(b, bytes.NewReader(file), wire.MaxPiece)
	if err != nil || !rep.Whole || rep.Refused > 0 || rep.Events != events || rep.Known != cut.Added || rep.Added+cut.Added != events || cut.Added == 0 || rep.Joined == cut.Joined {
		t.Fatalf("%+v after %+v, %v", rep, cut, err)
	}
	daemontest.WaitSame(t, "team", events, a, b)
	ingested := b.Count("events_ingested")

	// Now they meet: only what is new travels.
	daemontest.Call(b, wire.PeerConnect, wire.PeerConnectReq{Address: a.Info().Listen[0]})
	meet(t, a, b)
	a.Write("team", 311, 312)
	b.Write("team", 312, 313)
	daemontest.WaitSame(t, "team", events+2, a, b)
	if n := b.Count("events_ingested") - ingested; n != 1 {
		t.Errorf("%d events came over the network, want 1", n)
	}
}

func TestWhatIsNotForOneOrNoFileIsRefused(t *testing.T) {
	a, b := daemontest.NewHome(t).Start("a"), daemontest.NewHome(t).Start("b")
	a.Write("team", 0, 3)
	file := fileOf(t, "team", a, b)
	for name, c := range map[string]struct {
		to   *daemontest.Daemon
		file []byte
		want wire.Code
	}{
		"another's": {a, file, wire.Forbidden},
		"no file":   {b, []byte("what,amount\n"), wire.InvalidRequest},
		"nothing":   {b, nil, wire.InvalidRequest},
		"a header":  {b, file[:100], wire.InvalidRequest},
	} {
		if rep, err := takeFile(c.to, bytes.NewReader(c.file), 50); !errors.Is(err, &wire.Error{Code: c.want}) {
			t.Errorf("%s: %+v, %v; want %s", name, rep, err, c.want)
		}
	}
	if r := b.Room("team"); r.Events != 0 || r.Joined {
		t.Errorf("something came of it: %+v", r)
	}
	if _, err := daemontest.Try(b, wire.RoomImport, wire.RoomImportReq{File: "x"}); !errors.Is(err, &wire.Error{Code: wire.NotFound}) {
		t.Errorf("a file that is not on its way: %v", err)
	}
	// Files whose pieces do not come hold up others for a minute at most, and
	// the memory of four.
	for n := range 6 {
		_, err := daemontest.Try(b, wire.RoomImport, wire.RoomImportReq{Data: base64.StdEncoding.EncodeToString(file[:40])})
		if n < 4 && err != nil || n >= 4 && !errors.Is(err, &wire.Error{Code: wire.Unavailable}) {
			t.Errorf("file %d: %v", n, err)
		}
	}
	if code := b.Stop(); code != 0 {
		t.Errorf("ended with %d while files are on their way", code)
	}
}

// TestAFileThatIsGivenUpEndsNoDaemon: its client has gone after some events
// were taken.
func TestAFileThatIsGivenUpEndsNoDaemon(t *testing.T) {
	a, b := daemontest.NewHome(t).Start("a"), daemontest.NewHome(t).Start("b")
	for n := range 100 { // more than one part of a file
		f := daemontest.Entry("team", 2*n)
		for len(fmt.Sprint(f["note"])) < 4000 {
			f["note"] = fmt.Sprint(f["note"], rand.Uint64())
		}
		a.Raw(f)
	}
	file := fileOf(t, "team", a, b)
	rep, err := daemontest.Try(b, wire.RoomImport, wire.RoomImportReq{Data: base64.StdEncoding.EncodeToString(file[:len(file)-1])})
	if err != nil || rep.File == "" || rep.Added == 0 || rep.Joined {
		t.Fatalf("%+v, %v", rep, err)
	}
	if code := b.Stop(); code != 0 {
		t.Errorf("ended with %d", code)
	}
}

// TestAHostileFileCostsNoMemory: it repeats one event without end, well packed.
func TestAHostileFileCostsNoMemory(t *testing.T) {
	h := daemontest.NewHome(t)
	h.Program = daemontest.Program(t, daemontest.Build{Lean: true})
	d := h.Start("a")
	d.Write("team", 0, 1)
	key, err := event.ParseKey(d.Info().PeerPubkey)
	if err != nil {
		t.Fatal(err)
	}
	to, err := roomfile.ForKeys([]event.Key{key})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		events []event.Bytes
		want   string
	}{
		"no events":    {[]event.Bytes{make([]byte, 60_000)}, "refused"},
		"large frames": {[]event.Bytes{make([]byte, 4<<20)}, "refused"},
		"many items":   {make([]event.Bytes, 60_000), "refused"},
	} {
		r, w := io.Pipe()
		go func() {
			f, err := roomfile.NewWriter(w, to, event.Open, "team", event.Key{})
			for err == nil {
				err = f.Write(c.events) // until the reader has gone
			}
		}()
		rep, err := takeFile(d, io.LimitReader(r, 128<<10), 32<<10)
		r.Close()
		if err != nil || rep.Whole || rep.Added > 0 || len(rep.Refusals) > 100 || !strings.Contains(rep.Problem, "cut short") && !strings.Contains(rep.Problem, c.want) {
			t.Errorf("%s: %d refused, whole %v, %q, %v", name, rep.Refused, rep.Whole, rep.Problem, err)
		}
		if kib := anonymous(t, d.PID()); kib > most {
			t.Errorf("%s: %d KiB", name, kib)
		} else {
			t.Logf("%s: %d events refused, %d KiB", name, rep.Refused, kib)
		}
	}
	if r := d.Room("team"); r.Events != 1 {
		t.Errorf("%d events", r.Events)
	}
}
