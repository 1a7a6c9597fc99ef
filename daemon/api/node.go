package api

import (
	"context"
	"encoding/hex"
	"maps"

	"intercom/client/wire"
	"intercom/daemon/bridge"
	"intercom/ledger"
)

func (s *Services) health(context.Context, wire.None, bridge.Call) (wire.HealthReply, error) {
	return s.Health(), nil
}

func (s *Services) logLevel(_ context.Context, in wire.LogLevelReq, _ bridge.Call) (wire.LogLevelReply, error) {
	before, err := s.LogLevel(in.Level)
	if in.Level == "" {
		in.Level = before
	}
	return wire.LogLevelReply{Level: in.Level, Before: before}, err
}

func (s *Services) version(context.Context, wire.None, bridge.Call) (wire.VersionReply, error) {
	return s.Version, nil
}

func (s *Services) identity(context.Context, wire.None, bridge.Call) (wire.IdentityReply, error) {
	return s.Identity, nil
}

func (s *Services) info(context.Context, wire.None, bridge.Call) (wire.InfoReply, error) {
	info := s.Info()
	names, err := s.joinedNames()
	if err != nil {
		return wire.InfoReply{}, err
	}
	info.SidechannelEntry, info.SidechannelExtras = names[0], names[1:]
	info.Listen = s.Node.Addrs()
	info.Peers = []wire.PeerInfo{}
	for _, p := range s.Node.Peers() {
		info.Peers = append(info.Peers, wire.PeerInfo{Peer: hex.EncodeToString(p.Key[:]), Address: p.Addr, Since: p.Since.UTC()})
	}
	info.Rooms = []wire.RoomInfo{}
	err = s.Ledger.View(func(snap *ledger.Snapshot) error {
		for _, r := range s.known(snap) {
			room := snap.Info(r)
			info.Rooms = append(info.Rooms, wire.RoomInfo{
				Room: r.Name(), ID: room.ID.String(), Joined: room.Joined, Events: room.Events,
				Waiting: room.Waiting, NotCounted: room.Skipped, Incomplete: room.Incomplete,
				SetHash: hex.EncodeToString(room.SetHash[:]), State: s.states(snap, r),
			})
		}
		return nil
	})
	return wire.InfoReply{Info: info}, err
}

// states returns the hash of the state of each app that the room has rows of.
func (s *Services) states(snap *ledger.Snapshot, r *ledger.Room) map[string]string {
	states := map[string]string{}
	for _, a := range s.Apps {
		if snap.Uses(r, a) {
			hash := snap.StateHash(r, a)
			states[a.Name] = hex.EncodeToString(hash[:])
		}
	}
	return states
}

func (s *Services) stats(context.Context, wire.None, bridge.Call) (wire.StatsReply, error) {
	names, err := s.joinedNames()
	if err != nil {
		return wire.StatsReply{}, err
	}
	counters := map[string]int64{}
	maps.Copy(counters, s.Ledger.Stats())
	for name, n := range s.Topics.Stats() {
		counters["channel_"+name] = n
	}
	for name, n := range s.Node.Stats() {
		counters["node_"+name] = int64(n)
	}
	b := s.Bridge()
	for name, n := range map[string]uint64{
		"requests": b.Requests, "failed": b.Failed, "refused": b.Refused, "forbidden": b.Forbidden, "wrong_tokens": b.WrongTokens,
		"too_slow": b.TooSlow,
	} {
		counters["bridge_"+name] = int64(n)
	}
	if h := s.Health().Hooks; h != nil {
		counters["hooks_run"], counters["hooks_failed"], counters["hooks_timeout"] = h.Run, h.Failed, h.TimedOut
		counters["hooks_missed"], counters["hooks_interrupted"] = h.Missed, h.Interrupted
	}
	return wire.StatsReply{
		Channels: names, ConnectionCount: len(s.Node.Peers()), SidechannelStarted: true, Counters: counters,
	}, nil
}
