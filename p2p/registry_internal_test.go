//go:build unix

package p2p

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/multiformats/go-multiaddr"

	"intercom/internal/process"
)

// testRegistry is the view of peer 0; processes below 1,000 live.
func testRegistry(t *testing.T) *registry {
	t.Helper()
	r, err := openRegistry(filepath.Join(t.TempDir(), "run"), "main", testID(t, 0))
	if err != nil {
		t.Fatal(err)
	}
	r.alive = func(pid int, start uint64) bool { return pid < 1000 && start == 7 }
	return r
}

func put(t *testing.T, r *registry, name string, e any) string {
	t.Helper()
	b, ok := e.([]byte)
	if !ok {
		var err error
		if b, err = json.Marshal(e); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(r.dir, name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func good() entry {
	return entry{V: 1, PID: 5, StartTime: 7, Addrs: []string{"/ip4/127.0.0.1/tcp/1"}, Net: "main", TS: 1}
}

func with(change func(*entry)) entry {
	e := good()
	change(&e)
	return e
}

func TestScanTakesLivePeersOfThisNetworkAlone(t *testing.T) {
	r := testRegistry(t)
	name := func(b byte) string { return testID(t, b).String() + ".json" }
	put(t, r, name(0), good())
	put(t, r, name(1), good())
	put(t, r, name(2), with(func(e *entry) { e.Net = "lab" }))
	dead := put(t, r, name(3), with(func(e *entry) { e.PID = 1000 }))
	reused := put(t, r, name(4), with(func(e *entry) { e.StartTime = 8 }))
	put(t, r, name(5), with(func(e *entry) { e.V = 2 }))
	put(t, r, name(6), with(func(e *entry) { e.PID = 0 }))
	put(t, r, name(7), with(func(e *entry) { e.Addrs = nil }))
	put(t, r, name(8), with(func(e *entry) { e.Addrs = []string{"/ip4/127.0.0.1"[1:]} }))
	put(t, r, name(9), with(func(e *entry) { e.Addrs = []string{"/ip4/127.0.0.1/tcp/1/p2p/" + testID(t, 1).String()} }))
	put(t, r, name(10), with(func(e *entry) { e.Addrs = make([]string, maxEntryAddrs+1) }))
	put(t, r, name(11), []byte(`{"v":1,`))
	put(t, r, name(12), append([]byte(strings.Repeat(" ", maxEntryBytes)), []byte(`{}`)...))
	put(t, r, "nonsense.json", good())
	put(t, r, name(13)+"x", good())
	if err := os.Symlink(filepath.Join(r.dir, name(1)), filepath.Join(r.dir, name(14))); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(r.dir, name(15)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(r.dir, name(16)), 0o700); err != nil {
		t.Fatal(err)
	}
	found, own, err := r.scan(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := found[testID(t, 1)]; !ok || len(found) != 1 || !own {
		t.Errorf("found %v, own %v; want peer 1 and the own file", found, own)
	}
	for _, path := range []string{dead, reused} {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("file of a dead process is still there: %s", path)
		}
	}
	if left, _ := os.ReadDir(r.dir); len(left) != 16 {
		t.Errorf("%d files left, want all but the two of dead processes", len(left))
	}
}

func TestAbandonedTemporaryFilesAreRemoved(t *testing.T) {
	r := testRegistry(t)
	path := put(t, r, ".new", good())
	if r.scan(time.Now()); !there(path) {
		t.Error("a fresh one is removed")
	}
	if r.scan(time.Now().Add(2 * staleTemp)); there(path) {
		t.Error("an old one stays")
	}
}

func there(path string) bool { _, err := os.Lstat(path); return err == nil }

func TestWrittenFileIsFoundByOthersAndRemovedByItsOwner(t *testing.T) {
	r := testRegistry(t)
	r.alive = process.Alive
	addr := multiaddr.StringCast("/ip4/127.0.0.1/tcp/4001")
	if err := r.write([]multiaddr.Multiaddr{addr}, time.UnixMilli(5)); err != nil {
		t.Fatal(err)
	}
	if r.moved([]multiaddr.Multiaddr{addr}) || !r.moved(nil) {
		t.Error("moved is wrong")
	}
	other, err := openRegistry(filepath.Dir(r.dir), "main", testID(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	found, own, err := other.scan(time.Now())
	if err != nil || own || len(found) != 1 || !found[r.self].addrs[0].Equal(addr) {
		t.Fatalf("found %v, %v, %v", found, own, err)
	}
	if info, err := os.Stat(r.path(r.self)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	// A second start with the same identity has replaced the file: it is not ours to remove.
	put(t, r, r.self.String()+".json", with(func(e *entry) { e.PID = os.Getpid(); e.TS = 6 }))
	if r.remove(); !there(r.path(r.self)) {
		t.Error("removed the file of another start")
	}
	r.put(r.last)
	if r.remove(); there(r.path(r.self)) {
		t.Error("the own file stays")
	}
}

func TestScanReadsABoundedNumberOfFiles(t *testing.T) {
	r := testRegistry(t)
	for i := range maxEntries + 100 {
		id, err := peerID(Key{1, byte(i), byte(i >> 8)})
		if err != nil {
			t.Fatal(err)
		}
		put(t, r, id.String()+".json", good())
	}
	if found, _, err := r.scan(time.Now()); err != nil || len(found) != maxEntries {
		t.Errorf("found %d, %v", len(found), err)
	}
}

func FuzzParseEntry(f *testing.F) {
	b, _ := json.Marshal(good())
	f.Add(b)
	f.Add([]byte(`{"v":1,"pid":1,"addrs":["/dns4/x/tcp/0"],"net":"a"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, addrs, err := parseEntry(b)
		if err != nil {
			return
		}
		if len(b) > maxEntryBytes || e.PID <= 0 || len(addrs) == 0 || len(addrs) != len(e.Addrs) {
			t.Fatalf("accepted %q", b)
		}
	})
}
