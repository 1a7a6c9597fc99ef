package journal

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"time"

	"intercom/client/wire"
)

// The reasons of a reset.
const (
	TooOld    = "too_old"   // what follows the cursor is not kept any more
	Restarted = "restarted" // what was in memory when the daemon ended is gone
	Unknown   = "unknown"   // there was no such place
)

// Start is what Since is for the oldest entry that is kept.
const Start = "start"

// SinceError reports a place that is none.
type SinceError struct{ Since string }

// Error implements error.
func (e SinceError) Error() string {
	return fmt.Sprintf("since: %.40q is not a cursor, a time like 2026-03-01T12:00:00Z, or start", e.Since)
}

// Wants says which frames a reader gets. The zero value gets all.
type Wants struct {
	Types    []string // types or eventTypes; none: all
	Channels []string // none: all, and what belongs to no channel
}

func (w Wants) frame(f Frame) bool {
	if len(w.Types) > 0 && !slices.Contains(w.Types, f.Type) && (f.Kind == "" || !slices.Contains(w.Types, f.Kind)) {
		return false
	}
	return len(w.Channels) == 0 || slices.Contains(w.Channels, f.Channel)
}

// memory reports whether it wants anything that is kept in memory alone.
func (w Wants) memory() bool {
	return len(w.Types) == 0 || slices.ContainsFunc(w.Types, func(t string) bool {
		return t == wire.PushMessage || t == wire.PushPeer || t == wire.PushGap
	})
}

// Check returns what is wrong with a place, a SinceError.
func Check(since string) error {
	if since == "" || since == Start {
		return nil
	}
	if _, err := time.Parse(time.RFC3339, since); err == nil {
		return nil
	}
	if _, err := ParseCursor(since); err != nil {
		return SinceError{since}
	}
	return nil
}

// Reader returns a reader from a place on: a cursor, a time (RFC 3339), Start,
// or now if it is empty. A cursor from which the order cannot be read on is
// told of in the first frame. Errors: SinceError, or that of the store.
func (j *Journal) Reader(since string, w Wants) (*Reader, error) {
	r := &Reader{j: j, wants: w}
	if since == "" {
		j.mu.Lock()
		defer j.mu.Unlock()
		r.at, r.durable = j.head, j.durable
		return r, nil
	}
	_, oldest, err := j.o.Load(0, 0)
	if err != nil {
		return nil, err
	}
	if since == Start {
		j.mu.Lock()
		defer j.mu.Unlock()
		r.at = position{oldest - 1, j.first() - 1}
		return r, nil
	}
	if t, err := time.Parse(time.RFC3339, since); err == nil {
		n, err := j.o.After(t)
		if err != nil {
			return nil, err
		}
		j.mu.Lock()
		defer j.mu.Unlock()
		i := sort.Search(len(j.memory), func(i int) bool { return !j.memory[i].at.Before(t) })
		r.at = position{min(n-1, j.head.r), j.first() - 1 + uint64(i)}
		return r, nil
	}
	c, err := ParseCursor(since)
	if err != nil {
		return nil, SinceError{since}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	r.resume(c, oldest)
	return r, nil
}

// resume sets the reader's place by a cursor; the journal is locked.
func (r *Reader) resume(c Cursor, oldest uint64) {
	j, reason := r.j, ""
	tell := func(why string, matters bool) {
		if reason == "" && matters {
			reason = why
		}
	}
	r.at = position{c.R, c.M}
	r.durable = c.Boot == ""
	switch {
	case c.Boot == "" && c.R > j.o.Head:
		r.at.m = r.before(c.R)
	case c.Boot != j.o.Boot: // also an r: from before this start
		if r.at.m = 0; c.NoR {
			r.at.r = j.o.Head
			tell(Restarted, true)
		}
	case c.M > j.head.m:
		r.at = j.head
		tell(Unknown, true)
	case c.NoR:
		r.at = r.behind(c.M, func() { tell(TooOld, true) })
	}
	switch {
	case r.at.r > j.head.r:
		r.at, r.durable = j.head, j.durable
		tell(Unknown, true)
	case r.at.r+1 < oldest:
		r.at.r = oldest - 1
		tell(TooOld, true)
	}
	elsewhen := c.Boot != "" && c.Boot != j.o.Boot || c.Boot == "" && c.R <= j.o.Head
	tell(Restarted, elsewhen && r.wants.memory())
	if reason != "" {
		r.begin = append(r.begin, reset(reason))
	}
}

// before returns how many entries in memory came before durable entry n. It is
// one less if an unknown number was dropped since, so that this is told.
func (r *Reader) before(n uint64) uint64 {
	j := r.j
	i := sort.Search(len(j.memory), func(i int) bool { return j.memory[i].after >= n })
	m := j.first() - 1 + uint64(i)
	if i == 0 && j.dropping && j.dropped >= n {
		m--
	}
	return m
}

// behind returns the place behind entry m in memory, else the oldest one.
func (r *Reader) behind(m uint64, gone func()) position {
	j := r.j
	first := j.first()
	switch {
	case m >= first:
		return position{j.memory[m-first].after, m}
	case m == 0 && first == 1:
		return position{j.o.Head, 0}
	}
	gone()
	if len(j.memory) == 0 {
		return j.head
	}
	return position{j.memory[0].after, first - 1}
}

func lagged(missed uint64) Frame {
	return Frame{Type: wire.PushLagged, JSON: []byte(`{"type":"` + wire.PushLagged + `","missed":` + strconv.FormatUint(missed, 10) + `}`)}
}

func reset(reason string) Frame {
	return Frame{Type: wire.PushReset, JSON: []byte(`{"type":"` + wire.PushReset + `","reason":"` + reason + `"}`)}
}
