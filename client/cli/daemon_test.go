package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"intercom/client"
	"intercom/client/clienttest"
	"intercom/client/wire"
)

// fakeDaemon is a daemon that is ready at once, or says so after its second
// health request, and ends at SIGTERM. It tells its arguments as its version.
// Like a daemon it ends as locked where another has the store.
func fakeDaemon(args []string) int {
	err := runFakeDaemon(args)
	if errors.Is(err, errInUse) {
		fmt.Fprintf(os.Stderr, "intercomd: %v (locked)\n", err)
		return wire.Locked.Exit()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "intercomd: %v (internal)\n", err)
		return 1
	}
	return 0
}

var errInUse = errors.New("the profile is in use")

func runFakeDaemon(args []string) error {
	p, err := client.FindProfile(args[1], nil)
	if err != nil {
		return err
	}
	if err := client.PrivateDir(p.StoreDir()); err != nil {
		return err
	}
	lock := flock.New(filepath.Join(p.StoreDir(), "lock"))
	if ok, err := lock.TryLock(); err != nil {
		return err
	} else if !ok {
		return errInUse
	}
	defer lock.Close()
	stopped := make(chan os.Signal, 1)
	signal.Notify(stopped, syscall.SIGTERM)
	if err := client.PrivateDir(filepath.Dir(p.Socket())); err != nil {
		return err
	}
	l, err := net.Listen("unix", p.Socket())
	if err != nil {
		return err
	}
	// Before it answers, as a daemon does: who sees it ready reads the file.
	if err := p.WriteBridge(client.Bridge{Started: time.Unix(0, 0), Socket: p.Socket()}); err != nil {
		return err
	}
	asked := 0
	hello := clienttest.Greeting()
	hello.Address = "trac1test"
	bridge := clienttest.Bridge{Hello: hello, Answer: func(request map[string]json.RawMessage) []string {
		var reply any
		switch string(request["type"]) {
		case `"health"`:
			asked++
			h := wire.HealthReply{Status: wire.HealthStarting, Reason: "folding", Started: time.Unix(0, 0)}
			if asked > 1 {
				h.Status, h.Ready = wire.HealthReady, true
			}
			reply = h
		case `"info"`:
			reply = wire.InfoReply{Info: wire.NodeInfo{Profile: p.Name, Status: wire.HealthReady, Version: strings.Join(args, " "), LocalOnly: true}}
		}
		b, err := json.Marshal(reply)
		if err != nil {
			return nil
		}
		return []string{`{"type":` + string(request["type"]) + `,` + string(b[1:])}
	}}
	handler, stop := bridge.Handler()
	server := &http.Server{Handler: handler}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	<-stopped
	server.Close()
	stop()
	<-served
	return nil
}

func TestADaemonThatStartsIsNotTakenForNone(t *testing.T) {
	w := newWorld(t)
	p := mustProfile(t, w.Getenv)
	if err := client.PrivateDir(p.StoreDir()); err != nil {
		t.Fatal(err)
	}
	lock := flock.New(filepath.Join(p.StoreDir(), "lock"))
	if ok, err := lock.TryLock(); !ok {
		t.Fatal(err)
	}
	w.wantError(t, w.run(t, "down", "--timeout", "30ms"), 7, "starts or ends")
	w.wantError(t, w.run(t, "profile", "rm", "test", "--yes"), 11, "starts or ends")
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	w.wantError(t, w.run(t, "down", "--timeout", "30ms"), 0, "daemon was not running")
}

func TestUpDoesNotFailWhereADaemonHangsUpWhileItDies(t *testing.T) {
	w := newWorld(t)
	socket := mustProfile(t, w.Getenv).Socket()
	if err := client.PrivateDir(filepath.Dir(socket)); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	dead := make(chan error, 1)
	go func() { // it takes two clients and says nothing, then it is gone
		for range 2 {
			if conn, err := l.Accept(); err == nil {
				conn.Close()
			}
		}
		dead <- l.Close()
	}()
	w.wantError(t, w.run(t, "up"), 5, "intercomd")
	if err := <-dead; err != nil {
		t.Error(err)
	}
}
