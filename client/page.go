package client

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"time"

	"intercom/client/wire"
)

// maxPage bounds a page in bytes.
const maxPage = 64 << 20

// Page returns what the profile's own daemon answers over HTTP at a path, like
// /metrics or /debug/pprof/goroutine?debug=2, over its Unix socket. A package
// for HTTP would cost every command its start-up time.
func (p Profile) Page(ctx context.Context, path string) ([]byte, error) {
	if err := checkPrivate(filepath.Dir(p.Socket())); err != nil {
		return nil, err
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", p.Socket())
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", path, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	// In HTTP/1.0 the body ends with the connection (RFC 1945 7.2.2).
	if _, err := io.WriteString(conn, "GET "+path+" HTTP/1.0\r\nHost: localhost\r\n\r\n"); err != nil {
		return nil, fmt.Errorf("get %s: %w", path, err)
	}
	answer, err := io.ReadAll(bufio.NewReader(io.LimitReader(conn, maxPage)))
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", path, err)
	}
	head, body, found := bytes.Cut(answer, []byte("\r\n\r\n"))
	status, _, _ := strings.Cut(string(head), "\r\n")
	if words := strings.Fields(status); !found || len(words) < 2 || words[1] != "200" {
		return nil, wire.Errorf(wire.Unavailable, "the daemon answers %s with %q", path, status)
	}
	return body, nil
}
