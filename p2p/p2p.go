// Package p2p runs the node of one peer: it finds the other daemons of the same user through a folder, those of the local
// network by mDNS and those it knows by its address book, keeps its peers
// connected, and carries topics (one message to everybody who listens) and streams (one peer to another).
//
// It guarantees that whoever is reported as a peer is authenticated by its key and belongs to the same network, that
// every frame and stream of a peer is bounded before it is read, that a peer which sends invalid frames costs only
// itself, and that no goroutine is left when Close returns.
package p2p

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/multiformats/go-multiaddr"
)

// Errors that callers test for.
var (
	ErrClosed       = errors.New("p2p: node is closed")
	ErrNotConnected = errors.New("p2p: peer is not connected")
	ErrBlocked      = errors.New("p2p: peer is blocked")
	ErrOtherNetwork = errors.New("p2p: peer belongs to another network")
	ErrTooLarge     = errors.New("p2p: frame too large")
	ErrJoined       = errors.New("p2p: topic is already joined")
	ErrAddress      = errors.New("p2p: not a multiaddress that ends in /p2p/ID")
	ErrSelf         = errors.New("p2p: that is this node itself")
	ErrKind         = errors.New("p2p: the ID is not that of an ed25519 key")
	ErrUnsafeDir    = errors.New("p2p: folder must belong to this user and be writable by nobody else")
)

// Options configures a node. Key is required; every other zero value works.
type Options struct {
	Key        ed25519.PrivateKey // the identity: its public half is the peer's Key
	Listen     []string           // multiaddrs; empty: this machine, with MDNS its private networks too and nobody else
	MDNS       bool               // peers of the local network are found, and find this one
	Book       Book               // remembers where peers were; empty: only until Close
	Blocked    []Block            // by the user, from before
	RuntimeDir string             // the folder in which daemons of one user find each other; empty: no local discovery
	Network    string             // 1 to 32 of a-z, 0-9 and -; peers of another network never mix; empty: "main"
	Peers      []string           // explicit peers: multiaddr with /p2p/ID, kept connected
	MaxStrikes int                // offences within five seconds that block a peer; 0: 3
	Log        *slog.Logger       // empty: nothing is logged
}

// Node is one peer. All methods may be called from any goroutine.
type Node struct {
	log    *slog.Logger
	host   host.Host
	pubsub *pubsub.PubSub
	prefix string // "/" + network: before every protocol name

	peers   *roster
	blocks  *blocklist
	strikes *strikes
	counts  *counters
	budgets budgets // for gossip's loop alone
	streams *streamSlots
	keeper  *keeper
	book    *book
	dials   *dials
	allowed *rcmgr.Allowlist // the addresses of explicit peers
	subs    *subscriptions
	rescan  chan struct{} // asks for a look into the runtime folder

	listening atomic.Pointer[host.Host] // for the library's own goroutines, which are there before host is set

	announce chan struct{} // asks for a new announcement by mdns
	nets     *localNetworks
	nearOnly bool // peers of other networks than nets are refused

	ctx    context.Context // ends when Close begins; read by goroutines of the node only
	cancel context.CancelFunc

	mu     sync.Mutex // for the two below alone: gossip's own loop takes it, so nobody who waits for gossip may hold it
	closed bool
	wg     sync.WaitGroup

	topicsMu sync.Mutex
	topics   map[string]*Topic

	closing  sync.Once
	closeErr error
}

var networkName = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// New starts a node: it listens, publishes its address in the runtime folder and dials what it finds there and in
// o.Peers. Without ctx the node does nothing more, but only Close frees it. An unsafe runtime folder is ErrUnsafeDir.
func New(ctx context.Context, o Options) (*Node, error) {
	if len(o.Key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("start node: key has %d bytes, want %d", len(o.Key), ed25519.PrivateKeySize)
	}
	if o.Network == "" {
		o.Network = "main"
	}
	if !networkName.MatchString(o.Network) {
		return nil, fmt.Errorf("start node: network name %q: want 1 to 32 of a-z, 0-9 and -", o.Network)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	explicit, err := parsePeers(o.Peers)
	if err != nil {
		return nil, fmt.Errorf("start node: %w", err)
	}

	n := &Node{
		log:     o.Log,
		prefix:  "/" + o.Network,
		peers:   newRoster(),
		blocks:  newBlocklist(),
		strikes: newStrikes(o.MaxStrikes),
		counts:  &counters{},
		budgets: make(budgets),
		subs:    newSubscriptions(),
		streams: newStreamSlots(),
		rescan:  make(chan struct{}, 1),
		topics:  make(map[string]*Topic),

		book: newBook(), dials: newDials(), nets: newLocalNetworks(), announce: make(chan struct{}, 1),
	}
	for _, b := range o.Blocked {
		if id, err := peerID(b.Key); err == nil {
			n.blocks.refuse(id, b.Until)
		}
	}
	n.ctx, n.cancel = context.WithCancel(ctx)
	if err := n.start(o, explicit); err != nil {
		n.Close()
		return nil, fmt.Errorf("start node: %w", err)
	}
	return n, nil
}

func (n *Node) start(o Options, explicit []peer.AddrInfo) error {
	var addrs []string
	addrs, n.nearOnly = o.listenAddrs()
	h, err := newHost(o, n)
	if err != nil {
		return err
	}
	n.host = h
	n.keeper = newKeeper(n, explicit)
	if err := n.watchPeers(); err != nil {
		return err
	}
	if n.pubsub, err = n.newGossip(); err != nil {
		return err
	}
	if err := listen(h, addrs); err != nil {
		return err
	}
	n.spawn(func() { n.keeper.run(n.ctx) })
	n.spawn(func() { n.keepBook(n.ctx, o.Book) })
	n.spawn(func() { n.watchNetwork(n.ctx) })
	if o.MDNS {
		n.spawn(func() { n.watchMDNS(n.ctx, o.Network) })
	}
	if o.RuntimeDir == "" {
		return nil
	}
	r, err := openRegistry(o.RuntimeDir, o.Network, h.ID())
	if err != nil {
		return err
	}
	// Written before the first look: of two nodes that start together at least one sees the other.
	if err := r.write(h.Addrs(), time.Now()); err != nil {
		return err
	}
	n.spawn(func() { n.watchRegistry(n.ctx, r) })
	return nil
}

// Close disconnects, removes this node's file from the runtime folder and waits for every goroutine, handlers of
// streams included. Topics are left. It may be called more than once.
func (n *Node) Close() error {
	n.closing.Do(func() {
		n.mu.Lock()
		n.closed = true
		n.mu.Unlock()
		n.cancel()
		if n.host != nil {
			n.closeErr = n.host.Close()
		}
		n.wg.Wait()
	})
	return n.closeErr
}

// spawn runs f in a goroutine that Close waits for; false when the node is closing.
func (n *Node) spawn(f func()) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return false
	}
	n.wg.Go(f)
	return true
}

// Self is this node's key.
func (n *Node) Self() Key { k, _ := keyOf(n.host.ID()); return k }

// Addrs are the multiaddrs under which this node can be dialed, each with /p2p/ and its ID.
func (n *Node) Addrs() []string {
	var out []string
	for _, a := range n.host.Addrs() {
		out = append(out, a.String()+"/p2p/"+n.host.ID().String())
	}
	return out
}

// Dial connects to addr, a multiaddr with /p2p/ID, and returns when the peer is authenticated and known to be of this
// network. A connected peer is dialed no second time. Errors: ErrBlocked, ErrOtherNetwork, ErrNotConnected when the peer
// hung up at once (it may have found out first that the networks differ), or why it did not connect.
func (n *Node) Dial(ctx context.Context, addr string) error {
	info, err := peer.AddrInfoFromString(addr)
	if err != nil {
		return fmt.Errorf("dial %q: %w", addr, err)
	}
	if err := n.connect(ctx, *info); err != nil {
		return fmt.Errorf("dial %s: %w", addr, causeOf(err))
	}
	return nil
}

// causeOf is why the first address did not answer, without the list of all that the host makes over several lines.
func causeOf(err error) error {
	var d *swarm.DialError
	switch {
	case !errors.As(err, &d):
		return err
	case len(d.DialErrors) > 0:
		return d.DialErrors[0].Cause
	case d.Cause != nil:
		return d.Cause
	}
	return err
}

// dialTimeout bounds one attempt to connect, handshakes and identification included.
const dialTimeout = 10 * time.Second

func (n *Node) connect(ctx context.Context, info peer.AddrInfo) error {
	if n.ctx.Err() != nil {
		return ErrClosed
	}
	if n.blocks.blocked(info.ID, time.Now()) {
		return ErrBlocked
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	stop := context.AfterFunc(n.ctx, cancel)
	defer stop()
	n.forgetDials(info.ID)
	defer n.dials.begin(info)()
	if err := n.host.Connect(ctx, info); err != nil {
		return err
	}
	return n.admit(info.ID)
}

func parsePeers(addrs []string) ([]peer.AddrInfo, error) {
	var all []multiaddr.Multiaddr
	for _, s := range addrs {
		a, err := multiaddr.NewMultiaddr(s)
		if err != nil {
			return nil, fmt.Errorf("peer address %q: %w", s, ErrAddress)
		}
		if _, id := peer.SplitAddr(a); id == "" {
			return nil, fmt.Errorf("peer address %q: %w", s, ErrAddress)
		}
		all = append(all, a)
	}
	return peer.AddrInfosFromP2pAddrs(all...)
}
