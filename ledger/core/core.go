// Package core holds the events by which rooms are governed: their bodies, what
// these may contain, and who has which right by them (State).
//
// It guarantees that such a body decodes strictly and keeps the limits of
// docs/format.md, and that a State is the same whatever the order in which its
// facts came. It is pure: what is in the past of what comes in as a function.
// In an open room, where nobody may say who is a member, only claims of names
// count.
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

// The types of events that rooms are governed by.
const (
	TypeCreate = "room.create"
	TypePolicy = "room.policy"
	TypeOwner  = "room.owner"
	TypeAdd    = "member.add"
	TypeClaim  = "member.claim"
	TypeRemove = "member.remove"
	typeOps    = "subnet.ops"
)

// Kinds returns the types of events that only rooms with an owner heed. It is
// made anew each time: a variable would be linked into every client.
func Kinds() []app.Kind {
	return []app.Kind{
		app.KindOf[Create](TypeCreate), app.KindOf[Fields](TypePolicy), app.KindOf[Owner](TypeOwner),
		app.KindOf[Add](TypeAdd), app.KindOf[Claim](TypeClaim), app.KindOf[Remove](TypeRemove),
		app.KindOf[Ops](typeOps),
	}
}

// IsKind reports whether a type is one of Kinds.
func IsKind(typ string) bool {
	switch typ {
	case TypeCreate, TypePolicy, TypeOwner, TypeAdd, TypeClaim, TypeRemove, typeOps:
		return true
	}
	return false
}

// FactOf decodes an event of Kinds as the fact that it may be.
func FactOf(e *event.Signed, lamport uint64) (*Fact, error) {
	all := Kinds()
	body := all[slices.IndexFunc(all, func(k app.Kind) bool { return k.Type == e.Type })].New()
	if err := event.DecodeBody(e.Body, body); err != nil {
		return nil, err
	}
	return &Fact{ID: e.ID, Lamport: lamport, Writer: WriterOf(e), Body: body}, nil
}

// WriterOf returns the writer of an event.
func WriterOf(e *event.Signed) Writer {
	return Writer{Author: e.Author, Instance: e.Instance, Seq: e.Seq, TS: e.TS}
}

// AcceptsOpen returns nil if a fact counts in an open room, else ErrNoOwner.
func AcceptsOpen(f *Fact) error {
	if _, ok := f.Body.(*Claim); ok {
		return nil
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
