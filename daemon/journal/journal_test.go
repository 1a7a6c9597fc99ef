package journal_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom/daemon/journal"
)

// store is the durable part: what a ledger keeps.
type store struct {
	entries []journal.Durable
	oldest  uint64
	loads   int
}

func (s *store) load(from uint64, bytes int) (out []journal.Durable, oldest uint64, err error) {
	s.loads++
	for _, d := range s.entries {
		if d.N >= max(from, s.oldest) && len(out) < 3 && bytes > 0 {
			out = append(out, d)
		}
	}
	return out, s.oldest, nil
}

func (s *store) after(t time.Time) (uint64, error) {
	for _, d := range s.entries {
		if d.N >= s.oldest && !d.At.Before(t) {
			return d.N, nil
		}
	}
	return uint64(len(s.entries)) + 1, nil
}

// world is a journal over a store, and what happened in it, in order.
type world struct {
	*journal.Journal
	store   *store
	now     time.Time
	boot    int
	bytes   int
	m       int
	order   []string // since the start
	durable []string // since ever
}

func newWorld(bytes int) *world {
	w := &world{store: &store{oldest: 1}, now: time.UnixMilli(1_000_000), bytes: bytes}
	w.restart()
	return w
}

func (w *world) restart() {
	w.boot++
	w.m, w.order = 0, nil
	w.Journal = journal.New(journal.Options{
		Boot: fmt.Sprintf("%02x", w.boot), Head: uint64(len(w.store.entries)), Bytes: w.bytes, Live: time.Minute,
		Now: func() time.Time { return w.now }, Load: w.store.load, After: w.store.after,
	})
}

func (w *world) event(cached bool) {
	n := uint64(len(w.store.entries)) + 1
	name := fmt.Sprintf("d%d", n)
	d := journal.Durable{N: n, At: w.now, Frames: []journal.Frame{
		{Type: "focus_event", Kind: "first", Channel: "c", JSON: fmt.Appendf(nil, `{"x":"%s.1"}`, name)},
		{Type: "sidechannel_message", Channel: "c", JSON: fmt.Appendf(nil, `{"x":"%s"}`, name)},
	}}
	w.store.entries = append(w.store.entries, d)
	if !cached {
		d.Frames = nil
	}
	w.Add(d)
	w.order, w.durable = append(w.order, name), append(w.durable, name)
}

func (w *world) message() {
	w.m++
	name := fmt.Sprintf("m%d", w.m)
	w.Happened(journal.Frame{Type: "sidechannel_message", Channel: "c", JSON: fmt.Appendf(nil, `{"x":"%s"}`, name)})
	w.order = append(w.order, name)
}

// seen is a frame as a client sees it.
type seen struct {
	X, Type, Reason, Cursor string
	Missed                  int
	Replayed                bool
}

func read(t *testing.T, r *journal.Reader, size int) (out []seen) {
	t.Helper()
	frames, err := r.Read(size, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range frames {
		var s seen
		if err := json.Unmarshal(f.JSON, &s); err != nil || s.Cursor != f.Cursor {
			t.Fatalf("%s: %v, cursor %s", f.JSON, err, f.Cursor)
		}
		out = append(out, s)
	}
	return out
}

func (w *world) reader(t *testing.T, since string, wants ...journal.Wants) *journal.Reader {
	t.Helper()
	r, err := w.Reader(since, append(wants, journal.Wants{})[0])
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// names are the entries of frames, without the first of an entry's two.
func names(all []seen) (out []string) {
	for _, s := range all {
		switch {
		case s.Type != "":
			out = append(out, s.Type+s.Reason)
		case !strings.HasSuffix(s.X, ".1"):
			out = append(out, s.X)
		}
	}
	return out
}

func TestEveryReaderGetsOneOrderHoweverItReads(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		w := newWorld(1 << 20)
		for range rng.IntN(5) {
			w.event(true)
		}
		w.restart()
		readers := map[*journal.Reader][]string{}
		begun := map[*journal.Reader]int{}
		for range 100 {
			switch n := rng.IntN(10); {
			case n < 3:
				w.event(rng.IntN(2) == 0)
			case n < 7:
				w.message()
			case n == 7 && len(readers) < 5:
				r := w.reader(t, "")
				readers[r], begun[r] = nil, len(w.order)
			default:
				for r := range readers {
					if rng.IntN(2) == 0 {
						readers[r] = append(readers[r], names(read(t, r, rng.IntN(100)))...)
					}
				}
			}
		}
		for r, got := range readers {
			got = append(got, names(read(t, r, 1<<20))...)
			if want := w.order[begun[r]:]; !slices.Equal(got, want) {
				t.Fatalf("seed %d: got %q\nwant %q", seed, got, want)
			}
		}
	}
}

func TestFromEveryCursorTheRestOfTheOrderFollows(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 2))
		w := newWorld(1 << 20)
		w.event(true)
		w.restart()
		all := w.reader(t, "")
		for range 30 {
			if rng.IntN(3) == 0 {
				w.event(rng.IntN(2) == 0)
			} else {
				w.message()
			}
		}
		stream := read(t, all, 1<<20)
		for i, s := range stream {
			rest := stream[i+1:]
			if strings.HasSuffix(s.X, ".1") {
				rest = stream[i:] // what has one frame of an entry gets the entry again
			}
			if got := read(t, w.reader(t, s.Cursor), 1<<20); !slices.Equal(got, rest) {
				t.Fatalf("seed %d: from %s behind %s: %v\nwant %v", seed, s.Cursor, s.X, got, rest)
			}
		}
	}
}

func TestMemoryIsBoundedAndWhatLeftItIsTold(t *testing.T) {
	w := newWorld(10_000)
	slow, other := w.reader(t, ""), w.reader(t, "", journal.Wants{Types: []string{"focus_event"}})
	for range 1000 {
		w.message()
		w.event(true)
	}
	got := read(t, slow, 1<<30)
	for slow.More() {
		got = append(got, read(t, slow, 1<<30)...)
	}
	var durable []string
	missed, messages := 0, 0
	for _, s := range got {
		switch {
		case s.Type == "lagged":
			missed += s.Missed
		case s.X[0] == 'm':
			messages++
		case !strings.HasSuffix(s.X, ".1"):
			durable = append(durable, s.X)
		}
	}
	if !slices.Equal(durable, w.durable) || missed+messages != 1000 || missed < 900 || messages == 0 {
		t.Errorf("%d durable, %d messages, %d missed", len(durable), messages, missed)
	}
	for _, s := range read(t, other, 1<<30) {
		if s.Type == "lagged" {
			t.Error("who wants no messages is told that some are missing")
		}
	}
}

func TestAfterARestartTheDurablePartGoesOnAndTheRestIsReset(t *testing.T) {
	w := newWorld(1 << 20)
	for range 3 {
		w.event(true)
		w.message()
	}
	before := read(t, w.reader(t, "start"), 1<<20)
	w.restart()
	w.event(true)
	w.message()
	for _, s := range before {
		c, err := journal.ParseCursor(s.Cursor)
		if err != nil {
			t.Fatal(err)
		}
		want := append([]string{"resetrestarted"}, w.durable[c.R:]...)
		want = append(want, "m1")
		if got := names(read(t, w.reader(t, s.Cursor), 1<<20)); !slices.Equal(got, want) {
			t.Errorf("from %s: %q, want %q", s.Cursor, got, want)
		}
		only := journal.Wants{Types: []string{"first"}}
		for _, got := range read(t, w.reader(t, s.Cursor, only), 1<<20) {
			if got.Type != "" {
				t.Errorf("who wants no messages is told of a %s", got.Type)
			}
		}
	}
}

func TestPlaces(t *testing.T) {
	w := newWorld(1 << 20)
	for range 5 {
		w.event(true)
	}
	w.restart() // boot 02
	w.message() // m1 after d5
	at := w.now.Add(time.Second)
	w.now = at
	w.event(true) // d6
	w.message()   // m2
	w.store.oldest = 4
	for _, tt := range []struct{ since, want string }{
		{"", ""},
		{"start", "d4 d5 m1 d6 m2"},
		{at.UTC().Format(time.RFC3339), "d6 m2"},
		{"1970-01-01T00:00:00+01:00", "d4 d5 m1 d6 m2"},
		{"2999-01-01T00:00:00Z", ""},
		{"r:6", "m2"},
		{"r:5", "resetrestarted m1 d6 m2"},
		{"r:0", "resettoo_old d4 d5 m1 d6 m2"},
		{"r:7", "resetunknown"},
		{"m:02:1:5", "d6 m2"},
		{"m:02:1", "d6 m2"},
		{"m:02:0", "m1 d6 m2"},
		{"m:02:0:5", "m1 d6 m2"},
		{"m:02:2:6", ""},
		{"m:02:3:6", "resetunknown"},
		{"m:02:2:7", "resetunknown"},
		{"m:01:9:4", "resetrestarted d5 m1 d6 m2"},
		{"m:01:9", "resetrestarted m1 d6 m2"},
		{"m:01:9:1", "resettoo_old d4 d5 m1 d6 m2"},
	} {
		if got := strings.Join(names(read(t, w.reader(t, tt.since), 1<<20)), " "); got != tt.want {
			t.Errorf("since %q: %q, want %q", tt.since, got, tt.want)
		}
	}
	for _, since := range []string{"r", "r:", "r:-1", "r:01", "m:02", "m:02:", "m::1", "m:XY:1:2", "m:02:1:2:3", "now", "2026-01-01"} {
		if _, err := w.Reader(since, journal.Wants{}); err == nil || journal.Check(since) == nil {
			t.Errorf("%q is taken for a place", since)
		}
	}
}

func TestWhatIsPrunedWhileAReaderIsBehindIsTold(t *testing.T) {
	w := newWorld(1 << 20)
	for range 10 {
		w.event(false)
	}
	r := w.reader(t, "start")
	read(t, r, 1)
	w.store.oldest = 8
	if got := strings.Join(names(read(t, r, 1<<20)), " "); got != "d2 d3 resettoo_old d8 d9 d10" {
		t.Error(got)
	}
}

func TestWhatIsNoLongerNewsIsReplayed(t *testing.T) {
	w := newWorld(1 << 20)
	w.event(true)
	w.store.entries[0].Late = true
	w.event(true)
	for _, s := range read(t, w.reader(t, "start"), 1<<20) {
		if s.Replayed {
			t.Errorf("%s is replayed", s.X)
		}
	}
	w.now = w.now.Add(61 * time.Second)
	for _, s := range read(t, w.reader(t, "start"), 1<<20) {
		if !s.Replayed {
			t.Errorf("%s is news", s.X)
		}
	}
}

func TestOneFrameServesPushesAndReaders(t *testing.T) {
	w := newWorld(1 << 20)
	r := w.reader(t, "")
	frame := []byte(`{"type":"sidechannel_message"}`)
	w.Happened(journal.Frame{Type: "sidechannel_message", JSON: frame, Source: "remote"})
	got, err := r.Read(1<<20, 10)
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	if want := `{"type":"sidechannel_message","source":"remote","cursor":"` + got[0].Cursor + `"}`; string(got[0].JSON) != want {
		t.Errorf("got %s\nwant %s", got[0].JSON, want)
	}
	if string(frame) != `{"type":"sidechannel_message"}` {
		t.Errorf("what is pushed became %s", frame)
	}
}

func TestAReaderIsWoken(t *testing.T) {
	w := newWorld(1 << 20)
	for _, happen := range []func(){w.message, func() { w.event(true) }, func() { w.event(false) }} {
		changed := w.Changed()
		select {
		case <-changed:
			t.Fatal("woken by nothing")
		default:
		}
		happen()
		<-changed
	}
}

func FuzzCursor(f *testing.F) {
	for _, s := range []string{"r:0", "r:12", "m:ab:1", "m:0123456789abcdef:18:7", "m:a:1:9223372036854775807", "r:00", "m::", "start"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := journal.ParseCursor(s)
		if err != nil {
			return
		}
		if c.String() != s {
			t.Errorf("%q is read as %q", s, c)
		}
	})
}

// TestWhatRoomsTellTakesLittleMemory: it is on disk too, and memory is needed
// for what is nowhere else.
func TestWhatRoomsTellTakesLittleMemory(t *testing.T) {
	used := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	j := journal.New(journal.Options{Now: time.Now})
	before := used()
	for n := range uint64(10_000) {
		j.Add(journal.Durable{N: n + 1, Frames: []journal.Frame{{Type: "focus_event", JSON: make([]byte, 1000)}}})
	}
	if took := used() - before; took > 3<<20 {
		t.Errorf("10,000 entries of 1 kB take %d bytes of memory", took)
	}
	runtime.KeepAlive(j)
}
