package expense_test

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

// receiver returns whom a payment costs something, empty of an expense.
func receiver(e *event.Signed) string {
	if e.Type != "payment.add" {
		return ""
	}
	b, _ := decode[expense.Payment](e)
	return b.To // amounts here are above zero
}

// inWhoseName returns whom an opinion of an entry is by.
func (m model) inWhoseName(e, entry *event.Signed) string {
	meta, to := m.room.Meta(e.ID), receiver(entry)
	switch {
	case to == "" || meta.Alias == to:
		return meta.Alias
	case e.Author != entry.Author && (meta.Speaks == nil || !meta.Speaks(to)):
		return to
	}
	return ""
}

// opinions returns the last one of each author.
func (m model) opinions(e *event.Signed) map[event.Key]modelOpinion {
	latest := map[event.Key]modelOpinion{}
	for _, o := range m.said { // in order
		if o.target == e.ID {
			latest[o.Author] = o
		}
	}
	return latest
}

// gate says whether an entry is held back, by the definitions.
func (m model) gate(e *event.Signed, latest map[event.Key]modelOpinion) string {
	meta := m.room.Meta(e.ID)
	if meta.Policy == nil || meta.Policy("expenses") != "confirm" {
		return ""
	}
	b, payment := amountOf(e)
	net := map[string]int64{}
	for _, p := range b.Payers {
		net[p.Name] += p.Amount
	}
	for _, p := range b.Shares {
		net[p.Name] -= p.Amount
	}
	from := e.TS
	for _, id := range apptest.Causes(e) {
		cause, _ := m.room.Event(id)
		from = max(from, cause.TS)
	}
	days := uint64(14)
	if n, ok := meta.Policy("confirmDays").(uint64); ok {
		days = n
	}
	from += int64(days) * 24 * 60 * 60 * 1000
	status := ""
	for name, amount := range net {
		if amount >= 0 || name == meta.Alias {
			continue
		}
		agreed := !payment && !meta.Speaks(name)
		for _, o := range latest {
			if o.name == name && o.dispute {
				return "denied"
			}
			agreed = agreed || o.name == name
		}
		agreed = agreed || !payment && slices.ContainsFunc(m.heard, func(o *event.Signed) bool {
			return o.TS >= from && byHand(o) && m.room.Meta(o.ID).Role != app.Bot && m.room.Meta(o.ID).Alias == name && m.room.Before(e.ID, o.ID)
		})
		if !agreed {
			status = "pending"
		}
	}
	return status
}

// byHand reports whether no rule added what an event is.
func byHand(e *event.Signed) bool {
	b, _ := decode[expense.Add](e)
	return e.Type != "expense.add" || b.Recur == nil
}

// drawOwned makes a history of a room that the first author owns.
func drawOwned(t *rapid.T) *history {
	owner := apptest.NewWriter(1, 1)
	h := &history{all: apptest.OwnedCopy(expense.App(), owner), clock: noon, owned: true}
	first := apptest.Founded(expense.App(), noon)
	first.Write(owner, noon, "", app.Draft{Type: core.TypePolicy, Body: &core.Fields{"expenses": "confirm", "confirmDays": uint64(1)}})
	for _, w := range []apptest.Writer{
		owner, apptest.NewWriter(2, 1), apptest.NewWriter(1, 2), apptest.NewWriter(3, 1), apptest.NewWriter(2, 1), apptest.NewWriter(9, 1),
	}[:rapid.IntRange(1, 6).Draw(t, "stores")] {
		r := apptest.OwnedCopy(expense.App(), owner)
		r.Pull(first)
		h.writers, h.rooms = append(h.writers, w), append(h.rooms, r)
	}
	for range rapid.IntRange(1, 40).Draw(t, "steps") {
		h.step(t)
	}
	for _, r := range h.rooms {
		h.all.Pull(r)
	}
	return h
}

// govern lets a store change who may do what, and when entries count, or a day
// pass.
func (h *history) govern(t *rapid.T, i int) {
	if rapid.IntRange(0, 2).Draw(t, "passes") == 0 {
		h.clock = h.clock.Add(24 * time.Hour)
		return
	}
	h.rooms[i].Govern(t, h.writers[i], h.clock, []string{"alice", "bob", "carol", "dora/é"},
		core.Fields{"expenses": "trust"}, core.Fields{"expenses": "confirm"}, core.Fields{"expenses": "confirm", "confirmDays": uint64(1)},
		core.Fields{"confirmDays": uint64(2)})
}

func TestAnOwnedRoomIsWhatTheDefinitionsSay(t *testing.T) {
	apptest.Check(t, func(t *rapid.T) {
		h := drawOwned(t)
		m := modelOf(h.all)
		if want, got := m.describe(), seen(h.all); want != got {
			t.Fatalf("the definitions say:\n%s\n\nthe app says:\n%s", want, got)
		}
		again := apptest.OwnedCopy(expense.App(), apptest.NewWriter(1, 1))
		order := apptest.Shuffle(h.all.Events(), func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "next") })
		for i, e := range order {
			if err := again.Ingest(e, order[rapid.IntRange(0, i).Draw(t, "twice")]); err != nil {
				t.Fatal(err)
			}
			for u, sum := range sumsOf(again) {
				if sum.Sign() != 0 {
					t.Fatalf("after %d events the balances of %v add up to %s", i+1, u, sum)
				}
			}
		}
		if again.StateHash() != h.all.StateHash() {
			t.Fatalf("two states:\n%s\n%s", h.all.Rows(), again.Rows())
		}
	})
}

// sumsOf adds up the balances of each currency, which have to be 0.
func sumsOf(r *apptest.Room) map[expense.Unit]*big.Int {
	sums := map[expense.Unit]*big.Int{}
	for _, b := range ask[expense.Sheet](r, expense.BalanceReq{}).Balances {
		minor, ok := new(big.Int).SetString(b.Minor, 10)
		if !ok {
			panic(b.Minor)
		}
		if sums[b.Unit] == nil {
			sums[b.Unit] = new(big.Int)
		}
		sums[b.Unit].Add(sums[b.Unit], minor)
	}
	return sums
}

// The stranger of drawOwned has no role, and writes as much as all others. What
// somebody wrote whom the owner removed with all that he wrote is nothing too.
func TestNothingOfAStrangerCountsInAnOwnedRoom(t *testing.T) {
	stranger := apptest.NewWriter(9, 1).Key
	apptest.Check(t, func(t *rapid.T) {
		h := drawOwned(t)
		gone := apptest.NewWriter(2, 1)
		if owner := apptest.NewWriter(1, 7); h.all.Call(owner, noon).Role == app.Owner {
			h.all.Write(owner, h.clock, "", app.Draft{Type: core.TypeRemove, Body: &core.Remove{Key: gone.Key, Last: []core.Last{}}})
		} else {
			gone.Key = stranger
		}
		for _, e := range h.all.Events() {
			if (e.Author == stranger || e.Author == gone.Key) && expense.Counts(h.all, e) {
				t.Fatalf("%s of who has no right counts", e.Type)
			}
		}
		for _, e := range ask[expense.ListReply](h.all, expense.ListReq{All: true}).Entries {
			if e.By == stranger || e.By == gone.Key {
				t.Fatalf("an entry of who has no right is listed: %+v", e)
			}
		}
	})
}
