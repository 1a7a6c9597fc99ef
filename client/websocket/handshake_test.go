package websocket_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"intercom/client/websocket"
)

func TestHandshake(t *testing.T) {
	head := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	for name, c := range map[string]struct {
		answer func(key string) string
		err    error // nil: consent
		status int   // of a *StatusError
	}{
		"consent":               {answer: consent},
		"ends of lines of Unix": {answer: func(key string) string { return strings.ReplaceAll(consent(key), "\r", "") }},
		"a token in two lines": {answer: func(key string) string {
			return "HTTP/1.1 101 x\r\nConnection: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: " + accept(key) + "\r\n\r\n"
		}},
		"another key": {answer: func(string) string { return consent("x") }, err: websocket.ErrHandshake},
		"no accept":   {answer: func(string) string { return head + "\r\n" }, err: websocket.ErrHandshake},
		"no upgrade":  {answer: func(key string) string { return strings.Replace(consent(key), "WebSocket", "h2c", 1) }, err: websocket.ErrHandshake},
		"an extension": {answer: func(key string) string {
			return strings.Replace(consent(key), "\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", 1)
		}, err: websocket.ErrHandshake},
		"a subprotocol": {answer: func(key string) string {
			return strings.Replace(consent(key), "\r\n\r\n", "\r\nSec-WebSocket-Protocol: x\r\n\r\n", 1)
		}, err: websocket.ErrHandshake},
		"not allowed":            {answer: func(string) string { return "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n" }, err: websocket.ErrHandshake, status: 403},
		"too many":               {answer: func(string) string { return "HTTP/1.1 503 Service Unavailable\r\n\r\n" }, err: websocket.ErrHandshake, status: 503},
		"a page":                 {answer: func(string) string { return "HTTP/1.1 200 OK\r\n\r\n<html>" }, err: websocket.ErrHandshake, status: 200},
		"another protocol":       {answer: func(string) string { return "SSH-2.0-OpenSSH_9.9\r\n\r\n" }, err: websocket.ErrHandshake},
		"an old version of HTTP": {answer: func(key string) string { return strings.Replace(consent(key), "1.1", "1.0", 1) }, err: websocket.ErrHandshake},
		"a status without end":   {answer: func(string) string { return "HTTP/1.1 1010 x\r\n\r\n" }, err: websocket.ErrHandshake},
		"a line without a colon": {answer: func(string) string { return head + "x\r\n\r\n" }, err: websocket.ErrHandshake},
		"a line without end":     {answer: func(string) string { return strings.Repeat("x", 1<<20) }, err: websocket.ErrHandshake},
		"lines without end":      {answer: func(string) string { return head + strings.Repeat("a: b\r\n", 1000) }, err: websocket.ErrHandshake},
		"nothing":                {answer: func(string) string { return "" }, err: io.ErrUnexpectedEOF},
		"a cut":                  {answer: func(string) string { return head }, err: io.ErrUnexpectedEOF},
	} {
		_, err := websocket.Open(t.Context(), &script{answer: c.answer}, "localhost", "", limit)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: error %v", name, err)
		}
		if said, ok := errors.AsType[*websocket.StatusError](err); ok != (c.status != 0) || ok && said.Status != c.status {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestHandshakeNamesTheHost(t *testing.T) {
	s := &script{answer: consent}
	if _, err := websocket.Open(t.Context(), s, "127.0.0.1:49222", "", limit); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(s.sent.String(), "GET / HTTP/1.1\r\nHost: 127.0.0.1:49222\r\n") {
		t.Errorf("sent %q", s.sent.String())
	}
}

func TestHandshakeShowsATokenThatAHeaderCanHold(t *testing.T) {
	for token, shown := range map[string]string{
		"a+b/c=":                       "Authorization: Bearer a+b/c=\r\n",
		"":                             "",
		"two words":                    "",
		"x\r\nHost: elsewhere.example": "",
		"é":                            "",
	} {
		s := &script{answer: consent}
		if _, err := websocket.Open(t.Context(), s, "localhost", token, limit); err != nil {
			t.Fatal(err)
		}
		sent := s.sent.String()
		_, after, _ := strings.Cut(sent, "Sec-WebSocket-Version: 13\r\n")
		if after != shown+"\r\n" {
			t.Errorf("token %q: sent %q", token, sent)
		}
	}
}

func FuzzHandshake(f *testing.F) {
	f.Add(consent("x"))
	f.Add("HTTP/1.1 403 Forbidden\r\n\r\n")
	f.Fuzz(func(t *testing.T, answer string) {
		_, err := websocket.Open(t.Context(), &script{answer: func(string) string { return answer }}, "localhost", "", limit)
		if err == nil {
			t.Fatal("an answer to no question is consent")
		}
		if !errors.Is(err, websocket.ErrHandshake) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("unknown kind: %v", err)
		}
	})
}
