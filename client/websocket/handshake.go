package websocket

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// ErrHandshake reports an answer that is no consent to speak WebSocket.
var ErrHandshake = errors.New("websocket: bad handshake")

// StatusError is an ErrHandshake of a server that speaks HTTP and said no.
type StatusError struct{ Status int }

func (e *StatusError) Error() string {
	return fmt.Sprintf("%v: HTTP status %d", ErrHandshake, e.Status)
}

func (e *StatusError) Unwrap() error { return ErrHandshake }

const (
	guid     = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" // RFC 6455 1.3
	maxLine  = 4 << 10                                // bytes, also what is read at once
	maxLines = 100
)

// Open makes the handshake (RFC 6455 4.1) for the path / of host on conn, and
// returns a Conn that reads messages of at most limit bytes. It shows the token
// bearer (RFC 6750 2.1) if there is one that a header can hold. The end of ctx
// ends it. After an error conn is closed: ErrHandshake, *StatusError,
// io.ErrUnexpectedEOF, or that of ctx or the network.
func Open(ctx context.Context, conn net.Conn, host, bearer string, limit int) (*Conn, error) {
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(past) })
	c := &Conn{conn: conn, r: bufio.NewReaderSize(conn, maxLine), limit: limit}
	err := c.handshake(host, bearer)
	if !stop() {
		err = ctx.Err()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

func (c *Conn) handshake(host, bearer string) error {
	var nonce [16]byte
	rand.Read(nonce[:]) // never fails
	key := base64.StdEncoding.EncodeToString(nonce[:])
	shown := ""
	if fitsHeader(bearer) {
		shown = "Authorization: Bearer " + bearer + "\r\n"
	}
	if _, err := fmt.Fprintf(c.conn, "GET / HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n%s\r\n", host, key, shown); err != nil {
		return err
	}
	status, err := c.line()
	if err != nil {
		return err
	}
	header, err := c.fields()
	if err != nil {
		return err
	}
	code, ok := statusOf(status)
	switch {
	case !ok:
		return fmt.Errorf("%w: the answer is not HTTP/1.1", ErrHandshake)
	case code != 101:
		return &StatusError{code}
	case !hasToken(header["upgrade"], "websocket"), !hasToken(header["connection"], "upgrade"):
		return fmt.Errorf("%w: the connection is not upgraded", ErrHandshake)
	case header["sec-websocket-accept"] != acceptOf(key):
		return fmt.Errorf("%w: the answer is to another question", ErrHandshake)
	case header["sec-websocket-extensions"] != "", header["sec-websocket-protocol"] != "":
		return fmt.Errorf("%w: the server uses what was not offered", ErrHandshake)
	}
	return nil
}

// fitsHeader is false for a token that would end its line, or that nobody would
// read as it is.
func fitsHeader(token string) bool {
	for _, r := range token {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return token != ""
}

// line returns a line without its end.
func (c *Conn) line() (string, error) {
	b, err := c.r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", fmt.Errorf("%w: a line is longer than %d bytes", ErrHandshake, maxLine)
	case errors.Is(err, io.EOF):
		return "", io.ErrUnexpectedEOF
	case err != nil:
		return "", err
	}
	return string(bytes.TrimSuffix(b[:len(b)-1], []byte("\r"))), nil
}

// fields returns the header by names in lower case; values of one name are
// joined by commas.
func (c *Conn) fields() (map[string]string, error) {
	fields := map[string]string{}
	for range maxLines {
		line, err := c.line()
		if err != nil {
			return nil, err
		}
		if line == "" {
			return fields, nil
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("%w: a line of the header has no colon", ErrHandshake)
		}
		name, value = strings.ToLower(name), strings.TrimSpace(value)
		if before, ok := fields[name]; ok {
			value = before + "," + value
		}
		fields[name] = value
	}
	return nil, fmt.Errorf("%w: the header has more than %d lines", ErrHandshake, maxLines)
}

// statusOf reads a line like `HTTP/1.1 101 Switching Protocols`.
func statusOf(line string) (code int, ok bool) {
	version, rest, _ := strings.Cut(line, " ")
	digits, _, _ := strings.Cut(rest, " ")
	code, err := strconv.Atoi(digits)
	return code, err == nil && version == "HTTP/1.1" && len(digits) == 3
}

func hasToken(list, token string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(one), token) {
			return true
		}
	}
	return false
}

func acceptOf(key string) string {
	sum := sha1.Sum([]byte(key + guid))
	return base64.StdEncoding.EncodeToString(sum[:])
}
