package focus

import (
	"cmp"
	"slices"
)

const bridge = 36 * 3600 * 1000 // ms; a traveller's day may be this long

// run is how regularly somebody's sessions come.
type run struct {
	current, best int // days
	frozen        int // missed days of the current one
}

// freezer counts the freezes of the period that was last asked about. Days are
// asked about in order.
type freezer struct {
	habit
	in   int64
	used int
}

// cover reports whether no day that the habit asks for is missed strictly
// between two days, but for those that it freezes; n is how many these are.
// Where it does not cover all of them it freezes none.
func (f *freezer) cover(from, to int64) (n int, ok bool) {
	before := *f
	for d := from + 1; d < to; d++ {
		if f.off[weekdayOf(d)] {
			continue
		}
		if p := f.period(d); p != f.in {
			f.in, f.used = p, 0
		}
		if f.used == f.freezes {
			*f = before
			return 0, false
		}
		f.used++
		n++
	}
	return n, true
}

// runs works out the runs of days with a session that counts, from the ends of
// these sessions. Days are in a row if no day that the habit asks for is
// missed between them or, for a traveller who skips one, if their sessions end
// less than 36 hours apart; a missed day may be frozen. Days that the habit
// does not ask for neither end a run nor make it longer. The current run
// reaches today, where today's session is not missed yet. Today is that of the
// peer's latest place.
func (h habit) runs(ends []local, now int64) (out run) {
	if len(ends) == 0 {
		return out
	}
	slices.SortFunc(ends, func(a, b local) int {
		return cmp.Or(cmp.Compare(a.ms, b.ms), cmp.Compare(a.tz, b.tz), cmp.Compare(a.dayStart, b.dayStart))
	})
	var days []int64 // in order, each once
	place, dates := local{}, make([]int64, 0, len(ends))
	for _, e := range ends {
		place = e
		dates = append(dates, e.date())
		if !h.off[weekdayOf(e.date())] {
			days = append(days, e.date())
		}
	}
	if len(days) == 0 {
		return out
	}
	slices.Sort(days)
	days = slices.Compact(days)
	bridged := make([]bool, len(days)) // what is between a day and the one before it
	for k := 1; k < len(ends); k++ {
		if ends[k].ms-ends[k-1].ms >= bridge {
			continue
		}
		from, to := min(dates[k-1], dates[k]), max(dates[k-1], dates[k])
		i, _ := slices.BinarySearch(days, from+1)
		for ; i < len(days) && days[i] <= to; i++ {
			bridged[i] = i > 0 && days[i-1] >= from || bridged[i]
		}
	}
	freezes := freezer{habit: h}
	length := 0
	for i, d := range days {
		if i > 0 {
			frozen, ok := 0, bridged[i]
			if !ok {
				frozen, ok = freezes.cover(days[i-1], d)
			}
			if out.frozen += frozen; !ok {
				length, out.frozen = 0, 0
			}
		}
		length++
		out.best = max(out.best, length)
	}
	if n, ok := freezes.cover(days[len(days)-1], place.at(now).date()); ok {
		out.current, out.frozen = length, out.frozen+n
	} else {
		out.frozen = 0
	}
	return out
}
