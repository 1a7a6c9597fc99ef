package expense_test

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.FixedZone("", 3600))

// model is the state of a room by the definitions alone: slow, and without
// any order of arrival.
type model struct {
	room   *apptest.Room
	events []*event.Signed
	counts []*event.Signed // entries that stand, none a duplicate or refused
	voids  []modelVoid     // none a duplicate or refused
	said   []modelOpinion
	heard  []*event.Signed            // well-formed, by authors with the right to them
	usual  *event.Signed              // the defaults, nil if there are none
	closes []modelClose               // valid, in order
	points []*event.Signed            // checkpoints, in order, none a duplicate
	rules  []*event.Signed            // that were made, in order, none a duplicate
	forms  map[event.ID]*event.Signed // how a rule was changed last
	stops  map[event.ID]string        // the earliest last day of a rule
}

type modelClose struct {
	*event.Signed
	expense.Close
}

type modelVoid struct {
	*event.Signed
	target event.ID
}

type modelOpinion struct {
	*event.Signed
	target  event.ID
	dispute bool
	name    string // in whose name
}

func decode[B any, P interface {
	*B
	event.Body
}](e *event.Signed) (*B, bool) {
	b := P(new(B))
	return b, event.DecodeBody(e.Body, b) == nil
}

func modelOf(r *apptest.Room) model {
	m := model{room: r, events: slices.Clone(r.Events()), forms: map[event.ID]*event.Signed{}, stops: map[event.ID]string{}}
	slices.SortFunc(m.events, func(a, b *event.Signed) int { return m.compare(a, b) })
	byID := map[event.ID]*event.Signed{}
	winners := map[string]bool{}
	var reopens []*event.Signed
	for _, e := range m.events {
		byID[e.ID] = e
		if !wellFormed(e) || r.Refused(e.ID) != nil {
			continue
		}
		m.heard = append(m.heard, e)
		if e.Key != "" {
			if k := e.Author.String() + e.Key; winners[k] {
				continue
			} else {
				winners[k] = true
			}
		}
		// An entry that the author of e knew.
		entry := func(id event.ID) *event.Signed {
			if t := byID[id]; t != nil && isEntry(t) && wellFormed(t) && r.Before(id, e.ID) {
				return t
			}
			return nil
		}
		// A rule that the author of e knew.
		rule := func(id event.ID) *event.Signed {
			if t := byID[id]; t != nil && t.Type == "expense.recur" && wellFormed(t) && r.Before(id, e.ID) {
				if b, _ := decode[expense.Recur](t); b.Rule.IsZero() {
					return t
				}
			}
			return nil
		}
		// May the author of e change, or take back, what t says? Nobody knew nil.
		role := r.Meta(e.ID).Role
		changes := func(t *event.Signed) bool { return t != nil && (t.Author == e.Author || role.Governs()) }
		voids := func(t *event.Signed) bool { return t != nil && (role == app.Equal || changes(t)) }
		switch e.Type {
		case "expense.add":
			b, _ := decode[expense.Add](e)
			asked := b.Recur == nil || changes(rule(b.Recur.Rule))
			if asked && (b.Restores.IsZero() || entry(b.Restores) != nil) {
				m.counts = append(m.counts, e)
			}
		case "expense.recur":
			if b, _ := decode[expense.Recur](e); b.Rule.IsZero() {
				m.rules = append(m.rules, e)
			} else if changes(rule(b.Rule)) {
				m.forms[b.Rule] = e // in order
			}
		case "expense.stop":
			b, _ := decode[expense.Stop](e)
			if last, ok := m.stops[b.Rule]; voids(rule(b.Rule)) && (!ok || b.Last < last) {
				m.stops[b.Rule] = b.Last
			}
		case "payment.add":
			if b, _ := decode[expense.Payment](e); b.Restores.IsZero() || entry(b.Restores) != nil {
				m.counts = append(m.counts, e)
				if r.Meta(e.ID).Alias == b.To { // receives it
					m.said = append(m.said, modelOpinion{e, e.ID, false, b.To})
				}
			}
		case "expense.replace":
			b, _ := decode[expense.Replace](e)
			if !slices.ContainsFunc(b.Targets, func(id event.ID) bool { return !changes(entry(id)) }) {
				m.counts = append(m.counts, e)
			}
		case "expense.void":
			if b, _ := decode[expense.Void](e); voids(entry(b.Target)) {
				m.voids = append(m.voids, modelVoid{e, b.Target})
			}
		case "expense.confirm":
			if b, _ := decode[expense.Confirm](e); entry(b.Target) != nil {
				m.said = append(m.said, modelOpinion{e, b.Target, false, m.inWhoseName(e, entry(b.Target))})
			}
		case "expense.dispute":
			if b, _ := decode[expense.Dispute](e); entry(b.Target) != nil {
				m.said = append(m.said, modelOpinion{e, b.Target, true, m.inWhoseName(e, entry(b.Target))})
			}
		case "expense.defaults":
			m.usual = e
		case "room.reopen":
			reopens = append(reopens, e)
		case "room.checkpoint":
			m.points = append(m.points, e)
		case "room.close":
			b, _ := decode[expense.Close](e)
			keep := byID[b.Keep]
			if b.Keep.IsZero() || keep != nil && keep.Type == "room.checkpoint" && wellFormed(keep) && r.Before(b.Keep, e.ID) {
				m.closes = append(m.closes, modelClose{e, *b})
			}
		}
	}
	m.closes = slices.DeleteFunc(m.closes, func(c modelClose) bool {
		return slices.ContainsFunc(reopens, func(e *event.Signed) bool {
			b, _ := decode[expense.Reopen](e)
			return b.Close == c.ID && r.Before(c.ID, e.ID)
		})
	})
	return m
}

func isEntry(e *event.Signed) bool {
	return e.Type == "expense.add" || e.Type == "expense.replace" || e.Type == "payment.add"
}

func wellFormed(e *event.Signed) (ok bool) {
	switch e.Type {
	case "expense.add":
		_, ok = decode[expense.Add](e)
	case "expense.replace":
		_, ok = decode[expense.Replace](e)
	case "payment.add":
		_, ok = decode[expense.Payment](e)
	case "expense.void":
		_, ok = decode[expense.Void](e)
	case "expense.confirm":
		_, ok = decode[expense.Confirm](e)
	case "expense.dispute":
		_, ok = decode[expense.Dispute](e)
	case "expense.defaults":
		_, ok = decode[expense.Defaults](e)
	case "expense.recur":
		_, ok = decode[expense.Recur](e)
	case "expense.stop":
		_, ok = decode[expense.Stop](e)
	case "room.close":
		_, ok = decode[expense.Close](e)
	case "room.reopen":
		_, ok = decode[expense.Reopen](e)
	case "room.checkpoint":
		_, ok = decode[expense.Checkpoint](e)
	}
	return ok
}

// targets returns what a replacement replaces; nothing of another event.
func targets(e *event.Signed) []event.ID {
	if e.Type != "expense.replace" {
		return nil
	}
	b, _ := decode[expense.Replace](e)
	return b.Targets
}

// subject names what is void or replaced as one: an entry, or all that was
// added for one day of a rule.
func (m model) subject(id event.ID) string {
	for _, e := range m.events {
		if e.ID == id && e.Type == "expense.add" {
			if b, _ := decode[expense.Add](e); b.Recur != nil {
				return fmt.Sprint(*b.Recur)
			}
		}
	}
	return id.String()
}

func (m model) isVoid(id event.ID) bool {
	return slices.ContainsFunc(m.voids, func(v modelVoid) bool { return m.subject(v.target) == m.subject(id) })
}

// replacement returns the highest replacement of an entry, nil if there is
// none.
func (m model) replacement(id event.ID) (top *event.Signed) {
	for _, e := range m.counts { // in order
		if slices.ContainsFunc(targets(e), func(t event.ID) bool { return m.subject(t) == m.subject(id) }) {
			top = e
		}
	}
	return top
}

// sources says of what one entry counts.
func sources(e *event.Signed) (all []string) {
	var source *expense.Source
	var restores event.ID
	switch e.Type {
	case "expense.add":
		b, _ := decode[expense.Add](e)
		source, restores = b.Source, b.Restores
		if b.Recur != nil {
			all = append(all, fmt.Sprint(*b.Recur))
		}
	case "payment.add":
		b, _ := decode[expense.Payment](e)
		source, restores = b.Source, b.Restores
	}
	switch {
	case source != nil && !source.Item.IsZero():
		all = append(all, "item "+source.Item.String())
	case source != nil:
		all = append(all, fmt.Sprint(*source))
	}
	if !restores.IsZero() {
		all = append(all, restores.String())
	}
	return all
}

// status says whether an entry counts, and why it does not.
func (m model) status(e *event.Signed) string {
	switch {
	case m.isVoid(e.ID):
		return "void"
	case m.replacement(e.ID) != nil:
		return "replaced"
	}
	for _, t := range targets(e) {
		if m.isVoid(t) || m.replacement(t) != e {
			return "conflict"
		}
	}
	for _, source := range sources(e) {
		for _, o := range m.counts { // in order: the first is the lowest
			if slices.Contains(sources(o), source) {
				if o != e {
					return "duplicate"
				}
				break
			}
		}
	}
	if b, _ := decode[expense.Add](e); e.Type == "expense.add" && b.Recur != nil {
		if last, ok := m.stops[b.Recur.Rule]; ok && b.Recur.Date > last {
			return "stopped"
		}
	}
	latest := m.opinions(e)
	if status := m.gate(e, latest); status != "" {
		return status
	}
	status := "counts"
	if e.Type == "payment.add" {
		status = "unconfirmed"
	}
	for _, o := range latest {
		if o.dispute {
			return "disputed"
		} else if o.name == receiver(e) {
			status = "counts"
		}
	}
	return status
}

func (m model) live(e *event.Signed) bool {
	switch m.status(e) {
	case "counts", "unconfirmed", "disputed":
		return true
	}
	return false
}

// of returns those of the ids whose entries count.
func (m model) of(ids []event.ID) (live []event.ID) {
	for _, e := range m.counts {
		if m.live(e) && slices.Contains(ids, e.ID) {
			live = append(live, e.ID)
		}
	}
	return live
}

func (m model) compare(a, b *event.Signed) int {
	return cmp.Or(cmp.Compare(m.room.Lamport(a.ID), m.room.Lamport(b.ID)), bytes.Compare(a.ID[:], b.ID[:]))
}

func (m model) includes(c modelClose, e *event.Signed) bool {
	return m.room.Before(e.ID, c.ID) && (c.Keep.IsZero() || !m.room.Before(e.ID, c.Keep))
}

// epoch returns the lowest close that includes e, nil if none does; ending
// looks at those alone that do not carry.
func (m model) epoch(e *event.Signed, ending bool) *modelClose {
	for _, c := range m.closes {
		if !(ending && c.Carry) && m.includes(c, e) {
			return &c
		}
	}
	return nil
}

// late says that a last close is neither before nor after the open entry e.
func (m model) late(e *event.Signed) bool {
	return slices.ContainsFunc(m.closes, func(c modelClose) bool {
		last := !slices.ContainsFunc(m.closes, func(o modelClose) bool { return m.room.Before(c.ID, o.ID) })
		return last && !m.room.Before(c.ID, e.ID) && !m.room.Before(e.ID, c.ID)
	})
}

// openAt returns the entries that were open to the author of an event, as far
// as the closes that it had seen are valid still.
func (m model) openAt(e *event.Signed) (ids []event.ID) {
	for _, entry := range m.counts {
		closed := slices.ContainsFunc(m.closes, func(c modelClose) bool {
			return m.room.Before(c.ID, e.ID) && m.includes(c, entry)
		})
		if m.room.Before(entry.ID, e.ID) && !closed {
			ids = append(ids, entry.ID)
		}
	}
	return ids
}

// open returns the entries that are open now.
func (m model) open() (ids []event.ID) {
	for _, e := range m.counts {
		if m.epoch(e, false) == nil {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

// describe writes what the model says a reader should see.
func (m model) describe() string {
	var out []string
	sums, uses := map[string]expense.Sum{}, map[string]int{}
	carried := map[string]expense.Sum{}
	count, conflicts, pending := 0, 0, map[string]expense.Sum{}
	for _, e := range m.counts {
		first, end := m.epoch(e, false), m.epoch(e, true)
		if first == nil {
			out = append(out, fmt.Sprintf("entry %s late=%v %s", e.ID, m.late(e), m.status(e)))
			if m.live(e) {
				count++
			} else if m.status(e) == "conflict" {
				conflicts++
			}
			if b, payment := amountOf(e); m.live(e) && !payment {
				k := fmt.Sprintf("total %s/%d/", b.Currency, b.Exp)
				sums[k], uses[k] = sums[k].Add(b.Amount), uses[k]+1
			}
		}
		out = append(out, fmt.Sprintf("place %s in %s until %s", e.ID, name(first), name(end)))
		b, _ := amountOf(e)
		if end == nil && m.status(e) == "pending" {
			k := fmt.Sprintf("pending %s/%d", b.Currency, b.Exp)
			pending[k] = pending[k].Add(b.Amount)
		}
		if end != nil || !m.live(e) {
			continue
		}
		touched := map[string]bool{}
		for _, p := range b.Payers {
			k := fmt.Sprintf("balance %s/%d/%s", b.Currency, b.Exp, p.Name)
			sums[k], touched[k] = sums[k].Add(p.Amount), true
			if first != nil {
				carried[k] = carried[k].Add(p.Amount)
			}
		}
		for _, s := range b.Shares {
			k := fmt.Sprintf("balance %s/%d/%s", b.Currency, b.Exp, s.Name)
			sums[k], touched[k] = sums[k].Add(-s.Amount), true
			if first != nil {
				carried[k] = carried[k].Add(-s.Amount)
			}
		}
		for k := range touched {
			uses[k]++
		}
	}
	out = append(out, fmt.Sprintf("count %d conflicts %d", count, conflicts))
	for k, sum := range carried {
		if sum.Sign() != 0 {
			out = append(out, "carried "+k+" "+sum.Format(0))
		}
	}
	for k := range uses {
		out = append(out, k+" "+sums[k].Format(0))
	}
	for k, sum := range pending {
		out = append(out, k+" "+sum.Format(0))
	}
	if m.usual != nil {
		out = append(out, "defaults "+m.usual.ID.String())
	}
	for _, e := range m.points {
		out = append(out, "checkpoint "+e.ID.String())
	}
	for _, e := range m.rules {
		form := e
		if f := m.forms[e.ID]; f != nil {
			form = f
		}
		b, _ := decode[expense.Recur](form)
		out = append(out, fmt.Sprintf("rule %s %s until %s", e.ID, b.Note, m.stops[e.ID]))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// amountOf returns an entry as an expense, and whether it is a payment.
func amountOf(e *event.Signed) (b *expense.Add, payment bool) {
	switch e.Type {
	case "expense.replace":
		r, _ := decode[expense.Replace](e)
		return &r.Add, false
	case "payment.add":
		p, _ := decode[expense.Payment](e)
		return &expense.Add{
			Amount: p.Amount, Currency: p.Currency, Exp: p.Exp,
			Payers: []expense.Part{{Name: p.From, Amount: p.Amount}}, Shares: []expense.Part{{Name: p.To, Amount: p.Amount}},
		}, true
	}
	b, _ = decode[expense.Add](e)
	return b, false
}

func name(c *modelClose) string {
	if c == nil {
		return "-"
	}
	return c.ID.String()
}

// seen writes the same of what the app says.
func seen(r *apptest.Room) string {
	var out []string
	list := ask[expense.ListReply](r, expense.ListReq{All: true})
	for _, e := range list.Entries {
		out = append(out, fmt.Sprintf("entry %s late=%v %s", e.ID, e.Late, e.Status))
	}
	out = append(out, fmt.Sprintf("count %d conflicts %d", list.Count, list.Conflicts))
	for _, e := range list.Opening {
		for _, p := range e.Payers {
			out = append(out, fmt.Sprintf("carried balance %s/%d/%s %s", e.Currency, e.Exp, p.Member, p.Minor))
		}
		for _, s := range e.Shares {
			out = append(out, fmt.Sprintf("carried balance %s/%d/%s -%s", e.Currency, e.Exp, s.Member, s.Minor))
		}
	}
	for _, x := range ask[expense.RecurListReply](r, expense.RecurListReq{All: true}).Rules {
		out = append(out, fmt.Sprintf("rule %s %s until %s", x.ID, x.Note, x.Last))
	}
	sheet := ask[expense.Sheet](r, expense.BalanceReq{})
	for _, t := range sheet.Totals {
		out = append(out, fmt.Sprintf("total %s/%d/ %s", t.Currency, t.Exp, t.Minor))
	}
	for _, t := range sheet.Pending {
		out = append(out, fmt.Sprintf("pending %s/%d %s", t.Currency, t.Exp, t.Minor))
	}
	for _, b := range sheet.Balances {
		out = append(out, fmt.Sprintf("balance %s/%d/%s %s", b.Currency, b.Exp, b.Member, b.Minor))
	}
	// Rows of entries are e/<end>/<first>/<writer>/<seq><id in bytes>; a close is
	// a number of 16 digits and an id.
	r.Scan("e/", func(key string, _ func(any)) bool {
		parts := strings.SplitN(key, "/", 5)
		short := func(rank string) string {
			if rank == "~" {
				return "-"
			}
			return rank[16:]
		}
		out = append(out, fmt.Sprintf("place %x in %s until %s", parts[4][16:], short(parts[2]), short(parts[1])))
		return true
	})
	r.Scan("n/", func(key string, _ func(any)) bool {
		id, err := hex.DecodeString(key[len("n/")+16:])
		for i := range id {
			id[i] = ^id[i]
		}
		out = append(out, fmt.Sprintf("defaults %x", id))
		if err != nil {
			panic(err)
		}
		return false // the highest
	})
	r.Scan("p/", func(key string, _ func(any)) bool {
		out = append(out, "checkpoint "+key[len("p/")+16:])
		return true
	})
	slices.Sort(out)
	return strings.Join(out, "\n")
}

var reader = apptest.NewWriter(99, 1)

// ask runs a read.
func ask[Rep any](r *apptest.Room, in any) Rep {
	reply, _, err := r.Do(reader, noon, in)
	if err != nil {
		panic(err)
	}
	return reply.(Rep)
}

// history is a run of several stores that write, meet and fork.
type history struct {
	rooms   []*apptest.Room
	writers []apptest.Writer
	all     *apptest.Room // has everything
	closes  []event.ID
	points  []event.ID // checkpoints
	entries []event.ID
	rules   []event.ID
	clock   time.Time
	owned   bool
}

// draw makes a history of a room.
func draw(t *rapid.T) *history {
	h := &history{all: apptest.New(expense.App()), clock: noon}
	// One author has two stores, and two rooms share a store: forks.
	for _, w := range []apptest.Writer{
		apptest.NewWriter(1, 1), apptest.NewWriter(1, 2), apptest.NewWriter(2, 1), apptest.NewWriter(2, 1), apptest.NewWriter(3, 1),
	}[:rapid.IntRange(1, 5).Draw(t, "stores")] {
		h.writers = append(h.writers, w)
		h.rooms = append(h.rooms, apptest.New(expense.App()))
	}
	for range rapid.IntRange(1, 40).Draw(t, "steps") {
		h.step(t)
	}
	for _, r := range h.rooms {
		h.all.Pull(r)
	}
	return h
}

func (h *history) step(t *rapid.T) {
	i := rapid.IntRange(0, len(h.rooms)-1).Draw(t, "store")
	h.clock = h.clock.Add(time.Second)
	if h.owned && rapid.IntRange(0, 2).Draw(t, "governs") == 0 {
		h.govern(t, i)
		return
	}
	key := ""
	if rapid.IntRange(0, 4).Draw(t, "keyed") == 0 {
		key = rapid.SampledFrom([]string{"k1", "k2", "k3", "k4", "k5"}).Draw(t, "key")
	}
	write := func(kind string, b event.Body) event.ID {
		return h.rooms[i].Write(h.writers[i], h.clock, key, app.Draft{Type: kind, Body: b}).ID
	}
	// Those that the store has not seen are tried as well, and the wrong type.
	oneOf := func(label string, right, wrong []event.ID) event.ID {
		if len(right) == 0 || rapid.IntRange(0, 7).Draw(t, "wrong") == 0 {
			right = append([]event.ID{{1}}, wrong...)
		}
		return rapid.SampledFrom(right).Draw(t, label)
	}
	// Few entries, so that changes of one meet.
	target := func() event.ID { return oneOf("target", h.entries[:min(3, len(h.entries))], h.closes) }
	if rapid.IntRange(0, 3).Draw(t, "any") == 0 {
		target = func() event.ID { return oneOf("target", h.entries, h.closes) }
	}
	enter := func(kind string, b event.Body) {
		if b.(interface{ Check() error }).Check() == nil {
			h.entries = append(h.entries, write(kind, b))
		}
	}
	switch rapid.IntRange(0, 31).Draw(t, "act") {
	case 24, 25:
		h.rules = append(h.rules, write("expense.recur", drawRule(t, len(h.rules))))
	case 26:
		b := drawRule(t, 100+len(h.rules))
		b.Rule = oneOf("rule", h.rules, h.entries)
		write("expense.recur", b)
	case 27:
		write("expense.stop", &expense.Stop{
			Rule: oneOf("rule", h.rules, h.entries), Last: rapid.SampledFrom([]string{"2025-12-31", "2026-12-01", "2026-12-31"}).Draw(t, "last"),
		})
	case 28, 29, 30, 31:
		b := drawAdd(t)
		b.Recur = &expense.Occurrence{
			Rule: oneOf("rule", h.rules[:min(2, len(h.rules))], h.entries), Date: rapid.SampledFrom([]string{"2026-12-01", "2026-12-02", "2027-01-01"}).Draw(t, "day"),
		}
		enter("expense.add", b)
	case 0, 1, 2, 3:
		b := drawAdd(t)
		b.Source = drawSource(t)
		if rapid.IntRange(0, 3).Draw(t, "restores") == 0 {
			b.Restores = oneOf("restored", h.entries, h.closes)
		}
		enter("expense.add", b)
	case 10:
		b := &expense.Payment{
			From: "bob", To: rapid.SampledFrom([]string{"alice", "bob"}).Draw(t, "to"), Amount: 700, Currency: "EUR", Exp: 2,
			Date: "2026-11-22", Source: drawSource(t),
		}
		if rapid.IntRange(0, 3).Draw(t, "restores") == 0 {
			b.Restores = oneOf("restored", h.entries, h.closes)
		}
		enter("payment.add", b)
	case 11, 12, 13, 14:
		b := &expense.Replace{Add: *drawAdd(t)}
		for range rapid.IntRange(1, 3).Draw(t, "targets") {
			b.Targets = append(b.Targets, target())
		}
		enter("expense.replace", b)
	case 15, 16:
		write("expense.void", &expense.Void{Target: target()})
	case 17:
		write("expense.confirm", &expense.Confirm{Target: target()})
	case 18:
		write("expense.dispute", &expense.Dispute{Target: target()})
	case 19:
		write("expense.defaults", &expense.Defaults{Currency: "EUR"})
	case 4, 5:
		b := &expense.Close{Open: []expense.Unsettled{}, Carry: rapid.Bool().Draw(t, "carry")}
		if rapid.IntRange(0, 2).Draw(t, "kept") == 0 {
			b.Keep = oneOf("keep", h.points, h.closes)
		}
		h.closes = append(h.closes, write("room.close", b))
	case 6, 7:
		write("room.reopen", &expense.Reopen{Close: oneOf("close", h.closes, h.points)})
	case 8:
		h.points = append(h.points, write("room.checkpoint", &expense.Checkpoint{State: event.ID{1}}))
	case 9:
		h.rooms[i].WriteRaw(h.writers[i], h.clock, key, "expense.add", []byte{0xa0})
	default:
		h.rooms[i].Pull(h.rooms[rapid.IntRange(0, len(h.rooms)-1).Draw(t, "from")])
	}
}

func drawSource(t *rapid.T) *expense.Source {
	if rapid.IntRange(0, 2).Draw(t, "imported") > 0 {
		return nil
	}
	s := &expense.Source{Format: "csv", SHA256: event.ID{7}, Row: rapid.Int64Range(1, 2).Draw(t, "row")}
	if rapid.Bool().Draw(t, "item") {
		s.Item = event.ID{rapid.Byte().Draw(t, "which") % 2, 1}
	}
	return s
}

func drawAdd(t *rapid.T) *expense.Add {
	names := []string{"alice", "bob", "carol", "dora/é"}
	amount := rapid.SampledFrom([]int64{1, 1000, 3001, -700, expense.MaxAmount}).Draw(t, "amount")
	currency := rapid.SampledFrom([]string{"XXX", "EUR", "JPY"}).Draw(t, "currency")
	n := rapid.IntRange(1, len(names)).Draw(t, "members")
	b := &expense.Add{
		Amount: amount, Currency: currency, Exp: expense.Exponent(currency), Date: "2026-11-22",
		Payers: []expense.Part{{Name: rapid.SampledFrom(names).Draw(t, "payer"), Amount: amount}},
		Split:  expense.Split{Kind: expense.SplitEqual},
	}
	for _, s := range expense.EqualShares(amount, names[:n], expense.Seed{Seq: uint64(n)}) {
		b.Split.Of = append(b.Split.Of, expense.Part{Name: s.Name, Amount: 1})
		b.Shares = append(b.Shares, expense.Part{Name: s.Name, Amount: s.Amount})
	}
	return b
}

func drawRule(t *rapid.T, n int) *expense.Recur {
	return &expense.Recur{
		Schedule: expense.Schedule{Every: 1, Unit: "month", Start: "2026-12-01"},
		Amount:   3000, Currency: "EUR", Exp: 2, Payers: []expense.Part{{Name: "alice", Amount: 3000}},
		Split: expense.Split{Kind: expense.SplitEqual, Of: []expense.Part{{Name: "alice", Amount: 1}, {Name: "bob", Amount: 1}}},
		Note:  fmt.Sprint("rule ", n),
	}
}
