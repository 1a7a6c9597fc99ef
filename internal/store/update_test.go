package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"intercom/internal/store"
)

// hold keeps the writer of s busy until release is called, so that what follows waits together.
func hold(t *testing.T, s *store.Store) (release func()) {
	t.Helper()
	in, out, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- s.Update(context.Background(), func(*store.Tx) error { close(in); <-out; return nil })
	}()
	<-in
	return func() {
		close(out)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// queued starts n updates and returns when all of them wait for the writer.
func queued(s *store.Store, n int, f func(i int, tx *store.Tx) error) (errs []error, wait func()) {
	var g sync.WaitGroup
	errs = make([]error, n)
	for i := range n {
		g.Go(func() {
			errs[i] = s.Update(context.Background(), func(tx *store.Tx) error { return f(i, tx) })
		})
	}
	s.AwaitQueued(n)
	return errs, g.Wait
}

func TestWaitingUpdatesShareACommit(t *testing.T) {
	s := open(t, t.TempDir())
	release := hold(t, s)
	errs, wait := queued(s, 100, func(i int, tx *store.Tx) error {
		tx.Put(fmt.Appendf(nil, "k/%d", i), []byte("v"))
		return nil
	})
	release()
	wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.Commits != 1 || st.Syncs != 1 || st.Updates != 101 {
		t.Errorf("101 updates took %d commits and %d syncs", st.Commits, st.Syncs)
	}
}

func TestOneFailureInAGroupTakesBackOnlyItself(t *testing.T) {
	s := open(t, t.TempDir())
	stop := errors.New("stop")
	release := hold(t, s)
	errs, wait := queued(s, 30, func(i int, tx *store.Tx) error {
		tx.Put(fmt.Appendf(nil, "k/%d", i), []byte("v"))
		tx.Put([]byte("same"), []byte("v"))
		switch i % 3 {
		case 1:
			return stop
		case 2:
			panic("out of order")
		}
		return nil
	})
	release()
	wait()
	for i, err := range errs {
		got := get(t, s, fmt.Sprintf("k/%d", i))
		switch {
		case i%3 == 0 && (err != nil || got != "v"),
			i%3 == 1 && (!errors.Is(err, stop) || got == "v"),
			i%3 == 2 && (err == nil || !strings.Contains(err.Error(), "out of order") || got == "v"):
			t.Errorf("update %d: error %v, value %q", i, err, got)
		}
	}
}

func TestUpdateReturnsAfterTheSync(t *testing.T) {
	s := open(t, t.TempDir())
	var steps []string
	s.OnStep(func(step string) error {
		if steps = append(steps, step); step != "synced" {
			if got := get(t, s, "a"); got == "1" {
				t.Errorf("seen at %q, before it was durable", step)
			}
		}
		return nil
	})
	put(t, s, "a", "1")
	if got := strings.Join(steps, " "); got != "write written sync synced" {
		t.Errorf("Update returned after %q", got)
	}
}

func TestViewDoesNotWaitForTheSync(t *testing.T) {
	s := open(t, t.TempDir())
	at, goOn := make(chan struct{}), make(chan struct{})
	s.OnStep(func(step string) error {
		if step == "sync" {
			at <- struct{}{}
			<-goOn
		}
		return nil
	})
	done := make(chan error)
	go func() {
		done <- s.Update(context.Background(), func(tx *store.Tx) error { tx.Put([]byte("a"), []byte("2")); return nil })
	}()
	<-at
	if got := get(t, s, "a"); got != store.ErrNotFound.Error() {
		t.Errorf("seen before it is durable: %q", got)
	}
	goOn <- struct{}{}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := get(t, s, "a"); got != "2" {
		t.Errorf("got %q", got)
	}
}

func TestAFailedStepMakesTheStoreReadOnly(t *testing.T) {
	for _, at := range []string{"write", "written", "sync", "synced"} {
		t.Run(at, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			cause := errors.New("input/output error")
			calls := 0
			s.OnStep(func(step string) error {
				if calls++; calls > 4 && step == at {
					return cause
				}
				return nil
			})
			put(t, s, "a", "1")
			for range 2 {
				err := s.Update(t.Context(), func(tx *store.Tx) error { tx.Put([]byte("a"), []byte("2")); return nil })
				if !errors.Is(err, store.ErrReadOnly) || !errors.Is(err, cause) {
					t.Errorf("got %v", err)
				}
			}
			if got := get(t, s, "a"); got != "1" {
				t.Errorf("read %q", got)
			}
			if err := s.Stats().ReadOnly; !errors.Is(err, store.ErrReadOnly) {
				t.Errorf("stats say %v", err)
			}
		})
	}
}

func TestAnEndedContextKeepsAFunctionFromStarting(t *testing.T) {
	s := open(t, t.TempDir())
	release := hold(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		done <- s.Update(ctx, func(*store.Tx) error { t.Error("it ran"); return nil })
	}()
	s.AwaitQueued(1)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	release()

	// Once it runs, its outcome counts.
	ctx, cancel = context.WithCancel(t.Context())
	if err := s.Update(ctx, func(tx *store.Tx) error { cancel(); tx.Put([]byte("a"), []byte("1")); return nil }); err != nil {
		t.Errorf("got %v", err)
	}
	if err := s.Update(ctx, func(*store.Tx) error { t.Error("it ran"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestCloseRefusesWhatWaits(t *testing.T) {
	s := open(t, t.TempDir())
	release := hold(t, s)
	errs, wait := queued(s, 5, func(int, *store.Tx) error { t.Error("it ran"); return nil })
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	wait()
	for _, err := range errs {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("got %v", err)
		}
	}
	release()
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

func TestAWriteDuringAScanDoesNotChangeTheScan(t *testing.T) {
	s := open(t, t.TempDir())
	put(t, s, "a/1", "x", "a/3", "x")
	if err := s.Update(t.Context(), func(tx *store.Tx) error {
		tx.Put([]byte("a/2"), []byte("x"))
		var seen []string
		if err := tx.Scan([]byte("a/"), nil, func(k, _ []byte) bool {
			seen = append(seen, string(k))
			tx.Delete([]byte("a/3"))
			tx.Put([]byte("a/4"), []byte("x"))
			tx.Delete(bytes.Clone(k))
			return true
		}); err != nil {
			return err
		}
		if got := strings.Join(seen, " "); got != "a/1 a/2 a/3" {
			t.Errorf("seen %s", got)
		}
		if got := dump(t, tx, "", ""); got != "a/4=x " {
			t.Errorf("left %s", got)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAKeyOrValueThatCannotBeStoredIsAnError(t *testing.T) {
	s := open(t, t.TempDir())
	for name, c := range map[string]struct {
		key, value []byte
		ok         bool
	}{
		"empty key":     {nil, nil, false},
		"longest key":   {bytes.Repeat([]byte("k"), store.MaxKey), nil, true},
		"longer key":    {bytes.Repeat([]byte("k"), store.MaxKey+1), nil, false},
		"longest value": {[]byte("v"), make([]byte, store.MaxValue), true},
		"longer value":  {[]byte("w"), make([]byte, store.MaxValue+1), false},
		"both longest":  {bytes.Repeat([]byte("b"), store.MaxKey), make([]byte, store.MaxValue), true},
		"own key":       {[]byte("!store!torn"), nil, false},
		"Badger's key":  {[]byte("!badger!x"), nil, false},
		"other mark":    {[]byte("!"), nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			err := s.Update(t.Context(), func(tx *store.Tx) error {
				tx.Put([]byte("beside/"+name), nil)
				tx.Put(c.key, c.value)
				return nil
			})
			if c.ok != (err == nil) || !c.ok && !errors.Is(err, store.ErrInvalid) {
				t.Errorf("got %v", err)
			}
			if got := get(t, s, "beside/"+name); c.ok != (got == "") {
				t.Errorf("the row beside it: %q", got)
			}
			if err := s.View(func(r store.Reader) error {
				v, err := r.Get(c.key)
				if c.ok && (err != nil || !bytes.Equal(v, c.value)) || !c.ok && !errors.Is(err, store.ErrNotFound) {
					t.Errorf("read back %d bytes, %v", len(v), err)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestAViewKeepsItsStateWhileRowsChangeAndAreCompacted(t *testing.T) {
	s := open(t, t.TempDir())
	fill := func(text string) {
		for part := range 20 {
			if err := s.Update(t.Context(), func(tx *store.Tx) error {
				for i := range 100 {
					tx.Put(fmt.Appendf(nil, "%d/%d", part, i), append(make([]byte, 1000), text...))
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	fill("first")
	if err := s.View(func(r store.Reader) error {
		for begin := s.Held(); s.Held() < begin+10; {
			fill("second")
		}
		rows := 0
		if err := r.Scan(nil, nil, func(k, v []byte) bool {
			if rows++; !bytes.HasSuffix(v, []byte("first")) {
				t.Errorf("%q has changed", k)
				return false
			}
			return true
		}); err != nil {
			return err
		}
		if rows != 2000 {
			t.Errorf("%d rows", rows)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func TestCloseWaitsForViews(t *testing.T) {
	s := open(t, t.TempDir())
	put(t, s, "a", "1")
	closed := make(chan error, 1)
	if err := s.View(func(r store.Reader) error {
		go func() { closed <- s.Close() }()
		for {
			err := s.Update(t.Context(), func(*store.Tx) error { return nil })
			if errors.Is(err, store.ErrClosed) {
				break
			}
			if err != nil {
				return err
			}
		}
		for range 20_000 { // for longer than an empty store takes to close
			if _, err := r.Get([]byte("a")); err != nil {
				return err
			}
		}
		select {
		case err := <-closed:
			return fmt.Errorf("closed under the reader: %v", err)
		default:
			return nil
		}
	}); err != nil {
		t.Error(err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}
