package api

import (
	"context"
	"encoding/hex"
	"strings"

	"intercom/client/wire"
	"intercom/daemon/bridge"
	"intercom/internal/app"
	"intercom/ledger"
	"intercom/ledger/event"
)

func access(r *ledger.Room) string {
	if r.Class() == event.Owned {
		return wire.AccessOwned
	}
	return wire.AccessOpen
}

func (s *Services) create(ctx context.Context, in wire.CreateReq, c bridge.Call) (rep wire.CreateReply, err error) {
	if strings.TrimSpace(in.Channel) == "" {
		return rep, wire.Errorf(wire.NoChannel, "no channel is named").WithHint("add the channel's name")
	}
	r, created, err := s.Ledger.Create(ctx, in.Channel, c.DryRun)
	if err != nil {
		return rep, err
	}
	owner := s.Ledger.Self().String()
	return wire.CreateReply{
		Channel: r.Name(), ChannelID: r.ID().String(), Owner: owner, Created: created, Name: r.Base(),
	}, nil
}

func (s *Services) consent(_ context.Context, in wire.ConsentReq, _ bridge.Call) (rep wire.ConsentReply, err error) {
	r, err := s.channelRoom(in.Channel)
	if err != nil {
		return rep, err
	}
	var owner event.Key
	err = s.Ledger.View(func(snap *ledger.Snapshot) error {
		owner = snap.Owner(r)
		return nil
	})
	switch self := s.Ledger.Self(); {
	case err != nil:
		return rep, err
	case owner == (event.Key{}):
		return rep, wire.Errorf(wire.Conflict, "%s has no owner", r.Name()).WithHint("intercom channel create NAME makes a channel that you own")
	case owner == self:
		return rep, wire.Errorf(wire.Conflict, "%s is yours already", r.Name())
	default:
		return wire.ConsentReply{
			Channel: r.Name(), Owner: owner.String(), Key: self.String(), Consent: hex.EncodeToString(s.Ledger.Consent(r, owner)),
		}, nil
	}
}

// roomToJoin returns the room that a join means. The key of an owner has to be
// whole: another one that begins like it can be made.
func (s *Services) roomToJoin(in wire.JoinReq) (*ledger.Room, error) {
	owner := strings.ToLower(strings.TrimSpace(in.Owner))
	if owner == "" || strings.TrimSpace(in.Channel) == "" {
		return s.channelRoom(in.Channel)
	}
	key, err := event.ParseKey(owner)
	if err != nil {
		return nil, wire.Errorf(wire.InvalidRequest, "owner: %.70q is no key", in.Owner).
			WithHint("give all 64 hex digits: the owner's `intercom channel info` shows them")
	}
	return s.Ledger.OwnedRoom(in.Channel, key)
}

// mostUncounted is how many events that do not count a description lists.
const mostUncounted = 100

// describeRoom adds what the events of a channel's room say.
func (s *Services) describeRoom(r *ledger.Room, info *wire.ChannelDetail) error {
	return s.Ledger.View(func(snap *ledger.Snapshot) error {
		snap.Skipped(r, func(id event.ID, reason string) bool {
			if e, ok := snap.Reader(r, s.Apps[0]).Event(id); ok {
				info.NotCounted = append(info.NotCounted, wire.Uncounted{
					Event: id.String(), By: e.Author.String(), Type: e.Type, Reason: reason,
				})
			}
			return len(info.NotCounted) < mostUncounted
		})
		if r.Class() != event.Owned {
			return nil
		}
		c := app.Call{Author: s.Ledger.Self(), Now: s.Now()}
		snap.Present(r, &c)
		info.Owner, info.Role = snap.Owner(r).String(), c.Role.String()
		for _, m := range c.Members() {
			row := wire.RoleInfo{Key: m.Key.String(), Role: m.Role.String(), Alias: m.Alias, Claims: m.Claims}
			if m.Until > 0 {
				t := event.Instant(m.Until)
				row.Until = &t
			}
			info.Roles = append(info.Roles, row)
		}
		return nil
	})
}
