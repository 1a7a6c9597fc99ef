package api

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"intercom/client/wire"
	"intercom/daemon/bridge"
	"intercom/ledger"
	"intercom/ledger/event"
	"intercom/p2p"
	"intercom/p2p/identity"
)

// measureWithin is how long a list of peers waits for their answers.
const measureWithin = 200 * time.Millisecond

func (s *Services) peers(ctx context.Context, in wire.PeersReq, _ bridge.Call) (wire.PeersReply, error) {
	measured, cancel := context.WithTimeout(ctx, measureWithin)
	s.Node.Measure(measured)
	cancel()
	all := map[p2p.Key]*wire.PeerEntry{}
	entry := func(k p2p.Key) *wire.PeerEntry {
		if all[k] == nil {
			all[k] = s.describePeer(k)
		}
		return all[k]
	}
	for _, k := range s.Node.Known() {
		if !in.All && !k.Explicit {
			continue
		}
		e := entry(k.Key)
		e.State, e.Addresses, e.Source, e.Explicit = wire.PeerAway, append(e.Addresses, k.Addrs...), k.Source, k.Explicit
		e.Since = utc(k.LastSeen)
	}
	shared := s.Shared()
	for _, p := range s.Node.Peers() {
		e := entry(p.Key)
		*e = *s.describePeer(p.Key) // it may have been away a moment ago
		e.State, e.Addresses, e.Transport, e.Direction = wire.PeerConnected, p.Addrs, p.Transport, "in"
		if p.Outbound {
			e.Direction = "out"
		}
		if p.Latency > 0 {
			ms := float64(p.Latency.Microseconds()) / 1000
			e.LatencyMs = &ms
		}
		e.Since, e.Source, e.Explicit, e.Protected = utc(p.Since), p.Source, p.Explicit, p.Protected
		e.Channels = append(e.Channels, shared[event.Key(p.Key)]...)
	}
	for _, b := range s.Node.Blocks() {
		e := entry(b.Key)
		e.State, e.Blocked, e.ByUser, e.Until = wire.PeerBlocked, true, b.ByUser, utc(b.Until)
	}
	rep := wire.PeersReply{Peers: []wire.PeerEntry{}}
	for _, e := range all {
		rep.Peers = append(rep.Peers, *e)
	}
	rank := []string{wire.PeerConnected, wire.PeerAway, wire.PeerBlocked}
	slices.SortFunc(rep.Peers, func(a, b wire.PeerEntry) int {
		return cmp.Or(cmp.Compare(slices.Index(rank, a.State), slices.Index(rank, b.State)), cmp.Compare(a.Peer, b.Peer))
	})
	return rep, nil
}

// describePeer names a peer in every way.
func (s *Services) describePeer(k p2p.Key) *wire.PeerEntry {
	e := &wire.PeerEntry{Peer: hex.EncodeToString(k[:]), Addresses: []string{}, Channels: []string{}}
	e.ID, _ = p2p.PeerID(k)             // every peer has one
	e.TracAddr, _ = s.tracAddress(k[:]) // and an address
	return e
}

func (s *Services) tracAddress(k []byte) (string, error) {
	hrp, _ := identity.AddressFormat(s.Identity.Address)
	return identity.EncodeAddress(hrp, [32]byte(k))
}

// utc is a time in UTC, or nil for never.
func utc(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// peerConnect takes as long as the other side lets it: it replies later.
func (s *Services) peerConnect(ctx context.Context, c bridge.Call) (any, error) {
	var in wire.PeerConnectReq
	if err := bridge.Decode(c.Fields, &in); err != nil {
		return nil, err
	}
	k, connected, err := s.Node.PeerAt(in.Address)
	if err != nil {
		return nil, fail(err)
	}
	rep := wire.PeerReply{Peer: hex.EncodeToString(k[:]), Changed: !connected}
	if c.DryRun {
		return rep, nil
	}
	return bridge.Later(func() (any, error) {
		if _, err := s.Node.Connect(ctx, in.Address, in.Save); err != nil {
			return nil, unreached(err)
		}
		return rep, nil
	}), nil
}

// unreached explains why a peer that was asked for is not connected.
func unreached(err error) error {
	if e := wire.AsError(fail(err)); e.Code != wire.Internal {
		return e
	}
	return wire.Explain(wire.Unavailable, err, "check the address, and that the peer's daemon runs and is reached there: `intercom status` tells it")
}

func (s *Services) peerDisconnect(_ context.Context, in wire.PeerReq, c bridge.Call) (wire.PeerReply, error) {
	k, err := s.findPeer(in.Peer)
	if err != nil {
		return wire.PeerReply{}, err
	}
	was := slices.ContainsFunc(s.Node.Peers(), func(p p2p.Peer) bool { return p.Key == k })
	if !c.DryRun {
		s.Node.Disconnect(k)
	}
	return wire.PeerReply{Peer: hex.EncodeToString(k[:]), Changed: was}, nil
}

// maxBlockMs keeps the end of a block a time that can be written: 100 years.
const maxBlockMs = 100 * 365 * 24 * 3600 * 1000

func (s *Services) peerBlock(ctx context.Context, in wire.PeerBlockReq, c bridge.Call) (wire.PeerReply, error) {
	k, err := s.findPeer(in.Peer)
	if err != nil {
		return wire.PeerReply{}, err
	}
	if in.ForMs < 0 || in.ForMs > maxBlockMs {
		return wire.PeerReply{}, wire.Errorf(wire.InvalidRequest, "forMs: %d is not from 0 to %d", in.ForMs, int64(maxBlockMs))
	}
	if k == s.Node.Self() {
		return wire.PeerReply{}, fail(ledger.ErrOwnKey)
	}
	b := ledger.Block{Key: event.Key(k), On: true}
	d := time.Duration(in.ForMs) * time.Millisecond
	if d > 0 {
		b.Until = s.Now().Add(d).Truncate(time.Millisecond)
	}
	rep := wire.PeerReply{Peer: b.Key.String(), Changed: !s.Node.IsBlocked(k), Until: utc(b.Until)}
	if c.DryRun {
		return rep, nil
	}
	// On disk first: what is acknowledged holds after a crash too.
	changed, err := s.Ledger.SetBlock(ctx, b)
	if err != nil {
		return wire.PeerReply{}, err
	}
	s.Node.Block(k, d)
	rep.Changed = changed || rep.Changed
	return rep, nil
}

func (s *Services) peerUnblock(ctx context.Context, in wire.PeerReq, c bridge.Call) (wire.PeerReply, error) {
	k, err := s.findPeer(in.Peer)
	if err != nil {
		return wire.PeerReply{}, err
	}
	rep := wire.PeerReply{Peer: hex.EncodeToString(k[:]), Changed: s.Node.IsBlocked(k)}
	if c.DryRun || k == s.Node.Self() {
		return rep, nil
	}
	if _, err := s.Ledger.SetBlock(ctx, ledger.Block{Key: event.Key(k)}); err != nil {
		return wire.PeerReply{}, err
	}
	s.Node.Unblock(k)
	return rep, nil
}

// findPeer returns the peer that a text names: any peer by its whole key, id or
// address, a known one by the beginning of one of these.
func (s *Services) findPeer(text string) (k p2p.Key, err error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return k, wire.Errorf(wire.MissingField, "no peer is named").WithHint("`intercom peers list --all` shows who is known")
	}
	if k, err := event.ParseKey(strings.ToLower(text)); err == nil {
		return k, nil
	}
	if k, ok := p2p.KeyOf(text); ok {
		return k, nil
	}
	if _, k, err := identity.DecodeAddress(text); err == nil {
		return k, nil
	}
	var found []p2p.Key
	for _, k := range s.knownPeers() {
		if slices.ContainsFunc(s.peerNames(k), func(name string) bool { return strings.HasPrefix(name, text) }) {
			found = append(found, k)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return k, wire.Errorf(wire.NotFound, "no known peer's key, id or address begins with %q", text).
			WithHint("`intercom peers list --all` shows who is known")
	}
	return k, wire.Errorf(wire.Ambiguous, "%q is the beginning of %d peers", text, len(found)).WithHint("write more of it")
}

// peerNames are the texts that name a peer, its key first.
func (s *Services) peerNames(k p2p.Key) []string {
	e := s.describePeer(k)
	return []string{e.Peer, e.ID, e.TracAddr}
}

// knownPeers returns who is connected, blocked or known from before.
func (s *Services) knownPeers() []p2p.Key {
	all := map[p2p.Key]bool{}
	for _, p := range s.Node.Peers() {
		all[p.Key] = true
	}
	for _, p := range s.Node.Known() {
		all[p.Key] = true
	}
	for _, b := range s.Node.Blocks() {
		all[b.Key] = true
	}
	keys := make([]p2p.Key, 0, len(all))
	for k := range all {
		keys = append(keys, k)
	}
	return keys
}
