package channel

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"strconv"
)

// Message is a delivered message.
type Message struct {
	Channel   string          // its name
	ID        string          // <From>:<TS>:<8 characters of 0-9a-z>, the same at every member
	From      string          // the author's key, hex
	TS        int64           // the author's clock, ms
	Sig       string          // of the packet, hex
	TTL       int             // that of Options
	RelayedBy string          // the neighbour it came from, hex; empty if that is the author
	Message   json.RawMessage // valid JSON in valid UTF-8
	Own       bool            // sent here
}

// MessageID names message i of a packet. Its last part is the first 8 bytes of SHA-256("intercom/message/1\0" || packet
// id || uint16 i) mod 36^8, in base 36.
func (p *Packet) MessageID(i int) string {
	h := sha256.New()
	h.Write([]byte("intercom/message/1\x00"))
	h.Write(p.id[:])
	h.Write(binary.BigEndian.AppendUint16(nil, uint16(i)))
	const all = 36 * 36 * 36 * 36 * 36 * 36 * 36 * 36
	n := binary.BigEndian.Uint64(h.Sum(nil)) % all
	id := make([]byte, 0, 2*len(p.Author)+1+16+1+8)
	id = append(strconv.AppendUint(append(hex.AppendEncode(id, p.Author[:]), ':'), p.TS, 10), ':')
	last := strconv.FormatUint(n, 36)
	return string(append(append(id, "00000000"[len(last):]...), last...))
}
