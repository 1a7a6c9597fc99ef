//go:build unix

package conformance_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// names maps what must differ from run to run: a recorded key, signature, id
// or time stands for one here, and always for the same.
type names struct {
	to    map[string]string
	from  map[string]string
	times map[string]string // several recorded times may be one here

	trial bool // another time of the recording is not taken for one that is known
}

func newNames() *names {
	return &names{to: map[string]string{}, from: map[string]string{}, times: map[string]string{}}
}

// clone returns a copy to try a frame on.
func (n *names) clone() *names {
	return &names{trial: true, to: maps.Clone(n.to), from: maps.Clone(n.from), times: maps.Clone(n.times)}
}

// bind takes note of what a recorded name is here.
func (n *names) bind(want, got string) error {
	to, known := n.to[want]
	from, used := n.from[got]
	if known && to != got || used && from != want {
		return fmt.Errorf("%s is %s here, but was %s, which stood for %s", shorten(want), shorten(got), shorten(to), shorten(from))
	}
	n.to[want], n.from[got] = got, want
	return nil
}

func (n *names) bindTime(want, got string) error {
	if to, known := n.times[want]; known && to != got {
		return fmt.Errorf("the time %s was %s here and is %s", want, to, got)
	}
	if _, known := n.times[want]; n.trial && !known {
		for _, used := range n.times {
			if used == got {
				return fmt.Errorf("the time %s is one of another", got)
			}
		}
	}
	n.times[want] = got
	return nil
}

// namesOf are the forms of what differs, with the parts that are names
// themselves.
var namesOf = []*regexp.Regexp{
	regexp.MustCompile(`^([0-9a-f]{64}|[0-9a-f]{128}|trac1[0-9a-z]+)$`), // keys, signatures, addresses
	regexp.MustCompile(`^([0-9a-f]{64}):([0-9]{13}):([0-9a-z]{8})$`),    // messages
	regexp.MustCompile(`^([0-9a-f]{12}):([0-9]{13}):([0-9a-z]{8})$`),    // expenses
}

// local are the fields of info that differ from machine to machine.
var local = []string{
	"msbBootstrap", "msbChannel", "msbStore", "msbDhtBootstrap", "peerStore", "peerDhtBootstrap", "subnetBootstrap", "subnetChannel", "peerWriterKey",
}

// compare returns how a frame differs from the recorded one, nil if it says
// the same: it has all its fields in their order, and may have more. `≈5` in
// place of a number allows for odd cents, `…` for anything.
func (n *names) compare(want, got *value) error {
	if (want.at("id") == nil) != (got.at("id") == nil) {
		return fmt.Errorf("id: one has it, one has not")
	}
	return n.walk("", "frame", want, got)
}

func (n *names) walk(path, key string, want, got *value) error {
	path = strings.TrimPrefix(path+"."+key, ".")
	if want.scalar == "…" {
		return nil
	}
	if want.kind != got.kind && !slices.Contains(local, key) {
		return fmt.Errorf("%s is another kind of value", path)
	}
	switch {
	case slices.Contains(local, key):
		if want.kind != got.kind {
			return fmt.Errorf("%s is another kind of value", path)
		}
		return nil
	case want.kind == object:
		return n.fields(path, want, got)
	case want.kind == array:
		// Clients may do more than the original's; see what is added to hello.
		more := key == "focusBridgeActions" && len(got.list) >= len(want.list)
		if len(got.list) != len(want.list) && !more {
			return fmt.Errorf("%s has %d items, want %d", path, len(got.list), len(want.list))
		}
		for i, w := range want.list {
			if err := n.walk(path, strconv.Itoa(i), w, got.list[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if err := n.scalar(key, want.scalar, got.scalar); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (n *names) fields(path string, want, got *value) error {
	last := -1
	for _, k := range want.keys {
		i := slices.Index(got.keys, k)
		switch {
		case i < 0:
			return fmt.Errorf("%s has no %s", path, k)
		case i < last:
			return fmt.Errorf("%s.%s comes too early", path, k)
		}
		last = i
		if err := n.walk(path, k, want.fields[k], got.fields[k]); err != nil {
			return err
		}
	}
	if err := settles(got); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if planned := want.number("endsAt") - want.number("startedAt"); want.number("startedAt") > 0 && got.number("endsAt")-got.number("startedAt") != planned {
		return fmt.Errorf("%s lasts %v ms, want %v", path, got.number("endsAt")-got.number("startedAt"), planned)
	}
	return nil
}

func (n *names) scalar(key string, want, got any) error {
	switch w := want.(type) {
	case string:
		if number, ok := got.(json.Number); ok && strings.HasPrefix(w, "≈") {
			return near(strings.TrimPrefix(w, "≈"), string(number))
		}
		g, ok := got.(string)
		if !ok {
			return fmt.Errorf("got %v, want %q", got, w)
		}
		return n.text(w, g)
	case json.Number:
		g, ok := got.(json.Number)
		if !ok {
			return fmt.Errorf("got %v, want %v", got, w)
		}
		return n.number(key, string(w), string(g))
	}
	if want != got {
		return fmt.Errorf("got %v, want %v", got, want)
	}
	return nil
}

func (n *names) text(want, got string) error {
	for _, form := range namesOf {
		w, g := form.FindStringSubmatch(want), form.FindStringSubmatch(got)
		if w == nil {
			continue
		}
		if g == nil || len(g[0]) != len(w[0]) {
			return fmt.Errorf("got %q, want one of the form of %q", got, want)
		}
		if len(w) > 2 {
			if err := n.bindTime(w[2], g[2]); err != nil {
				return err
			}
			if err := n.bind(w[3], g[3]); err != nil {
				return err
			}
		}
		return n.bind(w[1], g[1])
	}
	if want != got {
		return fmt.Errorf("got %q, want %q", got, want)
	}
	return nil
}

// The recordings are of one day, and no amount in them is a number of that
// size.
const firstTime, lastTime = 1795300000000, 1795400000000

func (n *names) number(key, want, got string) error {
	w, err := strconv.ParseFloat(want, 64)
	if err != nil {
		return err
	}
	g, err := strconv.ParseFloat(got, 64)
	if err != nil {
		return err
	}
	whole := !strings.ContainsAny(want+got, ".eE")
	switch {
	case key == "actualDurationMs":
		if g < 0 || g > 5*60_000 {
			return fmt.Errorf("got %v, want about %v", got, want)
		}
		return n.bindTime(want, got)
	case w > firstTime && w < lastTime && w == math.Trunc(w):
		if g != math.Trunc(g) || g < 1.7e12 || g > 1e13 {
			return fmt.Errorf("got %v, want a time", got)
		}
		return n.bindTime(want, got)
	case whole && want != got || w != g:
		return fmt.Errorf("got %v, want %v", got, want)
	}
	return nil
}

// settles checks a summary: what some are owed others owe, and the payments
// leave nobody owing.
func settles(summary *value) error {
	balances, payments := summary.at("balances"), summary.at("settlements")
	if balances == nil || payments == nil {
		return nil
	}
	var sum float64
	left := map[string]float64{}
	for _, b := range balances.list {
		sum += b.number("cents")
		left[b.text("member")] += b.number("cents")
	}
	for _, p := range payments.list {
		left[p.text("from")] += p.number("amountCents")
		left[p.text("to")] -= p.number("amountCents")
	}
	for member, cents := range left {
		if cents != 0 || sum != 0 {
			return fmt.Errorf("%s has %v after all payments; the balances come to %v", member, cents, sum)
		}
	}
	return nil
}

// near allows for the odd cents that one member or another has to bear.
func near(want, got string) error {
	const odd = 4
	w, err := strconv.ParseFloat(want, 64)
	if err != nil {
		return err
	}
	g, err := strconv.ParseFloat(got, 64)
	if err == nil && math.Abs(w-g) > odd {
		err = fmt.Errorf("got %v, want about %v", got, want)
	}
	return err
}
