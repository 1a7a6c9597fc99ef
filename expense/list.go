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

const (
	mostRefused = 100 // refused events that a reply lists
	clockSkew   = 5 * time.Minute
	// Anyone may close an open room, so what is asked about closes is bounded.
	mostCloses = 256 // the latest ones that are looked at
	mostLast   = 32  // of them, those that no other has seen
)

// ListReq asks for the open entries of a room.
type ListReq struct {
	app.Channel
	Filter
	All     bool `json:"all,omitempty" jsonschema:"also those that do not count: void, replaced, in conflict, added twice, after the end of its rule"`
	Pending bool `json:"pending,omitempty" jsonschema:"only entries that somebody has to confirm before they count"`
	Mine    bool `json:"mine,omitempty" jsonschema:"only entries that you have to confirm before they count"`
	wire.Page
}

// ListReply has the open entries of a room in order of (lamport, id).
type ListReply struct {
	Channel      string    `json:"channel"`
	Joined       bool      `json:"joined" jsonschema:"the room is replicated here; else only what is here already is shown"`
	Count        int       `json:"count" jsonschema:"all open entries of the room that count"`
	Conflicts    int       `json:"conflicts,omitempty" jsonschema:"open entries that lost against another change of the same entry"`
	Opening      []Entry   `json:"opening,omitempty" jsonschema:"what closed epochs carried over, an entry of each currency, with the first page of a list without filter: with the entries that count it adds up to the balances"`
	Pending      int       `json:"pending,omitempty" jsonschema:"entries that somebody has to confirm before they count"`
	Entries      []Entry   `json:"entries"`
	Refused      []Refused `json:"refused,omitempty" jsonschema:"events that do not count, the first 100, with the first page"`
	RefusedCount int       `json:"refusedCount"`
	wire.Next
}

// Refused is an event that does not count.
type Refused struct {
	Event  event.ID  `json:"event"`
	By     event.Key `json:"by"`
	Type   string    `json:"type"`
	Reason string    `json:"reason"`
}

// List implements wire.Listed.
func (ListReply) List() string { return "entries" }

// Table implements wire.Tabular.
func (r ListReply) Table() wire.Table { return entryTable(slices.Concat(r.Opening, r.Entries)) }

// Note implements wire.Noted.
func (r ListReply) Note() string {
	var notes []string
	if r.Count == 0 && len(r.Opening) == 0 {
		notes = append(notes, "no expenses in "+r.Channel)
	}
	if !r.Joined {
		notes = append(notes, notJoined(app.Room{Name: r.Channel}))
	}
	if len(r.Opening) > 0 {
		notes = append(notes, openingNote(r.Opening))
	}
	late := 0
	for _, e := range r.Entries {
		if e.Late {
			late++
		}
	}
	if r.Conflicts > 0 {
		notes = append(notes, plural(int64(r.Conflicts), "change lost", "changes lost")+" against another of the same entry: intercom expense list --all --channel "+r.Channel)
	}
	if r.Pending > 0 {
		notes = append(notes, plural(int64(r.Pending), "entry waits", "entries wait")+" for a confirmation: intercom expense list --pending --channel "+r.Channel)
	}
	if late > 0 {
		notes = append(notes, plural(int64(late), "entry was", "entries were")+" written without knowing the last close")
	}
	if more := r.More(); more != "" {
		notes = append(notes, more)
	}
	return strings.Join(notes, "\n")
}

var listDef = wire.Def[ListReq, ListReply]{Spec: wire.Spec{
	Request: "expense_list", Reply: "expense_list", Scope: wire.ScopeRead,
	Summary: "List the expenses of a room since it was last cleared", Command: "expense list",
}}

func readList(r app.Reader, in ListReq, c app.Call) (ListReply, error) {
	wanted, err := in.Filter.matcher()
	if err != nil {
		return ListReply{}, err
	}
	after, err := in.Behind()
	if err != nil {
		return ListReply{}, err
	}
	out := ListReply{Channel: c.Room.Name, Joined: c.Room.Joined}
	var open tallyRow
	r.Get(bucketKey(openPlace), &open)
	out.Count, out.Conflicts = int(open.Count), counted(r, lostCount)
	for _, t := range pending(r) {
		out.Pending += int(t.Entries)
	}
	me := ""
	if in.Mine {
		if m, ok := memberOf(c, c.Author); ok {
			me = m.Alias
		}
		if me == "" {
			return out, wire.Errorf(wire.Conflict, "your key speaks for no member of %s", c.Room.Name).
				WithHint("intercom expense claim NAME --channel " + c.Room.Name)
		}
	}
	listed := func(s standing) bool {
		switch {
		case s.Out && s.Gate == passes && !in.All,
			(in.Pending || in.Mine) && s.Gate != waits,
			in.Mine && !waitsFor(r, s.id, me):
			return false
		case wanted == nil:
			return true
		}
		e, ok := r.Event(s.id)
		if !ok {
			return false
		}
		entry, ok := entryOf(e)
		return ok && wanted(entry)
	}
	page := []standing{}
	eachOpen(r, after, func(s standing) bool {
		if !listed(s) {
			return true
		}
		if in.Limit > 0 && len(page) == in.Limit {
			last := page[in.Limit-1]
			out.Next = wire.NextOf(orderKey(last.Lamport, last.id)[len(orderRows):])
			return false
		}
		page = append(page, s)
		return true
	})
	out.Entries = shownAs(r, page, lateOf(r, page))
	if (in.Pending || in.Mine) && in.After == "" { // they wait whatever was carried over since
		before := slices.DeleteFunc(carriedWaiting(r), func(s standing) bool { return !listed(s) })
		out.Entries = slices.Concat(shownAs(r, before, nil), out.Entries)
	}
	for i, e := range out.Entries {
		out.Entries[i].ClockAhead = e.At.After(c.Now.Add(clockSkew))
	}
	if out.RefusedCount = counted(r, refusedCount); in.After == "" {
		out.Refused = refused(r)
		if in.Filter == (Filter{}) && !in.Pending && !in.Mine {
			out.Opening = openings(r)
		}
	}
	return out, nil
}

// counted returns how many of a kind there are.
func counted(r app.Reader, key string) int {
	var row tallyRow
	r.Get(key, &row)
	return int(row.Count)
}

// eachOpen calls f for the entries of the open epoch in order of (lamport, id),
// from what stands behind the place after, until it returns false.
func eachOpen(r app.Reader, after string, f func(standing) bool) {
	from := orderRows
	if after != "" {
		from += after + "\x00"
	}
	r.ScanFrom(orderRows, from, func(key string, _ func(any)) bool {
		e, ok := r.Event(parseOrder(key))
		if !ok {
			return true // never: the fold wrote it
		}
		s := standing{place: openPlace, spot: spotOf(e)}
		return !r.Get(s.key(), &s.entryRow) || f(s)
	})
}

// carriedWaiting returns the entries before closes that carried the balances
// over which count once somebody has agreed, in order of (lamport, id).
func carriedWaiting(r app.Reader) (all []standing) {
	r.Scan(gateRows, func(key string, _ func(any)) bool {
		id, err := event.ParseID(key[len(gateRows):])
		if err != nil {
			return true // never: the fold wrote it
		}
		if h, ok := hold(r, id); ok && h.Gate == waits && h.end == open && h.first != open {
			all = append(all, h.standing)
		}
		return true
	})
	slices.SortFunc(all, func(a, b standing) int { return cmp.Or(cmp.Compare(a.Lamport, b.Lamport), a.id.Compare(b.id)) })
	return all
}

// openEntries returns the entries of the open epoch that count, in order.
func openEntries(r app.Reader) []Entry {
	all, late := openStanding(r)
	return shownAs(r, slices.DeleteFunc(all, func(s standing) bool { return s.Out }), late)
}

// openStanding returns where the entries of the open epoch stand, in order of
// (lamport, id), and which of them are late.
func openStanding(r app.Reader) (all []standing, late map[event.ID]bool) {
	all = standings(r, openPlace)
	late = findLate(r, all)
	slices.SortFunc(all, func(a, b standing) int { return cmp.Or(cmp.Compare(a.Lamport, b.Lamport), a.id.Compare(b.id)) })
	return all, late
}

// lateOf returns which of some entries of the open epoch are late.
func lateOf(r app.Reader, some []standing) map[event.ID]bool {
	some = slices.Clone(some)
	slices.SortFunc(some, func(a, b standing) int { return cmp.Or(cmp.Compare(a.writer, b.writer), cmp.Compare(a.seq, b.seq)) })
	return findLate(r, some)
}

// shownAs returns entries as they are shown.
func shownAs(r app.Reader, all []standing, late map[event.ID]bool) []Entry {
	out := make([]Entry, 0, len(all))
	said := opinionsOf(r, all)
	for _, s := range all {
		e, ok := r.Event(s.id)
		if !ok {
			continue
		}
		if entry, ok := entryOf(e); ok {
			entry.Late = late[s.id]
			entry.judge(r, e, s.Out, said[s.id])
			out = append(out, entry)
		}
	}
	return out
}

// findLate returns the entries whose authors had not seen one of the last
// closes, and which these do not include: those that are neither after nor
// before it. The entries come by writer and seq.
func findLate(r app.Reader, entries []standing) map[event.ID]bool {
	last := lastCloses(r)
	late := map[event.ID]bool{}
	informed := map[writer]spot{} // per writer, an entry after all last closes
	for _, s := range entries {
		if i, ok := informed[s.writer]; ok && r.Before(i.id, s.id) {
			continue // so this one is after them too
		}
		after := true
		for _, c := range last {
			if r.Before(c.id(), s.id) {
				continue
			}
			after = false
			if !r.Before(s.id, c.id()) {
				late[s.id] = true
				break
			}
		}
		if after {
			informed[s.writer] = s.spot
		}
	}
	return late
}

// lastCloses returns the valid closes that no other valid close has seen, up
// to mostLast of the latest mostCloses.
func lastCloses(r app.Reader) []rank {
	var all []rank
	r.Scan(validRows, func(key string, _ func(any)) bool {
		all = append(all, parseValid(key))
		return len(all) < mostCloses
	})
	slices.SortFunc(all, func(a, b rank) int { return b.compare(a) })
	var last []rank
	for _, c := range all {
		seen := func(l rank) bool { return r.Before(c.id(), l.id()) }
		if len(last) < mostLast && !slices.ContainsFunc(last, seen) {
			last = append(last, c)
		}
	}
	return last
}

// refused lists the first events that do not count, in order of (lamport, id).
func refused(r app.Reader) (list []Refused) {
	r.Scan(refusedRows, func(key string, decode func(any)) bool {
		id := rank(key[len(refusedRows):]).id()
		var row refusedRow
		decode(&row)
		if e, ok := r.Event(id); ok {
			list = append(list, Refused{Event: id, By: e.Author, Type: e.Type, Reason: row.Reason.String()})
		}
		return len(list) < mostRefused
	})
	return list
}
