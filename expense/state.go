package expense

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
)

// The eventTypes of what is told of a room's balances, beside those of its
// events.
const (
	pushOwe  = "expense_owe"  // I owe more than the limit of a currency
	pushPlan = "expense_plan" // the plan that settles the room is another
)

// OwePush is pushed where a person has come to owe more than a limit of his.
type OwePush struct {
	Member string `json:"member" jsonschema:"who owes: you"`
	Amount string `json:"amount" jsonschema:"that he owes, above zero"`
	Limit  string `json:"limit" jsonschema:"above which he wants to know"`
	Unit
	Source string `json:"source"` // who asks is here
}

// PlanPush is pushed where the plan that settles a room has become another.
type PlanPush struct {
	Transfers []MemberPayment `json:"transfers" jsonschema:"of the plan now"`
	More      int             `json:"more,omitempty" jsonschema:"transfers beyond the first 100"`
	Source    string          `json:"source"`
}

const mostTransfersTold = 100

// states is what the person is told of: that he owes more than a limit, and
// the plan where a hook asks for it.
func (p *planner) states(r app.Reader, a app.Asking) []app.State {
	limits := limitsOf(a.Setting("expense.owe"))
	planned := a.Wants(pushPlan)
	if len(limits) == 0 && !planned {
		return nil
	}
	all := balances(r)
	states := owing(all, limits, a)
	if planned {
		h := sha256.New()
		for _, t := range (&Sheet{Balances: all}).planned(p) {
			for _, text := range []string{t.From, t.To, t.Currency, strconv.Itoa(t.Exp), t.Minor} {
				h.Write([]byte(text + "\n"))
			}
		}
		states = append(states, app.State{ID: "plan", Value: hex.EncodeToString(h.Sum(nil)[:16]), Due: "plan", Quiet: true})
	}
	return states
}

// planned is plan, and returns the payments.
func (s *Sheet) planned(p *planner) []MemberPayment {
	s.plan(p)
	return s.Transfers
}

// owing returns for each unit of the room that has a limit whether the person
// owes more.
func owing(all []MemberBalance, limits map[string]string, a app.Asking) (states []app.State) {
	me := a.Alias
	if me == "" {
		me = a.Setting("expense.me")
	}
	me, err := Name(me)
	if err != nil {
		return nil
	}
	for _, b := range all {
		text, ok := limits[b.Currency]
		if b.Member != me || !ok {
			continue
		}
		limit, err := ParseAmount(atMost(text, b.Exp), b.Exp)
		if err != nil || limit < 0 {
			continue
		}
		s := app.State{ID: "owe/" + b.Currency + "/" + strconv.Itoa(b.Exp)}
		if debt := b.sum.Neg(); debt.Cmp(SumOf(limit)) > 0 {
			s.Value = "above " + text
			s.Due = strings.Join([]string{s.ID, text, debt.Format(b.Exp), me}, "/")
		}
		states = append(states, s)
	}
	return states
}

// limitsOf reads `50 EUR,20.50 USD`: how much one may owe untold, by currency.
// The setting has checked it.
func limitsOf(text string) map[string]string {
	limits := map[string]string{}
	for one := range strings.SplitSeq(text, ",") {
		if f := strings.Fields(one); len(f) == 2 {
			limits[f[1]] = f[0]
		}
	}
	return limits
}

// atMost cuts a decimal number to exp decimals: who owes a whole number of
// minor units owes more than either or than none.
func atMost(text string, exp int) string {
	whole, fraction, _ := strings.Cut(text, ".")
	if fraction = fraction[:min(len(fraction), exp)]; fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

// statePushes tells of a state that has become another.
func (p *planner) statePushes(r app.Reader, id string) []app.Push {
	f := strings.SplitN(id, "/", 6)
	switch {
	case id == "plan":
		s := Sheet{Balances: balances(r), Transfers: []MemberPayment{}}
		all := s.planned(p)
		told := min(len(all), mostTransfersTold)
		return []app.Push{{Type: wire.PushExpense, Kind: pushPlan, Body: PlanPush{Transfers: all[:told], More: len(all) - told, Source: "local"}}}
	case len(f) == 6 && f[0] == "owe":
		exp, err := strconv.Atoi(f[2])
		if err != nil {
			return nil
		}
		b := OwePush{Unit: Unit{Currency: f[1], Exp: exp}, Limit: f[3], Amount: f[4], Member: f[5], Source: "local"}
		return []app.Push{{Type: wire.PushExpense, Kind: pushOwe, Body: b, Env: []string{
			"INTERCOM_MEMBER=" + b.Member, "INTERCOM_AMOUNT=" + b.Amount, "INTERCOM_LIMIT=" + b.Limit, "INTERCOM_CURRENCY=" + b.Currency,
		}}}
	}
	return nil
}
