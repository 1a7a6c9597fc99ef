//go:build linux || darwin || freebsd

package bridge

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestOtherUsersAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	verdicts := make(chan error, 2)
	s := New(Options{})
	defer s.Close()
	if err := s.add(l, Unix, func(c net.Conn) error {
		verdicts <- sameUser(c)
		err := peerIs(c, os.Getuid()+1)
		verdicts <- err
		return err
	}); err != nil {
		t.Fatal(err)
	}
	accepted := make(chan error, 1)
	go func() {
		_, err := s.listeners[0].Accept()
		accepted <- err
	}()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("refused peer reads %v", err)
	}
	if err := <-verdicts; err != nil {
		t.Errorf("own user: %v", err)
	}
	if err := <-verdicts; !errors.Is(err, errOtherUser) {
		t.Errorf("other user: %v", err)
	}
	if got := s.Stats().Refused; got != 1 {
		t.Errorf("%d refused", got)
	}
	s.stop()
	if err := <-accepted; !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener handed it out: %v", err)
	}
}
