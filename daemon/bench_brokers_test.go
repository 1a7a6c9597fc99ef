//go:build linux

package daemon_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// flood writes a message n times and reports how many a second arrived, as
// soon as arrived returns.
func flood(b *testing.B, conn net.Conn, message []byte, n int, arrived func() error) float64 {
	b.Helper()
	began, failed := time.Now(), make(chan error, 1)
	go func() { failed <- arrived() }()
	out := bufio.NewWriterSize(conn, 64<<10)
	for range n {
		out.Write(message) // its error is that of Flush
	}
	if err := out.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := <-failed; err != nil {
		b.Fatal(err)
	}
	return perSecond(n, time.Since(began))
}

// natsMessages reads n messages of a subject.
func natsMessages(in *bufio.Reader, n int) error {
	for range n {
		line, err := in.ReadString('\n')
		for err == nil && !strings.HasPrefix(line, "MSG ") {
			line, err = in.ReadString('\n')
		}
		if err != nil {
			return err
		}
		fields := strings.Fields(line)
		size, _ := strconv.Atoi(fields[len(fields)-1])
		if _, err := in.Discard(size + 2); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkNATSMessage measures the same between two clients of nats-server:
// a message that another client answers, and many one way. Nothing is signed.
func BenchmarkNATSMessage(b *testing.B) {
	const singly, pause = 3_000, 10 * time.Second
	for b.Loop() {
		s := launchNATS(b)
		if s == nil {
			b.Skip("nats-server is not installed")
		}
		from, fromIn := s.dial(b)
		to, toIn := s.dial(b)
		askNATS(b, to, toIn, "CONNECT {\"verbose\":false}\r\nSUB m 1\r\nSUB q 2\r\nPING\r\n", "PONG")
		askNATS(b, from, fromIn, "CONNECT {\"verbose\":false}\r\nSUB a 1\r\nPING\r\n", "PONG")
		message := func(subject string, size int) []byte {
			return fmt.Appendf(nil, "PUB %s %d\r\n%s\r\n", subject, size, strings.Repeat("x", size))
		}
		question, answer := message("q", 200), message("a", 200)
		report(b, "p50-ms", ms(median(timed(singly, func(int) {
			from.SetDeadline(time.Now().Add(pause))
			to.SetDeadline(time.Now().Add(pause))
			if _, err := from.Write(question); err != nil {
				b.Fatal(err)
			}
			if err := natsMessages(toIn, 1); err != nil {
				b.Fatal(err)
			}
			if _, err := to.Write(answer); err != nil {
				b.Fatal(err)
			}
			if err := natsMessages(fromIn, 1); err != nil {
				b.Fatal(err)
			}
		}))))
		from.SetDeadline(time.Time{})
		to.SetDeadline(time.Time{})
		report(b, "200B-per-s", flood(b, from, message("m", 200), 500_000, func() error { return natsMessages(toIn, 500_000) }))
		report(b, "4kB-per-s", flood(b, from, message("m", 4096), 100_000, func() error { return natsMessages(toIn, 100_000) }))
	}
}

// mqtt makes a packet of MQTT 3.1.1: its first byte, and its body.
func mqtt(first byte, body ...[]byte) []byte {
	n := 0
	for _, part := range body {
		n += len(part)
	}
	p := binary.AppendUvarint([]byte{first}, uint64(n)) // section 2.2.3: the same form
	for _, part := range body {
		p = append(p, part...)
	}
	return p
}

func mqttText(s string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(s))), s...)
}

// mqttPackets reads n packets.
func mqttPackets(in *bufio.Reader, n int) error {
	for range n {
		if _, err := in.ReadByte(); err != nil {
			return err
		}
		size, err := binary.ReadUvarint(in)
		if err == nil {
			_, err = io.CopyN(io.Discard, in, int64(size))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkMosquitto measures messages of QoS 0 between two clients of
// mosquitto.
func BenchmarkMosquitto(b *testing.B) {
	const singly = 3_000
	path, err := exec.LookPath("mosquitto")
	if err != nil {
		b.Skip("mosquitto is not installed")
	}
	for b.Loop() {
		l, err := net.Listen("tcp", "127.0.0.1:0") // a free port; without a file it listens on loopback alone
		if err != nil {
			b.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(l.Addr().String())
		l.Close()
		cmd := exec.Command(path, "-p", port)
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
		dial := func(id string) (net.Conn, *bufio.Reader) {
			var conn net.Conn
			awaits(b, soon, "mosquitto listens", func() (ok bool) {
				conn, err = net.Dial("tcp", "127.0.0.1:"+port)
				return err == nil
			})
			b.Cleanup(func() { conn.Close() })
			in := bufio.NewReaderSize(conn, 64<<10)
			conn.Write(mqtt(0x10, mqttText("MQTT"), []byte{4, 2, 0, 0}, mqttText(id)))
			conn.Write(mqtt(0x82, []byte{0, 1}, mqttText(id), []byte{0})) // each gets what is for its own name
			if err := mqttPackets(in, 2); err != nil {
				b.Fatal(err)
			}
			return conn, in
		}
		from, fromIn := dial("from")
		to, toIn := dial("to")
		message := func(topic string, size int) []byte {
			return mqtt(0x30, mqttText(topic), []byte(strings.Repeat("x", size)))
		}
		question, answer := message("to", 200), message("from", 200)
		report(b, "p50-ms", ms(median(timed(singly, func(int) {
			from.Write(question)
			if err := mqttPackets(toIn, 1); err != nil {
				b.Fatal(err)
			}
			to.Write(answer)
			if err := mqttPackets(fromIn, 1); err != nil {
				b.Fatal(err)
			}
		}))))
		// It drops what a client does not take at once, so few are under way.
		for _, c := range []struct {
			name    string
			size, n int
		}{{"200B", 200, 100_000}, {"4kB", 4096, 30_000}} {
			frame := message("to", c.size)
			const window = 100 // below what mosquitto queues for a client
			began := time.Now()
			for range c.n / window {
				flood(b, from, frame, window, func() error { return mqttPackets(toIn, window) })
			}
			report(b, c.name+"-per-s", perSecond(c.n, time.Since(began)))
		}
	}
}
