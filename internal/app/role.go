package app

import (
	"intercom/client/wire"
	"intercom/ledger/event"
)

// Role is what an author may do in a room, the least first. It is that of an
// event's author in the event's causal past, so all peers agree on it.
type Role uint8

// The roles. In an open room everybody is Equal, and apps say themselves what
// that allows.
const (
	NoRole Role = iota // unknown to the room, removed or expired
	Viewer             // reads
	Bot                // writes within the limits of its grant
	Member
	Admin
	Owner
	Equal
)

var roleNames = [...]string{"none", "viewer", "bot", "member", "admin", "owner", "member"}

// String names a role; whoever is Equal is shown as a member.
func (r Role) String() string { return roleNames[min(int(r), len(roleNames)-1)] }

// Governs reports whether r rules a room that has an owner: what others wrote
// is also its to change.
func (r Role) Governs() bool { return r == Admin || r == Owner }

// RoomMember is a key that has a role in a room, or has claimed a name in it.
type RoomMember struct {
	Key    event.Key
	Role   Role
	Alias  string // the member name that it speaks for; empty: none
	Until  int64  // ms since 1970 UTC; 0: without end
	Claims string // a name that it has claimed and nobody has confirmed
	Limits Limits // of a Bot
}

// Limits are what bounds a bot. The zero value bounds nothing.
type Limits struct {
	Types []string // of events; nil: any that a member may write
	Max   []Amount // of one event, by currency; nil: any amount in any currency
}

// Amount is money in minor units.
type Amount = wire.Amount

// Spender is a body that moves money, so that a bot's limits can hold for it.
type Spender interface{ Spends() Amount }
