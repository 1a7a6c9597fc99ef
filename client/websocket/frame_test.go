package websocket_test

import (
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"intercom/client/websocket"
)

// First bytes of frames.
const (
	text, textPart  = "\x81", 0x01
	part, lastPart  = 0x00, 0x80
	ping, pong, bye = 0x89, 0x8a, 0x88
)

func reason(code uint16, text string) string {
	return string(binary.BigEndian.AppendUint16(nil, code)) + text
}

// TestConformance has what a server may send and what it may not (RFC 6455 5
// and 7), and what the client answers.
func TestConformance(t *testing.T) {
	long := strings.Repeat("x", 126)
	for name, c := range map[string]struct {
		frames  string
		message string // what Read returns first
		pongs   bool   // whether the client answers a ping, with pong
		pong    string
		told    uint16 // the code of its goodbye; 0: that of a normal end
		err     error  // what it returns then
		code    int    // of a *CloseError
	}{
		"text":                             {frames: frame(0x81, "hello"), message: "hello", err: io.ErrUnexpectedEOF},
		"an empty text":                    {frames: frame(0x81, ""), message: "", err: io.ErrUnexpectedEOF},
		"125 bytes":                        {frames: frame(0x81, long[1:]), message: long[1:], err: io.ErrUnexpectedEOF},
		"126 bytes":                        {frames: frame(0x81, long), message: long, err: io.ErrUnexpectedEOF},
		"65535 bytes":                      {frames: frame(0x81, strings.Repeat("y", 65535)), message: strings.Repeat("y", 65535), err: io.ErrUnexpectedEOF},
		"65536 bytes":                      {frames: frame(0x81, strings.Repeat("y", 65536)), message: strings.Repeat("y", 65536), err: io.ErrUnexpectedEOF},
		"fragments":                        {frames: frame(textPart, "a") + frame(part, "") + frame(part, "b") + frame(lastPart, "c"), message: "abc", err: io.ErrUnexpectedEOF},
		"a letter across fragments":        {frames: frame(textPart, "\xc3") + frame(lastPart, "\xa9"), message: "é", err: io.ErrUnexpectedEOF},
		"a ping between fragments":         {frames: frame(textPart, "a") + frame(ping, "p") + frame(lastPart, "b"), message: "ab", pongs: true, pong: "p", err: io.ErrUnexpectedEOF},
		"a ping without payload":           {frames: frame(ping, "") + frame(0x81, "m"), message: "m", pongs: true, err: io.ErrUnexpectedEOF},
		"a ping of 125 bytes":              {frames: frame(ping, long[1:]) + frame(0x81, "m"), message: "m", pongs: true, pong: long[1:], err: io.ErrUnexpectedEOF},
		"a pong that nobody asked for":     {frames: frame(pong, "p") + frame(0x81, "m"), message: "m", err: io.ErrUnexpectedEOF},
		"close with a reason":              {frames: frame(bye, reason(1001, "daemon stops")), told: 1001, code: 1001},
		"close with a code of its own":     {frames: frame(bye, reason(4001, "")), told: 4001, code: 4001},
		"close without a code":             {frames: frame(bye, ""), told: 1000, code: websocket.NoStatus},
		"close inside a message":           {frames: frame(textPart, "a") + frame(bye, ""), told: 1000, code: websocket.NoStatus},
		"close with half a code":           {frames: frame(bye, "\x03"), told: 1002, err: websocket.ErrProtocol},
		"close with a code never sent":     {frames: frame(bye, reason(1005, "")), told: 1002, err: websocket.ErrProtocol},
		"close with an unassigned code":    {frames: frame(bye, reason(2999, "")), told: 1002, err: websocket.ErrProtocol},
		"close with a reason not UTF-8":    {frames: frame(bye, reason(1000, "\xff")), told: 1007, err: websocket.ErrProtocol},
		"a masked frame":                   {frames: "\x81\x81\x01\x02\x03\x04a", told: 1002, err: websocket.ErrProtocol},
		"a reserved bit":                   {frames: frame(0xc1, "a"), told: 1002, err: websocket.ErrProtocol},
		"a reserved opcode":                {frames: frame(0x83, "a"), told: 1002, err: websocket.ErrProtocol},
		"a reserved control opcode":        {frames: frame(0x8b, "a"), told: 1002, err: websocket.ErrProtocol},
		"binary":                           {frames: frame(0x82, "a"), told: 1003, err: websocket.ErrProtocol},
		"a ping of 126 bytes":              {frames: frame(ping, long), told: 1002, err: websocket.ErrProtocol},
		"a ping in fragments":              {frames: frame(0x09, "p"), told: 1002, err: websocket.ErrProtocol},
		"a continuation of nothing":        {frames: frame(lastPart, "a"), told: 1002, err: websocket.ErrProtocol},
		"a message inside another":         {frames: frame(textPart, "a") + frame(0x81, "b"), told: 1002, err: websocket.ErrProtocol},
		"not UTF-8":                        {frames: frame(0x81, "a\xff"), told: 1007, err: websocket.ErrProtocol},
		"a length in 16 bits that needs 7": {frames: text + "\x7e\x00\x01a", told: 1002, err: websocket.ErrProtocol},
		"a length in 64 bits that needs 16": {frames: text + "\x7f\x00\x00\x00\x00\x00\x00\xff\xff" + strings.Repeat("x", 65535),
			told: 1002, err: websocket.ErrProtocol},
		"a length of 64 bits":       {frames: text + "\x7f\xff\xff\xff\xff\xff\xff\xff\xff", told: 1002, err: websocket.ErrProtocol},
		"a length of 63 bits":       {frames: text + "\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", told: 1009, err: websocket.ErrTooBig},
		"one byte above the limit":  {frames: frame(0x81, strings.Repeat("x", limit+1)), told: 1009, err: websocket.ErrTooBig},
		"fragments above the limit": {frames: frame(textPart, strings.Repeat("x", limit)) + frame(part, "x"), told: 1009, err: websocket.ErrTooBig},
		"a head that is cut":        {frames: text, told: 1000, err: io.ErrUnexpectedEOF},
		"a length that is cut":      {frames: text + "\x7f\x00", err: io.ErrUnexpectedEOF},
		"a payload that is cut":     {frames: text + "\x05hell", err: io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			conn, s := scripted(t, c.frames)
			message, err := conn.Read()
			if err == nil {
				if string(message) != c.message {
					t.Errorf("read %.80q", message)
				}
				_, err = conn.Read()
			}
			end, closed := errors.AsType[*websocket.CloseError](err)
			if c.code != 0 && (!closed || end.Code != c.code) || c.code == 0 && !errors.Is(err, c.err) {
				t.Errorf("error %v", err)
			}
			if _, again := conn.Read(); again != err {
				t.Errorf("then %v", again)
			}
			want := []string{"\x88" + reason(max(c.told, websocket.Normal), "")}
			if c.pongs {
				want = append([]string{"\x8a" + c.pong}, want...)
			}
			if sent := s.clientFrames(t); !slices.Equal(sent, want) {
				t.Errorf("the client sent %q", sent)
			}
		})
	}
}

func TestMessagesAreMaskedAndWhole(t *testing.T) {
	c, s := scripted(t, "")
	var want []string
	for _, n := range []int{0, 1, 7, 125, 126, 65535, 65536, 100_001} {
		message := strings.Repeat("0123456789", n/10+1)[:n]
		if err := c.Write(t.Context(), []byte(message)); err != nil {
			t.Fatal(err)
		}
		want = append(want, text+message)
	}
	if got := s.clientFrames(t); !slices.Equal(got, want) {
		t.Error("the frames are not what was written")
	}
}

func TestMaskIsNewForEachFrame(t *testing.T) {
	c, s := scripted(t, "")
	for range 2 {
		if err := c.Write(t.Context(), make([]byte, 16)); err != nil {
			t.Fatal(err)
		}
	}
	sent := s.sent.String()
	if half := sent[len(sent)-16:]; strings.Count(sent, half) != 1 {
		t.Error("two frames have one mask")
	}
}

func TestWriteDoesNotChangeTheMessage(t *testing.T) {
	c, _ := scripted(t, "")
	message := []byte("hello")
	if err := c.Write(t.Context(), message); err != nil || string(message) != "hello" {
		t.Errorf("%q, %v", message, err)
	}
}

// A length is a claim: memory follows what comes.
func TestHugeLengthTakesNoMemory(t *testing.T) {
	s := &script{answer: consent, frames: []byte(text + "\x7f\x00\x00\x00\x00\x3f\xff\xff\xffx")}
	c, err := websocket.Open(t.Context(), s, "localhost", "", 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := c.Read(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v", err)
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("took %d bytes", took)
	}
}

// Whatever a server sends, Read ends with messages that keep the promise and
// an error of a known kind.
func FuzzRead(f *testing.F) {
	for _, frames := range []string{
		frame(0x81, "hello"), frame(textPart, "a") + frame(ping, "p") + frame(lastPart, "b"),
		frame(bye, reason(1000, "x")), text + "\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", text + "\x7e\x00\x80" + strings.Repeat("x", 128),
	} {
		f.Add([]byte(frames))
	}
	f.Fuzz(func(t *testing.T, frames []byte) {
		c, _ := scripted(t, string(frames))
		for {
			message, err := c.Read()
			if err == nil {
				if len(message) > limit || !utf8.Valid(message) {
					t.Fatalf("read %d bytes", len(message))
				}
				continue
			}
			_, closed := errors.AsType[*websocket.CloseError](err)
			if !closed && !errors.Is(err, websocket.ErrProtocol) && !errors.Is(err, websocket.ErrTooBig) && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("unknown kind: %v", err)
			}
			return
		}
	})
}
