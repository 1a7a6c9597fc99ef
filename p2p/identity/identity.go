// Package identity holds the key of a profile: one ed25519 key, derived from a
// BIP-39 mnemonic the Trac way, that is the libp2p peer, the author of events
// and the Trac address at once.
//
// It guarantees that an address is accepted only with a right checksum, that a
// key file is either whole or absent and readable by its owner alone, and that
// neither the mnemonic nor the private key appears in an error, in formatted
// output or in a log unless Mnemonic or PrivateKey is called.
package identity

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"slices"
)

// ErrSecretKey means that bytes are not an ed25519 private key.
var ErrSecretKey = errors.New("not a secret key")

var errEmpty = errors.New("identity: holds no key")

// Identity is a key with the mnemonic, derivation path and network it came
// from. It is made by New, FromMnemonic, FromSecretKey, Load and OpenKeystore;
// all copies share one key and are safe for concurrent use. The zero Identity has no key: it may be printed
// and compared, its other methods panic.
type Identity struct{ p *profile }

type profile struct {
	network Network
	path    string
	address string
	public  [32]byte
	// A function, because fmt and other printers read the unexported fields of
	// a struct that holds an Identity without asking the methods of Identity:
	// of a function they can show no more than where it is.
	secret func() (words string, key ed25519.PrivateKey)
}

// New makes an identity of 24 words from 32 bytes of random, on the network's
// default path. It fails with what random fails with, or with ErrNetwork.
func New(random io.Reader, n Network) (Identity, error) {
	entropy := make([]byte, entropySize)
	if _, err := io.ReadFull(random, entropy); err != nil {
		return Identity{}, fmt.Errorf("read randomness: %w", err)
	}
	words, err := mnemonic(entropy)
	if err != nil {
		return Identity{}, err
	}
	return FromMnemonic(words, n, "")
}

// FromMnemonic derives the identity of 12 or 24 English words on a network.
// Capitals and extra blanks in words, and blanks in path, do not count. An
// empty path is the network's default; another one is written like m/918'/0'.
// It fails with ErrMnemonic, ErrPath or ErrNetwork.
func FromMnemonic(words string, n Network, path string) (Identity, error) {
	if !slices.Contains(Networks(), n) {
		return Identity{}, fmt.Errorf("%w: %q", ErrNetwork, n.Name)
	}
	if path == "" {
		path = n.Path
	}
	path, indexes, err := parsePath(path)
	if err != nil {
		return Identity{}, err
	}
	words, err = sanitize(words)
	if err != nil {
		return Identity{}, err
	}
	stretched, err := seed(words)
	if err != nil {
		return Identity{}, fmt.Errorf("stretch mnemonic: %w", err)
	}
	key := ed25519.NewKeyFromSeed(derive(stretched, fullPath(n.HRP, indexes)))
	public := [32]byte(key.Public().(ed25519.PublicKey))
	address, err := EncodeAddress(n.HRP, public)
	if err != nil {
		return Identity{}, err
	}
	secret := func() (string, ed25519.PrivateKey) { return words, key }
	return Identity{&profile{network: n, path: path, address: address, public: public, secret: secret}}, nil
}

// FromSecretKey makes the identity of a key whose words are not known, from its
// 64 bytes: those of the seed, then those of the public key. It has no mnemonic
// and no path. It fails with ErrSecretKey or ErrNetwork.
func FromSecretKey(secretKey []byte, n Network) (Identity, error) {
	if !slices.Contains(Networks(), n) {
		return Identity{}, fmt.Errorf("%w: %q", ErrNetwork, n.Name)
	}
	if len(secretKey) != ed25519.PrivateKeySize {
		return Identity{}, fmt.Errorf("%w: %d bytes", ErrSecretKey, len(secretKey))
	}
	key := ed25519.NewKeyFromSeed(secretKey[:ed25519.SeedSize])
	if !bytes.Equal(key, secretKey) {
		return Identity{}, fmt.Errorf("%w: its second half is not the public key of the first", ErrSecretKey)
	}
	public := [32]byte(key.Public().(ed25519.PublicKey))
	address, err := EncodeAddress(n.HRP, public)
	if err != nil {
		return Identity{}, err
	}
	secret := func() (string, ed25519.PrivateKey) { return "", key }
	return Identity{&profile{network: n, address: address, public: public, secret: secret}}, nil
}

// PublicKey returns the ed25519 public key.
func (id Identity) PublicKey() [32]byte { return id.p.public }

// PrivateKey returns a copy of the private key: 32 bytes seed, then the 32
// bytes of the public key. It is a secret.
func (id Identity) PrivateKey() ed25519.PrivateKey {
	_, key := id.p.secret()
	return slices.Clone(key)
}

// Address returns the Trac address of the public key on the network.
func (id Identity) Address() string { return id.p.address }

// Mnemonic returns the words, lower case, one blank between them. They are a
// secret: whoever has them has the identity. Empty for FromSecretKey.
func (id Identity) Mnemonic() string {
	words, _ := id.p.secret()
	return words
}

// Path returns the derivation path without blanks, as FromMnemonic takes it;
// the bytes of the address prefix that lead it in the derivation are left out.
// Empty for FromSecretKey.
func (id Identity) Path() string { return id.p.path }

// Network returns the network that the identity was made for.
func (id Identity) Network() Network { return id.p.network }

// Sign returns the 64 bytes ed25519 signature of msg itself, which is not
// hashed before (RFC 8032, plain Ed25519).
func (id Identity) Sign(msg []byte) []byte {
	_, key := id.p.secret()
	return ed25519.Sign(key, msg)
}

// Verify tells whether sig is an ed25519 signature of msg by pub. A signature
// of a wrong length is a wrong signature.
func Verify(pub [32]byte, msg, sig []byte) bool { return ed25519.Verify(pub[:], msg, sig) }

// String returns the address, never a secret.
func (id Identity) String() string {
	if id.p == nil {
		return "identity(none)"
	}
	return id.p.address
}

// Format prints what String returns for every verb and flag, %#v and %x
// included.
func (id Identity) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, id.String()) }

// MarshalText writes what String returns into logs and documents.
func (id Identity) MarshalText() ([]byte, error) { return []byte(id.String()), nil }
