package event

import "crypto/ed25519"

const fields = 13 // of the envelope array

// OpeningSize is how many bytes AppendOpening appends.
const OpeningSize = 2 + 2*(2+32) + 1 + 8

func encode(e *Event) []byte {
	b := make([]byte, 0, 192+34*len(e.Deps)+len(e.Body))
	b = AppendOpening(b, e.Room, e.Author, e.Instance)
	b = appendHead(b, majorUint, e.Seq)
	if e.Seq == 0 {
		b = appendBytes(b, nil)
	} else {
		b = appendBytes(b, e.Prev[:])
	}
	b = appendHead(b, majorArray, uint64(len(e.Deps)))
	for _, d := range e.Deps {
		b = appendBytes(b, d[:])
	}
	b = appendHead(b, majorUint, uint64(e.TS))
	b = appendInt(b, int64(e.TZ))
	b = appendText(b, e.Type)
	b = appendText(b, e.Key)
	b = appendHead(b, majorUint, e.Epoch)
	return appendBytes(b, e.Body)
}

// AppendOpening appends the bytes that every envelope of a writer in a room
// begins with.
func AppendOpening(b []byte, room ID, author Key, instance Instance) []byte {
	b = appendHead(b, majorArray, fields)
	b = appendHead(b, majorUint, Version)
	b = appendBytes(b, room[:])
	b = appendBytes(b, author[:])
	return appendBytes(b, instance[:])
}

// Encode returns the stored and sent form [cbor, sig].
func (s *Signed) Encode() []byte {
	b := make([]byte, 0, len(s.Raw)+sigOverhead)
	b = appendHead(b, majorArray, 2)
	b = appendBytes(b, s.Raw)
	return appendBytes(b, s.Sig[:])
}

// Decode reads the stored and sent form [cbor, sig] strictly. The bytes of b
// are kept. It does not check the signature: call Verify, or prove the event
// by a verified successor. Errors: ErrTooLarge, ErrEncoding.
func Decode(b []byte) (Signed, error) {
	if len(b) > MaxSize {
		return Signed{}, ErrTooLarge
	}
	r := reader{buf: b}
	if r.expect(majorArray) != 2 {
		r.fail("not [cbor, sig]")
	}
	raw := r.bytes()
	var sig [ed25519.SignatureSize]byte
	r.fixed(sig[:])
	if err := r.end(); err != nil {
		return Signed{}, err
	}
	return Parse(raw, sig)
}

// Parse reads the canonical CBOR of an envelope strictly and joins it with its
// signature, which it does not check. It keeps raw. Errors: ErrTooLarge,
// ErrEncoding.
func Parse(raw []byte, sig [ed25519.SignatureSize]byte) (Signed, error) {
	if err := checkSize(raw); err != nil {
		return Signed{}, err
	}
	s := Signed{Raw: raw, Sig: sig}
	r := reader{buf: raw}
	e := &s.Event
	if r.expect(majorArray) != fields {
		r.fail("not an envelope of %d fields", fields)
	}
	if v := r.uint(); v != Version {
		r.fail("envelope version %d", v)
	}
	r.fixed(e.Room[:])
	r.fixed(e.Author[:])
	r.fixed(e.Instance[:])
	e.Seq = r.uint()
	if e.Seq == 0 {
		r.fixed(nil)
	} else {
		r.fixed(e.Prev[:])
	}
	for n := r.expect(majorArray); n > 0 && r.err == nil; n-- {
		var d ID
		r.fixed(d[:])
		e.Deps = append(e.Deps, d)
	}
	if ts := r.uint(); ts <= MaxInteger {
		e.TS = int64(ts)
	} else {
		r.fail("ts %d", ts)
	}
	if tz := r.int(); tz >= -MaxTZ && tz <= MaxTZ {
		e.TZ = int(tz)
	} else {
		r.fail("tz %d", tz)
	}
	e.Type, e.Key, e.Epoch = r.text(), r.text(), r.uint()
	e.Body = r.bytes()
	if err := r.end(); err != nil {
		return Signed{}, err
	}
	if err := e.Check(); err != nil {
		return Signed{}, err
	}
	s.ID = hashID(raw)
	return s, nil
}
