//go:build linux

package daemon_test

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"intercom/client"
	"intercom/client/wire"
)

func ping(b *testing.B, c *client.Client) {
	b.Helper()
	var pong wire.PingReply
	if err := c.Do(b.Context(), wire.Ping.Spec, wire.None{}, &pong); err != nil {
		b.Fatal(err)
	}
}

// echoServer is the floor of a ping: the same WebSocket library, no daemon.
func echoServer(b *testing.B) *websocket.Conn {
	b.Helper()
	path := filepath.Join(b.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		b.Fatal(err)
	}
	upgrader := websocket.Upgrader{}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		for {
			kind, message, err := conn.ReadMessage()
			if err != nil || conn.WriteMessage(kind, message) != nil {
				return
			}
		}
	})}
	go s.Serve(l) // ends with Close
	b.Cleanup(func() { s.Close() })
	dialer := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return net.Dial("unix", path) }}
	conn, _, err := dialer.DialContext(b.Context(), "ws://localhost/", nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return conn
}

// BenchmarkRequest measures a ping on an open connection, beside an echo of
// the same library, and one with its own connection: over TCP with a token,
// and over the socket.
func BenchmarkRequest(b *testing.B) {
	const pings, dials = 20_000, 1_000
	for b.Loop() {
		d := benchHome(b, release(b, "intercomd")).Start("a")
		c := d.Dial()
		ping(b, c)
		used := cpu(b, d.PID())
		p50 := timed(pings, func(int) { ping(b, c) })
		report(b, "ping-cpu-us", us(cpu(b, d.PID())-used)/pings)
		report(b, "ping-us", us(median(p50)))
		report(b, "ping-p99-us", us(quantile(p50, 0.99)))

		echo := echoServer(b)
		report(b, "echo-us", us(median(timed(pings, func(int) {
			if err := echo.WriteMessage(websocket.TextMessage, []byte(`{"id":1,"type":"ping"}`)); err != nil {
				b.Fatal(err)
			}
			if _, _, err := echo.ReadMessage(); err != nil {
				b.Fatal(err)
			}
		}))))

		oneShot := func(address string) float64 {
			c := client.Client{Profile: d.Profile, Address: address}
			return ms(median(timed(dials, func(int) {
				ping(b, &c)
				if err := c.Close(); err != nil {
					b.Fatal(err)
				}
			})))
		}
		report(b, "tcp-oneshot-ms", oneShot(d.Info().TCP))
		report(b, "socket-oneshot-ms", oneShot(""))
	}
}

// BenchmarkClientProcess measures a whole command, `expense balance`, beside a
// Go program that does nothing, and what Go does in it before main.
func BenchmarkClientProcess(b *testing.B) {
	const runs = 40
	for b.Loop() {
		h := benchHome(b, release(b, "intercomd"))
		d := h.Start("a")
		fill(b, d, 0, 10)
		program := release(b, "intercom")
		info, err := os.Stat(program)
		if err != nil {
			b.Fatal(err)
		}
		report(b, "size-MB", float64(info.Size())/1e6)

		var env []string
		run := func(path string, args ...string) (used time.Duration, stderr string) {
			cmd := exec.Command(path, args...)
			cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.Dir, "INTERCOM_HOME=" + h.Dir}, env...)
			var text strings.Builder
			cmd.Stderr = &text
			if err := cmd.Run(); err != nil {
				b.Fatalf("%v: %s", err, text.String())
			}
			return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), text.String()
		}
		ours := func(int) time.Duration {
			used, _ := run(program, "--profile", "a", "--json", "expense", "balance", "--channel", benchRoom)
			return used
		}
		bare := filepath.Join(b.TempDir(), "bare")
		source := bare + ".go"
		if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
			b.Fatal(err)
		}
		if out, err := exec.Command("go", "build", "-o", bare, source).CombinedOutput(); err != nil {
			b.Fatalf("build: %v\n%s", err, out)
		}

		var used time.Duration
		report(b, "process-ms", ms(median(timed(runs, func(i int) { used += ours(i) }))))
		report(b, "process-cpu-ms", ms(used)/runs)
		report(b, "bare-ms", ms(median(timed(runs, func(int) { run(bare) }))))

		env = []string{"GODEBUG=inittrace=1"}
		var sums []time.Duration
		for range runs {
			_, trace := run(program, "--help")
			sums = append(sums, initTime(trace))
		}
		report(b, "init-ms", ms(median(sums)))
	}
}

// initTime adds the times of a trace with lines such as
// `init time @0.51 ms, 0.012 ms clock, 256 bytes, 2 allocs`.
func initTime(trace string) (sum time.Duration) {
	for line := range strings.Lines(trace) {
		if f := strings.Fields(line); len(f) > 5 && f[0] == "init" && f[5] == "ms" {
			v, _ := strconv.ParseFloat(f[4], 64)
			sum += time.Duration(v * float64(time.Millisecond))
		}
	}
	return sum
}
