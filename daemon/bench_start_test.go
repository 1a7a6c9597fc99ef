//go:build linux

package daemon_test

import (
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
)

// start runs a daemon and returns how long it took to say hello to a client,
// and to be ready for every request.
func start(b *testing.B, h *daemontest.Home, profile string) (d *daemontest.Daemon, hello, ready time.Duration) {
	b.Helper()
	d = h.Launch(profile)
	c := d.Dial()
	hello = awaits(b, soon, "hello", func() bool { _, err := c.Hello(b.Context()); return err == nil }).Sub(d.Launched())
	ready = awaits(b, soon, "ready", func() bool {
		var health wire.HealthReply
		return c.Do(b.Context(), wire.Health.Spec, wire.None{}, &health) == nil && health.Ready
	}).Sub(d.Launched())
	return d, hello, ready
}

// BenchmarkStart measures the time from the start of the process to hello and
// to ready: with no store, with one of 10,000 entries after a stop and after a
// kill, and after a kill of the daemon and the peer it was connected with.
func BenchmarkStart(b *testing.B) {
	const runs, entries = 7, 10_000
	program := release(b, "intercomd")
	for b.Loop() {
		measure := func(name string, n int, run func() (hello, ready time.Duration)) {
			var hellos, readies []time.Duration
			for range n {
				hello, ready := run()
				hellos, readies = append(hellos, hello), append(readies, ready)
			}
			report(b, name+"-hello-ms", ms(median(hellos)))
			report(b, name+"-ready-ms", ms(median(readies)))
		}
		measure("empty", runs, func() (hello, ready time.Duration) {
			d, hello, ready := start(b, benchHome(b, program), "a")
			d.Stop()
			return hello, ready
		})

		h := benchHome(b, program)
		a := h.Start("a")
		fill(b, a, 0, entries)
		a.Stop()
		measure("existing", runs, func() (hello, ready time.Duration) {
			d, hello, ready := start(b, h, "a")
			d.Stop()
			return hello, ready
		})
		n := entries
		a = h.Start("a")
		measure("killed", runs, func() (hello, ready time.Duration) {
			fill(b, a, n, n+500)
			n += 500
			a.Kill()
			a, hello, ready = start(b, h, "a")
			return hello, ready
		})
		measure("peers-killed", 3, func() (hello, ready time.Duration) {
			peer := h.Start("b")
			awaits(b, soon, "the two are connected", func() bool { return a.Sees(peer) && peer.Sees(a) })
			a.Kill()
			peer.Kill()
			a, hello, ready = start(b, h, "a")
			return hello, ready
		})
		a.Stop()
	}
}
