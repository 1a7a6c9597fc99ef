package api

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"intercom/client/wire"
	"intercom/daemon/bridge"
	"intercom/ledger"
	"intercom/ledger/event"
)

// channelRoom returns the room that a channel is; its name is required.
func (s *Services) channelRoom(name string) (*ledger.Room, error) {
	if strings.TrimSpace(name) == "" {
		return nil, wire.Errorf(wire.NoChannel, "no channel is named").WithHint("add the channel's name")
	}
	return s.Ledger.Room(name)
}

func (s *Services) send(ctx context.Context, in wire.SendReq, c bridge.Call) (wire.SendReply, error) {
	r, err := s.channelRoom(in.Channel)
	if err != nil {
		return wire.SendReply{}, err
	}
	if err := credentials(c.Fields); err != nil {
		return wire.SendReply{}, err
	}
	if len(in.Message) == 0 {
		in.Message = json.RawMessage("null")
	}
	if c.DryRun {
		return wire.SendReply{Channel: r.Name(), Peers: s.Topics.Peers(r)}, nil
	}
	return s.sent.once(sentKey{r.ID(), c.Key}, string(in.Message), func() (wire.SendReply, error) {
		if err := r.Join(ctx); err != nil {
			return wire.SendReply{}, err
		}
		sent, err := s.Topics.Send(ctx, r, in.Message)
		return wire.SendReply{Channel: r.Name(), ID: sent.ID, Peers: sent.Peers}, err
	})
}

func (s *Services) join(ctx context.Context, in wire.ChannelReq, c bridge.Call) (wire.JoinReply, error) {
	r, err := s.channelRoom(in.Channel)
	if err != nil {
		return wire.JoinReply{}, err
	}
	if err := credentials(c.Fields); err != nil {
		return wire.JoinReply{}, err
	}
	if !c.DryRun {
		err = r.Join(ctx)
	}
	return wire.JoinReply{Channel: r.Name()}, err
}

func (s *Services) leave(ctx context.Context, in wire.ChannelReq, c bridge.Call) (wire.LeaveReply, error) {
	r, err := s.channelRoom(in.Channel)
	if err != nil {
		return wire.LeaveReply{}, err
	}
	left := r.ID() != event.OpenRoom(event.EntryChannel)
	switch {
	case left && c.DryRun:
		left, err = s.joined(r)
	case left:
		left, err = r.Leave(ctx)
	}
	return wire.LeaveReply{Channel: r.Name(), OK: left}, err
}

func (s *Services) joined(r *ledger.Room) (joined bool, err error) {
	err = s.Ledger.View(func(snap *ledger.Snapshot) error {
		joined = snap.Joined(r)
		return nil
	})
	return joined, err
}

func (s *Services) channels(_ context.Context, in wire.ChannelsReq, _ bridge.Call) (rep wire.ChannelsReply, err error) {
	rep.Channels = []wire.ChannelInfo{}
	known, next, err := wire.Cut(in.Page, s.known(), (*ledger.Room).Name)
	if err != nil {
		return rep, err
	}
	rep.Next = next
	err = s.Ledger.View(func(snap *ledger.Snapshot) error {
		for _, r := range known {
			info := snap.Info(r)
			rep.Channels = append(rep.Channels, wire.ChannelInfo{
				Channel: r.Name(), Access: "open", Joined: info.Joined, Events: info.Events,
				Entry: r.Name() == event.EntryChannel, Peers: s.Topics.Peers(r),
			})
		}
		return nil
	})
	return rep, err
}

// known returns the rooms that are joined or have events, by name.
func (s *Services) known() []*ledger.Room {
	rooms := s.Ledger.Rooms()
	slices.SortFunc(rooms, func(a, b *ledger.Room) int { return strings.Compare(a.Name(), b.Name()) })
	return rooms
}

// joinedNames returns the names of the joined channels, the entry channel first.
func (s *Services) joinedNames() ([]string, error) {
	rooms, err := s.Ledger.Joined()
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(rooms))
	for _, r := range rooms {
		if r.Name() != event.EntryChannel {
			names = append(names, r.Name())
		}
	}
	slices.Sort(names)
	return append([]string{event.EntryChannel}, names...), nil
}
