package expense

import (
	"math"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// mayReplace reports whether somebody of a role may replace an entry of an
// author: its author, and who governs a room with an owner.
func mayReplace(role app.Role, by, author event.Key) bool { return by == author || role.Governs() }

// mayVoid reports whether somebody of a role may void an entry of an author:
// in an open room anybody, since anybody may clear it.
func mayVoid(role app.Role, by, author event.Key) bool {
	return role == app.Equal || mayReplace(role, by, author)
}

// Spends implements app.Spender: parts of both signs move more than the amount.
func (b *Add) Spends() app.Amount {
	minor, ok := b.moves().Int64()
	if !ok {
		minor = math.MaxInt64
	}
	return app.Amount{Currency: b.Currency, Exp: b.Exp, Minor: minor}
}

// Spends implements app.Spender.
func (b *Payment) Spends() app.Amount {
	return app.Amount{Currency: b.Currency, Exp: b.Exp, Minor: b.Amount}
}

// inOpenRoom refuses what only a room with an owner has.
func inOpenRoom(c app.Call) error {
	return wire.Errorf(wire.Conflict, "%s is an open room: whoever knows its name is a member, and nobody gives roles", c.Room.Name).
		WithHint("intercom channel create NAME makes a room that you own")
}
