package api

import (
	"context"
	"errors"

	"intercom/client/wire"
	"intercom/internal/store"
	"intercom/ledger"
	"intercom/ledger/event"
	"intercom/p2p"
	"intercom/p2p/channel"
)

// kinds maps the errors of the services to the codes of the bridge. The first
// row that matches holds.
var kinds = []struct {
	err  error
	code wire.Code
	hint string
}{
	{store.ErrDiskFull, wire.DiskFull, "free some space; writing goes on by itself"},
	{store.ErrReadOnly, wire.ReadOnly, "look at `intercom logs`, then restart the daemon"},
	{store.ErrClosed, wire.Unavailable, "the daemon is stopping; try again"},
	{ledger.ErrKeyConflict, wire.KeyConflict, "use a new key for a new request"},
	{ledger.ErrQuota, wire.QuotaExceeded, "use another room"},
	{ledger.ErrDamaged, wire.Corrupt, "look at `intercom logs`"},
	{ledger.ErrNotFound, wire.NotFound, "`intercom channel list` shows what is here"},
	{ledger.ErrPrivate, wire.Unsupported, "a file cannot keep to who may read a private room"},
	{ledger.ErrAmbiguous, wire.Ambiguous, "name the one that is meant"},
	{ledger.ErrForbidden, wire.Forbidden, "`intercom expense members` shows who may do what"},
	{event.ErrName, wire.InvalidRequest, "names have 1 to 128 bytes and no control characters"},
	{event.ErrTooLarge, wire.TooLarge, "events are at most 64 KiB"},
	{event.ErrEncoding, wire.InvalidRequest, ""},
	{channel.ErrTooLarge, wire.TooLarge, ""},
	{channel.ErrNotJSON, wire.InvalidJSON, ""},
	{channel.ErrRate, wire.Unavailable, "wait that long, or allow more time: nothing was sent"},
	{channel.ErrLeft, wire.Unavailable, "join the channel again: nothing was sent"},
	{ledger.ErrOwnKey, wire.InvalidRequest, "name another peer"},
	{p2p.ErrSelf, wire.InvalidRequest, "name another peer"},
	{p2p.ErrAddress, wire.InvalidRequest, "`intercom status` shows the addresses of a daemon"},
	{p2p.ErrKind, wire.Unsupported, ""},
	{p2p.ErrBlocked, wire.Conflict, "`intercom peers unblock` ends the block"},
	{p2p.ErrOtherNetwork, wire.Conflict, "the setting network has to be the same on both sides"},
	{context.DeadlineExceeded, wire.Timeout, "try again with the same key"},
	{context.Canceled, wire.Unavailable, "try again with the same key"},
}

// fail returns err as the bridge reports it.
func fail(err error) error {
	if e, ok := errors.AsType[*wire.Error](err); ok {
		return e
	}
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			return wire.Explain(k.code, err, k.hint)
		}
	}
	return err
}
