package event_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"intercom/ledger/event"
)

// The pieces of CBOR that the tables below are built from, by hand, so that
// they can be wrong on purpose.

func head(major byte, n uint64) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 1<<8:
		return []byte{major<<5 | 24, byte(n)}
	case n < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{major<<5 | 25}, uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32([]byte{major<<5 | 26}, uint32(n))
	}
	return binary.BigEndian.AppendUint64([]byte{major<<5 | 27}, n)
}

func num(n uint64) []byte        { return head(0, n) }
func minus(n uint64) []byte      { return head(1, n-1) }
func byteString(b []byte) []byte { return append(head(2, uint64(len(b))), b...) }
func textString(s string) []byte { return append(head(3, uint64(len(s))), s...) }
func list(items ...[]byte) []byte {
	return append(head(4, uint64(len(items))), slices.Concat(items...)...)
}
func ids(n int) (out [][]byte) {
	for i := range n {
		out = append(out, byteString(bytes.Repeat([]byte{byte(i >> 8), byte(i)}, 16)))
	}
	return out
}

// The places of the fields.
const (
	fVersion = iota
	fRoom
	fAuthor
	fInstance
	fSeq
	fPrev
	fDeps
	fTS
	fTZ
	fType
	fKey
	fEpoch
	fBody
)

// envelope returns the fields of a valid event at seq 1.
func envelope() [][]byte {
	fill := func(n int, b byte) []byte { return byteString(bytes.Repeat([]byte{b}, n)) }
	return [][]byte{
		num(1), fill(32, 1), fill(32, 2), fill(8, 3), num(1), fill(32, 4), list(ids(2)...),
		num(5), num(60), textString("note.add"), textString(""), num(0), byteString([]byte{0xa0}),
	}
}

// with returns a valid event with some fields changed.
func with(change func(f [][]byte)) []byte {
	f := envelope()
	change(f)
	return list(f...)
}

func set(n int, b []byte) []byte { return with(func(f [][]byte) { f[n] = b }) }

var noSig [ed25519.SignatureSize]byte

func TestEnvelopeIsRefused(t *testing.T) {
	zero, half := make([]byte, 32), bytes.Repeat([]byte{4}, 31)
	long := bytes.Repeat([]byte{4}, 33)
	for name, raw := range map[string][]byte{
		"empty":                          {},
		"12 fields":                      list(envelope()[:12]...),
		"14 fields":                      list(append(envelope(), num(0))...),
		"array head without its items":   {0x8d},
		"trailing byte":                  append(list(envelope()...), 0),
		"map instead of array":           append([]byte{0xad}, list(envelope()...)[1:]...),
		"array of indefinite length":     append(append([]byte{0x9f}, list(envelope()...)[1:]...), 0xff),
		"array head not the shortest":    append([]byte{0x98, 13}, list(envelope()...)[1:]...),
		"tag around the array":           append([]byte{0xc1}, list(envelope()...)...),
		"version 0":                      set(fVersion, num(0)),
		"version 2":                      set(fVersion, num(2)),
		"version as text":                set(fVersion, textString("1")),
		"version not the shortest":       set(fVersion, []byte{0x18, 1}),
		"room of 31 bytes":               set(fRoom, byteString(half)),
		"room of 33 bytes":               set(fRoom, byteString(long)),
		"room as text":                   set(fRoom, textString(strings.Repeat("r", 32))),
		"room as array":                  set(fRoom, list(ids(32)...)),
		"room of indefinite length":      set(fRoom, append(append([]byte{0x5f}, byteString(zero)...), 0xff)),
		"author of 31 bytes":             set(fAuthor, byteString(half)),
		"author of 33 bytes":             set(fAuthor, byteString(long)),
		"instance of 7 bytes":            set(fInstance, byteString(zero[:7])),
		"instance of 9 bytes":            set(fInstance, byteString(zero[:9])),
		"seq negative":                   set(fSeq, minus(1)),
		"seq not the shortest, 1 byte":   set(fSeq, []byte{0x18, 1}),
		"seq not the shortest, 2 bytes":  set(fSeq, []byte{0x19, 0, 1}),
		"seq not the shortest, 4 bytes":  set(fSeq, []byte{0x1a, 0, 0, 0, 1}),
		"seq not the shortest, 8 bytes":  set(fSeq, []byte{0x1b, 0, 0, 0, 0, 0, 0, 0, 1}),
		"seq with a reserved head":       set(fSeq, []byte{0x1c}),
		"seq of indefinite length":       set(fSeq, []byte{0x1f}),
		"seq as float":                   set(fSeq, []byte{0xf9, 0x3c, 0}),
		"seq 2^53":                       set(fSeq, num(1<<53)),
		"seq 2^64-1":                     set(fSeq, num(1<<64-1)),
		"prev at seq 0":                  set(fSeq, num(0)),
		"no prev at seq 1":               set(fPrev, byteString(nil)),
		"prev of zeros at seq 1":         set(fPrev, byteString(zero)),
		"prev of zeros at seq 0":         with(func(f [][]byte) { f[fSeq], f[fPrev] = num(0), byteString(zero) }),
		"prev of 31 bytes":               set(fPrev, byteString(half)),
		"prev of 33 bytes":               set(fPrev, byteString(long)),
		"prev null":                      set(fPrev, []byte{0xf6}),
		"deps null":                      set(fDeps, []byte{0xf6}),
		"deps as map":                    set(fDeps, []byte{0xa0}),
		"deps of indefinite length":      set(fDeps, []byte{0x9f, 0xff}),
		"dep of 31 bytes":                set(fDeps, list(byteString(half))),
		"dep of 33 bytes":                set(fDeps, list(byteString(long))),
		"deps not sorted":                set(fDeps, list(ids(2)[1], ids(2)[0])),
		"dep twice":                      set(fDeps, list(ids(1)[0], ids(1)[0])),
		"17 deps":                        set(fDeps, list(ids(17)...)),
		"1,025 deps on a close":          with(func(f [][]byte) { f[fDeps], f[fType] = list(ids(1025)...), textString("room.close") }),
		"2^60 deps":                      set(fDeps, head(4, 1<<60)),
		"ts negative":                    set(fTS, minus(1)),
		"ts 2^53":                        set(fTS, num(1<<53)),
		"ts 2^63":                        set(fTS, num(1<<63)),
		"ts as text":                     set(fTS, textString("5")),
		"tz 1081":                        set(fTZ, num(1081)),
		"tz -1081":                       set(fTZ, minus(1081)),
		"tz -2^64":                       set(fTZ, head(1, 1<<64-1)),
		"tz as float":                    set(fTZ, []byte{0xf9, 0, 0}),
		"tz true":                        set(fTZ, []byte{0xf5}),
		"type empty":                     set(fType, textString("")),
		"type of 65 bytes":               set(fType, textString(strings.Repeat("t", 65))),
		"type not UTF-8":                 set(fType, textString("note.\xff")),
		"type with a surrogate":          set(fType, textString("\xed\xa0\x80")),
		"type with an overlong form":     set(fType, textString("\xc0\x80")),
		"type as bytes":                  set(fType, byteString([]byte("note.add"))),
		"type of indefinite length":      set(fType, []byte{0x7f, 0x61, 'a', 0xff}),
		"key of 129 bytes":               set(fKey, textString(strings.Repeat("k", 129))),
		"key not UTF-8":                  set(fKey, textString("\x80")),
		"key undefined":                  set(fKey, []byte{0xf7}),
		"epoch negative":                 set(fEpoch, minus(1)),
		"epoch 2^63":                     set(fEpoch, num(1<<63)),
		"body as map":                    set(fBody, []byte{0xa0}),
		"body as text":                   set(fBody, textString("{}")),
		"body longer than the rest":      set(fBody, head(2, 1<<60)),
		"body length not the shortest":   set(fBody, []byte{0x58, 1, 0xa0}),
		"body of more than 64 KiB":       set(fBody, byteString(make([]byte, event.MaxSize))),
		"one byte too many for 64 KiB":   filled(event.MaxSize - 69),
		"many bytes too many for 64 KiB": filled(event.MaxSize + 1),
	} {
		if s, err := event.Parse(raw, noSig); !errors.Is(err, event.ErrEncoding) && !errors.Is(err, event.ErrTooLarge) {
			t.Errorf("%s: %v, event %+v", name, err, s.Event)
		}
	}
}

// filled returns an envelope of n bytes.
func filled(n int) []byte {
	spare := n - len(set(fBody, nil)) - 3
	return set(fBody, byteString(make([]byte, spare)))
}

func TestEnvelopeIsAccepted(t *testing.T) {
	for name, raw := range map[string][]byte{
		"plain":                 list(envelope()...),
		"seq 0":                 with(func(f [][]byte) { f[fSeq], f[fPrev] = num(0), byteString(nil) }),
		"seq 2^53-1":            set(fSeq, num(event.MaxInteger)),
		"no deps":               set(fDeps, list()),
		"16 deps":               set(fDeps, list(ids(16)...)),
		"1,024 deps on a close": with(func(f [][]byte) { f[fDeps], f[fType] = list(ids(1024)...), textString("room.close") }),
		"1,024 on a reopen":     with(func(f [][]byte) { f[fDeps], f[fType] = list(ids(1024)...), textString("room.reopen") }),
		"1,024 on a checkpoint": with(func(f [][]byte) { f[fDeps], f[fType] = list(ids(1024)...), textString("room.checkpoint") }),
		"ts 0":                  set(fTS, num(0)),
		"ts 2^53-1":             set(fTS, num(event.MaxInteger)),
		"tz 1080":               set(fTZ, num(1080)),
		"tz -1080":              set(fTZ, minus(1080)),
		"type of 64 bytes":      set(fType, textString(strings.Repeat("t", 64))),
		"unknown type":          set(fType, textString("not.known")),
		"key of 128 bytes":      set(fKey, textString(strings.Repeat("k", 128))),
		"epoch 2^63-1":          set(fEpoch, num(1<<63-1)),
		"body empty":            set(fBody, byteString(nil)),
		"body no CBOR":          set(fBody, byteString([]byte{0xff})), // the type's matter, not the envelope's
		"as large as can be":    filled(event.MaxSize - 70),
	} {
		s, err := event.Parse(raw, noSig)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		whole := s.Encode()
		if len(whole) > event.MaxSize {
			t.Errorf("%s: encoded to %d bytes", name, len(whole))
		}
		if again, err := event.Decode(whole); err != nil || again.ID != s.ID {
			t.Errorf("%s: %v after encoding", name, err)
		}
	}
}

func TestSignedFormIsRefused(t *testing.T) {
	raw := byteString(list(envelope()...))
	sig := byteString(noSig[:])
	for name, b := range map[string][]byte{
		"empty":                  {},
		"1 item":                 list(raw),
		"3 items":                list(raw, sig, sig),
		"map":                    append([]byte{0xa1}, append(raw, sig...)...),
		"indefinite length":      append(slices.Concat([]byte{0x9f}, raw, sig), 0xff),
		"signature of 63 bytes":  list(raw, byteString(noSig[:63])),
		"signature of 65 bytes":  list(raw, byteString(make([]byte, 65))),
		"no signature":           list(raw, byteString(nil)),
		"trailing byte":          append(list(raw, sig), 0),
		"envelope not wrapped":   list(list(envelope()...), sig),
		"head not the shortest":  append([]byte{0x98, 2}, append(raw, sig...)...),
		"wrapping not shortest":  list(slices.Concat([]byte{0x5a, 0, 0, 0, byte(len(raw) - 2)}, raw[2:]), sig),
		"signature not shortest": list(raw, append([]byte{0x59, 0, 64}, noSig[:]...)),
	} {
		if _, err := event.Decode(b); !errors.Is(err, event.ErrEncoding) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := event.Decode(make([]byte, event.MaxSize+1)); !errors.Is(err, event.ErrTooLarge) {
		t.Errorf("%d bytes: %v", event.MaxSize+1, err)
	}
}
