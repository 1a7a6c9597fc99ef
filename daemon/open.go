package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"intercom/client"
	"intercom/client/wire"
	"intercom/ledger"
	"intercom/ledger/event"
	"intercom/p2p/channel"
)

const (
	openControl = "open_channel"
	maxOpens    = 64          // requests of others that wait to be followed
	openEvery   = time.Minute // at most maxOpens channels are joined in that time
)

// opened takes the requests of others to open a channel.
type opened struct {
	allow, join bool
	log         *slog.Logger
	names       chan string // to be joined

	taken, refused, joined atomic.Uint64

	mu    sync.Mutex
	since time.Time
	n     int // joined since then
}

func newOpened(c *client.Config, log *slog.Logger) *opened {
	return &opened{
		allow: c.Switch("sidechannel-allow-remote-open"), join: c.Switch("sidechannel-auto-join"),
		log: log, names: make(chan string, maxOpens),
	}
}

// request reports whether a message is a request to open a channel, and takes
// it. Clients are not told, as the original does it.
func (o *opened) request(via string, m channel.Message) bool {
	if len(m.Message) > 16<<10 || !bytes.HasPrefix(m.Message, []byte("{")) || !bytes.Contains(m.Message, []byte(openControl)) {
		return false
	}
	var in struct {
		Control string `json:"control"`
		Channel string `json:"channel"`
	}
	if json.Unmarshal(m.Message, &in) != nil || in.Control != openControl {
		return false
	}
	name, err := event.ChannelName(in.Channel)
	switch {
	case !o.allow, err != nil:
		o.refused.Add(1)
		return true
	case !o.join:
		o.taken.Add(1)
		o.log.Info("asked to open a channel", "channel", name, "via", via, "from", m.From)
		return true
	}
	select {
	case o.names <- name:
		o.taken.Add(1)
	default:
		o.refused.Add(1)
	}
	return true
}

// follow joins the channels of requests until ctx ends.
func (o *opened) follow(ctx context.Context, l *ledger.Ledger, now func() time.Time) error {
	for {
		var name string
		select {
		case <-ctx.Done():
			return ctx.Err()
		case name = <-o.names:
		}
		r, err := l.Room(name)
		if err == nil && o.may(now()) {
			err = r.Join(ctx)
		} else {
			o.refused.Add(1)
			continue
		}
		if err != nil {
			o.log.Warn("channel not joined on request", "channel", name, "error", err)
			continue
		}
		o.joined.Add(1)
	}
}

// may bounds what others make us join.
func (o *opened) may(now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now.Sub(o.since) >= openEvery {
		o.since, o.n = now, 0
	}
	o.n++
	return o.n <= maxOpens
}

func (o *opened) stats() map[string]int64 {
	return map[string]int64{
		"open_requests": int64(o.taken.Load()), "open_refused": int64(o.refused.Load()), "open_joined": int64(o.joined.Load()),
	}
}

// gapFound tells clients of packets that did not come.
func (d *Daemon) gapFound(name string, g channel.Gap) {
	from := event.Key(g.From).String()
	d.o.Log.Debug("packets missing", "channel", name, "from", from, "first", g.First, "last", g.Last)
	d.happened(wire.PushGap, name, wire.Gap{
		Channel: name, From: from, Missing: [2]uint64{g.First, g.Last}, TS: d.o.Now().UnixMilli(),
	})
}
