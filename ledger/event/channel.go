package event

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Class says who may be in a channel, and so in the room that it is.
type Class byte

// The classes of a channel.
const (
	Open    Class = 0 // whoever knows the name
	Owned   Class = 1 // an owner gives roles
	Private Class = 2 // invited members only, encrypted
	Self    Class = 3 // one member: local decisions
)

// EntryChannel is the channel that every peer joins and none can leave.
const EntryChannel = "0000intercom"

// MaxName is the length limit of a channel name in bytes.
const MaxName = 128

// ErrName reports a channel name outside the format.
var ErrName = errors.New("event: bad channel name")

// ChannelName returns name trimmed and in NFC, its case kept; ErrName if it
// is empty, longer than MaxName bytes, not UTF-8 or has control characters.
func ChannelName(name string) (string, error) {
	if len(name) > 4*MaxName || !utf8.ValidString(name) {
		return "", fmt.Errorf("%w: longer than %d bytes or not UTF-8", ErrName, MaxName)
	}
	n := norm.NFC.String(strings.TrimSpace(name))
	switch {
	case n == "":
		return "", fmt.Errorf("%w: empty", ErrName)
	case len(n) > MaxName:
		return "", fmt.Errorf("%w: %d bytes, at most %d", ErrName, len(n), MaxName)
	case strings.ContainsFunc(n, unicode.IsControl):
		return "", fmt.Errorf("%w: control character", ErrName)
	}
	return n, nil
}

// ChannelID returns the id of a channel and of the room that it is:
// SHA-256("intercom/channel/1\0" || class || L(name) || L(owner) || L(nonce)).
// The name must come from ChannelName; owner and nonce may be empty.
func ChannelID(c Class, name string, owner, nonce []byte) ID {
	h := sha256.New()
	h.Write([]byte("intercom/channel/1\x00"))
	h.Write([]byte{byte(c)})
	for _, part := range [][]byte{[]byte(name), owner, nonce} {
		var l [2]byte
		binary.BigEndian.PutUint16(l[:], uint16(len(part)))
		h.Write(l[:])
		h.Write(part)
	}
	return ID(h.Sum(nil))
}

// OpenRoom returns the id of the open channel of that name.
func OpenRoom(name string) ID { return ChannelID(Open, name, nil, nil) }

// SelfRoom returns the id of the room of key's own local decisions.
func SelfRoom(key Key) ID { return ChannelID(Self, "", key[:], nil) }
