package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"intercom/internal/store"
)

// unsyncable returns a file that the kernel refuses to sync.
func unsyncable(t *testing.T) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return w
}

func TestEachLogFileIsReallySynced(t *testing.T) {
	for name, spoil := range map[string]func(*store.Store, *os.File) error{
		"appended to": (*store.Store).SpoilLog,
		"filled":      func(s *store.Store, f *os.File) error { s.SpoilFull(f); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, t.TempDir())
			put(t, s, "a", "1")
			if err := spoil(s, unsyncable(t)); err != nil {
				t.Fatal(err)
			}
			err := s.Update(t.Context(), func(tx *store.Tx) error { tx.Put([]byte("a"), []byte("2")); return nil })
			if !errors.Is(err, store.ErrReadOnly) || !errors.Is(err, syscall.EINVAL) {
				t.Errorf("got %v", err)
			}
			if got := get(t, s, "a"); got != "1" {
				t.Errorf("a = %q", got)
			}
		})
	}
}

// fillLogs writes n MB in rows of 1 kB.
func fillLogs(t *testing.T, s *store.Store, n int) {
	t.Helper()
	for i := range n {
		if err := s.Update(t.Context(), func(tx *store.Tx) error {
			for j := range 1000 {
				tx.Put(fmt.Appendf(nil, "%d/%d", j, i), make([]byte, 1000))
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLogFilesHaveTheirSpaceReserved(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for range 3 {
		fillLogs(t, s, 6)
		names, err := filepath.Glob(filepath.Join(dir, "badger", "*.mem"))
		if err != nil || len(names) < 2 {
			t.Fatalf("only %q, %v", names, err)
		}
		for _, name := range names[len(names)-2:] { // an older one may be on its way out
			var st syscall.Stat_t
			if err := syscall.Stat(name, &st); err != nil {
				t.Fatal(err)
			}
			if st.Blocks*512 < store.Reserve {
				t.Errorf("%s holds %d bytes", filepath.Base(name), st.Blocks*512)
			}
		}
	}
}

func TestACompactionAsksForSpaceBeforeEachTable(t *testing.T) {
	s := open(t, t.TempDir())
	for range 20 {
		if fillLogs(t, s, 10); s.Held() > 0 {
			return
		}
	}
	t.Error("200 MB were written and no compaction asked")
}

var rssAnon = regexp.MustCompile(`RssAnon:\s+(\d+) kB`)

// childMemory reads all rows, changes some one by one and prints its anonymous memory in kB.
func childMemory(args []string) error {
	s, err := store.Open(store.Options{Dir: args[0]})
	if err != nil {
		return err
	}
	rows := 0
	if err := s.View(func(r store.Reader) error {
		return r.Scan(nil, nil, func(_, _ []byte) bool { rows++; return true })
	}); err != nil {
		return err
	}
	for i := range 1000 {
		if err := s.Update(context.Background(), func(tx *store.Tx) error {
			tx.Put(fmt.Appendf(nil, "%d/0", i), make([]byte, 1000))
			return nil
		}); err != nil {
			return err
		}
	}
	// What compactions used goes back to the system bit by bit.
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for range 60 {
		debug.FreeOSMemory()
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			return err
		}
		kb, err := strconv.Atoi(rssAnon.FindStringSubmatch(string(status))[1])
		if err != nil {
			return err
		}
		if fmt.Println("anon", kb, rows); kb < restKB {
			return s.Close()
		}
		<-tick.C
	}
	return fmt.Errorf("more than %d kB for a minute", restKB)
}

func TestAnonymousMemoryDoesNotGrowWithTheStore(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	fillLogs(t, s, 100)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	lines, err := start(t, "memory", dir).rest()
	if err != nil || !strings.HasSuffix(lines[len(lines)-1], " 100000") {
		t.Fatal(err, lines)
	}
	t.Logf("anonymous memory in kB, each second, and rows: %s", strings.Join(lines, ", "))
}
