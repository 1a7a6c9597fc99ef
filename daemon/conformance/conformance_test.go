//go:build unix

// Package conformance replays recorded conversations with the original apps
// against real daemons. A client that was written for the original works
// unchanged if, and only as far as, these tests pass; what may differ is in one
// table with its reason (deviations_test.go) and in docs/bridge.md.
package conformance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom/daemon/daemontest"
)

func TestMain(m *testing.M) { os.Exit(daemontest.Main(m)) }

// soon is how long what needs no waiting may take on a busy machine.
const soon = 20 * time.Second

// tokens are those of the recordings.
var tokens = map[string]string{"a": "localtoken123", "b": "joinertoken123"}

// flags are what the peers of an app's recordings were started with.
var flags = map[string][]string{
	// The original opens this channel by itself.
	"focus": {"--sidechannels", "focus-room-alpha"},
}

// pair is two connected daemons, and the clock of both.
type pair struct {
	app   string
	a, b  *daemontest.Daemon
	clock *daemontest.Clock
}

func newPair(t *testing.T, app string) *pair {
	t.Helper()
	h := daemontest.NewHome(t)
	p := &pair{app: app, clock: daemontest.NewClock(t, h)}
	start := func(name string) *daemontest.Daemon {
		return h.Launch(name, append([]string{
			"--sidechannel-pow", "0", "--sc-bridge", "1", "--sc-bridge-token", tokens[name],
		}, flags[app]...)...)
	}
	p.a, p.b = start("a"), start("b")
	p.a.WaitReady()
	p.b.WaitReady()
	daemontest.Eventually(t, soon, "the two see each other", func() bool { return p.b.Sees(p.a) && p.a.Sees(p.b) })
	return p
}

// TestRecordedConversationsGoAsWithTheOriginal has every recorded
// conversation again. The files of an app build on each other.
func TestRecordedConversationsGoAsWithTheOriginal(t *testing.T) {
	u := &uses{lines: map[string]bool{}}
	files := recordings(t)
	ok := t.Run("replay", func(t *testing.T) {
		for app, files := range files {
			t.Run(app, func(t *testing.T) {
				t.Parallel()
				p := newPair(t, app)
				for _, file := range files {
					if !t.Run(file, func(t *testing.T) {
						replay(t, p, u, file, records(t, file))
						compareState(t, p, file)
					}) {
						t.Fatal("what follows builds on it")
					}
				}
			})
		}
	})
	if ok {
		u.unused(t, slices.Concat(files["focus"], files["expense"]))
	}
}

// recordings returns the names of the recordings of each app, in order.
func recordings(t *testing.T) map[string][]string {
	t.Helper()
	files := map[string][]string{}
	for _, app := range []string{"focus", "expense"} {
		paths, err := filepath.Glob("testdata/" + app + "-0*.ndjson")
		if err != nil || len(paths) == 0 {
			t.Fatalf("no recordings: %v", err)
		}
		for _, path := range paths {
			files[app] = append(files[app], strings.TrimSuffix(filepath.Base(path), ".ndjson"))
		}
	}
	return files
}

// record is a line of a recording.
type record struct {
	line   int
	Dir    string
	Peer   string
	Msg    *value
	Raw    *string
	Binary bool
	Note   string
	Code   int
}

func (r record) String() string {
	if r.Msg != nil {
		return fmt.Sprintf("line %d: %s %s %s", r.line, r.Peer, r.Dir, shorten(r.Msg.String()))
	}
	return fmt.Sprintf("line %d: %s %s", r.line, r.Peer, r.Dir)
}

func records(t *testing.T, file string) []record {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file + ".ndjson")
	if err != nil {
		t.Fatal(err)
	}
	var all []record
	for line := range strings.Lines(string(b)) {
		v, err := parse([]byte(line))
		if err != nil {
			t.Fatalf("%s: line %d: %v", file, len(all)+1, err)
		}
		r := record{
			line: len(all) + 1, Dir: v.text("dir"), Peer: v.text("peer"), Note: v.text("note"), Msg: v.at("msg"),
			Binary: v.at("binary") != nil, Code: int(v.number("code")),
		}
		if raw := v.at("raw"); raw != nil {
			s := v.text("raw")
			r.Raw = &s
		}
		all = append(all, r)
	}
	return all
}

func shorten(s string) string {
	const most = 400
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
