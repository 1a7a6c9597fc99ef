package expense

import (
	"bytes"
	"maps"
	"slices"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// A room with an owner may ask that entries are confirmed before they count
// (room.policy). An entry heeds the policy that its author knew, so a change of
// policy reaches no entry that was written before it.
const (
	policyCounts = "expenses"    // when entries count: one of the below
	policyDays   = "confirmDays" // of silence that are agreement

	countsTrust   = "trust"   // at once; the default
	countsConfirm = "confirm" // when those whom they cost have agreed

	usualDays = 14
	mostDays  = 366
)

const dayMillis = 24 * 60 * 60 * 1000

// gateRow is who has to agree before an entry counts. Entries that cost nobody
// but their author have none.
type gateRow struct {
	_      struct{}  `cbor:",toarray"`
	Author string    // the name that the entry's author speaks for
	Needs  []need    // by name
	From   int64     // ms since 1970: from then on silence is agreement; 0: it never is
	Said   []verdict // the latest of each author, by key
}

type need struct {
	_      struct{} `cbor:",toarray"`
	Name   string
	Silent bool // it wrote, From or later, knowing the entry
}

type verdict struct {
	_       struct{} `cbor:",toarray"`
	By      event.Key
	Name    string // in whose name; empty: in nobody's
	Dispute bool
}

// gate is whether an entry is held back.
type gate uint8

const (
	passes gate = iota
	waits
	denied
)

// confirms reads the policy of a room: whether it asks for confirmations, and
// after how many days silence is one.
func confirms(policy func(string) any) (days int64, yes bool) {
	days = usualDays
	if policy == nil {
		return days, false
	}
	if n, ok := policy(policyDays).(uint64); ok && n >= 1 && n <= mostDays {
		days = int64(n)
	}
	return days, policy(policyCounts) == countsConfirm
}

// charged returns whom an entry costs something beside its author, by name.
func (fl flow) charged(author string) []string {
	net := netOf(&fl.Add)
	maps.DeleteFunc(net, func(name string, n int64) bool { return n >= 0 || name == author })
	return slices.Sorted(maps.Keys(net))
}

// holdBack puts in who has to agree to a new entry, if somebody has to: of an
// expense those whom somebody speaks for, of a payment the other party. The
// days of silence count from the time of the entry, or of what it follows, if
// that is later.
func (f *fold) holdBack(e *event.Signed, m app.Meta, fl flow) {
	days, yes := confirms(m.Policy)
	if !yes || m.Duplicate {
		return
	}
	names := fl.charged(m.Alias)
	if len(names) == 0 {
		return // it is against its author's own interest
	}
	g := gateRow{Author: m.Alias}
	for _, name := range names {
		if fl.payment || m.Speaks(name) {
			g.Needs = append(g.Needs, need{Name: name})
		}
	}
	if !fl.payment {
		g.From = e.TS
		for _, id := range append([]event.ID{e.Prev}, e.Deps...) {
			if cause, ok := f.Event(id); ok {
				g.From = max(g.From, cause.TS)
			}
		}
		g.From += days * dayMillis
		for _, n := range g.Needs {
			f.Put(silenceKey(n.Name, g.From, e.ID), presentRow{})
		}
	}
	f.Put(gateKey(e.ID), g)
	f.judge(e.ID)
}

// letGo takes out what holdBack and later events put in.
func (f *fold) letGo(entry event.ID) {
	var g gateRow
	if !f.Get(gateKey(entry), &g) {
		return
	}
	for _, n := range g.Needs {
		f.Del(silenceKey(n.Name, g.From, entry))
	}
	f.Del(gateKey(entry))
}

// weighWord heeds that an author's latest opinion on an entry may be another
// one.
func (f *fold) weighWord(entry event.ID, author event.Key) {
	var g gateRow
	if !f.Get(gateKey(entry), &g) {
		return
	}
	g.Said = slices.DeleteFunc(g.Said, func(v verdict) bool { return v.By == author })
	f.Scan(opinionPrefix(entry)+author.String()+"/", func(_ string, decode func(any)) bool {
		var row opinionRow
		decode(&row)
		g.Said = append(g.Said, verdict{By: author, Name: row.Name, Dispute: row.Dispute})
		return false
	})
	slices.SortFunc(g.Said, func(a, b verdict) int { return bytes.Compare(a.By[:], b.By[:]) })
	if len(g.Said) == 0 {
		g.Said = nil // one form for each value
	}
	f.Put(gateKey(entry), g)
	f.judge(entry)
}

// witness heeds that who speaks for a member knew, when he wrote an event, the
// entries that have waited for him long enough. What the event itself turns out
// to be does not matter, but he has to have written it himself: a bot agrees to
// nothing, nor does what a rule adds.
func (f *fold) witness(e *event.Signed, m app.Meta, body event.Body) {
	if add, ok := body.(*Add); m.Alias == "" || m.Role == app.Bot || ok && add.Recur != nil {
		return
	}
	var known []event.ID
	f.Scan(silencePrefix(m.Alias), func(key string, _ func(any)) bool {
		from, entry := parseSilence(key)
		if from <= e.TS && m.Past(entry) {
			known = append(known, entry)
		}
		return from <= e.TS
	})
	for _, entry := range known {
		var g gateRow
		f.Get(gateKey(entry), &g)
		f.Del(silenceKey(m.Alias, g.From, entry))
		for i := range g.Needs {
			g.Needs[i].Silent = g.Needs[i].Silent || g.Needs[i].Name == m.Alias
		}
		f.Put(gateKey(entry), g)
		f.judge(entry)
	}
}

// missing returns who still has to agree to an entry, and whether somebody
// whom it costs something objects.
func (g gateRow) missing(fl flow) (names []string, objection bool) {
	costs := fl.charged(g.Author)
	agreed := map[string]bool{}
	for _, v := range g.Said {
		if v.Dispute && slices.Contains(costs, v.Name) {
			objection = true
		} else if !v.Dispute {
			agreed[v.Name] = true
		}
	}
	for _, n := range g.Needs {
		if !n.Silent && !agreed[n.Name] {
			names = append(names, n.Name)
		}
	}
	return names, objection
}

// gateOf reports whether an entry is held back.
func gateOf(r app.Reader, e *event.Signed) gate {
	var g gateRow
	if !r.Get(gateKey(e.ID), &g) {
		return passes
	}
	fl, _ := flowOf(e)
	switch names, objection := g.missing(fl); {
	case objection:
		return denied
	case len(names) > 0:
		return waits
	}
	return passes
}

// waitsFor reports whether an entry waits for a member to agree.
func waitsFor(r app.Reader, entry event.ID, member string) bool {
	var g gateRow
	e, ok := r.Event(entry)
	if !ok || !r.Get(gateKey(entry), &g) {
		return false
	}
	fl, _ := flowOf(e)
	names, _ := g.missing(fl)
	return slices.Contains(names, member)
}
