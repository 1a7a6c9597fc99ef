package ledger

import "intercom/ledger/event"

// The hashes of a room, 2 kB each, are rows of their own, so that who reads the
// rest of a room's row or a fold's does not read them.

// hash reads the hash of a row: of whose is the row's own one in format 1 of
// the store, else empty.
func (l *log) hash(h *event.LtHash16, whose []byte, k []byte) {
	if len(whose) == 0 {
		var ok bool
		if whose, ok = l.get(k); !ok {
			return
		}
	}
	l.fail(h.UnmarshalBinary(whose))
}

func setKey(room event.ID) []byte { return key(kSet, room) }

func lanesKey(room event.ID, app string) []byte { return key(kLanes, room, []byte(app)) }

// rowsKept is how many hashes of rows are kept, of 2 kB each.
const rowsKept = 64

// rowHashes keeps the hashes of the rows that were changed last: what a commit
// puts in for a counter, the next one takes out. The store's writer alone uses
// it.
type rowHashes struct {
	hashes map[hashed]*event.LtHash16
	order  [rowsKept]hashed
	next   int
	spare  event.LtHash16
}

type hashed struct{ key, value string }

// of returns the hash of a row, and keeps it where it is to be kept. It is
// valid until the next call.
func (c *rowHashes) of(key string, value []byte, keep bool) *event.LtHash16 {
	row := hashed{key, string(value)}
	if h, ok := c.hashes[row]; ok {
		return h
	}
	if !keep {
		c.spare.SetRow(key, value)
		return &c.spare
	}
	if c.hashes == nil {
		c.hashes = make(map[hashed]*event.LtHash16, rowsKept)
	}
	oldest := c.order[c.next]
	h := c.hashes[oldest]
	if delete(c.hashes, oldest); h == nil {
		h = new(event.LtHash16)
	}
	h.SetRow(key, value)
	c.hashes[row], c.order[c.next] = h, row
	c.next = (c.next + 1) % rowsKept
	return h
}
