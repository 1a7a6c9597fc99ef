package websocket_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"intercom/client/websocket"
)

// script is a server that says what a test wrote down, whatever it hears.
type script struct {
	answer func(key string) string // to the handshake
	frames []byte                  // behind it

	in   io.Reader
	sent bytes.Buffer // by the client, its handshake first
}

func (s *script) Read(b []byte) (int, error) {
	if s.in == nil {
		s.in = io.MultiReader(strings.NewReader(s.answer(s.key())), bytes.NewReader(s.frames))
	}
	return s.in.Read(b)
}

func (s *script) key() string {
	_, rest, _ := strings.Cut(s.sent.String(), "Sec-WebSocket-Key: ")
	key, _, _ := strings.Cut(rest, "\r\n")
	return key
}

func (s *script) Write(b []byte) (int, error)        { return s.sent.Write(b) }
func (s *script) Close() error                       { return nil }
func (s *script) LocalAddr() net.Addr                { return nil }
func (s *script) RemoteAddr() net.Addr               { return nil }
func (s *script) SetDeadline(t time.Time) error      { return nil }
func (s *script) SetReadDeadline(t time.Time) error  { return nil }
func (s *script) SetWriteDeadline(t time.Time) error { return nil }

// frames returns the frames that the client sent, unmasked.
func (s *script) clientFrames(t testing.TB) []string {
	_, b, _ := bytes.Cut(s.sent.Bytes(), []byte("\r\n\r\n"))
	var frames []string
	for len(b) > 0 {
		if b[1]&0x80 == 0 {
			t.Fatal("a frame of the client is not masked")
		}
		n, rest := int(b[1]&0x7f), b[2:]
		switch n {
		case 126:
			n, rest = int(binary.BigEndian.Uint16(rest)), rest[2:]
		case 127:
			n, rest = int(binary.BigEndian.Uint64(rest)), rest[8:]
		}
		key, body := rest[:4], bytes.Clone(rest[4:4+n])
		for i := range body {
			body[i] ^= key[i%4]
		}
		frames = append(frames, string(b[:1])+string(body))
		b = rest[4+n:]
	}
	return frames
}

func accept(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// consent is the answer of a server that speaks WebSocket.
func consent(key string) string {
	return "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: " + accept(key) + "\r\n\r\n"
}

// frame makes one of a server: the first byte, the length in its shortest
// form, the payload.
func frame(first byte, payload string) string {
	n := len(payload)
	switch {
	case n < 126:
		return string([]byte{first, byte(n)}) + payload
	case n < 1<<16:
		return string(binary.BigEndian.AppendUint16([]byte{first, 126}, uint16(n))) + payload
	}
	return string(binary.BigEndian.AppendUint64([]byte{first, 127}, uint64(n))) + payload
}

const limit = 70_000 // bytes of a message

// scripted returns a connection to a server that sends frames.
func scripted(t testing.TB, frames string) (*websocket.Conn, *script) {
	t.Helper()
	s := &script{answer: consent, frames: []byte(frames)}
	c, err := websocket.Open(t.Context(), s, "localhost", "", limit)
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}
