// Package core holds the events by which rooms with an owner are governed:
// their bodies and what these may contain.
//
// It guarantees that such a body decodes strictly and keeps the limits of
// docs/format.md. Rooms with an owner are not opened by this version; in an
// open room, where nobody may say who is a member, these events are stored and
// forwarded like any other, and never count.
package core

import (
	"errors"
	"fmt"
	"slices"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// ErrNoOwner is why a well-formed event of Kinds does not count in an open
// room.
var ErrNoOwner = errors.New("core: an open room has no owner")

var kinds = []app.Kind{
	app.KindOf[Create]("room.create"),
	app.KindOf[Fields]("room.policy"),
	app.KindOf[Owner]("room.owner"),
	app.KindOf[Add]("member.add"),
	app.KindOf[Claim]("member.claim"),
	app.KindOf[Remove]("member.remove"),
	app.KindOf[Ops]("subnet.ops"),
}

// Kinds returns the types of events that only rooms with an owner heed.
func Kinds() []app.Kind { return slices.Clone(kinds) }

// InOpenRoom returns why an event of Kinds does not count in an open room:
// what is wrong with its body, else ErrNoOwner. For other types it returns
// nil: they are for the apps to judge.
func InOpenRoom(e *event.Signed) error {
	i := slices.IndexFunc(kinds, func(k app.Kind) bool { return k.Type == e.Type })
	if i < 0 {
		return nil
	}
	if err := event.DecodeBody(e.Body, kinds[i].New()); err != nil {
		return err
	}
	return ErrNoOwner
}

func given(field string, k event.Key) error {
	if k == (event.Key{}) {
		return fmt.Errorf("core: %s is missing", field)
	}
	return nil
}

func bounded(field string, n, low, high int) error {
	if n < low || n > high {
		return fmt.Errorf("core: %s of size %d, not %d to %d", field, n, low, high)
	}
	return nil
}

// named checks a channel's name or a member's: their rules are the same.
func named(field, s string) error {
	if n, err := event.ChannelName(s); err != nil || n != s {
		return fmt.Errorf("core: %s %.64q is empty, too long, padded, not in NFC or has control characters", field, s)
	}
	return nil
}
