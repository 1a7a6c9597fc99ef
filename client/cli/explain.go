package cli

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"intercom/client"
	"intercom/client/cli/out"
	"intercom/client/wire"
	"intercom/p2p/identity"
)

// kinds gives the errors of other packages their codes.
var kinds = []struct {
	is   error
	code wire.Code
	hint string
}{
	{client.ErrProfile, wire.InvalidRequest, "intercom profile list"},
	{client.ErrSetting, wire.InvalidRequest, "intercom config list"},
	{client.ErrExposed, wire.Forbidden, "remove the folder, or make it yours alone: chmod 700"},
	{identity.ErrExposed, wire.KeyFileExposed, "chmod 600 the key file, and ask who has read it"},
	{identity.ErrCorrupt, wire.Corrupt, "intercom id import, after the damaged file was moved away"},
	{identity.ErrNewer, wire.NewerFormat, "update intercom"},
	{identity.ErrMnemonic, wire.InvalidRequest, ""},
	{identity.ErrPath, wire.InvalidRequest, ""},
	{identity.ErrNetwork, wire.InvalidRequest, ""},
	{identity.ErrKeystore, wire.InvalidRequest, "a keypair.json of trac-wallet has nonce, salt and ciphertext"},
	{identity.ErrPassphrase, wire.Unauthorized, "repeat it with the right passphrase; --no-passphrase where it is empty"},
	{fs.ErrNotExist, wire.NotFound, ""},
	{fs.ErrPermission, wire.Forbidden, ""},
	{syscall.EISDIR, wire.InvalidRequest, "name a file: that is a folder"},
	{context.DeadlineExceeded, wire.Timeout, "repeat it with a longer --timeout"},
}

// explain returns err with a code and a hint. What has one keeps it.
func explain(err error) error {
	if err == nil || errors.Is(err, out.ErrReaderGone) {
		return err
	}
	if _, ok := errors.AsType[*wire.Error](err); ok {
		return err
	}
	if bad, ok := errors.AsType[*client.SourceError](err); ok {
		return wire.Explain(wire.InvalidRequest, err, "correct the "+bad.From)
	}
	for _, k := range kinds {
		if errors.Is(err, k.is) {
			return wire.Explain(k.code, err, k.hint)
		}
	}
	return err
}
