package websocket_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	gorilla "github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"intercom/client/websocket"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve runs a server of the library that the daemon uses, and dials it.
func serve(t *testing.T, talk func(*gorilla.Conn)) *websocket.Conn {
	t.Helper()
	var talking sync.WaitGroup
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		talking.Add(1)
		defer talking.Done()
		conn, err := (&gorilla.Upgrader{WriteBufferSize: 64, EnableCompression: true}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		talk(conn)
	}))
	t.Cleanup(func() {
		server.Close()
		talking.Wait()
	})
	address := server.Listener.Addr().String()
	plain, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	c, err := websocket.Open(t.Context(), plain, address, "", 4<<20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// echo answers until the connection ends.
func echo(conn *gorilla.Conn) {
	for {
		kind, message, err := conn.ReadMessage()
		if err != nil || conn.WriteMessage(kind, message) != nil {
			return
		}
	}
}

func TestMessagesOfAnySizeComeBack(t *testing.T) {
	c := serve(t, echo)
	for _, n := range []int{0, 1, 125, 126, 32767, 32768, 32769, 65535, 65536, 3 << 20} {
		message := bytes.Repeat([]byte("é"), n/2+1)[:n/2*2]
		if err := c.Write(t.Context(), message); err != nil {
			t.Fatal(err)
		}
		if got, err := c.Read(); err != nil || !bytes.Equal(got, message) {
			t.Fatalf("%d bytes: got %d, %v", n, len(got), err)
		}
	}
}

func TestManyWritersShareAConnection(t *testing.T) {
	c := serve(t, echo)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range 20 {
				if err := c.Write(t.Context(), []byte(strings.Repeat("x", 5000))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 400 {
		if got, err := c.Read(); err != nil || len(got) != 5000 {
			t.Fatalf("got %d bytes, %v", len(got), err)
		}
	}
	all.Wait()
}

func TestPingsAreAnswered(t *testing.T) {
	answered := make(chan string, 1)
	c := serve(t, func(conn *gorilla.Conn) {
		conn.SetPongHandler(func(text string) error { answered <- text; return nil })
		conn.WriteControl(gorilla.PingMessage, []byte("are you there"), time.Time{})
		echo(conn)
	})
	go c.Read()
	if got := <-answered; got != "are you there" {
		t.Errorf("answered %q", got)
	}
}

func TestCloseOfTheServerHasItsReason(t *testing.T) {
	c := serve(t, func(conn *gorilla.Conn) {
		conn.WriteControl(gorilla.CloseMessage, gorilla.FormatCloseMessage(gorilla.CloseGoingAway, "daemon stops"), time.Time{})
		conn.ReadMessage()
	})
	_, err := c.Read()
	if end, ok := errors.AsType[*websocket.CloseError](err); !ok || end.Code != gorilla.CloseGoingAway || end.Text != "daemon stops" {
		t.Errorf("error %v", err)
	}
	if err := c.Write(t.Context(), nil); err == nil {
		t.Error("a closed connection takes messages")
	}
}

func TestServerHearsTheGoodbye(t *testing.T) {
	heard := make(chan error, 1)
	c := serve(t, func(conn *gorilla.Conn) {
		_, _, err := conn.ReadMessage()
		heard <- err
	})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-heard; !gorilla.IsCloseError(err, gorilla.CloseNormalClosure) {
		t.Errorf("heard %v", err)
	}
}

func TestCloseEndsARead(t *testing.T) {
	c := serve(t, echo)
	ended := make(chan error, 1)
	go func() {
		_, err := c.Read()
		ended <- err
	}()
	c.Close()
	if err := <-ended; err == nil {
		t.Error("read a message that nobody sent")
	}
}

func TestDeadlineEndsARead(t *testing.T) {
	c := serve(t, echo)
	if err := c.SetReadDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	_, err := c.Read()
	if late, ok := errors.AsType[net.Error](err); !ok || !late.Timeout() {
		t.Errorf("error %v", err)
	}
}

func TestContextEndsAWriteToAServerThatDoesNotRead(t *testing.T) {
	stay := make(chan struct{})
	c := serve(t, func(*gorilla.Conn) { <-stay })
	defer close(stay)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	message := make([]byte, 1<<20)
	var err error
	for err == nil { // until the buffers of the system are full
		err = c.Write(ctx, message)
	}
	if ctx.Err() == nil {
		t.Errorf("ended before its time: %v", err)
	}
	if err := c.Write(t.Context(), nil); err == nil {
		t.Error("a message was begun behind half of another")
	}
}

func TestContextThatEndedBeforeAWriteLeavesTheConnection(t *testing.T) {
	c := serve(t, echo)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Write(ctx, []byte("a")); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := c.Write(t.Context(), []byte("b")); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Read(); err != nil || string(got) != "b" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestContextEndsAHandshake(t *testing.T) {
	silent, server := net.Pipe()
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		server.Read(make([]byte, 1<<10))
		cancel()
	}()
	if _, err := websocket.Open(ctx, silent, "localhost", "", limit); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func BenchmarkEcho(b *testing.B) {
	s := &script{answer: consent, frames: []byte(strings.Repeat(frame(0x81, strings.Repeat("x", 200)), 1000))}
	frames := s.frames
	c, err := websocket.Open(b.Context(), s, "localhost", "", limit)
	if err != nil {
		b.Fatal(err)
	}
	message := bytes.Repeat([]byte("y"), 200)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if err := c.Write(b.Context(), message); err != nil {
			b.Fatal(err)
		}
		if _, err := c.Read(); err != nil {
			b.Fatal(err)
		}
		if n++; n%1000 == 0 {
			s.in = bytes.NewReader(frames)
			s.sent.Reset()
		}
	}
}
