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
	"intercom/p2p/channel"
)

// channelRoom returns the room that a channel is; its name is required.
func (s *Services) channelRoom(name string) (*ledger.Room, error) {
	if strings.TrimSpace(name) == "" {
		return nil, wire.Errorf(wire.NoChannel, "no channel is named").WithHint("add the channel's name")
	}
	return s.Ledger.Room(name)
}

// send answers later: while a message is on its way the next ones can follow.
func (s *Services) send(ctx context.Context, c bridge.Call) (any, error) {
	var in wire.SendReq
	if err := bridge.Decode(c.Fields, &in); err != nil {
		return nil, err
	}
	later, err := s.beginSend(ctx, in, c)
	if err != nil {
		return nil, fail(err)
	}
	return bridge.Later(func() (any, error) {
		rep, err := later()
		if err != nil {
			return nil, fail(err)
		}
		return rep, nil
	}), nil
}

func (s *Services) beginSend(ctx context.Context, in wire.SendReq, c bridge.Call) (func() (wire.SendReply, error), error) {
	r, err := s.channelRoom(in.Channel)
	if err != nil {
		return nil, err
	}
	if err := credentials(c.Fields); err != nil {
		return nil, err
	}
	if len(in.Message) == 0 {
		in.Message = json.RawMessage("null")
	}
	if c.DryRun {
		peers := s.Topics.Peers(r)
		return func() (wire.SendReply, error) {
			return wire.SendReply{Channel: r.Name(), Peers: peers, Queued: peers == 0}, nil
		}, nil
	}
	return s.sent.once(ctx, sentKey{r.ID(), c.Key}, in.Message, func() (func() (wire.SendReply, error), error) {
		wait, err := s.submit(ctx, r, in.Message)
		if err != nil {
			return nil, err
		}
		return func() (wire.SendReply, error) {
			sent, err := wait()
			return wire.SendReply{Channel: r.Name(), ID: sent.ID, Peers: sent.Peers, Queued: sent.Queued}, err
		}, nil
	})
}

// submit puts a message in line, and joins the channel first if need be.
func (s *Services) submit(ctx context.Context, r *ledger.Room, message json.RawMessage) (func() (channel.Sent, error), error) {
	if len(message) > channel.MaxPayload {
		return nil, &channel.TooLargeError{Size: len(message), Limit: channel.MaxPayload} // joins nothing
	}
	if !s.Topics.Joined(r) {
		if err := r.Join(ctx); err != nil {
			return nil, err
		}
	}
	return s.Topics.Submit(ctx, r, message)
}

// openControl is the original's message that asks others to open a channel.
type openControl struct {
	Control string `json:"control"`
	Channel string `json:"channel"`
}

func (s *Services) open(ctx context.Context, in wire.OpenReq, c bridge.Call) (rep wire.OpenReply, err error) {
	target, err := s.channelRoom(in.Channel)
	if err != nil {
		return rep, err
	}
	if err := credentials(c.Fields); err != nil {
		return rep, err
	}
	rep.Channel = target.Name()
	via := event.EntryChannel
	if asked := strings.TrimSpace(in.Via); asked != "" {
		via, rep.Via = asked, &asked
	}
	r, err := s.channelRoom(via)
	if err != nil {
		return rep, err
	}
	if c.DryRun {
		rep.Peers = s.Topics.Peers(r)
		return rep, nil
	}
	message, err := json.Marshal(openControl{"open_channel", target.Name()})
	if err != nil {
		return rep, err
	}
	wait, err := s.submit(ctx, r, message)
	if err != nil {
		return rep, err
	}
	sent, err := wait()
	rep.Peers = sent.Peers
	return rep, err
}

func (s *Services) join(ctx context.Context, in wire.JoinReq, c bridge.Call) (wire.JoinReply, error) {
	r, err := s.roomToJoin(in)
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

func (s *Services) channelInfo(_ context.Context, in wire.DescribeReq, _ bridge.Call) (wire.ChannelDetail, error) {
	r, err := s.channelRoom(in.Channel)
	if err != nil {
		return wire.ChannelDetail{}, err
	}
	d, joined := s.Topics.Detail(r)
	info := wire.ChannelDetail{
		Channel: r.Name(), ID: r.ID().String(), Access: access(r), Joined: joined, Entry: r.Name() == event.EntryChannel,
		Members: []string{}, Counters: map[string]int64{},
	}
	if err := s.describeRoom(r, &info); err != nil {
		return info, err
	}
	if !joined {
		if s.Ledger.ByID(r.ID()) == nil {
			return info, wire.Errorf(wire.NotFound, "channel %s is not known here", r.Name()).WithHint("intercom channel join " + r.Name())
		}
		return info, nil
	}
	for _, k := range d.Members {
		info.Members = append(info.Members, event.Key(k).String())
	}
	slices.Sort(info.Members)
	info.Limits = &wire.ChannelLimits{
		MaxBytes: d.Policy.MaxBytes, RateBytes: d.Policy.RateBytes, BurstBytes: d.Policy.Burst,
		WorkBits: d.Policy.WorkBits, Relay: d.Relay, RelayTTL: d.TTL,
	}
	info.LastSent, info.LastReceived, info.LastGap = utc(d.Last.Sent), utc(d.Last.Received), utc(d.Last.Gap)
	for name, n := range d.Counters {
		info.Counters[name] = int64(n)
	}
	return info, nil
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
	err = s.Ledger.View(func(snap *ledger.Snapshot) error {
		known, next, err := wire.Cut(in.Page, s.known(snap), (*ledger.Room).Name)
		if err != nil {
			return err
		}
		rep.Next = next
		for _, r := range known {
			info := snap.Info(r)
			rep.Channels = append(rep.Channels, wire.ChannelInfo{
				Channel: r.Name(), Access: access(r), Joined: info.Joined, Events: info.Events,
				Entry: r.Name() == event.EntryChannel, Peers: s.Topics.Peers(r),
			})
		}
		return nil
	})
	return rep, err
}

// known returns the rooms that are joined or have events, by name. One that was
// only looked at or sent to, and then left, is forgotten.
func (s *Services) known(snap *ledger.Snapshot) []*ledger.Room {
	rooms := slices.DeleteFunc(s.Ledger.Rooms(), func(r *ledger.Room) bool {
		return !snap.Joined(r) && snap.Info(r).Events == 0
	})
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
