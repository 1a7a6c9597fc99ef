package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"intercom/client/websocket"
	"intercom/client/wire"
	"intercom/internal/private"
)

// maxToken bounds the token file in bytes.
const maxToken = 4 << 10

// dial connects, reads hello and authenticates where it is asked to.
func (c *Client) dial(ctx context.Context, follows bool) (*link, error) {
	if c.Profile.Name == "" {
		p, err := FindProfile("", nil)
		if err != nil {
			return nil, err
		}
		c.Profile = p
	}
	conn, err := c.reach(ctx)
	if err != nil {
		return nil, err
	}
	// Without it a daemon that says nothing would hold us until its own end.
	stop := context.AfterFunc(ctx, func() { conn.SetReadDeadline(time.Unix(1, 0)) })
	hello, err := c.greet(ctx, conn)
	if err != nil || !stop() {
		conn.Close()
		if err == nil {
			err = ctx.Err()
		}
		return nil, err
	}
	return newLink(conn, hello, follows), nil
}

// reach opens the connection: to Address, else to the profile's socket, else
// to the TCP address of the profile's daemon.
func (c *Client) reach(ctx context.Context) (*websocket.Conn, error) {
	if c.Address != "" {
		conn, err := c.open(ctx, "tcp", c.Address, c.shown())
		if refused(err) {
			err = wire.Errorf(wire.DaemonNotRunning, "no daemon answers at %s", c.Address)
		}
		return conn, err
	}
	conn, err := c.reachSocket(ctx)
	if !refused(err) {
		return conn, err
	}
	// Systems without Unix sockets, and those that cleared the runtime folder.
	if b, found := c.Profile.Bridge(); found == nil && b.TCP != "" && b.Alive() {
		if conn, err := c.open(ctx, "tcp", b.TCP, c.shown()); !refused(err) {
			return conn, err
		}
	}
	return nil, NotRunning(c.Profile)
}

// NotRunning returns the error that says so, with the command that helps.
func NotRunning(p Profile) error {
	return wire.Errorf(wire.DaemonNotRunning, "daemon not running (profile %s)", p.Name).WithHint(p.Hint("up"))
}

func (c *Client) reachSocket(ctx context.Context) (*websocket.Conn, error) {
	path := c.Profile.Socket()
	// Who owns the folder could have put his own socket there.
	if err := checkPrivate(filepath.Dir(path)); errors.Is(err, ErrExposed) {
		return nil, wire.Errorf(wire.Forbidden, "the folder of the daemon's socket belongs to or can be written by another user: %s", filepath.Dir(path)).
			WithHint("remove that folder, then: intercom up")
	} else if err != nil {
		return nil, err
	}
	return c.open(ctx, "unix", path, "")
}

func refused(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

// open connects. Whoever shows his token at once needs none of the few places
// for clients that nobody knows.
func (c *Client) open(ctx context.Context, network, address, token string) (*websocket.Conn, error) {
	var d net.Dialer
	plain, err := d.DialContext(ctx, network, address)
	if err != nil {
		if !refused(err) {
			err = wire.Errorf(wire.Unavailable, "cannot reach the daemon at %s: %v", address, err)
		}
		return nil, err
	}
	host := address
	if network == "unix" {
		host = "localhost"
	}
	conn, err := websocket.Open(ctx, plain, host, token, wire.MaxReply)
	said, _ := errors.AsType[*websocket.StatusError](err)
	switch {
	case err == nil:
		return conn, nil
	case said != nil && said.Status == 401:
		return nil, c.errToken()
	case said != nil && said.Status == 403:
		return nil, wire.Errorf(wire.Forbidden, "the daemon at %s takes no client under that host name", address).
			WithHint("use 127.0.0.1, or set sc-bridge-hosts")
	case said != nil && said.Status == 503:
		return nil, wire.Errorf(wire.Unavailable, "the daemon at %s has as many clients as it takes", address).
			WithHint("try again, or end one")
	case errors.Is(err, websocket.ErrHandshake), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, wire.Errorf(wire.Incompatible, "what answers at %s is no intercom daemon", address)
	}
	return nil, wire.Errorf(wire.Unavailable, "cannot reach the daemon at %s: %v", address, err)
}

func (c *Client) greet(ctx context.Context, conn *websocket.Conn) (wire.Hello, error) {
	var hello wire.Hello
	frame, err := conn.Read()
	if err != nil {
		return hello, lost(err)
	}
	if err := json.Unmarshal(frame, &hello); err != nil || hello.Type != "hello" {
		return hello, wire.Errorf(wire.Incompatible, "the daemon does not begin with hello")
	}
	if !hello.Protocol.Meets(wire.Protocol) {
		return hello, wire.Errorf(wire.Incompatible, "the daemon (version %s) speaks protocol %d to %d, this program %d to %d",
			hello.Version, hello.Protocol.Min, hello.Protocol.Max, wire.Protocol.Min, wire.Protocol.Max).
			WithHint("intercom down && intercom up, with programs of one release")
	}
	if !hello.RequiresAuth {
		return hello, nil
	}
	return hello, c.authenticate(ctx, conn)
}

func (c *Client) authenticate(ctx context.Context, conn *websocket.Conn) error {
	token, err := c.token()
	if err != nil {
		return err
	}
	auth, err := json.Marshal(map[string]any{"type": "auth", "token": token, "protocol": wire.Protocol.Max})
	if err != nil {
		return fmt.Errorf("encode auth: %w", err)
	}
	if err := conn.Write(ctx, auth); err != nil {
		return lost(err)
	}
	for { // pushes go to authenticated clients only, but may overtake the reply
		frame, err := conn.Read()
		if err != nil {
			return lost(err)
		}
		switch typeOf(frame) {
		case "auth_ok":
			return nil
		case "error":
			return c.errToken()
		}
	}
}

func (c *Client) errToken() error {
	return wire.Errorf(wire.Unauthorized, "the daemon refused the token").
		WithHint("set INTERCOM_SC_BRIDGE_TOKEN to the daemon's token (" + c.Profile.TokenFile() + " on its machine)")
}

// shown is the token for the handshake; empty: there is none, which is an
// error only if the daemon wants one.
func (c *Client) shown() string {
	token, err := c.token()
	if err != nil {
		return ""
	}
	return token
}

func (c *Client) token() (string, error) {
	if c.Token != "" {
		return c.Token, nil
	}
	if c.Address != "" && !loopback(c.Address) {
		// The profile's token is for its own daemon; another machine would learn it.
		return "", wire.Errorf(wire.Unauthorized, "the daemon at %s wants a token", c.Address).
			WithHint("set INTERCOM_SC_BRIDGE_TOKEN to that daemon's token")
	}
	// The daemon has no other one where its settings say one.
	if settings, err := c.Profile.Config(nil, func(string) string { return "" }); err == nil && settings.Get("sc-bridge-token") != "" {
		return settings.Get("sc-bridge-token"), nil
	}
	token, err := ReadToken(c.Profile.TokenFile())
	if errors.Is(err, fs.ErrNotExist) {
		return "", wire.Errorf(wire.Unauthorized, "the daemon wants a token and there is none here").
			WithHint("set INTERCOM_SC_BRIDGE_TOKEN, or --token-file")
	}
	return token, err
}

// ReadToken reads a token from a file, without the space around it. The error
// has the code KeyFileExposed where others may read the file too, and
// InvalidRequest where it is empty.
func ReadToken(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read token: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", fmt.Errorf("read token: %w", err)
	}
	if info.Mode().IsRegular() && private.Exposed(info.Mode()) {
		return "", wire.Errorf(wire.KeyFileExposed, "others may read the token file %s", path).WithHint("chmod 600 " + path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxToken))
	if err != nil {
		return "", fmt.Errorf("read token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if token == "" {
		return "", wire.Errorf(wire.InvalidRequest, "the token file %s is empty", path).WithHint("intercom token add makes one; the daemon makes its own at its next start, once that file is removed")
	}
	return token, nil
}

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}
