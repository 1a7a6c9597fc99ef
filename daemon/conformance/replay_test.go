//go:build unix

package conformance_test

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
)

// replayer has one recorded conversation again.
type replayer struct {
	t       *testing.T
	pair    *pair
	file    string
	names   *names
	uses    *uses
	clients map[string]*client
	closed  map[string]bool
	witness map[*daemontest.Daemon]*client // sees all messages that come to a daemon
	control bool                           // what was sent last is never pushed
}

// replay sends what was sent and compares what comes with what came: on each
// connection the same frames in the same order. Nothing is sent before all
// that was received before it is here.
func replay(t *testing.T, p *pair, u *uses, file string, all []record) {
	r := &replayer{
		t: t, pair: p, file: file, names: newNames(), uses: u,
		clients: map[string]*client{}, closed: map[string]bool{},
		witness: map[*daemontest.Daemon]*client{p.a: login(t, p.a), p.b: login(t, p.b)},
	}
	for _, rec := range all {
		var err error
		switch rec.Dir {
		case "send":
			err = r.send(rec)
		case "recv":
			err = r.recv(rec)
		case "note":
			r.note(rec)
		case "closed":
			err = r.closing(rec)
		default:
			err = fmt.Errorf("what is %s?", rec.Dir)
		}
		if err != nil {
			t.Fatalf("%s: %v\n%v", file, rec, err)
		}
	}
	for name := range r.clients {
		if !r.closed[name] {
			t.Errorf("%s: the recording leaves %s open", file, name)
		}
	}
}

// daemon returns the daemon of a connection.
func (r *replayer) daemon(peer string) *daemontest.Daemon {
	if peer[0] == 'b' {
		return r.pair.b
	}
	return r.pair.a
}

// client returns a connection, which is made at its first use.
func (r *replayer) client(peer string) *client {
	r.t.Helper()
	c, ok := r.clients[peer]
	if !ok {
		c = dial(r.t, r.daemon(peer), peer)
		r.clients[peer] = c
	}
	return c
}

// note does what some notes tell of.
func (r *replayer) note(rec record) {
	if rec.Note == "waiting 61 s for the timer" {
		r.pair.clock.Set(61 * time.Second)
	}
}

func (r *replayer) send(rec record) error {
	c := r.client(rec.Peer)
	switch {
	case rec.Msg != nil:
		r.meet(rec.Msg)
		control := rec.Msg.at("message").text("control")
		r.control = control == "auth" || control == "welcome"
		c.send(opText, []byte(rec.Msg.String()), 1)
	case rec.Raw == nil:
		// {"id":9,"type":"send","channel":"0000intercom","message":"x"*1000100}
		head, _, ok := strings.Cut(rec.Note, `"x"*1000100`)
		if !ok {
			return fmt.Errorf("what is sent?")
		}
		c.send(opText, []byte(head+`"`+strings.Repeat("x", 1_000_100)+`"}`), 1)
	case strings.HasPrefix(*rec.Raw, "(WS ping) "):
		c.send(opPing, []byte(strings.TrimPrefix(*rec.Raw, "(WS ping) ")), 1)
	case rec.Binary:
		data, err := hex.DecodeString(strings.TrimPrefix(*rec.Raw, "(hex) "))
		if err != nil {
			return err
		}
		c.send(opBinary, data, 1)
	default:
		fragments := map[string]int{"": 1, "two fragments": 2, "three fragments": 3}[rec.Note]
		if fragments == 0 {
			return fmt.Errorf("how is it sent?")
		}
		c.send(opText, []byte(*rec.Raw), fragments)
	}
	return nil
}

// arrive waits until the other peer has a message that was sent, so that what
// its clients ask for next comes after it.
func (r *replayer) arrive(from *daemontest.Daemon, sent *value) error {
	to := r.pair.a
	if from == to {
		to = r.pair.b
	}
	if r.control || !here(to, sent.text("channel")).Joined {
		return nil
	}
	for {
		if got, err := r.witness[to].message(); err != nil || got.text("id") == sent.text("messageId") {
			return err
		}
	}
}

// meet waits until peers that are both in the channel of a request see each
// other there: the recorded ones had time to.
func (r *replayer) meet(msg *value) {
	r.t.Helper()
	channel := strings.TrimSpace(msg.text("channel"))
	if channel == "" {
		channel = strings.TrimSpace(msg.text("room"))
	}
	if channel == "" {
		channel = "0000intercom"
	}
	daemontest.Eventually(r.t, soon, "both see each other in "+channel, func() bool {
		a, b := here(r.pair.a, channel), here(r.pair.b, channel)
		return !a.Joined || !b.Joined || a.Peers == 1 && b.Peers == 1
	})
}

// here returns what a daemon says of a channel.
func here(d *daemontest.Daemon, channel string) wire.ChannelInfo {
	for _, c := range daemontest.Call(d, wire.Channels, wire.ChannelsReq{}).Channels {
		if c.Channel == channel {
			return c
		}
	}
	return wire.ChannelInfo{}
}

func (r *replayer) recv(rec record) error {
	c := r.client(rec.Peer)
	if rec.Raw != nil {
		got, err := c.next()
		if want := strings.TrimPrefix(*rec.Raw, "(WS pong) "); err == nil && (!got.pong || string(got.data) != want) {
			err = fmt.Errorf("got %q", got.data)
		}
		return err
	}
	all, anyOrder := r.uses.deviate(r.t, r.file, rec)
	alone := len(all) == 1
	for len(all) > 0 {
		got, err := c.message()
		if err != nil {
			return fmt.Errorf("want %s: %w", shorten(all[0].String()), err)
		}
		next := 0
		if anyOrder {
			next = max(0, slices.IndexFunc(all, func(v *value) bool { return v.text("type") == got.text("type") }))
		}
		want := all[next]
		if alone && want != rec.Msg && r.names.clone().compare(rec.Msg, got) == nil {
			r.t.Errorf("%s: %v: needs no deviation", r.file, rec)
		}
		all = slices.Delete(all, next, next+1)
		if err := r.names.compare(want, got); err != nil {
			// Go on: the next frames may be right.
			r.t.Errorf("%s: %v: %v\n got %s\nwant %s", r.file, rec, err, got, want)
		}
		if got.text("type") == "sent" {
			if err := r.arrive(r.daemon(rec.Peer), got); err != nil {
				return err
			}
		}
	}
	return nil
}

// closing ends a connection, once nothing more can come on it.
func (r *replayer) closing(rec record) error {
	if len(r.closed) == 0 {
		if err := r.silence(); err != nil {
			return err
		}
	}
	r.closed[rec.Peer] = true
	code, err := r.clients[rec.Peer].close()
	if err == nil && code != rec.Code {
		err = fmt.Errorf("closed with %d, want %d", code, rec.Code)
	}
	return err
}

// silence makes sure that no frame came that was not asked for: the message
// that each peer sends now is the next frame of the other's connections.
func (r *replayer) silence() error {
	r.meet(mustParse(`{}`))
	for _, d := range []*daemontest.Daemon{r.pair.a, r.pair.b} {
		mark := fmt.Sprintf("the end of %s, says %s", r.file, d.Profile.Name)
		daemontest.Call(d, wire.Send, wire.SendReq{Channel: "0000intercom", Message: []byte(quote(mark))})
		for name, c := range r.clients {
			if r.daemon(name) == d || name == "a-unauth" {
				continue
			}
			got, err := c.message()
			if err != nil {
				return err
			}
			if got.text("message") != mark {
				return fmt.Errorf("%s got what was not asked for: %s", name, got)
			}
		}
	}
	for name, c := range r.clients {
		if len(c.frames) > 0 {
			f := <-c.frames
			return fmt.Errorf("%s got what was not asked for: %s %v", name, f.data, f.err)
		}
	}
	return nil
}
