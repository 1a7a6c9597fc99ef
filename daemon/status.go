package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"intercom/client"
	"intercom/client/wire"
	"intercom/daemon/api"
	"intercom/daemon/bridge"
	"intercom/daemon/bridge/compat"
	"intercom/internal/store"
	"intercom/ledger/event"
	"intercom/p2p"
	"intercom/p2p/identity"
)

func (d *Daemon) setStatus(s string) { d.status.Store(&s) }

// hello is the first frame of every connection.
func (d *Daemon) hello() wire.Hello {
	key := d.id.PublicKey()
	h := wire.Hello{
		Peer: event.Key(key).String(), Address: d.id.Address(), EntryChannel: event.EntryChannel, Filter: d.o.Config.Get("sc-bridge-filter"),
		Protocol: wire.Protocol, Version: d.o.Version.Version, Instance: d.instance,
		Capabilities: []string{"key", "dryRun", "deadlineMs", "protocol", "events"},
	}
	for _, a := range d.apps {
		var requests []string
		for _, q := range a.Requests {
			requests = append(requests, q.Request)
		}
		switch actions := compat.Actions(a.Name, requests); a.Name {
		case "focus":
			h.FocusBridgeActions = actions
		case "expense":
			h.ExpenseBridgeActions = actions
		}
	}
	return h
}

func (d *Daemon) health() wire.HealthReply {
	status := *d.status.Load()
	h := wire.HealthReply{Status: status, Started: d.started.UTC(), UptimeMs: d.o.Now().Sub(d.started).Milliseconds()}
	if status == wire.HealthReady {
		if reason := d.store.Stats().ReadOnly; reason != nil {
			h.Status, h.Reason = wire.HealthReadOnly, reason.Error()
		}
	}
	h.Hooks = d.hooksInfo()
	h.Ready = h.Status == wire.HealthReady || h.Status == wire.HealthReadOnly
	return h
}

// gate answers what can be answered before the daemon is ready, and tells the
// rest to come again.
func (d *Daemon) gate() map[string]bridge.Route {
	early := &api.Services{Health: d.health, LogLevel: d.setLevel, Version: d.o.Version, Now: d.o.Now, Apps: d.apps}
	routes := early.Routes()
	for name, r := range routes {
		switch name {
		case wire.Health.Request, wire.Version.Request, wire.Schema.Request, wire.LogLevel.Request:
			continue
		}
		r.Handle = func(ctx context.Context, c bridge.Call) (any, error) {
			ready := d.routes.Load()
			if ready == nil {
				return nil, wire.Errorf(wire.Starting, "the daemon is starting").WithHint("`intercom wait` returns when it is ready")
			}
			return (*ready)[name].Handle(ctx, c)
		}
		routes[name] = r
	}
	return routes
}

func (d *Daemon) newServices() *api.Services {
	key := event.Key(d.id.PublicKey())
	return &api.Services{
		Ledger: d.ledger, Node: d.node, Topics: topicsView{d.hub}, Shared: d.hub.shared, Journal: d.journal.Load(), Bridge: d.bridge.Stats, Apps: d.apps,
		Identity: wire.IdentityReply{
			PublicKey: key.String(), Address: d.id.Address(), Network: d.id.Network().Name, Path: d.id.Path(),
		},
		Info: d.info, Health: d.health, LogLevel: d.setLevel, Version: d.o.Version, Now: d.o.Now, Present: d.present,
		CLI: d.o.Config.Switch("sc-bridge-cli"), Original: d.shapes.Original, Key: d.id.PrivateKey(),
	}
}

func (d *Daemon) info() wire.NodeInfo {
	h := d.health()
	key := event.Key(d.id.PublicKey()).String()
	info := wire.NodeInfo{
		PeerStore: d.o.Profile.StoreDir(), PeerPubkey: key, PeerTracAddress: d.id.Address(), PeerWriterKey: key,
		MSBDHTBootstrap: []string{}, PeerDHTBootstrap: []string{},
		Version: d.o.Version.Version, Profile: d.o.Profile.Name, Instance: d.instance, PID: os.Getpid(),
		Started: h.Started, UptimeMs: h.UptimeMs, Status: h.Status, Socket: d.o.Profile.Socket(), TCP: d.tcp,
	}
	info.Reachability = string(d.node.Reach())
	info.LocalOnly, info.Hint = d.node.Reach() == p2p.ReachMachine, reachHints[d.node.Reach()]
	return info
}

// reachHints say what to do where others cannot dial a daemon.
var reachHints = map[p2p.Reach]string{
	p2p.ReachMachine: "only peers on this machine find it; set listen to an address that others reach, e.g. /ip4/0.0.0.0/tcp/4001",
	p2p.ReachNetwork: "only peers in the same network find it; for others set listen here and peers there",
}

// causes maps what can keep a daemon from starting to codes. The first row that
// matches holds.
var causes = []struct {
	err  error
	code wire.Code
}{
	{store.ErrLocked, wire.Locked},
	{bridge.ErrSocketInUse, wire.Locked},
	{store.ErrNewer, wire.NewerFormat},
	{identity.ErrNewer, wire.NewerFormat},
	{store.ErrCorrupt, wire.Corrupt},
	{identity.ErrCorrupt, wire.Corrupt},
	{identity.ErrExposed, wire.KeyFileExposed},
	{client.ErrExposed, wire.Forbidden}, // as for the client
	{store.ErrDiskFull, wire.DiskFull},
	{syscall.ENOSPC, wire.DiskFull},
}

// explain gives an error that ends the daemon its code and its next step.
func explain(p client.Profile, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*wire.Error](err); ok {
		return e
	}
	for _, c := range causes {
		if !errors.Is(err, c.err) {
			continue
		}
		if c.code == wire.Locked {
			return locked(p)
		}
		fallback := ""
		if c.code == wire.DiskFull {
			fallback = "free some space, then start it again"
		}
		return wire.Explain(c.code, err, fallback)
	}
	return err
}

// locked says who holds the profile and since when, as far as that is known.
func locked(p client.Profile) error {
	e := wire.Errorf(wire.Locked, "profile %s is in use by another process", p.Name).
		WithHint("`intercom down` stops its daemon; `intercomd --profile NAME` runs another beside it")
	if b, readErr := p.Bridge(); readErr == nil && b.Alive() {
		e.Reason = fmt.Sprintf("profile %s is in use by process %d since %s", p.Name, b.PID, b.Started.Format(time.RFC3339))
	}
	return e
}
