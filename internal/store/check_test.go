package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom/internal/store"
)

// closedStore is a folder with a table that its MANIFEST has.
func closedStore(t *testing.T) (dir, table string) {
	t.Helper()
	dir = t.TempDir()
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 100 {
		put(t, s, fmt.Sprint(n), strings.Repeat("x", 1000))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	tables, err := filepath.Glob(filepath.Join(dir, "badger", "*.sst"))
	if err != nil || len(tables) != 1 {
		t.Fatalf("tables %q, %v", tables, err)
	}
	return dir, tables[0]
}

// halfTable writes half of a table beside it, under a number of its own: what
// a process leaves that is killed while it writes.
func halfTable(t *testing.T, table string) (path string) {
	t.Helper()
	b, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(filepath.Dir(table), "000777.sst")
	if err := os.WriteFile(path, b[:len(b)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// whenLogged calls a function at the first record whose text has a part.
type whenLogged struct {
	part string
	do   func()
}

func (w *whenLogged) Enabled(context.Context, slog.Level) bool { return true }
func (w *whenLogged) WithAttrs([]slog.Attr) slog.Handler       { return w }
func (w *whenLogged) WithGroup(string) slog.Handler            { return w }

func (w *whenLogged) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if w.do != nil && strings.Contains(a.Value.String(), w.part) {
			w.do()
			w.do = nil
		}
		return true
	})
	return nil
}

func TestATableThatTheManifestDoesNotHaveIsNoDamage(t *testing.T) {
	whole := func(dir string, log *slog.Logger) {
		t.Helper()
		s, err := store.Open(store.Options{Dir: dir, Log: log})
		if err != nil {
			t.Fatal(err)
		}
		s.AwaitVerified()
		if st := s.Stats(); st.ReadOnly != nil {
			t.Errorf("read-only: %v", st.ReadOnly)
		}
		put(t, s, "more", "y")
		if got := get(t, s, "99") + get(t, s, "more"); got != strings.Repeat("x", 1000)+"y" {
			t.Errorf("rows %.40s", got)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("left by a killed process", func(t *testing.T) {
		dir, table := closedStore(t)
		left := halfTable(t, table)
		whole(dir, nil)
		if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("it is still there: %v", err)
		}
	})
	t.Run("being written", func(t *testing.T) {
		// Badger begins to write what its logs hold as soon as it has opened
		// the tables, before these are looked through.
		dir, table := closedStore(t)
		writes := &whenLogged{part: "tables opened", do: func() { halfTable(t, table) }}
		whole(dir, slog.New(writes))
		if writes.do != nil {
			t.Error("no table was being written")
		}
	})
}

func TestADamagedTableOfTheManifestIsTold(t *testing.T) {
	dir, table := closedStore(t)
	halfTable(t, table)
	if err := scribble(table, 0); err != nil { // a block; the index is whole
		t.Fatal(err)
	}
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	s.AwaitVerified()
	if err := s.Stats().ReadOnly; !errors.Is(err, store.ErrCorrupt) || !strings.Contains(err.Error(), filepath.Base(table)) {
		t.Errorf("read-only: %v", err)
	}
	err = s.Update(t.Context(), func(tx *store.Tx) error { tx.Put([]byte("a"), []byte("1")); return nil })
	if !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("a write ends with %v", err)
	}
	if err := s.View(func(store.Reader) error { return nil }); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("a read ends with %v", err)
	}
	if err := s.Close(); err != nil && !errors.Is(err, store.ErrCorrupt) {
		t.Error(err)
	}
}
