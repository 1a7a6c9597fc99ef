package ledger

import (
	"bytes"
	"encoding/binary"
	"math"
	"reflect"
	"testing"

	"intercom/ledger/event"
)

func TestARecordLeavesOutWhatItsKeySays(t *testing.T) {
	for _, s := range chainOf(t, event.OpenRoom("trip"), 1, 2) {
		b := s.encode()
		if want := recordHead + len(s.Raw) - event.OpeningSize; len(b) != want {
			t.Errorf("%d bytes, want %d", len(b), want)
		}
		got, err := decodeStored(b, s.Room, s.Author, s.Instance)
		if err != nil || !reflect.DeepEqual(got, s) {
			t.Errorf("read back as %+v, %v", got, err)
		}
		// As format 1 of the store has it.
		whole := binary.BigEndian.AppendUint64([]byte{s.proof}, s.lamport)
		whole = append(append(whole, s.Sig[:]...), s.Raw...)
		if got, err = decodeStored(whole, s.Room, s.Author, s.Instance); err != nil || !reflect.DeepEqual(got, s) {
			t.Errorf("the whole one is read as %+v, %v", got, err)
		}
	}
}

func TestPlacesAreReadBackInBothForms(t *testing.T) {
	for _, p := range []place{{}, {1, 1}, {127, 128}, {1023, event.MaxInteger}, {1 << 21, 1 << 49}, {math.MaxUint32, math.MaxUint64}} {
		b := p.encode()
		if got, ok := decodePlace(b); !ok || got != p {
			t.Errorf("%v is read as %v, %v", p, got, ok)
		}
		if got, ok := decodePlace(append(u32(p.chain), u64(p.seq)...)); !ok || got != p {
			t.Errorf("the long form of %v is read as %v, %v", p, got, ok)
		}
	}
	for _, b := range [][]byte{nil, {1}, {0x80}, {1, 0x80}, {1, 1, 1}, bytes.Repeat([]byte{0xff}, 11)} {
		if p, ok := decodePlace(b); ok {
			t.Errorf("%x is read as %v", b, p)
		}
	}
}

func TestEntriesOfTheJournalAreReadInBothForms(t *testing.T) {
	room := event.OpenRoom("trip")
	long := append(append(append([]byte{entryLocal}, u64(1_700_000_000_123)...), room[:]...), "rest"...)
	short := append(append(append([]byte{entryLocal | entryShort}, u64(1_700_000_000_123)[2:]...), room[:shortRoom]...), "rest"...)
	for _, v := range [][]byte{long, short} {
		flags, ms, begin, rest, ok := splitEntry(v)
		if !ok || flags&entryLocal == 0 || ms != 1_700_000_000_123 || !bytes.HasPrefix(room[:], begin) || string(rest) != "rest" {
			t.Errorf("%x is read as %d, %d, %x, %q, %v", v, flags, ms, begin, rest, ok)
		}
	}
	for _, v := range [][]byte{nil, long[:longHead-1], short[:shortHead-1]} {
		if _, _, _, _, ok := splitEntry(v); ok {
			t.Errorf("%x is an entry", v)
		}
	}
}
