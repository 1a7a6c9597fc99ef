// Package api answers the bridge's requests: for each noun what a request
// does, bound to the services of a running daemon. It reads and writes rooms
// through the ledger only, so everything that it acknowledges is on disk.
package api

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"time"

	"intercom/client/wire"
	"intercom/daemon/bridge"
	"intercom/daemon/journal"
	"intercom/internal/app"
	"intercom/ledger"
	"intercom/ledger/event"
	"intercom/p2p"
	"intercom/p2p/channel"
)

// Topics are the joined channels of the node.
type Topics interface {
	// Submit puts a message in line to be sent to the channel, which must be
	// joined; see channel.Submit.
	Submit(ctx context.Context, r *ledger.Room, message json.RawMessage) (wait func() (channel.Sent, error), err error)
	// Joined reports whether the channel is joined.
	Joined(r *ledger.Room) bool
	// Detail tells more of a joined channel.
	Detail(r *ledger.Room) (d ChannelDetail, joined bool)
	// Peers counts the connected peers in a channel.
	Peers(r *ledger.Room) int
	// Seen returns when a person of the channel last told that he is there;
	// zero: not within wire.PresentFor, or his daemon is not connected.
	Seen(r *ledger.Room, key event.Key) time.Time
	// Stats counts what happened in all channels, by name.
	Stats() map[string]int64
}

// ChannelDetail is what a joined channel is and has done.
type ChannelDetail struct {
	Members  []p2p.Key // connected
	Policy   channel.Policy
	Relay    bool
	TTL      int
	Last     channel.Times
	Counters map[string]uint64
}

// Services are what requests work with.
type Services struct {
	Ledger   *ledger.Ledger
	Node     *p2p.Node
	Topics   Topics
	Journal  *journal.Journal
	Bridge   func() bridge.Stats
	Apps     []*app.App
	Shared   func() map[event.Key][]string // joined channels, by peers that are in them too
	Identity wire.IdentityReply
	Key      ed25519.PrivateKey   // opens the files that are for this peer
	Info     func() wire.NodeInfo // what does not change, and the life cycle
	Health   func() wire.HealthReply
	LogLevel func(level string) (before string, err error) // an empty level changes nothing
	Version  wire.VersionReply
	Present  func(ctx context.Context, r *ledger.Room) (counted bool, err error) // counts that the person is there
	Now      func() time.Time                                                    // in the local time zone
	CLI      bool                                                                // whether clients may send /commands
	Original func(request string, reply any) any                                 // the original's fields of a reply; nil: none

	sent  sentKeys
	files transfers
}

// Close gives up what waits for further requests.
func (s *Services) Close() { s.files.close() }

// Routes returns what answers each type of request but those that the bridge
// answers by itself.
func (s *Services) Routes() map[string]bridge.Route {
	routes := map[string]bridge.Route{}
	add := func(r bridge.Route) { routes[r.Request] = r }
	add(route(wire.Info, s.info))
	add(route(wire.Stats, s.stats))
	add(route(wire.Identity, s.identity))
	add(route(wire.Version, s.version))
	add(route(wire.Health, s.health))
	add(route(wire.LogLevel, s.logLevel))
	add(bridge.Route{Spec: wire.Send.Spec, Handle: s.send})
	add(route(wire.Join, s.join))
	add(route(wire.Leave, s.leave))
	add(route(wire.Open, s.open))
	add(route(wire.Create, s.create))
	add(route(wire.Consent, s.consent))
	add(route(wire.Channels, s.channels))
	add(route(wire.Describe, s.channelInfo))
	add(route(wire.Schema, s.schema))
	add(route(wire.Complete, s.complete))
	add(route(wire.Peers, s.peers))
	add(bridge.Route{Spec: wire.PeerConnect.Spec, Handle: s.peerConnect})
	add(route(wire.PeerDisconnect, s.peerDisconnect))
	add(route(wire.PeerBlock, s.peerBlock))
	add(route(wire.PeerUnblock, s.peerUnblock))
	add(route(wire.Cli, s.cli))
	add(route(wire.Present, s.present))
	add(bridge.Route{Spec: wire.Events.Spec, Handle: s.events})
	add(route(wire.RoomExport, s.roomExport))
	add(route(wire.RoomImport, s.roomImport))
	for _, a := range s.Apps {
		for _, q := range a.Requests {
			add(bridge.Route{Spec: q.Spec, Handle: s.handle(a, q)})
		}
	}
	return routes
}

// route makes a typed handler answer a declared request.
func route[Req, Rep any](d wire.Def[Req, Rep], f func(context.Context, Req, bridge.Call) (Rep, error)) bridge.Route {
	return bridge.Route{Spec: d.Spec, Handle: func(ctx context.Context, c bridge.Call) (any, error) {
		var in Req
		if err := bridge.Decode(c.Fields, &in); err != nil {
			return nil, err
		}
		rep, err := f(ctx, in, c)
		if err != nil {
			return nil, fail(err)
		}
		return rep, nil
	}}
}
