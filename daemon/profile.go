package daemon

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"intercom/client"
	"intercom/client/wire"
	"intercom/internal/atomicfile"
	"intercom/p2p/identity"
)

// loadIdentity reads the profile's identity, and makes one at the first start.
// A profile that has rooms but no key has lost it: a new one would be somebody
// else.
func loadIdentity(p client.Profile, random io.Reader) (identity.Identity, error) {
	id, err := identity.Load(p.IdentityFile())
	if !errors.Is(err, fs.ErrNotExist) {
		return id, err
	}
	if _, err := os.Stat(p.StoreDir()); err == nil {
		return identity.Identity{}, wire.Errorf(wire.NotFound, "the key file %s is gone, but its rooms are here", p.IdentityFile()).
			WithHint("put it back, or make it from its words with `intercom id import`")
	}
	if id, err = identity.New(random, identity.Mainnet); err != nil {
		return identity.Identity{}, err
	}
	if err := identity.Save(p.IdentityFile(), id); err != nil && !errors.Is(err, fs.ErrExist) {
		return identity.Identity{}, err
	}
	return identity.Load(p.IdentityFile()) // another process may have been first
}

// tokenBytes is how much randomness a token has.
const tokenBytes = 32

// loadToken returns the configured token, else that of the profile's file,
// which is made at the first start with mode 0600.
func loadToken(p client.Profile, c *client.Config, random io.Reader) (string, error) {
	if token := c.Get("sc-bridge-token"); token != "" {
		return token, nil
	}
	token, err := client.ReadToken(p.TokenFile())
	if errors.Is(err, fs.ErrNotExist) {
		return makeToken(p.TokenFile(), random)
	}
	return token, err
}

func makeToken(path string, random io.Reader) (string, error) {
	var b [tokenBytes]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("make token: %w", err)
	}
	token := base64.RawURLEncoding.EncodeToString(b[:])
	if err := atomicfile.Replace(path, []byte(token+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("make token: %w", err)
	}
	return token, nil
}
