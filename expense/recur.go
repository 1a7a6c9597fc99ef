package expense

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// What rules may ask for. Readers of events do not hold to it; who acts on
// rules does.
const (
	mostBack  = 366  // days after which what was not added is not added any more
	mostRules = 100  // rules of one author in a room that go on
	mostLooks = 1000 // rules of one author, the latest, and days of a rule that are looked at
	// MaxPass is the most entries that are added at once.
	MaxPass = 100
)

// rule is a rule as it is in force.
type rule struct {
	Recur
	id   event.ID
	by   event.Key // who made it, not who changed it
	last string    // the last day that counts, never if it is not stopped
}

// ruleOf returns a rule by its first event.
func ruleOf(r app.Reader, id event.ID) (x rule, ok bool) {
	e, ok := r.Event(id)
	if !ok || !wellFormed(r, id, typeRecur, &x.Recur) || !x.Rule.IsZero() {
		return x, false
	}
	x.id, x.by, x.last = id, e.Author, lastOf(r, id)
	if e, ok := r.Event(topOf(r, versionPrefix(id))); ok {
		var b Recur
		if event.Unmarshal(e.Body, &b) == nil {
			x.Recur = b
		}
	}
	return x, true
}

// days returns the days from one on for which the rule is to add something and
// nothing has been added, no further than mostLooks of the rule's days.
func (x rule) days(r app.Reader, from string, yield func(day string) bool) {
	looks, year, made := 0, "", map[string]bool{}
	for day := range x.from(max(from, x.Start)) {
		if looks++; day > x.last || looks > mostLooks {
			return
		}
		if y := day[:4]; y != year {
			year, made = y, x.made(r, y)
		}
		if !made[day] && !yield(day) {
			return
		}
	}
}

// made returns the days of a year for which something has been added.
func (x rule) made(r app.Reader, year string) map[string]bool {
	days := map[string]bool{}
	prefix := occurrenceRows + x.id.String() + "/"
	r.Scan(prefix+year, func(key string, _ func(any)) bool {
		days[key[len(prefix):len(prefix)+len(firstDay)]] = true
		return true
	})
	return days
}

// due returns the days up to today for which the rule is to add something.
func (x rule) due(r app.Reader, today string) (days []string) {
	x.days(r, back(today), func(day string) bool {
		if day <= today {
			days = append(days, day)
		}
		return day <= today
	})
	return days
}

// next returns the first days that are due or to come.
func (x rule) next(r app.Reader, today string, n int) []string {
	days := []string{}
	x.days(r, back(today), func(day string) bool {
		days = append(days, day)
		return len(days) < n
	})
	return days
}

// back is the earliest day for which something is added today.
func back(today string) string {
	t, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return today
	}
	return t.AddDate(0, 0, -mostBack).Format(time.DateOnly)
}

func today(now time.Time) string { return now.Format(time.DateOnly) }

// eachRule calls f for the rules of an author, or of everybody if the text is
// empty: the latest of each author first, no more than mostLooks of each.
func eachRule(r app.Reader, author string, f func(x rule) bool) {
	prefix := ruleRows
	if author != "" {
		prefix += author + "/"
	}
	looks, of := 0, ""
	r.Scan(prefix, func(key string, _ func(any)) bool {
		by, _, _ := strings.Cut(key[len(ruleRows):], "/")
		if by != of {
			looks, of = 0, by
		}
		if looks++; looks > mostLooks {
			return true
		}
		x, ok := ruleOf(r, rank(descending(tail(key))).id())
		return !ok || f(x)
	})
}

// goesOn reports whether something is due or to come.
func (x rule) goesOn(r app.Reader, today string) bool { return len(x.next(r, today, 1)) > 0 }

// occurrence is a day for which a rule is to add something.
type occurrence struct {
	rule
	day string
}

// outstanding returns what the author of a call is to add, the oldest first:
// by own rules, and if all, where the author governs the room, by those of
// others that may write still.
func outstanding(r app.Reader, c app.Call, all bool) (list []occurrence) {
	author := c.Author.String()
	roles := map[event.Key]app.Role{}
	if all = all && c.Role.Governs(); all {
		author = ""
		for _, m := range c.Members() {
			roles[m.Key] = m.Role
		}
	}
	going := map[event.Key]int{}
	eachRule(r, author, func(x rule) bool {
		if going[x.by] == mostRules || all && x.by != c.Author && roles[x.by] < app.Bot {
			return true
		}
		now := today(c.Now)
		goes := false
		x.days(r, back(now), func(day string) bool {
			if goes = true; day <= now {
				list = append(list, occurrence{x, day})
			}
			return day <= now
		})
		if goes {
			going[x.by]++
		}
		return true
	})
	slices.SortFunc(list, func(a, b occurrence) int {
		return cmp.Or(cmp.Compare(a.day, b.day), a.id.Compare(b.id))
	})
	return list
}

// drafts returns the entries for the first of what is outstanding. What does
// not fit an event is left out: our own requests refuse such a rule.
func drafts(list []occurrence, c app.Call) (out []app.Draft) {
	for _, o := range list {
		if len(out) == MaxPass {
			break
		}
		b, err := o.entry(o.id, o.day, Seed{Author: c.Author, Instance: c.Instance, Seq: c.Seq + uint64(len(out))})
		if err == nil && b.fits() == nil {
			out = append(out, app.Draft{Type: typeAdd, Body: b})
		}
	}
	return out
}

// decideRecurring adds what own rules ask for, at most MaxPass entries.
func decideRecurring(r app.Reader, c app.Call) ([]app.Draft, error) {
	return drafts(outstanding(r, c, false), c), nil
}

// nextRecurring returns when own rules next ask for something: the beginning
// of that day where now is.
func nextRecurring(r app.Reader, self event.Key, now time.Time) (at time.Time, ok bool) {
	first := ""
	eachRule(r, self.String(), func(x rule) bool {
		for _, day := range x.next(r, today(now), 1) {
			if first == "" || day < first {
				first = day
			}
		}
		return true
	})
	at, err := time.ParseInLocation(time.DateOnly, first, now.Location())
	return at, err == nil
}

// findRule returns the rule of a room that an id or its start names.
func findRule(r app.Reader, prefix, room string) (x rule, err error) {
	prefix = strings.ToLower(strings.TrimSpace(prefix))
	list := "intercom expense recur list --channel " + room
	switch {
	case prefix == "":
		return x, wire.Errorf(wire.MissingField, "rule is missing").WithHint(list)
	case strings.Trim(prefix, "0123456789abcdef") != "":
		return x, wire.Errorf(wire.InvalidRequest, "rule: %.70q is no id", prefix).WithHint("give hex digits from: " + list)
	}
	var ids []event.ID
	r.Scan(ruleRows, func(key string, _ func(any)) bool {
		if id := rank(descending(tail(key))).id(); strings.HasPrefix(id.String(), prefix) {
			ids = append(ids, id)
		}
		return len(ids) < 2
	})
	switch len(ids) {
	case 0:
		return x, wire.Errorf(wire.NotFound, "%s has no rule %.64s", room, prefix).WithHint(list + " --all")
	case 1:
		x, _ = ruleOf(r, ids[0])
		return x, nil
	}
	return x, wire.Errorf(wire.Ambiguous, "several rules begin with %s", prefix).WithHint("give more digits")
}

// ruleNames returns the ids of the rules, the latest of each author first.
func ruleNames(r app.Reader) (ids []string) {
	eachRule(r, "", func(x rule) bool {
		ids = append(ids, x.id.Short())
		return len(ids) < mostNames
	})
	return ids
}
