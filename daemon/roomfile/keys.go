package roomfile

import (
	"crypto/ed25519"
	"fmt"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"golang.org/x/crypto/ssh"

	"intercom/ledger/event"
)

// A file is for the identities of peers, which age takes as SSH keys: their
// ed25519 keys become X25519 ones. Or it is for who knows a passphrase.

// ForKeys returns what opens to the identities of these keys.
func ForKeys(keys []event.Key) ([]age.Recipient, error) {
	if len(keys) > MaxReaders {
		return nil, fmt.Errorf("a file is for at most %d keys, not %d", MaxReaders, len(keys))
	}
	to := make([]age.Recipient, len(keys))
	for i, k := range keys {
		public, err := ssh.NewPublicKey(ed25519.PublicKey(k[:]))
		if err == nil {
			to[i], err = agessh.NewEd25519Recipient(public)
		}
		if err != nil {
			return nil, fmt.Errorf("%s is no key that a file can be for: %w", k, err)
		}
	}
	return to, nil
}

// WithKey returns what opens the files that are for an identity.
func WithKey(key ed25519.PrivateKey) (age.Identity, error) { return agessh.NewEd25519Identity(key) }

// The work of making a key from a passphrase: 2^n blocks of 1 KiB.
const (
	workWritten = 17 // 128 MiB, half a second
	workRead    = 18 // what the program age writes
)

// ForPassphrase returns what opens to a passphrase, which is not empty.
func ForPassphrase(passphrase string) ([]age.Recipient, error) {
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	r.SetWorkFactor(workWritten)
	return []age.Recipient{r}, nil
}

// WithPassphrase returns what opens the files of a passphrase, unless they ask
// for more than 256 MiB of memory.
func WithPassphrase(passphrase string) (age.Identity, error) {
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	id.SetMaxWorkFactor(workRead)
	return id, nil
}
