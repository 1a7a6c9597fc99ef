package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"math"

	"intercom/ledger/event"
)

// Keys of the store. Every key of a room starts with a letter and the room's
// id, so that a room is a handful of contiguous ranges. Numbers are
// big-endian, so that byte order is their order.
//
//	r room                              roomRow
//	e room author instance seq id       flags, lamport, signature, envelope without its opening
//	i room id                           chain, seq
//	c room chain                        chainRow
//	a room author instance chain        -        chains of a writer
//	k room chain other seq              seq      what an event's deps say of another chain
//	w room missing id                   -        events that wait for a cause
//	d room author hash(key)             winner   which event has an idempotency key
//	q room hash(key)                    requestRow
//	u room author                       usageRow
//	f room author id                    -        both sides of a fork: proof
//	x room id                           reason   stored, but not counted
//	p room app                          foldRow
//	l room app                          hash of the view's rows, 2,048 bytes
//	s room                              hash of the ids of all events, 2,048 bytes
//	v room app 0 key                    row of a view
//	m                                   instanceRow
//	h hook                              not the ledger's: a row of the daemon's hooks
//	y room session app                  not the ledger's: presence that the daemon measures
//	b peer                              not the ledger's: a row of the daemon's address book
//	j number                            flags, time, 16 bytes of room, chain, seq    an entry of the journal
//	n                                   oldest, head, time               bounds of the journal
//	t room app 0 id                     number   transitions that time brought
//	s room app 0 id                     value    a state as it was told last
const (
	kRoom     = 'r'
	kEvent    = 'e'
	kIndex    = 'i'
	kChain    = 'c'
	kWriter   = 'a'
	kKnown    = 'k'
	kWait     = 'w'
	kKeyed    = 'd'
	kRequest  = 'q'
	kUsage    = 'u'
	kFork     = 'f'
	kSkipped  = 'x'
	kFold     = 'p'
	kLanes    = 'l'
	kSet      = 's'
	kView     = 'v'
	kInstance = 'm'
	kJournal  = 'j'
	kBounds   = 'n'
	kPassed   = 't'
	kState    = 's'
)

func key(letter byte, room event.ID, parts ...[]byte) []byte {
	n := 33
	for _, p := range parts {
		n += len(p)
	}
	k := make([]byte, 0, n)
	k = append(k, letter)
	k = append(k, room[:]...)
	for _, p := range parts {
		k = append(k, p...)
	}
	return k
}

func u32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }
func u64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func eventKey(e *event.Signed) []byte {
	return key(kEvent, e.Room, e.Author[:], e.Instance[:], u64(e.Seq), e.ID[:])
}

func viewPrefix(room event.ID, app string) []byte {
	return key(kView, room, []byte(app), []byte{0})
}

func hashKey(k string) []byte {
	sum := sha256.Sum256([]byte(k))
	return sum[:]
}

// place is where an event stands: a local chain number and its seq.
type place struct {
	chain uint32
	seq   uint64
}

// longPlace is the length of a place in format 1 of the store: numbers of 4
// and 8 bytes.
const longPlace = 12

func (p place) encode() []byte {
	b := binary.AppendUvarint(binary.AppendUvarint(make([]byte, 0, longPlace), uint64(p.chain)), p.seq)
	if len(b) == longPlace {
		return append(u32(p.chain), u64(p.seq)...)
	}
	return b
}

func decodePlace(b []byte) (place, bool) {
	if len(b) == longPlace {
		return place{chain: binary.BigEndian.Uint32(b), seq: binary.BigEndian.Uint64(b[4:])}, true
	}
	chain, n := binary.Uvarint(b)
	if n <= 0 || chain > math.MaxUint32 {
		return place{}, false
	}
	seq, m := binary.Uvarint(b[n:])
	return place{chain: uint32(chain), seq: seq}, m > 0 && n+m == len(b)
}
