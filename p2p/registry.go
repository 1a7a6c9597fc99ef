package p2p

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"

	"intercom/internal/atomicfile"
	"intercom/internal/private"
	"intercom/internal/process"
)

const (
	entryVersion  = 1
	maxEntryBytes = 8 << 10
	maxEntries    = 1024
	maxEntryAddrs = 16
	staleTemp     = time.Minute // of a file of atomicfile that never took its place
)

// entry is a file <peer id>.json in the folder peers of the runtime folder. It is a hint where to dial: who answers
// there has to prove its key all the same.
type entry struct {
	V         int      `json:"v"`
	PID       int      `json:"pid"`
	StartTime uint64   `json:"startTime"` // of the process, in the unit of the platform; 0 where there is none
	Addrs     []string `json:"addrs"`     // multiaddrs without /p2p/
	Net       string   `json:"net"`
	TS        int64    `json:"ts"` // when the node started to listen, in ms
}

// localPeer is what an entry says, checked. stamp changes when the entry does.
type localPeer struct {
	addrs []multiaddr.Multiaddr
	stamp string
}

var errEntry = errors.New("bad entry")

// parseEntry checks the bytes of a file; everything in it may be forged.
func parseEntry(b []byte) (entry, []multiaddr.Multiaddr, error) {
	var e entry
	if len(b) > maxEntryBytes {
		return e, nil, fmt.Errorf("%w: %d bytes", errEntry, len(b))
	}
	if err := json.Unmarshal(b, &e); err != nil {
		return e, nil, fmt.Errorf("%w: %w", errEntry, err)
	}
	if e.V != entryVersion || e.PID <= 0 || !networkName.MatchString(e.Net) ||
		len(e.Addrs) == 0 || len(e.Addrs) > maxEntryAddrs {
		return e, nil, fmt.Errorf("%w: version, pid, network or count of addresses", errEntry)
	}
	addrs := make([]multiaddr.Multiaddr, 0, len(e.Addrs))
	for _, s := range e.Addrs {
		a, err := multiaddr.NewMultiaddr(s)
		if err != nil {
			return e, nil, fmt.Errorf("%w: address: %w", errEntry, err)
		}
		if _, err := a.ValueForProtocol(multiaddr.P_P2P); err == nil {
			return e, nil, fmt.Errorf("%w: address with an ID", errEntry)
		}
		addrs = append(addrs, a)
	}
	return e, addrs, nil
}

// registry is the runtime folder as one node sees it.
type registry struct {
	dir   string // the folder peers
	net   string
	self  peer.ID
	alive func(pid int, startTime uint64) bool
	last  entry // as written
}

// openRegistry makes the folders, private to this user, or fails with ErrUnsafeDir.
func openRegistry(dir, network string, self peer.ID) (*registry, error) {
	peers := filepath.Join(dir, "peers")
	for _, d := range []string{dir, peers} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("make runtime folder: %w", err)
		}
		// Lstat: a link could lead to a folder of ours which somebody else chose.
		info, err := os.Lstat(d)
		if err != nil {
			return nil, fmt.Errorf("check runtime folder: %w", err)
		}
		if !info.IsDir() || !private.Guarded(info) {
			return nil, fmt.Errorf("runtime folder %s: %w", d, ErrUnsafeDir)
		}
	}
	return &registry{dir: peers, net: network, self: self, alive: process.Alive}, nil
}

func (r *registry) path(id peer.ID) string { return filepath.Join(r.dir, id.String()+".json") }

// write publishes where this node listens: a new file, renamed into place, so that nobody reads half of one.
func (r *registry) write(addrs []multiaddr.Multiaddr, now time.Time) error {
	e := entry{V: entryVersion, PID: os.Getpid(), StartTime: process.Start(os.Getpid()), Net: r.net, TS: now.UnixMilli()}
	for _, a := range addrs[:min(len(addrs), maxEntryAddrs)] {
		e.Addrs = append(e.Addrs, a.String())
	}
	if err := r.put(e); err != nil {
		return fmt.Errorf("publish address: %w", err)
	}
	r.last = e
	return nil
}

// moved is true when the addresses are not the published ones.
func (r *registry) moved(addrs []multiaddr.Multiaddr) bool {
	return !slices.EqualFunc(addrs[:min(len(addrs), maxEntryAddrs)], r.last.Addrs, func(a multiaddr.Multiaddr, s string) bool {
		return a.String() == s
	})
}

func (r *registry) put(e entry) error {
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return atomicfile.Replace(r.path(r.self), append(b, '\n'), 0o600)
}

// remove takes this node's file away, unless another process has replaced it.
func (r *registry) remove() {
	if b, err := readEntry(r.path(r.self)); err == nil {
		if e, _, err := parseEntry(b); err == nil && e.PID == os.Getpid() && e.TS == r.last.TS {
			os.Remove(r.path(r.self))
		}
	}
}

// scan reads the folder: the live peers of this network, and whether this node's own file is there. Files of processes
// that are gone are removed. What cannot be read or parsed is passed over.
func (r *registry) scan(now time.Time) (found map[peer.ID]localPeer, own bool, err error) {
	d, err := os.Open(r.dir)
	if err != nil {
		return nil, false, fmt.Errorf("read runtime folder: %w", err)
	}
	defer d.Close()
	files, err := d.ReadDir(maxEntries)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, fmt.Errorf("read runtime folder: %w", err)
	}
	found = make(map[peer.ID]localPeer)
	for _, f := range files {
		path := filepath.Join(r.dir, f.Name())
		if strings.HasPrefix(f.Name(), ".") {
			if info, err := f.Info(); err == nil && now.Sub(info.ModTime()) > staleTemp {
				os.Remove(path)
			}
			continue
		}
		id, err := peer.Decode(strings.TrimSuffix(f.Name(), ".json"))
		if err != nil || f.Name() != id.String()+".json" {
			continue
		}
		b, err := readEntry(path)
		if err != nil {
			continue
		}
		e, addrs, err := parseEntry(b)
		if err != nil {
			continue
		}
		if !r.alive(e.PID, e.StartTime) {
			removeIfSame(path, b)
			continue
		}
		if id == r.self {
			own = true
		} else if e.Net == r.net {
			found[id] = localPeer{addrs: addrs, stamp: string(b)}
		}
	}
	return found, own, nil
}

// removeIfSame spares the file of a node that came back between our reading and now.
func removeIfSame(path string, b []byte) {
	if again, err := readEntry(path); err == nil && bytes.Equal(again, b) {
		os.Remove(path)
	}
}

// readEntry reads a regular file up to the limit and follows no link.
func readEntry(path string) ([]byte, error) {
	before, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !before.Mode().IsRegular() { // opening a pipe would block
		return nil, errEntry
	}
	f, err := openNoFollow(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxEntryBytes+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxEntryBytes {
		return nil, errEntry
	}
	return b, nil
}
