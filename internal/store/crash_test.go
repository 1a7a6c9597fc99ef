package store_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"intercom/internal/store"
)

// valueOf makes a value of up to 4 kB that can be told from every other.
func valueOf(key string) []byte {
	n := 0
	for _, c := range key {
		n = (n*31 + int(c)) % 128
	}
	return bytes.Repeat([]byte(key+";"), n+1)
}

// childAck writes from 8 goroutines and prints each key once it is acknowledged.
func childAck(args []string) error {
	s, err := store.Open(store.Options{Dir: args[0]})
	if err != nil {
		return err
	}
	fail := make(chan error)
	for g := range 8 {
		go func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%s/%d/%d", args[1], g, i)
				err := s.Update(context.Background(), func(tx *store.Tx) error {
					tx.Put([]byte(key), valueOf(key))
					return nil
				})
				if err != nil {
					fail <- err
					return
				}
				_, _ = os.Stdout.WriteString(key + "\n")
			}
		}()
	}
	return <-fail
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	rounds := 20
	if os.Getenv("INTERCOM_SOAK") != "" {
		rounds = 100
	}
	dir := t.TempDir()
	var keys []string
	for round := range rounds {
		c := start(t, "ack", dir, strconv.Itoa(round))
		for range rand.IntN(3000) {
			keys = append(keys, c.await(""))
		}
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		more, _ := c.rest()
		keys = append(keys, more...)
		checkKeys(t, dir, keys)
	}
	if len(keys) == 0 {
		t.Error("nothing was acknowledged")
	}
}

func checkKeys(t *testing.T, dir string, keys []string) {
	t.Helper()
	s := open(t, dir)
	lost := 0
	err := s.View(func(r store.Reader) error {
		for _, key := range keys {
			if v, err := r.Get([]byte(key)); err != nil || !bytes.Equal(v, valueOf(key)) {
				lost++
			}
		}
		return nil
	})
	if err != nil || lost > 0 {
		t.Fatalf("%d of %d acknowledged keys are lost, %v", lost, len(keys), err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

const (
	largeRows = 12_000
	firstText = "first"
	nextText  = "second"
)

// writeLarge changes every row, deletes each third and adds others, all in one function: more than
// fits into one transaction of Badger.
func writeLarge(s *store.Store) error {
	return s.Update(context.Background(), func(tx *store.Tx) error {
		for i := range largeRows {
			if i%3 == 0 {
				tx.Delete(fmt.Appendf(nil, "row/%d", i))
				continue
			}
			tx.Put(fmt.Appendf(nil, "row/%d", i), []byte(nextText))
			tx.Put(fmt.Appendf(nil, "new/%d", i), []byte(nextText))
		}
		return nil
	})
}

// states tells which of the two states of writeLarge a reader sees: firstText, nextText or else.
func states(r store.Reader) (string, error) {
	values := map[string]int{}
	err := r.Scan(nil, nil, func(_, v []byte) bool { values[string(v)]++; return true })
	switch first, next := values[firstText], values[nextText]; {
	case err == nil && first == largeRows && next == 0:
		return firstText, nil
	case err == nil && first == 0 && next == largeRows/3*4:
		return nextText, nil
	default:
		return fmt.Sprintf("%d of the first and %d of the second", first, next), err
	}
}

func prepareLarge(s *store.Store) error {
	return s.Update(context.Background(), func(tx *store.Tx) error {
		for i := range largeRows {
			tx.Put(fmt.Appendf(nil, "row/%d", i), []byte(firstText))
		}
		return nil
	})
}

// childLarge kills itself at the given step of writing a large batch.
func childLarge(args []string) error {
	at, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	s, err := store.Open(store.Options{Dir: args[0]})
	if err != nil {
		return err
	}
	s.OnStep(func(step string) error {
		fmt.Println(step)
		if at--; at == 0 {
			self, err := os.FindProcess(os.Getpid())
			if err != nil {
				return err
			}
			if err := self.Kill(); err != nil {
				return err
			}
			select {} // until it is dead
		}
		return nil
	})
	return writeLarge(s)
}

func TestALargeUpdateIsAllOrNothingWhereverItIsKilled(t *testing.T) {
	base := t.TempDir()
	s := open(t, base)
	if err := prepareLarge(s); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	took := map[string]int{}
	for at := 1; ; at++ {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(base)); err != nil {
			t.Fatal(err)
		}
		c := start(t, "large", dir, strconv.Itoa(at))
		steps, err := c.rest()
		s := open(t, dir)
		var state string
		if verr := s.View(func(r store.Reader) (err error) { state, err = states(r); return }); verr != nil {
			t.Fatal(verr)
		}
		took[state]++
		if state != firstText && state != nextText {
			t.Errorf("killed at step %d (%s): %s", at, steps[len(steps)-1], state)
		}
		// It goes on from there.
		if err := writeLarge(s); err != nil {
			t.Fatal(err)
		}
		if err := s.View(func(r store.Reader) (err error) { state, err = states(r); return }); err != nil || state != nextText {
			t.Errorf("written again after step %d: %s, %v", at, state, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err == nil { // it came to its end
			if at < 12 || took[firstText] < 6 || took[nextText] < 2 {
				t.Errorf("killed %d times, found %v: the batch was not large", at-1, took)
			}
			if got := strings.Join(steps[:4], " "); got != "write written sync synced" {
				t.Errorf("a large update began with %q: its mark has to be durable first", got)
			}
			if got := strings.Join(steps[len(steps)-6:], " "); got != "sync synced write written sync synced" {
				t.Errorf("a large update ended with %q: its rows have to be durable before the mark goes", got)
			}
			return
		}
	}
}
