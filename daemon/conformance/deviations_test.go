//go:build unix

package conformance_test

import (
	"fmt"
	"path"
	"slices"
	"sync"
	"testing"
)

// reason is why something may differ: a row of the table in docs/bridge.md.
type reason string

// The reasons that recordings show.
const (
	strictAmounts reason = "amounts are strict decimals"
	ownPlan       reason = "odd cents and the plan"
	strictMinutes reason = "minutes are strict"
	notInherited  reason = "participants and check-ins are not inherited"
	firstJoin     reason = "the first join is not lost"
	expiryOnce    reason = "expiry is pushed once"
	clearArchives reason = "clear archives"
	noPersist     reason = "restore without persist answers from the log"
	persistResult reason = "persist has no result"
	writable      reason = "persist is everybody's"
	keptCase      reason = "names keep their case"
	noRoom        reason = "failing requests create no room"
	exists        reason = "stats and focus_status list only what exists"
	keptMessage   reason = "a message that nobody hears is kept for a while"
	badUTF8       reason = "invalid UTF-8 is refused"
	textIDs       reason = "ids may be texts"
)

// The reasons that no recording shows; see shown.
const (
	wrongTokens  reason = "five wrong tokens close the connection"
	bigFrames    reason = "frames over 1,064,000 bytes are refused"
	reasonPhrase reason = "the reason phrase of the upgrade"
	rejoin       reason = "leave and join again works"
	otherClients reason = "other clients of a peer are informed if they ask"
	signedOnly   reason = "only signed events change rooms"
)

// deviation is lines of recordings at which something else comes.
type deviation struct {
	files string // pattern of the names
	lines []int
	why   reason

	first   []string          // frames that come before, or about then; see anyOrder
	nothing bool              // comes instead
	frame   string            // that comes instead; empty: the recorded one
	without []string          // what it has not, by path, the last items first
	set     map[string]string // what differs in it, by path

	anyOrder bool // all frames of the line come, but one or the other first
}

var deviations = slices.Concat(sessionDeviations, focusDeviations(), expenseDeviations())

// sessionDeviations are those of the files that both apps have.
var sessionDeviations = []deviation{
	{files: "*-02-frames-and-ids", lines: []int{20}, why: textIDs, frame: `{"id":"7","type":"pong","ts":1795336354782}`},
	{files: "*-02-frames-and-ids", lines: []int{121}, why: badUTF8, frame: `{"type":"error","error":"Invalid JSON.","code":"invalid_utf8"}`},
	// Joined channels, by name.
	{files: "focus-05-send", lines: []int{89}, why: exists, set: map[string]string{
		"channels": `["0000intercom","5","[object Object]","focus-room-alpha","tr-never-joined","tr-sub-1"]`,
	}},
	{files: "expense-05-send", lines: []int{89}, why: exists, set: map[string]string{
		"channels": `["0000intercom","5","[object Object]","tr-never-joined","tr-sub-1"]`,
	}},
	{files: "focus-06-join-leave-open", lines: []int{42, 44, 95, 97}, why: exists, set: map[string]string{
		"channels": `["0000intercom","5","7","[object Object]","focus-room-alpha","tr-join-1","tr-never-joined","tr-sub-1"]`,
	}},
	{files: "expense-06-join-leave-open", lines: []int{42, 44, 95, 97}, why: exists, set: map[string]string{
		"channels": `["0000intercom","5","7","[object Object]","tr-join-1","tr-never-joined","tr-sub-1"]`,
	}},
	{files: "*-06-join-leave-open", lines: []int{15}, why: keptMessage, anyOrder: true, first: []string{
		`{"type":"sidechannel_message","channel":"tr-join-1","id":"…","from":"…","origin":"…","sig":"…","relayedBy":null,"ttl":3,"ts":"…","message":"nobody hears"}`,
	}},
}

// instead is a frame at a line, and nothing at the next ones.
func instead(file string, why reason, line, last int, frame string) []deviation {
	out := []deviation{{files: file, lines: []int{line}, why: why, frame: frame}}
	if last > line {
		out = append(out, deviation{files: file, lines: from(line+1, last), why: why, nothing: true})
	}
	return out
}

func from(first, last int) (lines []int) {
	for n := first; n <= last; n++ {
		lines = append(lines, n)
	}
	return lines
}

// uses are the lines of recordings at which a deviation was used.
type uses struct {
	mu    sync.Mutex
	lines map[string]bool
}

func place(file string, line int) string { return fmt.Sprint(file, ":", line) }

// deviate returns the frames to expect at a line, and whether in any order.
func (u *uses) deviate(t *testing.T, file string, rec record) (want []*value, anyOrder bool) {
	t.Helper()
	want = []*value{rec.Msg}
	for _, d := range deviations {
		if ok, _ := path.Match(d.files, file); !ok || !slices.Contains(d.lines, rec.line) {
			continue
		}
		u.mu.Lock()
		if u.lines[place(file, rec.line)] {
			t.Errorf("%s: two deviations of one line", place(file, rec.line))
		}
		u.lines[place(file, rec.line)] = true
		u.mu.Unlock()
		var err error
		if want, err = d.frames(rec.Msg); err != nil {
			t.Fatalf("%s: %v", place(file, rec.line), err)
		}
		anyOrder = d.anyOrder
	}
	return want, anyOrder
}

// frames returns what comes in the place of a recorded frame.
func (d deviation) frames(recorded *value) ([]*value, error) {
	var all []*value
	for _, f := range d.first {
		all = append(all, mustParse(f))
	}
	if d.nothing {
		return all, nil
	}
	want := recorded.clone()
	if d.frame != "" {
		want = mustParse(d.frame)
	}
	for _, at := range d.without {
		if err := want.put(at, nil); err != nil {
			return nil, err
		}
	}
	for at, to := range d.set {
		if err := want.put(at, mustParse(to)); err != nil {
			return nil, err
		}
	}
	return append(all, want), nil
}

// unused fails the test for deviations that no replayed file has used.
func (u *uses) unused(t *testing.T, files []string) {
	for _, d := range deviations {
		matched := false
		for _, file := range files {
			ok, err := path.Match(d.files, file)
			if err != nil {
				t.Fatal(err)
			}
			matched = matched || ok
			for _, line := range d.lines {
				if ok && !u.lines[place(file, line)] {
					t.Errorf("%s: nothing is received there, so nothing can differ", place(file, line))
				}
			}
		}
		if !matched {
			t.Errorf("%s: no such file", d.files)
		}
	}
}
