package p2p

import (
	"crypto/ed25519"
	"fmt"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
)

// Key is the ed25519 public key of a peer (RFC 8032): its identity.
type Key = [32]byte

// PeerID is the name of k in multiaddrs (/p2p/ID).
func PeerID(k Key) (string, error) {
	id, err := peerID(k)
	return id.String(), err
}

func peerID(k Key) (peer.ID, error) {
	pub, err := crypto.UnmarshalEd25519PublicKey(k[:])
	if err != nil {
		return "", fmt.Errorf("name peer: %w", err)
	}
	return peer.IDFromPublicKey(pub)
}

// KeyOf is the key of a peer's name in multiaddrs; false for what is none, or not of an ed25519 key.
func KeyOf(name string) (Key, bool) {
	id, err := peer.Decode(name)
	if err != nil {
		return Key{}, false
	}
	return keyOf(id)
}

// keyOf is false for an ID that does not hold an ed25519 key.
func keyOf(id peer.ID) (Key, bool) {
	pub, err := id.ExtractPublicKey()
	if err != nil || pub.Type() != crypto.Ed25519 {
		return Key{}, false
	}
	raw, err := pub.Raw()
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return Key{}, false
	}
	return Key(raw), true
}
