//go:build unix

package daemontest

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"intercom/client"
	"intercom/client/wire"
)

// callWithin is how long a request may take on a busy machine.
const callWithin = 30 * time.Second

// Dial returns a further client of the daemon, which connects at its first
// use and is closed when the test ends.
func (d *Daemon) Dial() *client.Client {
	c := &client.Client{Profile: d.Profile}
	d.t.Cleanup(func() { c.Close() }) // the daemon may be gone, then this fails
	return c
}

// Try sends a declared request.
func Try[Req, Rep any](d *Daemon, def wire.Def[Req, Rep], in Req) (Rep, error) {
	ctx, cancel := context.WithTimeout(d.t.Context(), callWithin)
	defer cancel()
	return client.Call(ctx, d.client, def, in)
}

// Call is Try of a request that must succeed.
func Call[Req, Rep any](d *Daemon, def wire.Def[Req, Rep], in Req) Rep {
	d.t.Helper()
	rep, err := Try(d, def, in)
	if err != nil {
		d.t.Fatalf("%s to %s: %v", def.Request, d.Profile.Name, err)
	}
	return rep
}

// Frame is the fields of a request or of its reply.
type Frame map[string]any

// TryRaw sends a frame and returns the reply in our own shape.
func (d *Daemon) TryRaw(f Frame) (Frame, error) { return Send(d.t.Context(), d.client, f) }

// Raw is TryRaw of a request that must succeed.
func (d *Daemon) Raw(f Frame) Frame {
	d.t.Helper()
	reply, err := d.TryRaw(f)
	if err != nil {
		d.t.Fatalf("%v to %s: %v", f["type"], d.Profile.Name, err)
	}
	return reply
}

// Send sends a frame over a client and returns the reply in our own shape.
func Send(ctx context.Context, c *client.Client, f Frame) (Frame, error) {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	f["protocol"] = wire.Protocol.Max
	b, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("encode frame: %w", err)
	}
	answer, err := c.Raw(ctx, b)
	if err != nil {
		return nil, err
	}
	var reply Frame
	if err := json.Unmarshal(answer, &reply); err != nil {
		return nil, fmt.Errorf("decode reply: %w", err)
	}
	return reply, nil
}

// Info returns what the daemon tells of itself.
func (d *Daemon) Info() wire.NodeInfo {
	d.t.Helper()
	return Call(d, wire.Info, wire.None{}).Info
}

// Room returns what the daemon has of a room; zero where it has nothing.
func (d *Daemon) Room(name string) wire.RoomInfo {
	d.t.Helper()
	for _, r := range d.Info().Rooms {
		if r.Room == name {
			return r
		}
	}
	return wire.RoomInfo{}
}

// Count returns a counter of the daemon's stats.
func (d *Daemon) Count(name string) int64 {
	d.t.Helper()
	return Call(d, wire.Stats, wire.None{}).Counters[name]
}

// Join joins a channel.
func (d *Daemon) Join(channel string) {
	d.t.Helper()
	Call(d, wire.Join, wire.JoinReq{Channel: channel})
}

// Sees reports whether the daemon is connected with another.
func (d *Daemon) Sees(other *Daemon) bool {
	d.t.Helper()
	key := other.Info().PeerPubkey
	for _, p := range d.Info().Peers {
		if p.Peer == key {
			return true
		}
	}
	return false
}
