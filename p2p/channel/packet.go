package channel

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"

	"intercom/internal/jsontext"
)

const (
	// MaxPayload bounds the messages of a packet together, in bytes.
	MaxPayload = 1_000_000
	// MaxWire bounds an encoded packet, in bytes.
	MaxWire = 1_064_000
	// MaxMessages bounds how many messages a packet holds.
	MaxMessages = 64
	// MaxDepth bounds how deep the JSON of a message is nested, so that every reader of it gets to its end.
	MaxDepth = 1000

	maxInt = 1<<53 - 1 // seq and ts: what JavaScript can count
)

// ErrPacket is what Decode returns for anything that is not one canonical packet.
var ErrPacket = errors.New("channel: bad packet")

// Packet holds messages under one signature. Encoded it is the deterministic CBOR (RFC 8949 4.2.1) array
//
//	[channel 32 bytes, author 32 bytes, boot 16 bytes, seq, ts, nonce, [1 to 64 messages: bytes of JSON], sig 64 bytes]
//
// Its id is SHA-256("intercom/packet/1\0" || cbor of the array without sig), sig = ed25519(author,
// "intercom/sig/packet/1\0" || id). A packet comes from Seal or Decode and is not changed after.
type Packet struct {
	Channel [32]byte
	Author  Key
	Boot    [16]byte // random for each start of the author; seq counts within it
	Seq     uint64   // below 2^53
	TS      uint64   // author's clock, ms since 1970, below 2^53
	Nonce   uint64   // proof of work
	Msgs    [][]byte
	Sig     [64]byte

	id   [32]byte // what is signed
	work [32]byte // what the proof of work is for, where one is asked for
	size int      // of the encoding
}

// Seal fills in Author, Nonce and Sig: first a proof of work of so many bits, as long as ctx allows, then the
// signature. It fails on what Decode would refuse.
func (p *Packet) Seal(ctx context.Context, key ed25519.PrivateKey, bits int) error {
	if !p.holdsJSON() {
		return fmt.Errorf("%w: message is not JSON", ErrPacket)
	}
	return p.seal(ctx, key, bits)
}

// seal is Seal of a packet whose messages are known to be JSON.
func (p *Packet) seal(ctx context.Context, key ed25519.PrivateKey, bits int) error {
	if err := p.check(); err != nil {
		return err
	}
	p.Author = Key(key.Public().(ed25519.PublicKey))
	p.Nonce = 0
	if bits > 0 {
		p.digestWork()
		nonce, err := Solve(ctx, p.work, bits)
		if err != nil {
			return err
		}
		p.Nonce = nonce
	}
	p.identify()
	p.Sig = [64]byte(ed25519.Sign(key, signed(p.id)))
	return nil
}

// Verify is true when the author signed the packet.
func (p *Packet) Verify() bool {
	return ed25519.Verify(p.Author[:], signed(p.id), p.Sig[:])
}

func signed(id [32]byte) []byte { return append([]byte("intercom/sig/packet/1\x00"), id[:]...) }

// ID is the hash that is signed: the same for every copy of the packet.
func (p *Packet) ID() [32]byte { return p.id }

// Payload is the size of the messages in bytes.
func (p *Packet) Payload() int {
	n := 0
	for _, m := range p.Msgs {
		n += len(m)
	}
	return n
}

// largest is the size of the largest message in bytes.
func (p *Packet) largest() int {
	n := 0
	for _, m := range p.Msgs {
		n = max(n, len(m))
	}
	return n
}

// check covers the ranges, which the encoding does not.
func (p *Packet) check() error {
	switch {
	case p.Seq > maxInt, p.TS > maxInt:
		return fmt.Errorf("%w: number out of range", ErrPacket)
	case len(p.Msgs) == 0, len(p.Msgs) > MaxMessages:
		return fmt.Errorf("%w: %d messages", ErrPacket, len(p.Msgs))
	case p.Payload() > MaxPayload:
		return fmt.Errorf("%w: %d bytes of messages", ErrPacket, p.Payload())
	}
	return nil
}

// holdsJSON reads every message.
func (p *Packet) holdsJSON() bool {
	for _, m := range p.Msgs {
		if !readable(m) {
			return false
		}
	}
	return true
}

// readable reports whether a message is JSON in UTF-8 that is nested no deeper than MaxDepth.
func readable(m []byte) bool {
	shape, ok := jsontext.Look(m)
	return ok && shape.Depth <= MaxDepth
}

// digestWork computes what the proof of work is for. It leaves the nonce out, so a try costs the same for any size.
func (p *Packet) digestWork() { p.work, _ = p.sum("intercom/pow/1\x00", arrayHead(6), nil) }

// identify computes the id and the size.
func (p *Packet) identify() {
	p.id, p.size = p.sum("intercom/packet/1\x00", arrayHead(7), appendUint(nil, p.Nonce))
}

// sum hashes the packet without its signature, and says what size it has with it.
func (p *Packet) sum(label string, array, nonce []byte) (out [32]byte, size int) {
	h := sha256.New()
	var scratch [2*(2+32) + (1 + 16) + 2*9]byte
	head := p.appendHead(scratch[:0])
	size = 1 + len(head) + len(nonce) + 2 + len(p.Sig)
	for _, b := range [...][]byte{[]byte(label), array, head, nonce} {
		h.Write(b)
	}
	h.Write(appendCBORHead(scratch[:0], majorArray, uint64(len(p.Msgs))))
	size += headSize(len(p.Msgs))
	for _, m := range p.Msgs {
		h.Write(appendCBORHead(scratch[:0], majorBytes, uint64(len(m))))
		h.Write(m)
		size += headSize(len(m)) + len(m)
	}
	h.Sum(out[:0])
	return out, size
}

// Encode returns the bytes that Decode takes.
func (p *Packet) Encode() []byte {
	b := make([]byte, 0, p.size)
	b = append(b, arrayHead(8)...)
	b = p.appendHead(b)
	b = appendUint(b, p.Nonce)
	b = p.appendMsgs(b)
	return appendBytes(b, p.Sig[:])
}

func (p *Packet) appendHead(b []byte) []byte {
	b = appendBytes(b, p.Channel[:])
	b = appendBytes(b, p.Author[:])
	b = appendBytes(b, p.Boot[:])
	b = appendUint(b, p.Seq)
	return appendUint(b, p.TS)
}

func (p *Packet) appendMsgs(b []byte) []byte {
	b = append(b, arrayHead(len(p.Msgs))...)
	for _, m := range p.Msgs {
		b = appendBytes(b, m)
	}
	return b
}

// Decode reads one packet and nothing else: another encoding of the same values, trailing bytes, numbers from 2^53,
// more than 64 messages or MaxPayload or MaxWire bytes are ErrPacket. The messages share memory with wire; whether they
// are JSON, the signature and the proof of work are not checked.
func Decode(wire []byte) (*Packet, error) {
	if len(wire) > MaxWire {
		return nil, fmt.Errorf("%w: %d bytes", ErrPacket, len(wire))
	}
	p := new(Packet)
	r := reader{b: wire}
	r.array(8, 8)
	copy(p.Channel[:], r.fixed(len(p.Channel)))
	copy(p.Author[:], r.fixed(len(p.Author)))
	copy(p.Boot[:], r.fixed(len(p.Boot)))
	p.Seq = r.uint()
	p.TS = r.uint()
	p.Nonce = r.uint()
	for range r.array(1, MaxMessages) {
		p.Msgs = append(p.Msgs, r.bytes())
	}
	copy(p.Sig[:], r.fixed(len(p.Sig)))
	if r.bad || len(r.b) != 0 {
		return nil, ErrPacket
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	p.identify()
	return p, nil
}
