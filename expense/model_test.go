package expense_test

import (
	"bytes"
	"cmp"
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
	counts []*event.Signed // expense.add, none a duplicate
	closes []modelClose    // valid, in order
	points []*event.Signed // checkpoints, in order, none a duplicate
}

type modelClose struct {
	*event.Signed
	expense.Close
}

func decode[B any, P interface {
	*B
	event.Body
}](e *event.Signed) (*B, bool) {
	b := P(new(B))
	return b, event.DecodeBody(e.Body, b) == nil
}

func modelOf(r *apptest.Room) model {
	m := model{room: r, events: slices.Clone(r.Events())}
	slices.SortFunc(m.events, func(a, b *event.Signed) int { return m.compare(a, b) })
	byID := map[event.ID]*event.Signed{}
	winners := map[string]bool{}
	var reopens []*event.Signed
	for _, e := range m.events {
		byID[e.ID] = e
		if !wellFormed(e) {
			continue
		}
		if e.Key != "" {
			if k := e.Author.String() + e.Key; winners[k] {
				continue
			} else {
				winners[k] = true
			}
		}
		switch e.Type {
		case "expense.add":
			m.counts = append(m.counts, e)
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

func wellFormed(e *event.Signed) (ok bool) {
	switch e.Type {
	case "expense.add":
		_, ok = decode[expense.Add](e)
	case "room.close":
		_, ok = decode[expense.Close](e)
	case "room.reopen":
		_, ok = decode[expense.Reopen](e)
	case "room.checkpoint":
		_, ok = decode[expense.Checkpoint](e)
	}
	return ok
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
	for _, e := range m.counts {
		first, end := m.epoch(e, false), m.epoch(e, true)
		if first == nil {
			out = append(out, fmt.Sprintf("entry %s late=%v", e.ID, m.late(e)))
		}
		out = append(out, fmt.Sprintf("place %s in %s until %s", e.ID, name(first), name(end)))
		if end != nil {
			continue
		}
		b, _ := decode[expense.Add](e)
		touched := map[string]bool{}
		for _, p := range b.Payers {
			k := fmt.Sprintf("%s/%d/%s", b.Currency, b.Exp, p.Name)
			sums[k], touched[k] = sums[k].Add(p.Amount), true
		}
		for _, s := range b.Shares {
			k := fmt.Sprintf("%s/%d/%s", b.Currency, b.Exp, s.Name)
			sums[k], touched[k] = sums[k].Add(-s.Amount), true
		}
		for k := range touched {
			uses[k]++
		}
	}
	for k := range uses {
		out = append(out, "balance "+k+" "+sums[k].Format(0))
	}
	for _, e := range m.points {
		out = append(out, "checkpoint "+e.ID.String())
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
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
	for _, e := range ask[expense.ListReply](r, expense.ListReq{}).Entries {
		out = append(out, fmt.Sprintf("entry %s late=%v", e.ID, e.Late))
	}
	for _, b := range ask[expense.Sheet](r, expense.BalanceReq{}).Balances {
		out = append(out, fmt.Sprintf("balance %s/%d/%s %s", b.Currency, b.Exp, b.Member, b.Minor))
	}
	// Rows of entries are e/<end>/<first>/<writer>/<seq><id>; a close is a
	// number of 16 digits and an id.
	r.Scan("e/", func(key string, _ func(any)) bool {
		parts := strings.Split(key, "/")
		short := func(rank string) string {
			if rank == "~" {
				return "-"
			}
			return rank[16:]
		}
		out = append(out, fmt.Sprintf("place %s in %s until %s", parts[4][16:], short(parts[2]), short(parts[1])))
		return true
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
	clock   time.Time
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
	switch rapid.IntRange(0, 13).Draw(t, "act") {
	case 0, 1, 2, 3:
		b := drawAdd(t)
		if b.Check() == nil {
			write("expense.add", b)
		}
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
