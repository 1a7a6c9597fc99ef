package daemon

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"intercom/client"
	"intercom/daemon/bridge"
)

// tokens are the scoped tokens of a profile: those of its file as it is now.
// While the file cannot be read, none holds.
type tokens struct {
	profile client.Profile
	now     func() time.Time
	log     *slog.Logger

	mu   sync.Mutex
	seen fs.FileInfo // of the file that was read; nil: there was none, or it may have changed since
	all  []scopedToken
}

type scopedToken struct {
	client.Token
	hash [sha256.Size]byte
}

var _ bridge.Tokens = (*tokens)(nil)

func newTokens(p client.Profile, now func() time.Time, log *slog.Logger) *tokens {
	return &tokens{profile: p, now: now, log: log}
}

// Find implements bridge.Tokens.
func (t *tokens) Find(hash [sha256.Size]byte) (found bridge.Grant, ok bool) {
	now := t.now()
	for _, s := range t.current() {
		if subtle.ConstantTimeCompare(hash[:], s.hash[:]) == 1 && !s.Expired(now) {
			found, ok = bridge.Grant{ID: s.ID, Scopes: s.Scopes, Max: s.Max}, true
		}
	}
	return found, ok
}

// Holding implements bridge.Tokens.
func (t *tokens) Holding() func(id string) bool {
	now, all := t.now(), t.current()
	return func(id string) bool {
		i := slices.IndexFunc(all, func(s scopedToken) bool { return s.ID == id })
		return i >= 0 && !all[i].Expired(now)
	}
}

// current returns the tokens of the file, which it reads when another one has
// taken its place.
func (t *tokens) current() []scopedToken {
	t.mu.Lock()
	defer t.mu.Unlock()
	info, err := os.Stat(t.profile.TokensFile())
	if errors.Is(err, fs.ErrNotExist) {
		t.seen, t.all = nil, nil
		return nil
	}
	if err == nil && t.seen != nil && sameFile(info, t.seen) {
		return t.all
	}
	t.seen, t.all = info, nil
	if err == nil && t.now().Sub(info.ModTime()).Abs() < fileClock {
		t.seen = nil
	}
	if err == nil {
		t.all, err = t.read()
	}
	if err != nil {
		t.log.Error("scoped tokens are refused", "error", err)
	}
	return t.all
}

// fileClock is above the steps in which a file system's times go. What takes the
// place of a file within one may look the same, so a file as young is read again.
const fileClock = 100 * time.Millisecond

func sameFile(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && a.Mode() == b.Mode()
}

func (t *tokens) read() ([]scopedToken, error) {
	stored, err := t.profile.Tokens()
	if err != nil {
		return nil, err
	}
	all := make([]scopedToken, 0, len(stored))
	for _, s := range stored {
		hash, err := hex.DecodeString(s.Hash)
		if err != nil || len(hash) != sha256.Size || s.ID == "" {
			continue // no token has this hash
		}
		all = append(all, scopedToken{s, [sha256.Size]byte(hash)})
	}
	return all, nil
}
