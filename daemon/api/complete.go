package api

import (
	"context"
	"slices"
	"strings"

	"intercom/client/wire"
	"intercom/daemon/bridge"
	"intercom/ledger"
)

// maxCompletions bounds what a shell shows for one TAB.
const maxCompletions = 100

func (s *Services) complete(_ context.Context, in wire.CompleteReq, _ bridge.Call) (wire.CompleteReply, error) {
	values := []string{}
	switch in.Kind {
	case wire.CompleteChannels:
		names, err := s.joinedNames()
		if err != nil {
			return wire.CompleteReply{}, err
		}
		values = names
	case wire.CompleteRooms:
		err := s.Ledger.View(func(snap *ledger.Snapshot) error {
			for _, r := range s.known(snap) {
				values = append(values, r.Name())
			}
			return nil
		})
		if err != nil {
			return wire.CompleteReply{}, err
		}
	case wire.CompletePeers:
		for _, k := range s.knownPeers() {
			values = append(values, s.peerNames(k)...)
		}
	default:
		if err := s.completeApps(in, &values); err != nil {
			return wire.CompleteReply{}, err
		}
	}
	values = slices.DeleteFunc(values, func(v string) bool { return !strings.HasPrefix(v, in.Prefix) })
	slices.Sort(values)
	values = slices.Compact(values)
	return wire.CompleteReply{Values: values[:min(len(values), maxCompletions)]}, nil
}

// completeApps asks the apps that know names of the kind.
func (s *Services) completeApps(in wire.CompleteReq, values *[]string) error {
	return s.Ledger.View(func(snap *ledger.Snapshot) error {
		for _, a := range s.Apps {
			names, ok := a.Names[in.Kind]
			if !ok {
				continue
			}
			rooms := snap.Rooms(a)
			for _, r := range rooms {
				if in.Channel == "" || r.Name() == in.Channel {
					*values = append(*values, names(snap.Reader(r, a))...)
				}
			}
		}
		return nil
	})
}
