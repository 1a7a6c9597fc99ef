//go:build unix

package daemon_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"

	"intercom/daemon/daemontest"
)

// faults are what was wrong with the original, by number. Each has a test of
// its own, TestFaultNN, against real daemons; those that belong to a plane that
// is not here yet name it.
var faults = []struct {
	what  string
	later string // the plane that brings what the fault is about
}{
	1:  {what: "one message kills every connected peer"},
	2:  {what: "a client kills its own peer with an odd type"},
	3:  {what: "a frame has no size limit"},
	4:  {what: "guessing tokens is not slowed, pages from elsewhere connect"},
	5:  {what: "proof of work is computed before the size is checked", later: "channel policies"},
	6:  {what: "failing requests make rooms"},
	7:  {what: "a rate limit drops silently and blocks all channels"},
	8:  {what: "an event from the future freezes a room"},
	9:  {what: "the author of a message is not verified"},
	10: {what: "who did something is what a message says"},
	11: {what: "an expense is what a message says"},
	12: {what: "any address overwrites any room's contract state", later: "subnets"},
	13: {what: "who joins late sees nothing"},
	14: {what: "who forges an event sees another state than the others"},
	15: {what: "a channel that was left stays dead"},
	16: {what: "sent means nothing"},
	17: {what: "a clear is not recorded, and undone by a restart"},
	18: {what: "a kill while writing loses every room"},
	19: {what: "sessions and streaks are not kept"},
	20: {what: "persisted is answered where nothing was", later: "subnets"},
	21: {what: "a large room is never persisted, but charged", later: "subnets"},
	22: {what: "names of channels lose their case"},
	23: {what: "amounts are floating point"},
	24: {what: "reads copy everything, adds write everything"},
	25: {what: "the first join is lost, an end is told twice"},
	26: {what: "others may read the key file"},
	27: {what: "an expense is not told to other clients of the peer"},
	28: {what: "a start hangs on records of peers that are gone"},
}

func TestEveryFaultOfTheOriginalHasItsTest(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`^TestFault(\d\d)[A-Z]`)
	found := map[string]int{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && named.MatchString(f.Name.Name) {
				found[named.FindStringSubmatch(f.Name.Name)[1]]++
			}
		}
	}
	if len(faults) != 29 {
		t.Errorf("%d faults are listed, not 28", len(faults)-1)
	}
	for n, f := range faults[1:] {
		number := string([]byte{byte('0' + (n+1)/10), byte('0' + (n+1)%10)})
		if has := found[number] > 0; has != (f.later == "") || f.what == "" {
			t.Errorf("fault %s (%s) has a test: %t; it comes with: %q", number, f.what, has, f.later)
		}
	}
}

// together starts two daemons that see each other in a channel.
func together(t *testing.T, channel string) (a, b *daemontest.Daemon) {
	t.Helper()
	h := daemontest.NewHome(t)
	a, b = h.Start("a"), h.Start("b")
	meet(t, a, b)
	gather(t, channel, a, b)
	return a, b
}

// gather makes two daemons join a channel and waits until both see the other
// in it.
func gather(t *testing.T, channel string, a, b *daemontest.Daemon) {
	t.Helper()
	a.Join(channel)
	b.Join(channel)
	daemontest.Eventually(t, soon, "both are in "+channel, func() bool { return inRoom(a, channel) && inRoom(b, channel) })
}

// hears returns a connection that has nothing unread.
func hears(d *daemontest.Daemon) *daemontest.Raw {
	r := d.Connect()
	r.Until("hello")
	quiet(r)
	return r
}

// said waits for a message of a channel and returns its frame.
func said(t *testing.T, r *daemontest.Raw) daemontest.Frame {
	t.Helper()
	frames := r.Until("sidechannel_message")
	return frames[len(frames)-1]
}

// tell sends a message to a channel.
func tell(d *daemontest.Daemon, channel string, message any) daemontest.Frame {
	return d.Raw(daemontest.Frame{"type": "send", "channel": channel, "message": message})
}

// object is a value of a frame that is an object.
func object(v any) map[string]any { m, _ := v.(map[string]any); return m }

// list is a value of a frame that is a list.
func list(v any) []any { l, _ := v.([]any); return l }
