package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"intercom/internal/store"
)

func open(t testing.TB, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func put(t testing.TB, s *store.Store, kv ...string) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		for i := 0; i < len(kv); i += 2 {
			tx.Put([]byte(kv[i]), []byte(kv[i+1]))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// get returns the value of key, or the text of the error.
func get(t testing.TB, s *store.Store, key string) string {
	t.Helper()
	var got string
	err := s.View(func(r store.Reader) error {
		v, err := r.Get([]byte(key))
		got = string(v)
		return err
	})
	if err != nil {
		return err.Error()
	}
	return got
}

// dump lists all rows with prefix from from.
func dump(t testing.TB, r store.Reader, prefix, from string) string {
	t.Helper()
	var out string
	if err := r.Scan([]byte(prefix), []byte(from), func(k, v []byte) bool {
		out += fmt.Sprintf("%s=%s ", k, v)
		return true
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhatUpdateWroteIsThereAfterReopen(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, "a", "1", "b/1", "2", "b/2", "3", "c", "")
	put(t, s, "a", "4")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	if got := get(t, s, "a"); got != "4" {
		t.Errorf("a = %q", got)
	}
	if err := s.View(func(r store.Reader) error {
		if got := dump(t, r, "b/", ""); got != "b/1=2 b/2=3 " {
			t.Errorf("b/ holds %q", got)
		}
		k, v, err := r.Last([]byte("b/"), nil)
		if err != nil || string(k) != "b/2" || string(v) != "3" {
			t.Errorf("last of b/ is %q=%q, %v", k, v, err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAnErrorTakesBackOnlyItsOwnFunction(t *testing.T) {
	s := open(t, t.TempDir())
	put(t, s, "a", "1", "b", "1")
	stop := errors.New("stop")
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		tx.Put([]byte("a"), []byte("2"))
		tx.Delete([]byte("b"))
		tx.Put([]byte("c"), []byte("2"))
		if got := dump(t, tx, "", ""); got != "a=2 c=2 " {
			t.Errorf("the function sees %q", got)
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatalf("got %v", err)
	}
	if err := s.View(func(r store.Reader) error {
		if got := dump(t, r, "", ""); got != "a=1 b=1 " {
			t.Errorf("left: %q", got)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestUpdateAfterCloseIsRefused(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(context.Background(), func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if err := s.View(func(store.Reader) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Errorf("got %v", err)
	}
}
