//go:build linux

package daemon_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
)

// What follows measures messages of channels: from a client of one daemon to a
// client of another, both over their bridges.

// unlimited are the flags of a daemon whose channels have no rate limit, as the
// peers that it is measured beside.
var unlimited = []string{"--sidechannel-rate-bytes", "0", "--mdns", "0"}

// bridgeConn is a client that sends and reads frames as they are.
type bridgeConn struct{ *websocket.Conn }

func dialBridge(b *testing.B, d *daemontest.Daemon) bridgeConn {
	b.Helper()
	dialer := websocket.Dialer{
		NetDialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", d.Profile.Socket())
		},
		ReadBufferSize: 64 << 10, WriteBufferSize: 64 << 10,
	}
	conn, _, err := dialer.DialContext(b.Context(), "ws://localhost/", nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	if _, _, err := conn.ReadMessage(); err != nil { // hello
		b.Fatal(err)
	}
	return bridgeConn{conn}
}

// nextPush reads up to the next message of a channel.
func (c bridgeConn) nextPush() error {
	for {
		_, frame, err := c.ReadMessage()
		if err != nil || bytes.HasPrefix(frame, []byte(`{"type":"sidechannel_message"`)) {
			return err
		}
	}
}

// sendFrame is a request that sends a text of so many bytes.
func sendFrame(size int) []byte {
	return fmt.Appendf(nil, `{"type":"send","channel":%q,"message":"%s","protocol":1}`, benchRoom, strings.Repeat("x", size-2))
}

// channelOf starts daemons that are connected with each other and in one channel.
func channelOf(b *testing.B, program string, n int, flags ...string) []*daemontest.Daemon {
	b.Helper()
	h := benchHome(b, program)
	var all []*daemontest.Daemon
	for i := range n {
		d := h.Start(fmt.Sprint("m", i), flags...)
		d.Join(benchRoom)
		all = append(all, d)
	}
	for _, d := range all {
		awaits(b, 30*time.Second, "every daemon sees every other in the channel", func() bool {
			return len(daemontest.Call(d, wire.Describe, wire.DescribeReq{Channel: benchRoom}).Members) == n-1
		})
	}
	return all
}

// latency returns how long n messages took one after the other.
func latency(b *testing.B, from, to bridgeConn, n, size int) []time.Duration {
	b.Helper()
	frame := sendFrame(size)
	one := func(int) {
		if err := from.WriteMessage(websocket.TextMessage, frame); err != nil {
			b.Fatal(err)
		}
		if err := to.nextPush(); err != nil {
			b.Fatal(err)
		}
		if _, _, err := from.ReadMessage(); err != nil { // the receipt
			b.Fatal(err)
		}
	}
	timed(n/10, one)
	return timed(n, one)
}

// stream sends n messages with many under way, and returns how long it took
// until every receiver had all of them.
func stream(b *testing.B, from bridgeConn, to []bridgeConn, n, size, window int) time.Duration {
	b.Helper()
	frame := sendFrame(size)
	slots := make(chan struct{}, window)
	began := time.Now()
	var g errgroup.Group
	g.Go(func() error {
		for range n {
			slots <- struct{}{}
			if err := from.WriteMessage(websocket.TextMessage, frame); err != nil {
				return err
			}
		}
		return nil
	})
	g.Go(func() error {
		for range n {
			_, reply, err := from.ReadMessage()
			if err != nil {
				return err
			}
			if !bytes.HasPrefix(reply, []byte(`{"type":"sent"`)) {
				return fmt.Errorf("refused: %s", reply)
			}
			<-slots
		}
		return nil
	})
	for _, c := range to {
		g.Go(func() error {
			for i := range n {
				c.SetReadDeadline(time.Now().Add(20 * time.Second))
				if err := c.nextPush(); err != nil {
					return fmt.Errorf("%d of %d messages came: %w", i, n, err)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// perSecond is a rate.
func perSecond(n int, d time.Duration) float64 { return float64(n) / d.Seconds() }

// BenchmarkMessage measures messages from a client of one daemon to a client of
// another: one at a time without and with the default proof of work, and many
// at once. A lost one fails it.
func BenchmarkMessage(b *testing.B) {
	const singly = 3_000
	program := release(b, "intercomd")
	for b.Loop() {
		for _, pow := range []string{"0", "1"} {
			d := channelOf(b, program, 2, append(unlimited, "--sidechannel-pow", pow)...)
			from, to := dialBridge(b, d[0]), dialBridge(b, d[1])
			took := latency(b, from, to, singly, 200)
			name := map[string]string{"0": "", "1": "pow-"}[pow]
			report(b, name+"p50-ms", ms(median(took)))
			report(b, name+"p99-ms", ms(quantile(took, 0.99)))
			for _, c := range []struct {
				name            string
				n, size, window int
			}{{"200B", 200_000, 200, 1000}, {"4kB", 50_000, 4096, 500}} {
				used := cpu(b, d[0].PID()) + cpu(b, d[1].PID())
				stop := profileDaemons(b, name+c.name, d)
				took := stream(b, from, []bridgeConn{to}, c.n, c.size, c.window)
				stop()
				report(b, name+c.name+"-per-s", perSecond(c.n, took))
				report(b, name+c.name+"-cpu-us", us(cpu(b, d[0].PID())+cpu(b, d[1].PID())-used)/float64(c.n))
			}
			for _, d := range d {
				d.Stop()
			}
		}
	}
}

// BenchmarkChannelOfTen measures one that writes to nine others.
func BenchmarkChannelOfTen(b *testing.B) {
	const peers, messages = 10, 20_000
	program := release(b, "intercomd")
	for b.Loop() {
		d := channelOf(b, program, peers, append(unlimited, "--sidechannel-pow", "0")...)
		from := dialBridge(b, d[0])
		var to []bridgeConn
		for _, r := range d[1:] {
			to = append(to, dialBridge(b, r))
		}
		stop := profileDaemons(b, "ten", d[:2])
		took := stream(b, from, to, messages, 200, 1000)
		stop()
		report(b, "deliveries-per-s", perSecond(messages*(peers-1), took))
		gaps := int64(0)
		for _, r := range d[1:] {
			gaps += r.Count("channel_gaps")
		}
		report(b, "gaps", float64(gaps))
	}
}

// profileDaemons writes processor profiles of daemons into the folder that
// INTERCOM_BENCH_PROFILES names, for whoever looks for what costs.
func profileDaemons(b *testing.B, name string, daemons []*daemontest.Daemon) (stop func()) {
	b.Helper()
	dir := os.Getenv("INTERCOM_BENCH_PROFILES")
	if dir == "" {
		return func() {}
	}
	var g errgroup.Group
	for _, d := range daemons {
		g.Go(func() error {
			dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, "unix", d.Profile.Socket())
			}
			c := http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
			r, err := c.Get("http://localhost/debug/pprof/profile?seconds=3")
			if err != nil {
				return err
			}
			defer r.Body.Close()
			data, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, name+"-"+d.Profile.Name+".pprof"), data, 0o600)
		})
	}
	return func() {
		if err := g.Wait(); err != nil {
			b.Fatal(err)
		}
	}
}
