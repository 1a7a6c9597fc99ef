//go:build linux

package daemon_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// natsServer is a running nats-server, the nearest program by task: a daemon
// that carries messages, without signatures and without rooms.
type natsServer struct {
	cmd      *exec.Cmd
	addr     string
	launched time.Time
}

// launchNATS returns nil where nats-server is not installed.
func launchNATS(b *testing.B, flags ...string) *natsServer {
	b.Helper()
	path, err := exec.LookPath("nats-server")
	if err != nil {
		return nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") // a free port
	if err != nil {
		b.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	s := &natsServer{addr: "127.0.0.1:" + port, launched: time.Now()}
	s.cmd = exec.Command(path, append([]string{"-a", "127.0.0.1", "-p", port}, flags...)...)
	if err := s.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.kill)
	return s
}

func (s *natsServer) kill() {
	_ = s.cmd.Process.Kill() // it may have ended
	_ = s.cmd.Wait()
}

// dial connects when the server says INFO, its hello.
func (s *natsServer) dial(b *testing.B) (net.Conn, *bufio.Reader) {
	b.Helper()
	var conn net.Conn
	var in *bufio.Reader
	awaits(b, soon, "nats-server says INFO", func() bool {
		var err error
		if conn, err = net.Dial("tcp", s.addr); err != nil {
			return false
		}
		in = bufio.NewReader(conn)
		line, err := in.ReadString('\n')
		return err == nil && strings.HasPrefix(line, "INFO ")
	})
	b.Cleanup(func() { conn.Close() })
	return conn, in
}

// askNATS sends lines and reads until one begins with the answer.
func askNATS(b *testing.B, conn net.Conn, in *bufio.Reader, lines, answer string) string {
	b.Helper()
	if _, err := conn.Write([]byte(lines)); err != nil {
		b.Fatal(err)
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil || strings.HasPrefix(line, "-ERR") {
			b.Fatalf("nats-server: %s %v", line, err)
		}
		if strings.HasPrefix(line, answer) {
			return line
		}
	}
}

// BenchmarkNATS measures the same of nats-server: start, memory at rest, an
// answered ping, and memory and disk with 100,000 stored messages of 300 bytes.
func BenchmarkNATS(b *testing.B) {
	const runs, pings, messages, size = 7, 20_000, 100_000, 300
	for b.Loop() {
		var starts []time.Duration
		for range runs {
			s := launchNATS(b)
			if s == nil {
				b.Skip("nats-server is not installed")
			}
			s.dial(b)
			starts = append(starts, time.Since(s.launched))
			s.kill()
		}
		report(b, "start-ms", ms(median(starts)))

		dir := b.TempDir()
		s := launchNATS(b, "-js", "-sd", dir)
		conn, in := s.dial(b)
		askNATS(b, conn, in, "CONNECT {\"verbose\":false}\r\nPING\r\n", "PONG")
		report(b, "rest-MB", anon(b, s.cmd.Process.Pid))
		report(b, "ping-us", us(median(timed(pings, func(int) { askNATS(b, conn, in, "PING\r\n", "PONG") }))))

		config, _ := json.Marshal(map[string]any{"name": "S", "subjects": []string{"s"}, "storage": "file"})
		askNATS(b, conn, in, fmt.Sprintf("SUB i 1\r\nPUB $JS.API.STREAM.CREATE.S i %d\r\n%s\r\n", len(config), config), "{")
		message := []byte(fmt.Sprintf("PUB s i %d\r\n%s\r\n", size, strings.Repeat("x", size)))
		began := time.Now()
		stored := make(chan struct{})
		go func() {
			defer close(stored)
			for n := 0; n < messages; {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if strings.HasPrefix(line, "{") {
					n++
				}
			}
		}()
		out := bufio.NewWriterSize(conn, 64<<10)
		for range messages {
			out.Write(message) // its error is that of Flush
		}
		if err := out.Flush(); err != nil {
			b.Fatal(err)
		}
		select {
		case <-stored:
		case <-time.After(time.Minute):
			b.Fatal("nats-server has not acknowledged within a minute")
		}
		report(b, "stored-per-s", messages/time.Since(began).Seconds())
		report(b, "full-MB", anon(b, s.cmd.Process.Pid))
		report(b, "disk-B", float64(onDisk(b, dir))/messages)
	}
}
