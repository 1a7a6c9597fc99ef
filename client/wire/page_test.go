package wire_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"intercom/client/wire"
)

func self(s string) string { return s }

func TestPagesInARowAreTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfDistinct(rapid.String(), self)
		list := slices.Sorted(slices.Values(names.Draw(t, "list")))
		whole := slices.Clone(list)
		p := wire.Page{Limit: rapid.IntRange(1, 5).Draw(t, "limit")}
		var got []string
		for turn := 0; ; turn++ {
			page, next, err := wire.Cut(p, list, self)
			if err != nil || len(page) > p.Limit {
				t.Fatalf("page of %d: %v", len(page), err)
			}
			got = append(got, page...)
			if next.Next == "" {
				break
			}
			p.After = next.Next
			// What comes and goes meanwhile shifts nothing.
			if turn >= 3 {
				continue
			}
			for _, s := range names.Draw(t, "added") {
				if at, found := slices.BinarySearch(list, s); !found {
					list = slices.Insert(list, at, s)
				}
			}
		}
		if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Fatalf("out of order or twice: %q", got)
		}
		for _, s := range whole {
			if !slices.Contains(got, s) {
				t.Fatalf("%q is missing in %q", s, got)
			}
		}
	})
}

func TestPagesThatMakeNoSense(t *testing.T) {
	for _, p := range []wire.Page{{Limit: -1}, {After: "not!base64"}, {After: strings.Repeat("=", 9)}, {Limit: 1, After: "a b"}} {
		if _, _, err := wire.Cut(p, []string{"a"}, self); !errors.Is(err, &wire.Error{Code: wire.InvalidRequest}) {
			t.Errorf("%+v: %v", p, err)
		}
	}
	if page, next, err := wire.Cut(wire.Page{}, []string{"a", "b"}, self); err != nil || len(page) != 2 || next.More() != "" {
		t.Errorf("without a limit: %q, %+v (%v)", page, next, err)
	}
}
