package channel

import (
	"slices"
	"time"
)

// Gap tells of packets of an author that have not come, though later ones have.
type Gap struct {
	From        Key
	First, Last uint64 // their numbers
}

const (
	// reorder is how long a packet may be late before it is told as missing.
	reorder = 2 * time.Second

	maxTracked = 4096 // authors and their starts: the one not heard of for longest makes room
	maxStarts  = 16   // of these, of one author: its own one not heard of for longest makes room
	maxMissing = 1024 // ranges that wait to be told: the oldest is told at once
	maxRanges  = 64   // of these, of one author
)

// start is one run of an author's daemon in the channel: its packets are numbered from 0.
type start struct {
	author Key
	boot   [16]byte
}

type progress struct {
	next uint64 // the number after the highest that came
	at   time.Time
}

// missing is a range of numbers that have not come.
type missing struct {
	of          start
	first, last uint64
	due         time.Time // when it is told
}

func (m missing) gap() Gap { return Gap{m.of.author, m.first, m.last} }

// tracker follows the numbers of packets. What an author sent before it was first heard of is no gap, nor is a new
// start. Numbers at the end are missed when a later one comes.
// One author, however many starts it claims and numbers it leaves out, costs the others neither their place nor the
// time that their packets may be late.
type tracker struct {
	of      map[start]progress
	starts  map[Key]int // in of, by author
	waiting []missing   // by the time they are due
	ranges  map[Key]int // in waiting, by author
	told    []Gap       // at the next chance
}

func newTracker() *tracker {
	return &tracker{of: make(map[start]progress), starts: make(map[Key]int), ranges: make(map[Key]int)}
}

// saw notes an accepted packet and reports whether something waits to be told.
func (t *tracker) saw(p *Packet, now time.Time) bool {
	s := start{p.Author, p.Boot}
	was, known := t.of[s]
	switch {
	case !known:
		if own := t.starts[p.Author] >= maxStarts; own || len(t.of) >= maxTracked {
			t.forget(func(s start) bool { return !own || s.author == p.Author })
		}
		t.starts[p.Author]++
		was.next = p.Seq + 1
	case p.Seq < was.next:
		t.came(s, p.Seq)
	default:
		if p.Seq > was.next {
			t.wait(p.Author, len(t.waiting), 0, missing{s, was.next, p.Seq - 1, now.Add(reorder)})
		}
		was.next = p.Seq + 1
	}
	was.at = now
	t.of[s] = was
	return len(t.waiting)+len(t.told) > 0
}

// wait replaces n ranges from place i by others of the same author. One with too many has its oldest told now.
func (t *tracker) wait(author Key, i, n int, by ...missing) {
	t.waiting = slices.Replace(t.waiting, i, i+n, by...)
	add(t.ranges, author, len(by)-n)
	for t.ranges[author] > maxRanges {
		oldest := slices.IndexFunc(t.waiting, func(m missing) bool { return m.of.author == author })
		t.told = append(t.told, t.waiting[oldest].gap())
		t.waiting = slices.Delete(t.waiting, oldest, oldest+1)
		add(t.ranges, author, -1)
	}
}

// came takes a number out of what is missing.
func (t *tracker) came(s start, seq uint64) {
	for i := range t.waiting {
		m := t.waiting[i]
		if m.of != s || seq < m.first || seq > m.last {
			continue
		}
		var left []missing
		if m.first < seq {
			left = append(left, missing{s, m.first, seq - 1, m.due})
		}
		if seq < m.last {
			left = append(left, missing{s, seq + 1, m.last, m.due})
		}
		t.wait(s.author, i, 1, left...)
		return
	}
}

// overdue takes what is to be told now, and says when the next is; zero: nothing waits.
func (t *tracker) overdue(now time.Time) (gaps []Gap, next time.Time) {
	gaps, t.told = t.told, nil
	for len(t.waiting) > 0 {
		m := t.waiting[0]
		if len(t.waiting) <= maxMissing && m.due.After(now) {
			return gaps, m.due
		}
		gaps = append(gaps, m.gap())
		t.waiting = t.waiting[1:]
		add(t.ranges, m.of.author, -1)
	}
	return gaps, time.Time{}
}

// forget drops the start not heard of for longest among those that may go.
func (t *tracker) forget(may func(start) bool) {
	var first start
	found := false
	for s, p := range t.of {
		if may(s) && (!found || p.at.Before(t.of[first].at)) {
			first, found = s, true
		}
	}
	if found {
		delete(t.of, first)
		add(t.starts, first.author, -1)
	}
}

// add counts, and keeps no zeros.
func add(counts map[Key]int, author Key, n int) {
	if counts[author] += n; counts[author] <= 0 {
		delete(counts, author)
	}
}
