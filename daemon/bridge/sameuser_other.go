//go:build !linux && !darwin && !freebsd

package bridge

import "net"

// sameUser relies on the folder's protection: the system tells no credentials.
func sameUser(net.Conn) error { return nil }
