// Package daemon assembles a running peer: the store, the rooms, the node, the
// bridge, and what joins them. It owns their life cycle: the bridge answers
// first and says `starting` until the rest is there; at the end what runs is
// finished, and nothing that was acknowledged is lost however it ends.
package daemon

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"intercom/client"
	"intercom/client/wire"
	"intercom/daemon/api"
	"intercom/daemon/bridge"
	"intercom/daemon/bridge/compat"
	"intercom/daemon/desktop"
	"intercom/daemon/hook"
	"intercom/daemon/journal"
	"intercom/internal/app"
	"intercom/internal/apps"
	"intercom/internal/store"
	"intercom/ledger"
	"intercom/ledger/event"
	"intercom/p2p"
	"intercom/p2p/channel"
	"intercom/p2p/identity"
)

// compareEvery is how often a room is compared with a peer unasked.
const compareEvery = 20 * time.Second

// Daemon is a peer that runs.
type Daemon struct {
	o        Options
	started  time.Time
	instance string
	id       identity.Identity
	shapes   compat.Shapes
	apps     []*app.App
	status   atomic.Pointer[string]

	bridge   *bridge.Server
	tcp      string
	services atomic.Pointer[api.Services] // nil until ready
	routes   atomic.Pointer[map[string]bridge.Route]

	store     *store.Store
	ledger    *ledger.Ledger
	journal   atomic.Pointer[journal.Journal] // nil until rooms are open
	hooks     atomic.Pointer[hook.Runner]     // nil until ready
	node      *p2p.Node
	hub       *hub
	timers    *timers
	chores    *timers    // of what the daemon writes by itself
	choosing  sync.Mutex // held from the look at a room's rows until its chore is set, else an older look could win
	effort    effort
	watch     *watcher
	measuring sync.Mutex                    // held while presence is counted
	config    atomic.Pointer[client.Config] // as it was read last; what is not read from here is as at the start
	desktop   *desktop.Notifier             // nil: no desktop, or not wanted
}

// Run runs the daemon of a profile until ctx ends. Errors that a client or a
// person meets are *wire.Error with the code of the kind.
func Run(ctx context.Context, o Options) error {
	debug.SetMemoryLimit(restTarget)
	d := &Daemon{o: o, started: o.Now(), apps: apps.All()}
	defer d.effort.stop()
	d.watch = newWatcher(d.lookAt)
	d.config.Store(o.Config)
	d.setStatus(wire.HealthStarting)
	if err := d.prepare(); err != nil {
		return explain(o.Profile, err)
	}
	d.tell(statusLine(d.health()))
	// The bridge outlives ctx until what runs is finished.
	g, serving := errgroup.WithContext(context.WithoutCancel(ctx))
	g.Go(func() error { return d.bridge.Serve(serving) })
	hangups, stop := context.WithCancel(serving)
	g.Go(func() error { return d.reloadOnHangup(hangups) })
	err := d.open(ctx)
	if err == nil {
		err = d.run(ctx)
	}
	d.setStatus(wire.HealthStopping)
	d.tell("STOPPING=1", statusLine(d.health()))
	d.bridge.Close()
	stop()
	err = errors.Join(err, g.Wait(), d.close())
	return explain(o.Profile, err)
}

// prepare does what must be there before the bridge can answer.
func (d *Daemon) prepare() error {
	p := d.o.Profile
	if err := p.Create(); err != nil {
		return err
	}
	if err := client.PrivateDir(p.RuntimeRoot()); err != nil {
		return err
	}
	var err error
	if d.id, err = loadIdentity(p, d.o.Rand); err != nil {
		return err
	}
	d.shapes = compat.Shapes{Self: event.Key(d.id.PublicKey()), HRP: d.id.Network().HRP}
	token, err := loadToken(p, d.o.Config, d.o.Rand)
	if err != nil {
		return err
	}
	var boot [8]byte
	if _, err := io.ReadFull(d.o.Rand, boot[:]); err != nil {
		return fmt.Errorf("draw instance: %w", err)
	}
	d.instance = hex.EncodeToString(boot[:])
	// The store is the lock of the profile: whoever has it may take the socket.
	if d.store, err = d.openStore(); err != nil {
		return err
	}
	d.bridge = bridge.New(bridge.Options{
		Hello: d.hello, Routes: d.gate(), Pages: d.pages(),
		Token: func() string { return token }, Scoped: newTokens(p, d.o.Now, d.o.Log),
		Hosts: d.o.Config.List("sc-bridge-hosts"), Origins: d.o.Config.List("sc-bridge-origins"),
		Filter: d.o.Config.Get("sc-bridge-filter"), FilterChannels: d.o.Config.List("sc-bridge-filter-channel"),
		Original: d.shapes.Original, ErrorText: compat.ErrorText, Cursor: d.cursor, Log: bridgeLog(d.o), Now: d.o.Now,
	})
	if err := d.listen(); err != nil {
		d.bridge.Close()
		return errors.Join(err, d.store.Close())
	}
	return nil
}

func (d *Daemon) openStore() (*store.Store, error) {
	return store.Open(store.Options{
		Dir: d.o.Profile.StoreDir(), MinFree: d.o.Config.Size("min-free"), Log: d.o.Log,
	})
}

// listen opens the bridge's listeners and tells clients where they are.
func (d *Daemon) listen() error {
	p := d.o.Profile
	if err := d.bridge.ListenUnix(p.Socket()); err != nil {
		return err
	}
	addrs := bridgeAddrs(d.o.Config)
	for _, addr := range addrs {
		at, err := d.bridge.ListenTCP(addr)
		if err == nil {
			d.tcp = at.String()
			break
		}
		busy := errors.Is(err, &wire.Error{Code: wire.PortBusy})
		if !busy || d.o.Config.Source("sc-bridge-port") != "default" {
			return err
		}
	}
	if d.tcp == "" && len(addrs) > 0 {
		d.o.Log.Warn("no free port for the bridge: clients need the Unix socket", "first", addrs[0], "tried", portTries)
	}
	return p.WriteBridge(client.Bridge{
		Started: d.started.UTC(), Version: d.o.Version.Version, Instance: d.instance,
		Socket: p.Socket(), TCP: d.tcp,
	})
}

// open opens the rooms and the node and joins what was joined.
func (d *Daemon) open(ctx context.Context) error {
	at, err := place(d.o.Profile.StoreDir())
	if err != nil {
		return err
	}
	key := d.id.PrivateKey()
	if d.ledger, err = ledger.Open(ctx, ledger.Options{
		Store: d.store, Key: key, Apps: d.apps, Place: at, Now: d.o.Now, Rand: d.o.Rand,
		Changed: d.changed, Log: d.o.Log,
	}); err != nil {
		return err
	}
	if err := d.newJournal(); err != nil {
		return err
	}
	if d.node, err = d.openNode(ctx); err != nil {
		return err
	}
	d.timers, d.chores = newTimers(d.o.Now, d.fire), newTimers(d.o.Now, d.do)
	d.desktop = d.findDesktop()
	d.hub = newHub(context.WithoutCancel(ctx), &hub{
		node: d.node, ledger: d.ledger, key: key, limits: limitsOf(d.o.Config), opened: newOpened(d.o.Config, channelLog(d.o.Config, d.o.Log)),
		deliver: d.delivered, gap: d.gapFound, rand: d.o.Rand, now: d.o.Now, log: channelLog(d.o.Config, d.o.Log),
	})
	d.node.Handle(ledger.Protocol, d.hub.serve)
	d.node.Handle(channel.Protocol, d.hub.receive)
	d.node.Handle(herePath, d.hub.heardHere)
	if err := d.ledger.Attach(d.hub); err != nil {
		return err
	}
	for _, name := range append([]string{event.EntryChannel}, d.o.Config.List("sidechannels")...) {
		r, err := d.ledger.Room(name)
		if err == nil {
			err = r.Join(ctx)
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(d.setTimers(ctx), d.setChores(), d.watchAll())
}

// openNode starts the node, which refuses from the start whom the user blocks.
func (d *Daemon) openNode(ctx context.Context) (*p2p.Node, error) {
	blocks, err := d.ledger.Blocks(d.o.Now())
	if err != nil {
		return nil, err
	}
	o := p2p.Options{
		Key: d.id.PrivateKey(), Listen: d.o.Config.List("listen"), RuntimeDir: d.runtimeDir(), MDNS: d.o.Config.Switch("mdns"),
		Network: d.o.Config.Get("network"), Peers: d.o.Config.List("peers"), Book: book{d.store}, Log: d.o.Log,
		MaxStrikes: d.o.Config.Number("sidechannel-max-strikes"),
	}
	for _, b := range blocks {
		o.Blocked = append(o.Blocked, p2p.Block{Key: b.Key, ByUser: true, Until: b.Until})
	}
	return p2p.New(ctx, o)
}

func (d *Daemon) runtimeDir() string {
	if d.o.Config.Switch("local-discovery") {
		return d.o.Profile.RuntimeRoot()
	}
	return ""
}

// run serves until ctx ends.
func (d *Daemon) run(ctx context.Context) error {
	hooks := d.newHooks()
	d.hooks.Store(hooks)
	s := d.newServices()
	routes := s.Routes()
	d.routes.Store(&routes)
	d.services.Store(s)
	d.setStatus(wire.HealthReady)
	d.tell("READY=1")
	d.o.Log.Info("ready", "profile", d.o.Profile.Name, "socket", d.o.Profile.Socket(), "tcp", d.tcp,
		"started_in", d.o.Now().Sub(d.started))
	defer d.node.PeerEvents(d.peerEvent)()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.ledger.Run(ctx, compareEvery) })
	g.Go(func() error { return d.hub.opened.follow(ctx, d.ledger, d.o.Now) })
	g.Go(func() error { return d.timers.run(ctx, d.ledger.ByID) })
	g.Go(func() error { return d.chores.run(ctx, d.ledger.ByID) })
	g.Go(func() error { return d.forget(ctx) })
	g.Go(func() error { return hooks.Run(ctx) })
	g.Go(func() error { return d.watch.run(ctx) })
	g.Go(func() error { return d.watchHooks(ctx) })
	g.Go(func() error { return d.watchSleep(ctx) })
	g.Go(func() error { return d.desktop.Run(ctx) })
	g.Go(func() error { return d.keepTelling(ctx) })
	g.Go(func() error { <-ctx.Done(); return ctx.Err() })
	if err := g.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// close ends what open and prepare began, the last first.
func (d *Daemon) close() error {
	var err error
	if s := d.services.Load(); s != nil {
		s.Close()
	}
	if d.node != nil {
		err = d.node.Close()
	}
	if d.hub != nil {
		d.hub.close()
	}
	err = errors.Join(err, d.store.Close())
	if rm := os.Remove(d.o.Profile.BridgeFile()); rm != nil && !errors.Is(rm, os.ErrNotExist) {
		err = errors.Join(err, rm)
	}
	d.o.Log.Info("stopped", "profile", d.o.Profile.Name, "store", filepath.Base(d.o.Profile.StoreDir()))
	return err
}
