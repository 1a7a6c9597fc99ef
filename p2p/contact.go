package p2p

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

const (
	rowVersion  = 1
	maxRowBytes = 4 << 10
)

var bookSources = []string{byUser.String(), byMDNS.String(), cameIn}

// contact is what the address book knows of a peer.
type contact struct {
	keep  bool // explicit: stays connected with
	addrs []contactAddr
	seen  time.Time // last connected
	dirty bool      // not as stored
}

type contactAddr struct {
	addr   multiaddr.Multiaddr
	source string
	ok     time.Time // last connected by it
	fails  int       // dials of the peer that failed since then
}

// contactRow is a contact as it is stored, in JSON.
type contactRow struct {
	V     int       `json:"v"`
	Keep  bool      `json:"keep,omitempty"`
	Seen  int64     `json:"seen"` // ms
	Addrs []addrRow `json:"addrs"`
}

type addrRow struct {
	Addr   string `json:"addr"` // without /p2p/
	Source string `json:"source"`
	OK     int64  `json:"ok"` // ms
	Fails  int    `json:"fails,omitempty"`
}

var errRow = errors.New("bad row of the address book")

func (c *contact) encode() ([]byte, error) {
	row := contactRow{V: rowVersion, Keep: c.keep, Seen: c.seen.UnixMilli(), Addrs: []addrRow{}}
	for _, a := range c.addrs {
		row.Addrs = append(row.Addrs, addrRow{Addr: a.addr.String(), Source: a.source, OK: a.ok.UnixMilli(), Fails: a.fails})
	}
	return json.Marshal(row)
}

// decodeContact takes nothing from a row that is not as encode makes it.
func decodeContact(b []byte) (*contact, error) {
	var row contactRow
	if len(b) > maxRowBytes {
		return nil, fmt.Errorf("%w: %d bytes", errRow, len(b))
	}
	if err := json.Unmarshal(b, &row); err != nil {
		return nil, fmt.Errorf("%w: %w", errRow, err)
	}
	if row.V != rowVersion || len(row.Addrs) > maxContactAddrs || row.Seen < 0 {
		return nil, fmt.Errorf("%w: version, time or count of addresses", errRow)
	}
	c := &contact{keep: row.Keep, seen: time.UnixMilli(row.Seen)}
	for _, a := range row.Addrs {
		addr, err := multiaddr.NewMultiaddr(a.Addr)
		if err != nil || a.Fails < 0 || a.OK < 0 || !slices.Contains(bookSources, a.Source) {
			return nil, fmt.Errorf("%w: address %q", errRow, a.Addr)
		}
		if _, err := addr.ValueForProtocol(multiaddr.P_P2P); err == nil || a.Source == cameIn && !manet.IsPublicAddr(addr) {
			return nil, fmt.Errorf("%w: address %q is not to be dialed", errRow, a.Addr)
		}
		c.addrs = append(c.addrs, contactAddr{addr: addr, source: a.Source, ok: time.UnixMilli(a.OK), fails: a.Fails})
	}
	return c, nil
}

// source is how its best address came to be known.
func (c *contact) source() string {
	if len(c.addrs) == 0 {
		return byUser.String()
	}
	return c.addrs[0].source
}

// add takes an address, for a known one its new times; the one that failed most, or longest ago, makes room.
func (c *contact) add(a contactAddr) {
	if i := slices.IndexFunc(c.addrs, func(o contactAddr) bool { return o.addr.Equal(a.addr) }); i >= 0 {
		if a.source == cameIn {
			a.source = c.addrs[i].source // it was known better before
		}
		c.addrs = slices.Delete(c.addrs, i, i+1)
	}
	c.addrs = append(c.addrs, a)
	slices.SortStableFunc(c.addrs, func(a, b contactAddr) int {
		return cmp.Or(cmp.Compare(a.fails, b.fails), b.ok.Compare(a.ok))
	})
	c.addrs = c.addrs[:min(len(c.addrs), maxContactAddrs)]
}

func (c *contact) list() []multiaddr.Multiaddr {
	out := make([]multiaddr.Multiaddr, 0, len(c.addrs))
	for _, a := range c.addrs {
		out = append(out, a.addr)
	}
	return out
}
