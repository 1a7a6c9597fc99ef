package bridge_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"intercom/daemon/bridge"
)

func fmtAddr(n int) string { return fmt.Sprintf("198.51.%d.%d:1", n/256, n%256) }

// raw frames, RFC 6455 5.2: the first byte is FIN, three reserved bits and the
// kind; the second the mask bit and the length.
func masked(first byte, payload string) []byte {
	frame := []byte{first, 0x80 | byte(len(payload)), 1, 2, 3, 4}
	for i := range len(payload) {
		frame = append(frame, payload[i]^byte(1+i%4))
	}
	return frame
}

func TestBrokenWebSocketFramesEndTheirConnectionAlone(t *testing.T) {
	r := start(t)
	other := r.local(t)
	const ping = `{"type":"ping"}`
	for name, frames := range map[string][]byte{
		"not masked":                   append([]byte{0x81, byte(len(ping))}, ping...),
		"reserved bit 1":               masked(0x81|0x40, ping),
		"reserved bit 2":               masked(0x81|0x20, ping),
		"reserved bit 3":               masked(0x81|0x10, ping),
		"unknown kind":                 masked(0x83, ping),
		"unknown control kind":         masked(0x8b, ""),
		"continuation of nothing":      masked(0x80, ping),
		"new message within a message": append(masked(0x01, ping), masked(0x81, ping)...),
		"ping in fragments":            masked(0x09, "x"),
		"long ping":                    append([]byte{0x89, 0x80 | 126, 0, 126, 1, 2, 3, 4}, make([]byte, 126)...),
		"close of one byte":            masked(0x88, "x"),
		"close with a bad code":        masked(0x88, "\x00\x01"),
		"close with bad text":          masked(0x88, "\x03\xe8\xff\xff"),
		"length of 63 bits and more":   append([]byte{0x81, 0xff}, binary.BigEndian.AppendUint64(nil, 1<<63)...),
		"what is no frame":             []byte("GET / HTTP/1.1\r\n\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			for _, c := range []*client{r.stranger(t), r.local(t)} {
				if _, err := c.NetConn().Write(frames); err != nil {
					t.Fatal(err)
				}
				c.SetReadDeadline(time.Now().Add(patience))
				for {
					_, data, err := c.ReadMessage()
					if closed, ok := errors.AsType[*websocket.CloseError](err); ok && closed.Code == websocket.CloseNormalClosure {
						t.Errorf("closed as if all were well")
					}
					if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
						t.Fatal("the connection stays open")
					}
					if err != nil {
						break
					}
					if strings.Contains(string(data), "pong") {
						t.Errorf("answered: %s", data)
					}
				}
			}
			if got := other.ask(ping); !strings.Contains(got, "pong") {
				t.Errorf("another client: %s", got)
			}
		})
	}
	eventually(t, "their sessions end", func() bool { return r.Stats().Sessions == 1 })
}

func TestFloodDelaysNobodyElse(t *testing.T) {
	for name, flood := range map[string]struct {
		frame []byte
		count int
	}{
		"pings":    {masked(0x89, strings.Repeat("x", 100)), 50_000},
		"requests": {masked(0x81, `{"type":"nonsense"}`), 100_000},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, func(o *bridge.Options) { o.Limits.Write, o.Limits.Queue = 500*time.Millisecond, 1<<20 })
			other := r.local(t)
			var floods sync.WaitGroup
			for range 3 {
				c := r.local(t)
				floods.Go(func() { // and never reads
					c.NetConn().SetWriteDeadline(time.Now().Add(3 * time.Second))
					for range flood.count {
						if _, err := c.NetConn().Write(flood.frame); err != nil {
							break
						}
					}
					c.Close()
				})
			}
			for range 100 {
				if got := other.ask(`{"type":"ping"}`); !strings.Contains(got, "pong") {
					t.Fatal(got)
				}
			}
			floods.Wait()
			eventually(t, "their sessions end", func() bool { return r.Stats().Sessions == 1 })
		})
	}
}

func TestAFrameThatTakesTooLongEndsItsConnection(t *testing.T) {
	r := start(t, func(o *bridge.Options) { o.Limits.Frame = 100 * time.Millisecond })
	idle, slow := r.local(t), r.local(t)
	head := append([]byte{0x81, 0x80 | 127}, binary.BigEndian.AppendUint64(nil, 1_000_000)...)
	if _, err := slow.NetConn().Write(append(head, 1, 2, 3, 4, 5)); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { // a byte now and then
		defer close(done)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for range tick.C {
			if _, err := slow.NetConn().Write([]byte{'x'}); err != nil {
				return
			}
		}
	}()
	if got := slow.closed(); got != websocket.ClosePolicyViolation {
		t.Errorf("close code %d", got)
	}
	slow.Close()
	<-done
	if got := idle.ask(`{"type":"ping"}`); !strings.Contains(got, "pong") {
		t.Errorf("a client that is silent between frames: %s", got)
	}
}

// TestRequestsThatAreReadInTwoWays are refused, or read in one: behind a proxy
// the second reading would be another's request.
func TestRequestsThatAreReadInTwoWays(t *testing.T) {
	r := start(t)
	const upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
	const here = "Host: 127.0.0.1\r\n"
	for name, tt := range map[string]struct {
		request string
		want    []int // statuses of the answers; 0: none
	}{
		"length and chunks":          {"POST / HTTP/1.1\r\n" + here + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\n" + here + "\r\n", []int{400, 426}},
		"two lengths":                {"POST / HTTP/1.1\r\n" + here + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd", []int{400}},
		"negative length":            {"POST / HTTP/1.1\r\n" + here + "Content-Length: -1\r\n\r\n", []int{400}},
		"unknown transfer encoding":  {"POST / HTTP/1.1\r\n" + here + "Transfer-Encoding: xchunked\r\n\r\n", []int{501, 400}},
		"blank before the colon":     {"GET / HTTP/1.1\r\n" + here + "Origin : http://evil.example\r\n\r\n", []int{400}},
		"line that is folded":        {"GET / HTTP/1.1\r\n" + here + "X: a\r\n Origin: b\r\n\r\n", []int{400, 426}},
		"NUL in a header":            {"GET / HTTP/1.1\r\n" + here + "X: a\x00b\r\n\r\n", []int{400}},
		"two hosts":                  {"GET / HTTP/1.1\r\n" + here + "Host: evil.example\r\n\r\n", []int{400}},
		"no host":                    {"GET / HTTP/1.1\r\n\r\n", []int{400}},
		"no host in HTTP/1.0":        {"GET / HTTP/1.0\r\n\r\n", []int{403}},
		"host in the target":         {"GET http://evil.example/ HTTP/1.1\r\n" + here + upgrade + "\r\n", []int{403}},
		"host with a user":           {"GET / HTTP/1.1\r\nHost: evil.example@127.0.0.1\r\n" + upgrade + "\r\n", []int{400, 403}},
		"host with a path":           {"GET / HTTP/1.1\r\nHost: 127.0.0.1/evil.example\r\n" + upgrade + "\r\n", []int{400, 403}},
		"decimal host":               {"GET / HTTP/1.1\r\nHost: 2130706433\r\n" + upgrade + "\r\n", []int{403}},
		"origin twice":               {"GET / HTTP/1.1\r\n" + here + upgrade + "Origin: http://localhost\r\nOrigin: https://evil.example\r\n\r\n", []int{403}},
		"origins in one line":        {"GET / HTTP/1.1\r\n" + here + upgrade + "Origin: http://localhost, https://evil.example\r\n\r\n", []int{403}},
		"token in the address":       {"GET /?token=" + token + " HTTP/1.1\r\n" + here + "\r\n", []int{426}},
		"another method":             {"POST / HTTP/1.1\r\n" + here + upgrade + "Content-Length: 0\r\n\r\n", []int{405, 400}},
		"HTTP/2 without TLS":         {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", []int{505, 400, 403}},
		"h2c upgrade":                {"GET / HTTP/1.1\r\n" + here + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\n\r\n", []int{426}},
		"no HTTP":                    {"\x16\x03\x01\x00\x05hello\r\n\r\n", []int{400}},
		"upgrade with a body":        {"GET / HTTP/1.1\r\n" + here + upgrade + "Content-Length: 5\r\n\r\nhello", []int{0}},
		"upgrade and frames at once": {"GET / HTTP/1.1\r\n" + here + upgrade + "\r\n" + string(masked(0x81, `{"type":"ping"}`)), []int{0}},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", r.tcp)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(patience))
			if _, err := io.WriteString(conn, tt.request); err != nil {
				t.Fatal(err)
			}
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil && tt.want[0] == 0 {
				return
			}
			if err != nil {
				t.Fatalf("no answer: %v", err)
			}
			answer.Body.Close()
			for _, status := range tt.want {
				if status == answer.StatusCode {
					return
				}
			}
			t.Errorf("status %d, want one of %v", answer.StatusCode, tt.want)
		})
	}
	if got := r.local(t).ask(`{"type":"ping"}`); !strings.Contains(got, "pong") {
		t.Error(got)
	}
}
