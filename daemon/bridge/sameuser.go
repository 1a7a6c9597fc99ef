//go:build linux || darwin || freebsd

package bridge

import (
	"errors"
	"fmt"
	"net"
	"os"
)

var errOtherUser = errors.New("bridge: peer is another user")

// sameUser refuses the processes of other users, root's too.
func sameUser(conn net.Conn) error { return peerIs(conn, os.Getuid()) }

func peerIs(conn net.Conn, user int) error {
	c, ok := conn.(*net.UnixConn)
	if !ok {
		return fmt.Errorf("peer credentials of %T: %w", conn, errors.ErrUnsupported)
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return fmt.Errorf("peer credentials: %w", err)
	}
	var uid uint32
	var cred error
	if err := raw.Control(func(fd uintptr) { uid, cred = peerUID(int(fd)) }); err != nil {
		return fmt.Errorf("peer credentials: %w", err)
	}
	if cred != nil {
		return fmt.Errorf("peer credentials: %w", cred)
	}
	if int64(uid) != int64(user) {
		return errOtherUser
	}
	return nil
}
