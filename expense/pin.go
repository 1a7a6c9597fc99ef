package expense

import (
	"crypto/sha256"
	"slices"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// PinReq fixes the plan that a SettleReq would show.
type PinReq struct{ SettleReq }

// PinnedPlan is the plan that a member fixed last.
type PinnedPlan struct {
	Event event.ID     `json:"event"`
	By    event.Key    `json:"by"`
	At    time.Time    `json:"at" jsonschema:"when it was fixed, by its author's clock"`
	Holds bool         `json:"holds" jsonschema:"nothing but its payments has changed the balances since: it is the plan"`
	Done  int          `json:"done" jsonschema:"lines that are paid"`
	Lines []PinnedLine `json:"lines"`
}

// PinnedLine is a payment of a pinned plan.
type PinnedLine struct {
	MemberPayment
	Paid Money `json:"paid" jsonschema:"what was paid of it since"`
	Done bool  `json:"done"`
	left Sum
}

// PinPlan declares the request that fixes a plan.
var PinPlan = wire.Def[PinReq, Settlement]{Spec: wire.Spec{
	Request: "expense_pin", Reply: "expense_pinned", Scope: wire.ScopeExpense,
	Summary: "Fix the settlement plan, so that payments tick its lines off", Write: true,
}}

func (p *planner) decidePin(r app.Reader, in PinReq, c app.Call) ([]app.Draft, error) {
	s, err := p.fresh(r, in.SettleReq, c)
	if err != nil {
		return nil, err
	}
	b := &Pinned{State: hashSheet(balances(r))}
	for _, l := range s.Transfers {
		amount, ok := l.sum.Int64()
		if !ok || amount > MaxAmount {
			return nil, wire.Errorf(wire.TooLarge, "a payment of %s %s is too large for one entry", l.Amount, l.Currency)
		}
		b.Lines = append(b.Lines, Line{From: l.From, To: l.To, Amount: amount, Currency: l.Currency, Exp: l.Exp})
	}
	if len(b.Lines) == 0 {
		return nil, wire.Errorf(wire.Conflict, "there is nothing to settle in %s", c.Room.Name)
	}
	if err := b.Check(); err != nil {
		return nil, wire.Errorf(wire.TooLarge, "%s", err).WithHint("leave out small payments: --min 1.00")
	}
	return []app.Draft{{Type: typePlan, Body: b}}, nil
}

func (p *planner) replyPin(r app.Reader, _ PinReq, _ []*event.Signed, c app.Call) (Settlement, error) {
	return p.readSettle(r, SettleReq{}, c)
}

// pin folds a settle.plan.
func (f *fold) pin(e *event.Signed, m app.Meta) reason {
	if key := pinKey(rankOf(m.Lamport, e.ID)); m.Duplicate {
		f.Del(key)
	} else {
		f.Put(key, presentRow{})
	}
	return counts
}

// lastPin returns the plan that was fixed last, and whether it holds: whether
// the balances without the payments that its author did not know are those that
// it settles, and each of these payments is of one of its lines.
func lastPin(r app.Reader, now []MemberBalance) (*PinnedPlan, bool) {
	e, ok := r.Event(topOf(r, pinRows))
	var b Pinned
	if !ok || event.Unmarshal(e.Body, &b) != nil {
		return nil, false
	}
	out := &PinnedPlan{Event: e.ID, By: e.Author, At: event.Instant(e.TS), Lines: make([]PinnedLine, len(b.Lines))}
	left := map[Line]Sum{} // by line without amount
	for _, l := range b.Lines {
		k := l.pair()
		left[k] = left[k].Add(l.Amount)
	}
	then := map[Unit]map[string]Sum{}
	for _, m := range now {
		if then[m.Unit] == nil {
			then[m.Unit] = map[string]Sum{}
		}
		then[m.Unit][m.Member] = m.sum
	}
	fits := true
	eachAfter(r, e.ID, func(fl flow) {
		if !fl.payment {
			return // the hash tells whether it changed a balance
		}
		k := Line{From: fl.Payers[0].Name, To: fl.Shares[0].Name, Currency: fl.Currency, Exp: fl.Exp}
		rest, ok := left[k]
		left[k] = rest.Add(-fl.Amount)
		fits = fits && ok && left[k].Sign() >= 0 && fl.Amount > 0
		for name, amount := range netOf(&fl.Add) {
			if of := then[Unit{fl.Currency, fl.Exp}]; of != nil {
				of[name] = of[name].Add(-amount)
			}
		}
	})
	out.Holds = fits && hashSheet(accounts{sums: then}.balances()) == b.State
	for i, l := range b.Lines {
		rest := left[l.pair()]
		if rest.Cmp(SumOf(l.Amount)) > 0 {
			rest = SumOf(l.Amount) // several lines of one pair, which no plan of ours has
		}
		if rest.Sign() < 0 {
			rest = Sum{}
		}
		u := Unit{l.Currency, l.Exp}
		out.Lines[i] = PinnedLine{
			MemberPayment: MemberPayment{From: l.From, To: l.To, Money: moneyOf(SumOf(l.Amount), l.Exp), Unit: u},
			Paid:          moneyOf(SumOf(l.Amount).Plus(rest.Neg()), l.Exp), Done: rest.IsZero(), left: rest,
		}
		if rest.IsZero() {
			out.Done++
		}
	}
	return out, true
}

// pair is the line without its amount.
func (l Line) pair() Line { return Line{From: l.From, To: l.To, Currency: l.Currency, Exp: l.Exp} }

// eachAfter calls f for each entry that counts in the open balance and is not
// in the past of an event. The entries of a writer are looked at from the last
// one on backwards, down to one that is.
func eachAfter(r app.Reader, id event.ID, f func(fl flow)) {
	for p := range placesOf(r) {
		if p.end != open {
			continue
		}
		all := standings(r, p)
		known := writer("")
		for _, s := range slices.Backward(all) {
			if s.writer == known {
				continue
			}
			if r.Before(s.id, id) {
				known = s.writer
				continue
			}
			if s.Out {
				continue
			}
			if e, ok := r.Event(s.id); ok {
				if fl, ok := flowOf(e); ok {
					f(fl)
				}
			}
		}
	}
}

// hashSheet is the hash of what balances are to be settled: SHA-256 over each
// currency with a balance, in order of code and decimals, as the length of the
// code, the code, the decimals (a byte each but the code) and the hash of its
// balances.
func hashSheet(sorted []MemberBalance) event.ID {
	h := sha256.New()
	for u, part := range byUnit(sorted) {
		open := openOf(part)
		if !slices.ContainsFunc(open, func(b Balance) bool { return !b.Amount.IsZero() }) {
			continue
		}
		hash := hashBalances(open)
		h.Write(slices.Concat([]byte{byte(len(u.Currency))}, []byte(u.Currency), []byte{byte(u.Exp)}, hash[:]))
	}
	return event.ID(h.Sum(nil))
}
