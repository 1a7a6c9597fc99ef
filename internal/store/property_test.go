package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"intercom/internal/store"
)

// model is what the store has to equal.
type model map[string]string

func (m model) scan(prefix, from string) string {
	var out strings.Builder
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if strings.HasPrefix(k, prefix) && k >= from {
			fmt.Fprintf(&out, "%q=%q ", k, m[k])
		}
	}
	return out.String()
}

func (m model) last(prefix string, upTo []byte) string {
	keys := slices.Sorted(maps.Keys(m))
	slices.Reverse(keys)
	for _, k := range keys {
		if strings.HasPrefix(k, prefix) && (upTo == nil || k <= string(upTo)) {
			return fmt.Sprintf("%q=%q", k, m[k])
		}
	}
	return "none"
}

// same compares r and m at a place that t draws.
func same(t *rapid.T, r store.Reader, m model) {
	key := rapid.StringOfN(rapid.SampledFrom(letters), 0, 4, -1)
	prefix, from := key.Draw(t, "prefix"), key.Draw(t, "from")
	var out strings.Builder
	if err := r.Scan([]byte(prefix), []byte(from), func(k, v []byte) bool {
		fmt.Fprintf(&out, "%q=%q ", k, v)
		return true
	}); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), m.scan(prefix, from); got != want {
		t.Fatalf("scan %q from %q: %s, want %s", prefix, from, got, want)
	}
	var upTo []byte
	if rapid.Bool().Draw(t, "bounded") {
		upTo = []byte(from)
	}
	got := "none"
	if k, v, err := r.Last([]byte(prefix), upTo); err == nil {
		got = fmt.Sprintf("%q=%q", k, v)
	} else if !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	if want := m.last(prefix, upTo); got != want {
		t.Fatalf("last of %q up to %q: %s, want %s", prefix, upTo, got, want)
	}
	v, err := r.Get([]byte(from))
	if want, ok := m[from]; ok != (err == nil) || !bytes.Equal(v, []byte(want)) {
		t.Fatalf("get %q: %q, %v, want %q", from, v, err, want)
	}
}

// letters has the ends of the byte range, where the end of a prefix is special. They are put in as
// runes of one byte each, so that order by runes is order by bytes.
var letters = []rune{0, 'a', 'b', 0x7f}

func TestStoreEqualsAMap(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		// Each case begins with an empty store.
		round++
		if err := s.Update(t.Context(), func(tx *store.Tx) error {
			return tx.Scan(nil, nil, func(k, _ []byte) bool { tx.Delete(bytes.Clone(k)); return true })
		}); err != nil {
			t.Fatal(err)
		}
		key := rapid.StringOfN(rapid.SampledFrom(letters), 1, 4, -1)
		want := model{}
		for range rapid.IntRange(1, 8).Draw(t, "updates") {
			next := maps.Clone(want)
			undo := rapid.Bool().Draw(t, "undo")
			stop := errors.New("stop")
			// Drawn before: what draws may panic, which an update takes for an error.
			type operation struct {
				kind       int
				key, value string
			}
			operations := make([]operation, rapid.IntRange(0, 10).Draw(t, "operations"))
			for i := range operations {
				operations[i] = operation{
					kind: rapid.IntRange(0, 3).Draw(t, "operation"), key: key.Draw(t, "key"), value: key.Draw(t, "value"),
				}
			}
			err := s.Update(t.Context(), func(tx *store.Tx) error {
				for _, o := range operations {
					switch o.kind {
					case 0:
						delete(next, o.key)
						tx.Delete([]byte(o.key))
					case 1:
						same(t, tx, next)
					default:
						next[o.key] = o.value
						tx.Put([]byte(o.key), []byte(o.value))
					}
				}
				if undo {
					return stop
				}
				return nil
			})
			if undo != errors.Is(err, stop) || !undo && err != nil {
				t.Fatal(err)
			}
			if !undo {
				want = next
			}
			if err := s.View(func(r store.Reader) error { same(t, r, want); return nil }); err != nil {
				t.Fatal(err)
			}
		}
	})
}
