package ledger

import (
	"encoding/hex"
	"fmt"
	"runtime"
	"sync"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// maxFlaws bounds the flaws that are named in one part.
const maxFlaws = 100

// recheckPart is how many events are looked at before one part of a check
// ends, unless events at its end are still to be proven by later ones.
const (
	recheckPart  = 4096
	recheckBytes = 8 << 20 // of a part, beyond which it ends as well
)

// Recheck checks a part of a room's stored events again: that they are what
// their ids say, belong where they are stored, follow their previous one, and
// are signed by their author, or proven by the chain to a later one that is.
// from is empty or what the part before returned. Signatures are checked on all
// processors.
func (s *Snapshot) Recheck(r *Room, from string) app.Rechecked {
	c := &recheck{room: r.id, unproven: map[event.ID]event.ID{}, ahead: map[event.ID]bool{}}
	log := s.log(r.id)
	prefix := key(kEvent, r.id)
	start, err := hex.DecodeString(from)
	if err != nil || len(start) == 0 {
		start = nil
	} else {
		start = append(prefix[:len(prefix):len(prefix)], start...)
	}
	if len(start) > len(prefix)+writerBytes {
		c.before(log, start[:len(prefix)+writerBytes], start)
	}
	var part []*checked
	bytes := 0
	log.scan(prefix, start, func(k, v []byte) bool {
		place := k[len(prefix):]
		full := len(part) >= recheckPart || bytes > recheckBytes
		if full && string(place[:writerBytes+8]) != string(part[len(part)-1].place[:writerBytes+8]) {
			c.out.Next = hex.EncodeToString(place)
			return false
		}
		part = append(part, &checked{room: r.id, place: string(place), record: string(v)})
		bytes += len(v)
		return true
	})
	verifyAll(part)
	for _, e := range part {
		c.take(e)
	}
	if c.out.Next != "" {
		// Those at the end may be proven by what follows them.
		log.scan(prefix, append(prefix[:len(prefix):len(prefix)], mustHex(c.out.Next)...), func(k, v []byte) bool {
			place := string(k[len(prefix):])
			if len(c.unproven) == 0 || place[:writerBytes] != c.writer {
				return false
			}
			e := &checked{room: r.id, place: place, record: string(v)}
			if e.check(); e.err == nil && e.signed {
				c.prove(e.stored.Prev)
			} else if e.err == nil {
				c.unproven[e.stored.ID] = e.stored.Prev
				c.ahead[e.stored.ID] = true
			}
			return true
		})
		for id := range c.ahead {
			delete(c.unproven, id) // the next part tells
		}
	}
	c.end()
	return c.out
}

func mustHex(text string) []byte {
	b, _ := hex.DecodeString(text)
	return b
}

// writerBytes is the length of a writer in a key of an event: key and instance.
const writerBytes = 32 + 8

// recheck is the state of a check, which goes through the events in order of
// writer and seq.
type recheck struct {
	room     event.ID
	out      app.Rechecked
	writer   string
	seq      uint64
	previous map[event.ID]bool     // events of the seq before
	current  map[event.ID]bool     // events of this seq
	unproven map[event.ID]event.ID // whose signature is bad, with their previous one
	ahead    map[event.ID]bool     // of them, those of the next part
}

// before reads the events of the seq before that of start.
func (c *recheck) before(log *log, writer, start []byte) {
	seq := uint64(0)
	for _, b := range start[len(writer) : len(writer)+8] {
		seq = seq<<8 | uint64(b)
	}
	c.writer, c.seq, c.previous, c.current = string(writer[len(writer)-writerBytes:]), seq, map[event.ID]bool{}, map[event.ID]bool{}
	if seq == 0 {
		return
	}
	prefix := append(writer[:len(writer):len(writer)], u64(seq-1)...)
	log.scan(prefix, nil, func(k, _ []byte) bool {
		c.previous[event.ID(k[len(prefix):])] = true
		return true
	})
}

// checked is an event while it is looked at.
type checked struct {
	room   event.ID
	place  string // author, instance, seq, id as in its key
	record string
	stored *stored
	signed bool
	err    error
}

func (e *checked) check() {
	author, instance := event.Key([]byte(e.place[:32])), event.Instance([]byte(e.place[32:writerBytes]))
	if e.stored, e.err = decodeStored([]byte(e.record), e.room, author, instance); e.err == nil {
		e.signed = e.stored.Verify() == nil
	}
}

func verifyAll(part []*checked) {
	var workers sync.WaitGroup
	n := runtime.GOMAXPROCS(0)
	for w := range n {
		workers.Go(func() {
			for i := w; i < len(part); i += n {
				part[i].check()
			}
		})
	}
	workers.Wait()
}

func (c *recheck) take(e *checked) {
	c.out.Events++
	id := event.ID([]byte(e.place[len(e.place)-32:]))
	if e.err != nil {
		c.flaw(id, "its record is damaged")
		return
	}
	s := e.stored
	if where := string(eventKey(&s.Signed)[1+32:]); where != e.place || s.Room != c.room {
		c.flaw(id, "it is stored as another event than its bytes are")
		return
	}
	if writer := e.place[:writerBytes]; writer != c.writer {
		c.end()
		c.writer, c.seq, c.previous, c.current = writer, s.Seq, nil, map[event.ID]bool{}
	}
	if s.Seq != c.seq {
		if c.previous = nil; s.Seq == c.seq+1 {
			c.previous = c.current
		}
		c.seq, c.current = s.Seq, map[event.ID]bool{}
	}
	c.current[s.ID] = true
	if s.Seq > 0 && !c.previous[s.Prev] {
		c.flaw(s.ID, fmt.Sprintf("event %d of its chain, which it follows, is not here", s.Seq-1))
	}
	if e.signed {
		c.out.Signed++
		c.prove(s.Prev)
		return
	}
	c.unproven[s.ID] = s.Prev
}

// prove takes the events that lead to a proven one as proven.
func (c *recheck) prove(id event.ID) {
	for {
		prev, ok := c.unproven[id]
		if !ok {
			return
		}
		delete(c.unproven, id)
		if !c.ahead[id] {
			c.out.Chained++
		}
		id = prev
	}
}

// end is the end of a writer: what is not proven now never will be.
func (c *recheck) end() {
	for id := range c.unproven {
		c.flaw(id, "its signature is not its author's, and no later event proves it")
	}
	clear(c.unproven)
}

func (c *recheck) flaw(id event.ID, what string) {
	if c.out.FlawCount++; len(c.out.Flaws) < maxFlaws {
		c.out.Flaws = append(c.out.Flaws, app.Flaw{Event: id, What: what})
	}
}
