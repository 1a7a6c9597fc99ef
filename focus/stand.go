package focus

import (
	"cmp"
	"slices"
	"sort"

	"intercom/internal/app"
	"intercom/ledger/event"
)

const never = event.MaxInteger

// loadStands returns the standing joins of a span, each with the time at which
// its author took it back: by his first leave without a session behind it, in
// the order of (lamport, id) and, but for a clock that was set back, of time.
func loadStands(r app.Reader, low, high int64) (joins []stand) {
	of := map[event.Key][]stand{}
	window(r, standRows, low-standing, high+2*standing, func(a at, decode func(any)) {
		w := stand{ts: a.ms, leaves: never}
		decode(&w.standRow)
		w.place = place{lamport: w.Lamport, id: a.id}
		if w.Leave {
			of[w.Author] = append(of[w.Author], w)
		} else if w.ts >= low && w.ts <= high {
			joins = append(joins, w)
		}
	})
	if len(of) == 0 {
		return joins
	}
	// From the last join back, each author's leaves so far are kept as a stack
	// from the latest to the first; one that is neither the first nor behind
	// all those before it in the order of the ledger decides nothing.
	slices.SortFunc(joins, func(a, b stand) int { return cmp.Or(cmp.Compare(b.ts, a.ts), b.compare(a.place)) })
	stack := map[event.Key][]stand{}
	for author, leaves := range of {
		slices.SortFunc(leaves, func(a, b stand) int { return cmp.Or(cmp.Compare(a.ts, b.ts), a.compare(b.place)) })
		of[author] = leaves
	}
	for i := range joins {
		j := &joins[i]
		leaves, kept := of[j.Author], stack[j.Author]
		for n := len(leaves); n > 0 && leaves[n-1].ts >= j.ts-standing; n-- {
			l := leaves[n-1]
			for len(kept) > 0 && kept[len(kept)-1].compare(l.place) < 0 {
				kept = kept[:len(kept)-1]
			}
			kept, leaves = append(kept, l), leaves[:n-1]
		}
		of[j.Author], stack[j.Author] = leaves, kept
		// The stack has the lowest place on top: the topmost behind j is first.
		n := sort.Search(len(kept), func(k int) bool { return kept[k].compare(j.place) < 0 })
		if n > 0 {
			j.leaves, j.leaving = max(kept[n-1].ts, j.ts), kept[n-1].place
		}
	}
	return joins
}

// assign gives each standing join to the session of lowest (lamport, id)
// that ends after it and begins at most a day after it, and before its author
// took it back.
func (l *log) assign(stands []stand) {
	byBegin := slices.SortedFunc(slices.Values(l.sessions), func(a, b *session) int { return cmp.Compare(a.begin, b.begin) })
	for _, w := range stands {
		// A session that ends after the join began less than maxLength before it.
		i := sort.Search(len(byBegin), func(i int) bool { return byBegin[i].begin > w.ts-maxLength })
		var to *session
		for ; i < len(byBegin) && byBegin[i].begin <= w.ts+standing; i++ {
			if s := byBegin[i]; s.end > w.ts && s.begin < w.leaves && (to == nil || s.compare(to.place) < 0) {
				to = s
			}
		}
		if to == nil {
			l.waiting = append(l.waiting, w)
		} else {
			to.stands = append(to.stands, w)
		}
	}
}
