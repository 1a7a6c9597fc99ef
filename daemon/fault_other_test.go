//go:build unix

package daemon_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"
	libpeer "github.com/libp2p/go-libp2p/core/peer"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
)

func TestFault25TheFirstJoinCountsAndAnEndIsToldOnce(t *testing.T) {
	h := daemontest.NewHome(t)
	clock := daemontest.NewClock(t, h)
	a, b := h.Start("a"), h.Start("b")
	meet(t, a, b)
	gather(t, "team", a, b)
	b.Raw(daemontest.Frame{"type": "focus_join", "room": "team"}) // before there is a session
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "team", "minutes": 25})
	daemontest.WaitSame(t, "team", 2, a, b)
	for _, d := range []*daemontest.Daemon{a, b} {
		if s := status(t, d, "team"); len(list(s["participants"])) != 2 {
			t.Errorf("%s sees the participants %v", d.Profile.Name, s["participants"])
		}
	}
	at := []*daemontest.Raw{hears(a), hears(b)}
	clock.Set(26 * time.Minute)
	for i, r := range at {
		if got, want := line(r.Next()), []string{"focus_event session_expired local", "focus_event session_expired remote"}[i]; got != want {
			t.Errorf("told: %q, want %q", got, want)
		}
	}
	// A second session, whose end comes behind anything that the first could tell.
	a.Raw(daemontest.Frame{"type": "focus_start", "room": "next", "minutes": 1})
	clock.Set(28 * time.Minute)
	seen := lines(at[0].Until("focus_event"))
	for !slices.Contains(seen, "focus_event session_expired local") {
		seen = append(seen, lines(at[0].Until("focus_event"))...)
	}
	for i, r := range at {
		rest := quiet(r)
		if i == 0 {
			rest = append(seen[:len(seen)-1], rest...)
		}
		for _, s := range rest {
			if s == "focus_event session_expired local" || s == "focus_event session_expired remote" {
				t.Errorf("an end was told twice: %q", rest)
			}
		}
	}
}

func TestFault26NobodyElseReadsTheFilesOfAProfile(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	newToken(t, a.Profile, 0, wire.ScopeRead)
	a.Write("team", 0, 10)
	for _, dir := range []string{a.Profile.DataDir(), a.Profile.StateDir(), a.Profile.RuntimeDir(), a.Profile.RuntimeRoot()} {
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v (%v)", dir, info.Mode(), err)
		}
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return nil // gone meanwhile
			}
			if info, err := e.Info(); err == nil && info.Mode().Perm()&0o022 != 0 {
				t.Errorf("others may write %s: %v", path, info.Mode())
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	for _, file := range []string{a.Profile.IdentityFile(), a.Profile.TokenFile(), a.Profile.TokensFile(), a.Profile.Socket()} {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v (%v)", file, info.Mode(), err)
		}
	}
}

func TestFault27OtherClientsOfThePeerHearOfItsExpenses(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	other, _ := follow(t, a, nil)
	spent(a, "trip", "alice", "10")
	a.Raw(daemontest.Frame{"type": "expense_clear", "channel": "trip"})
	for _, want := range []string{"expense_event expense_add local", "expense_event expense_clear local"} {
		if got := line(other.Next()); got != want {
			t.Errorf("told: %q, want %q", got, want)
		}
	}
}

// TestFault28AStartWaitsForNoPeer although those that it is to stay connected
// with are gone, or take its connection and say nothing.
func TestFault28AStartWaitsForNoPeer(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	taken := make(chan net.Conn, 100)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := silent.Accept()
			if err != nil {
				return
			}
			taken <- conn
		}
	}()
	t.Cleanup(func() {
		silent.Close()
		<-done
		close(taken)
		for conn := range taken {
			conn.Close()
		}
	})
	address := func(port int) string {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		private, err := crypto.UnmarshalEd25519PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		id, err := libpeer.IDFromPrivateKey(private)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("/ip4/127.0.0.1/tcp/%d/p2p/%s", port, id)
	}
	h := daemontest.NewHome(t)
	gone, live := h.Start("gone"), h.Start("live")
	meet(t, gone, live)
	live.Join("team")
	live.Write("team", 0, 3)
	gone.Kill() // and leaves its records
	live.Kill()
	peers := ""
	for range 10 {
		peers += address(silent.Addr().(*net.TCPAddr).Port) + "," + address(1) + ","
	}
	live = h.Start("live", "--peers", peers)
	// Ready while the silent one still holds a connection.
	conn := <-taken
	defer conn.Close()
	live.Write("team", 3, 5)
	if r := live.Room("team"); r.Events != 5 || !r.Joined {
		t.Errorf("the room is %+v", r)
	}
	t.Logf("ready %v after its launch", time.Since(live.Launched()))
	began := time.Now()
	if code := live.Stop(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
	t.Logf("ended in %v", time.Since(began))
}
