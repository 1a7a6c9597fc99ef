package channel

import "time"

// Gap tells of packets of an author that have not come, though later ones have.
type Gap struct {
	From        Key
	First, Last uint64 // their numbers
}

const (
	// reorder is how long a packet may be late before it is told as missing.
	reorder = 2 * time.Second

	maxTracked = 4096 // authors and their starts: the one not heard of for longest makes room
	maxMissing = 1024 // ranges that wait to be told: the oldest is told at once
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

// tracker follows the numbers of packets. What an author sent before it was first heard of is no gap, nor is a new
// start. Numbers at the end are missed when a later one comes.
type tracker struct {
	of      map[start]progress
	waiting []missing // by the time they are due
}

func newTracker() *tracker { return &tracker{of: make(map[start]progress)} }

// saw notes an accepted packet and reports whether something waits to be told.
func (t *tracker) saw(p *Packet, now time.Time) bool {
	s := start{p.Author, p.Boot}
	was, known := t.of[s]
	switch {
	case !known:
		if len(t.of) >= maxTracked {
			t.forget()
		}
		was.next = p.Seq + 1
	case p.Seq < was.next:
		t.came(s, p.Seq)
	default:
		if p.Seq > was.next {
			t.waiting = append(t.waiting, missing{s, was.next, p.Seq - 1, now.Add(reorder)})
		}
		was.next = p.Seq + 1
	}
	was.at = now
	t.of[s] = was
	return len(t.waiting) > 0
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
		t.waiting = append(append(t.waiting[:i:i], left...), t.waiting[i+1:]...)
		return
	}
}

// overdue takes what is to be told now, and says when the next is; zero: nothing waits.
func (t *tracker) overdue(now time.Time) (gaps []Gap, next time.Time) {
	for len(t.waiting) > 0 {
		m := t.waiting[0]
		if len(t.waiting) <= maxMissing && m.due.After(now) {
			return gaps, m.due
		}
		gaps = append(gaps, Gap{m.of.author, m.first, m.last})
		t.waiting = t.waiting[1:]
	}
	return gaps, time.Time{}
}

func (t *tracker) forget() {
	var first start
	found := false
	for s, p := range t.of {
		if !found || p.at.Before(t.of[first].at) {
			first, found = s, true
		}
	}
	delete(t.of, first)
}
