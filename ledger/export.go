package ledger

import (
	"fmt"
	"strings"

	"intercom/ledger/event"
)

// Export reads the events of a room as they were signed, each once, a batch at
// a time. What is written to the room meanwhile is read too: at its end it has
// read all that the room holds. It is used by one goroutine.
type Export struct {
	r    *Room
	sent map[uint32]uint64 // by chain, the seq that follows what was read
}

// Export begins to read the room. Error: ErrPrivate for rooms that not
// everybody with a name may read, which a file would carry to others.
func (r *Room) Export() (*Export, error) {
	if r.class > event.Owned {
		return nil, fmt.Errorf("%w: %s", ErrPrivate, r.Name())
	}
	return &Export{r: r, sent: map[uint32]uint64{}}, nil
}

// exportPages is about how many events are in memory while chains are merged.
const exportPages = 1024

// Next returns the next events, causes first: about 256 of them or 256 KiB,
// and none at the end. Each chain in a batch ends with an event whose signature
// was checked here, as Ingest wants it.
func (e *Export) Next() (events []event.Bytes, err error) {
	err = e.r.l.View(func(s *Snapshot) error {
		log := s.log(e.r.id)
		var row roomRow
		if !log.row(key(kRoom, e.r.id), &row) {
			return nil
		}
		var runs []run
		for n := range row.Chains {
			c := log.chain(n)
			if from := max(c.First, e.sent[n]); from <= c.Seq {
				runs = append(runs, run{chain: n, from: from, to: c.Seq + 1})
			}
		}
		if len(runs) == 0 {
			return nil
		}
		page := min(pageEvents, max(4, exportPages/len(runs)))
		b := &batch{log: log, merger: log.mergeBy(runs, page), sent: map[uint32]*stored{}}
		b.fill()
		for n, last := range b.sent {
			e.sent[n] = last.Seq + 1
		}
		events = b.events
		return nil
	})
	return events, err
}

// Described returns the room of a class, name and first owner, which together
// are its id. It need not be known here. Errors: ErrPrivate for classes that
// need more than that, event.ErrName.
func (l *Ledger) Described(class event.Class, name string, owner event.Key) (*Room, error) {
	switch class {
	case event.Owned:
		return l.OwnedRoom(name, owner)
	case event.Open:
	default:
		return nil, fmt.Errorf("%w: rooms of class %d", ErrPrivate, class)
	}
	canonical, err := event.ChannelName(name)
	if err != nil {
		return nil, err
	}
	// An open room of such a name would be taken for another one.
	_, _, qualified := ownedName(canonical)
	if id, ok := strings.CutPrefix(canonical, "#"); ok && !qualified {
		_, err := event.ParseID(id)
		qualified = err == nil
	}
	if qualified {
		return nil, fmt.Errorf("%w: %s means another kind of room", event.ErrName, canonical)
	}
	id := event.OpenRoom(canonical)
	if r := l.ByID(id); r != nil {
		return r, nil
	}
	return &Room{l: l, id: id, name: canonical, class: event.Open}, nil
}

// Owner returns the first owner of a room of class Owned, which is part of its
// id; else zero.
func (r *Room) Owner() event.Key { return r.owner }
