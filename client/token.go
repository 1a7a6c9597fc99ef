package client

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"intercom/client/wire"
	"intercom/internal/atomicfile"
	"intercom/internal/private"
)

// Limits of a profile's scoped tokens.
const (
	MaxTokens    = 100
	tokenRandom  = 32 // bytes of a token
	maxTokenFile = 1 << 20
	tokenVersion = 1 // of the file
)

// Token is a scoped token of the bridge as it is stored: what it allows, and
// the hash by which it is known. Its text is shown once and kept nowhere.
type Token struct {
	ID      string       `json:"id"` // the first 8 digits of Hash
	Name    string       `json:"name,omitempty"`
	Hash    string       `json:"hash"` // SHA-256 of the text, 64 hex digits
	Scopes  []wire.Scope `json:"scopes"`
	Created time.Time    `json:"created"`
	Expires time.Time    `json:"expires,omitzero"` // zero: never
	// Max is the most that one write may move, by currency; nil: any amount.
	Max []wire.Amount `json:"max,omitempty"`
}

// Expired reports whether the token holds no more at a time.
func (t Token) Expired(now time.Time) bool { return !t.Expires.IsZero() && !now.Before(t.Expires) }

// HashToken returns the hash by which a token's text is known.
func HashToken(text string) [sha256.Size]byte { return sha256.Sum256([]byte(text)) }

// TokensFile holds the scoped tokens. The daemon reads it again when it has
// changed, so a change holds at once.
func (p Profile) TokensFile() string { return filepath.Join(p.DataDir(), "tokens.json") }

type tokenFile struct {
	Version int     `json:"version"`
	Tokens  []Token `json:"tokens"`
}

// Tokens returns the scoped tokens of the profile, the oldest first; none
// where there is no file. Errors have the code Corrupt, NewerFormat, or
// KeyFileExposed for a file that others may read or write.
func (p Profile) Tokens() ([]Token, error) {
	path := p.TokensFile()
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read tokens: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read tokens: %w", err)
	}
	if private.Exposed(info.Mode()) {
		return nil, wire.Errorf(wire.KeyFileExposed, "others may read or write the tokens in %s", path).WithHint("chmod 600 " + path)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxTokenFile))
	if err != nil {
		return nil, fmt.Errorf("read tokens: %w", err)
	}
	var file tokenFile
	if err := json.Unmarshal(data, &file); err != nil || file.Version < 1 {
		return nil, wire.Errorf(wire.Corrupt, "the tokens in %s cannot be read", path).
			WithHint("move the file away and make the tokens again")
	}
	if file.Version > tokenVersion {
		return nil, wire.Errorf(wire.NewerFormat, "the tokens in %s are of a newer intercom", path).WithHint("update intercom")
	}
	return file.Tokens, nil
}

var tokenName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// tokenID is what an id looks like; a name must not look so.
var tokenID = regexp.MustCompile(`^[0-9a-f]{8}$`)

// AddToken makes a token and returns it with its text, which is 32 bytes of
// random in base64url. t says its Name, which may be empty, Scopes, Created,
// Expires and Max. Errors have the code InvalidRequest, Conflict for a name in use,
// QuotaExceeded above MaxTokens, or one of Tokens.
func (p Profile) AddToken(t Token, random io.Reader) (added Token, text string, err error) {
	if t, err = t.checked(); err != nil {
		return Token{}, "", err
	}
	err = p.changeTokens(func(all []Token) ([]Token, error) {
		all, err := placeFor(all, t)
		if err != nil {
			return nil, err
		}
		for t.ID == "" || slices.ContainsFunc(all, func(o Token) bool { return o.ID == t.ID }) {
			var b [tokenRandom]byte
			if _, err := io.ReadFull(random, b[:]); err != nil {
				return nil, fmt.Errorf("make token: %w", err)
			}
			text = base64.RawURLEncoding.EncodeToString(b[:])
			hash := HashToken(text)
			t.Hash = hex.EncodeToString(hash[:])
			t.ID = t.Hash[:8]
		}
		return append(all, t), nil
	})
	if err != nil {
		return Token{}, "", err
	}
	return t, text, nil
}

// CheckToken returns the token that AddToken would make, without an id, or the
// error with which it would fail. It changes nothing.
func (p Profile) CheckToken(t Token) (Token, error) {
	t, err := t.checked()
	if err != nil {
		return Token{}, err
	}
	all, err := p.Tokens()
	if err == nil {
		_, err = placeFor(all, t)
	}
	return t, err
}

// checked returns a token with its scopes in order, each once.
func (t Token) checked() (Token, error) {
	if t.Name != "" && (!tokenName.MatchString(t.Name) || tokenID.MatchString(t.Name)) {
		return Token{}, wire.Errorf(wire.InvalidRequest,
			"%.80q is no name of a token: use 1 to 64 letters, digits, dots, - or _, and not 8 digits of an id", t.Name)
	}
	if len(t.Scopes) == 0 {
		return Token{}, wire.Errorf(wire.MissingField, "a token needs a scope")
	}
	for _, s := range t.Scopes {
		if !slices.Contains(wire.Scopes(), s) {
			return Token{}, wire.Errorf(wire.InvalidRequest, "%.80q is no scope: there are %s", string(s), strings.Join(wire.ScopeNames(wire.Scopes()), ", "))
		}
	}
	if t.Max != nil && (slices.Contains(t.Scopes, wire.ScopeAdmin) || !slices.Contains(t.Scopes, wire.ScopeExpense)) {
		return Token{}, wire.Errorf(wire.InvalidRequest, "a limit of amounts goes with the scope expense, and not with admin, which has none").
			WithHint("--scope expense")
	}
	t.Scopes = slices.DeleteFunc(wire.Scopes(), func(s wire.Scope) bool { return !slices.Contains(t.Scopes, s) })
	return t, nil
}

// placeFor returns the tokens that stay beside a new one.
func placeFor(all []Token, t Token) ([]Token, error) {
	// What has expired keeps no place and no name.
	all = slices.DeleteFunc(all, func(o Token) bool { return o.Expired(t.Created) })
	if len(all) >= MaxTokens {
		return nil, wire.Errorf(wire.QuotaExceeded, "there are %d tokens already", len(all)).WithHint("intercom token rm")
	}
	if t.Name != "" && slices.ContainsFunc(all, func(o Token) bool { return o.Name == t.Name }) {
		return nil, wire.Errorf(wire.Conflict, "there is a token %s already", t.Name).WithHint("intercom token rm " + t.Name)
	}
	return all, nil
}

// RemoveToken removes the token of an id or name and returns it. The error has
// the code NotFound, or one of Tokens.
func (p Profile) RemoveToken(idOrName string) (removed Token, err error) {
	err = p.changeTokens(func(all []Token) ([]Token, error) {
		i, err := indexOf(all, idOrName)
		if err != nil {
			return nil, err
		}
		removed = all[i]
		return slices.Delete(all, i, i+1), nil
	})
	return removed, err
}

// FindToken returns the token of an id or name. Errors are those of RemoveToken.
func (p Profile) FindToken(idOrName string) (Token, error) {
	all, err := p.Tokens()
	if err != nil {
		return Token{}, err
	}
	i, err := indexOf(all, idOrName)
	if err != nil {
		return Token{}, err
	}
	return all[i], nil
}

func indexOf(all []Token, idOrName string) (int, error) {
	i := slices.IndexFunc(all, func(t Token) bool { return t.ID == idOrName || t.Name != "" && t.Name == idOrName })
	if i < 0 {
		return i, wire.Errorf(wire.NotFound, "there is no token %.80q", idOrName).WithHint("intercom token list")
	}
	return i, nil
}

// changeTokens replaces the file by what change makes of its tokens, one
// process after the other.
func (p Profile) changeTokens(change func([]Token) ([]Token, error)) error {
	if err := PrivateDir(p.DataDir()); err != nil {
		return err
	}
	// A file of its own: the other is replaced.
	lock := flock.New(p.TokensFile()+".lock", flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("change tokens: %w", err)
	}
	defer lock.Close()
	tokens, err := p.Tokens()
	if err != nil {
		return err
	}
	if tokens, err = change(tokens); err != nil {
		return err
	}
	if tokens == nil {
		tokens = []Token{}
	}
	data, err := json.MarshalIndent(tokenFile{tokenVersion, tokens}, "", "  ")
	if err != nil {
		return fmt.Errorf("change tokens: %w", err)
	}
	if err := atomicfile.Replace(p.TokensFile(), append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("change tokens: %w", err)
	}
	return nil
}
