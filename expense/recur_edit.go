package expense

import (
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// RecurEditReq changes what a rule adds from now on. What is absent stays.
type RecurEditReq struct {
	app.Channel
	Rule     string    `json:"rule,omitempty" arg:"rule" required:"true" complete:"rules" jsonschema:"id of the rule or the start of it"`
	Every    string    `json:"every,omitempty" jsonschema:"day, week, month or year, or a number of them: '2 weeks'"`
	Start    string    `json:"start,omitempty" jsonschema:"day from which it is counted anew: YYYY-MM-DD or today; with --every the next day if absent"`
	Until    *string   `json:"until,omitempty" jsonschema:"last day, YYYY-MM-DD; empty: no end"`
	Count    *int64    `json:"count,omitempty" jsonschema:"how many times in all, from the start on; 0: no end"`
	Payer    *string   `json:"payer,omitempty" complete:"members" jsonschema:"who pays; of several, with what each pays: alice=20,bob=10"`
	Amount   Amount    `json:"amount,omitempty" jsonschema:"what is paid each time, a plain decimal number such as 12.50"`
	Split    []string  `json:"split,omitempty" jsonschema:"who shares it: names for equal parts, or names with numbers as --by says"`
	By       string    `json:"splitBy,omitempty" flag:"by" enum:"equal,exact,percent,shares" jsonschema:"what the numbers of the split are: exact amounts, percent or shares"`
	Income   *bool     `json:"income,omitempty" jsonschema:"income: the payer receives the amount"`
	Note     *string   `json:"note,omitempty" short:"m" jsonschema:"what it is for, up to 4096 bytes"`
	Currency string    `json:"currency,omitempty" jsonschema:"ISO 4217 code or 3 to 8 letters of the room's own"`
	Category *string   `json:"category,omitempty" jsonschema:"one word or a few; empty: none"`
	Tags     *[]string `json:"tags,omitempty" flag:"tag" jsonschema:"up to 16 words to find it by, in place of all before"`
	Rate     *string   `json:"rate,omitempty" jsonschema:"what the amount is booked as in another currency: '27.60 EUR'; empty: nothing"`
}

var recurEditDef = wire.Def[RecurEditReq, RecurReply]{Spec: wire.Spec{
	Request: "expense_recur_edit", Reply: "expense_recur_edited", Scope: wire.ScopeExpense,
	Summary: "Change an expense that recurs; what was added stays as it is", Command: "expense recur edit", Write: true,
}}

func decideRecurEdit(r app.Reader, in RecurEditReq, c app.Call) ([]app.Draft, error) {
	x, err := findRule(r, in.Rule, c.Room.Name)
	switch {
	case err != nil:
		return nil, err
	case !mayReplace(c.Role, c.Author, x.by):
		return nil, wire.Errorf(wire.Forbidden, "only who made it, %s, changes rule %s", x.by.Short(), x.id.Short())
	case x.last != never:
		return nil, wire.Errorf(wire.Conflict, "rule %s is stopped", x.id.Short()).WithHint("make a new one: intercom expense recur add")
	}
	if due := x.due(r, today(c.Now)); len(due) > 0 {
		return nil, wire.Errorf(wire.Conflict, "%s by the rule as it is, the first of %s", plural(int64(len(due)), "entry is due", "entries are due"), due[0]).
			WithHint("add what is due first: intercom expense recur run --channel " + c.Room.Name)
	}
	b := x.Recur
	timed, err := in.schedule(&b.Schedule, x, r, c)
	if err != nil {
		return nil, err
	}
	a, err := b.entry(x.id, b.Start, Seed{})
	if err != nil {
		return nil, err
	}
	change := EditReq{
		Payer: in.Payer, Amount: in.Amount, Split: in.Split, By: in.By, Income: in.Income, Note: in.Note,
		Currency: in.Currency, Category: in.Category, Tags: in.Tags, Rate: in.Rate,
	}
	switch {
	case in.terms():
		if err := change.change(a, c); err != nil {
			return nil, err
		}
	case !timed:
		return nil, wire.Errorf(wire.MissingField, "it is not said what is to change").WithHint("intercom expense recur edit ID --amount 12.50")
	}
	b.setTerms(a)
	if err := b.fits(c, x.Start); err != nil {
		return nil, err
	}
	b.Rule = x.id
	return []app.Draft{{Type: typeRecur, Body: &b}}, nil
}

// terms reports whether something but the days is to change.
func (in RecurEditReq) terms() bool {
	return in.Payer != nil || in.Amount != "" || len(in.Split) > 0 || in.By != "" || in.Income != nil || in.Note != nil ||
		in.Currency != "" || in.Category != nil || in.Tags != nil || in.Rate != nil
}

// schedule changes the days, and reports whether any are to change.
func (in RecurEditReq) schedule(s *Schedule, x rule, r app.Reader, c app.Call) (changed bool, err error) {
	if in.Every != "" {
		if s.Every, s.Unit, err = parseEvery(in.Every); err != nil {
			return false, err
		}
	}
	switch {
	case in.Start != "":
		if s.Start, err = startDay(in.Start, c.Now); err != nil {
			return false, err
		}
	case in.Every != "":
		s.Start = today(c.Now)
		for _, next := range x.next(r, today(c.Now), 1) {
			s.Start = next
		}
	}
	if in.Until != nil {
		s.Until = strings.TrimSpace(*in.Until)
	}
	if in.Count != nil {
		s.Count = *in.Count
	} else if s.Count > 0 && s.Start != x.Start {
		return false, wire.Errorf(wire.MissingField, "count is missing: how many times from %s on", s.Start).WithHint("--count 6, or --count 0 for no end")
	}
	return in.Every != "" || in.Start != "" || in.Until != nil || in.Count != nil, nil
}

func replyRecurEdit(r app.Reader, _ RecurEditReq, events []*event.Signed, c app.Call) (RecurReply, error) {
	var b Recur
	err := event.Unmarshal(events[0].Body, &b)
	return ruleReply(r, b.Rule, c), err
}
