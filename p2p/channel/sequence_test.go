package channel

import (
	"testing"
	"time"
)

func heard(author byte, boot uint64, seq uint64) *Packet {
	p := &Packet{Author: Key{author}, Seq: seq}
	for i := range 8 {
		p.Boot[i] = byte(boot >> (8 * i))
	}
	return p
}

func TestAnAuthorWithManyStartsPushesNobodyElseOut(t *testing.T) {
	tr, now := newTracker(), time.Unix(1, 0)
	tr.saw(heard(1, 0, 0), now)
	for boot := range uint64(2 * maxTracked) {
		now = now.Add(time.Millisecond)
		tr.saw(heard(2, boot, 0), now)
	}
	if len(tr.of) != 1+maxStarts || tr.starts[Key{2}] != maxStarts {
		t.Errorf("%d starts are followed, %d of one author", len(tr.of), tr.starts[Key{2}])
	}
	tr.saw(heard(1, 0, 2), now)
	if gaps, _ := tr.overdue(now.Add(reorder)); len(gaps) != 1 || gaps[0] != (Gap{Key{1}, 1, 1}) {
		t.Errorf("told %v", gaps)
	}
}

func TestAnAuthorThatLeavesOutManyTakesNobodyTheTimeToBeLate(t *testing.T) {
	tr, now := newTracker(), time.Unix(1, 0)
	tr.saw(heard(1, 0, 0), now)
	tr.saw(heard(1, 0, 2), now)
	tr.saw(heard(2, 0, 0), now)
	tr.saw(heard(2, 0, 1_000_000), now)
	const many = 2 * maxMissing
	for n := range uint64(many) { // a wide range in pieces, then new ones
		tr.saw(heard(2, 0, 2+2*n), now)
		tr.saw(heard(2, 0, 1_000_002+2*n), now)
	}
	gaps, _ := tr.overdue(now)
	for _, g := range gaps {
		if g.From == (Key{1}) {
			t.Fatal("a packet of another author is told as missing before its time")
		}
	}
	tr.saw(heard(1, 0, 1), now) // late, but in time
	later, _ := tr.overdue(now.Add(reorder))
	if len(gaps)+len(later) < many || len(tr.ranges) != 0 {
		t.Errorf("told %d gaps, and %d still wait", len(gaps)+len(later), len(tr.ranges))
	}
}

func TestTheTrackerForgetsWhoWasNotHeardOfForLongest(t *testing.T) {
	tr, now := newTracker(), time.Unix(1, 0)
	for n := range maxTracked + 1 {
		p := heard(0, 0, 0)
		p.Author = Key{byte(n), byte(n >> 8), 1}
		now = now.Add(time.Millisecond)
		tr.saw(p, now)
	}
	if len(tr.of) != maxTracked || len(tr.starts) != maxTracked || tr.starts[Key{0, 0, 1}] != 0 {
		t.Errorf("%d starts of %d authors", len(tr.of), len(tr.starts))
	}
}
