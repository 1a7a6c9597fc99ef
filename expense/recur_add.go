package expense

import (
	"strings"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// RecurAddReq makes a rule.
type RecurAddReq struct {
	app.Channel
	Every    string   `json:"every,omitempty" required:"true" jsonschema:"day, week, month or year, or a number of them: '2 weeks'; a month without the day of the start has its last day"`
	Payer    string   `json:"payer,omitempty" complete:"members" jsonschema:"who pays; of several, with what each pays: alice=20,bob=10; the room's default if absent"`
	Amount   Amount   `json:"amount,omitempty" required:"true" jsonschema:"what is paid each time, a plain decimal number such as 12.50"`
	Split    []string `json:"split,omitempty" complete:"members" jsonschema:"who shares it: names for equal parts, or names with numbers as --by says; the room's default if absent"`
	By       string   `json:"splitBy,omitempty" flag:"by" enum:"equal,exact,percent,shares" jsonschema:"what the numbers of the split are: exact amounts, percent or shares; equal if absent"`
	Start    string   `json:"start,omitempty" jsonschema:"first day: YYYY-MM-DD, today or yesterday; today if absent"`
	Until    string   `json:"until,omitempty" jsonschema:"last day, YYYY-MM-DD; no end if absent"`
	Count    int64    `json:"count,omitempty" jsonschema:"how many times in all; no end if absent"`
	Income   bool     `json:"income,omitempty" jsonschema:"income: the payer receives the amount, and the members of the split are owed their parts"`
	Note     string   `json:"note,omitempty" short:"m" jsonschema:"what it is for, up to 4096 bytes"`
	Currency string   `json:"currency,omitempty" jsonschema:"ISO 4217 code or 3 to 8 letters of the room's own; the room's default if absent, else XXX"`
	Category string   `json:"category,omitempty" jsonschema:"one word or a few, up to 128 bytes"`
	Tags     []string `json:"tags,omitempty" flag:"tag" jsonschema:"up to 16 words to find it by"`
	Rate     string   `json:"rate,omitempty" jsonschema:"what the amount is booked as in another currency: '27.60 EUR'"`
	For      string   `json:"for,omitempty" complete:"members" jsonschema:"member in whose name it is written"`
}

// RecurReply is a rule as it is now.
type RecurReply struct {
	Channel string `json:"channel"`
	Rule    Rule   `json:"rule"`
}

// List implements wire.Listed.
func (RecurReply) List() string { return "" }

// Table implements wire.Tabular.
func (r RecurReply) Table() wire.Table { return ruleTable([]Rule{r.Rule}) }

// Note implements wire.Noted.
func (r RecurReply) Note() string {
	if len(r.Rule.Next) == 0 {
		return ""
	}
	return "next: " + strings.Join(r.Rule.Next, ", ")
}

var recurAddDef = wire.Def[RecurAddReq, RecurReply]{Spec: wire.Spec{
	Request: "expense_recur_add", Reply: "expense_recur_added", Scope: wire.ScopeExpense,
	Summary: "Let an expense recur; your daemon adds it on each day", Command: "expense recur add", Write: true,
}}

func decideRecurAdd(r app.Reader, in RecurAddReq, c app.Call) ([]app.Draft, error) {
	if strings.TrimSpace(in.Every) == "" {
		return nil, wire.Errorf(wire.MissingField, "every is missing").WithHint(recurHint)
	}
	start, err := startDay(in.Start, c.Now)
	if err != nil {
		return nil, err
	}
	no := false
	a, err := AddReq{
		Payer: in.Payer, Amount: in.Amount, Split: in.Split, By: in.By, Income: in.Income, Note: in.Note, Date: start,
		Currency: in.Currency, Category: in.Category, Tags: in.Tags, Rate: in.Rate, For: in.For, PayerShares: &no,
	}.body(r, c)
	if err != nil {
		refused := wire.AsError(err)
		if refused.Code == wire.MissingField {
			refused = refused.WithHint(recurHint)
		}
		return nil, refused
	}
	b := &Recur{Schedule: Schedule{Start: a.Date, Until: strings.TrimSpace(in.Until), Count: in.Count}}
	if b.Every, b.Unit, err = parseEvery(in.Every); err != nil {
		return nil, err
	}
	b.setTerms(a)
	if err := b.fits(c, ""); err != nil {
		return nil, err
	}
	going := 0
	eachRule(r, c.Author.String(), func(x rule) bool {
		if x.goesOn(r, today(c.Now)) {
			going++
		}
		return going < mostRules
	})
	if going == mostRules {
		return nil, wire.Errorf(wire.Conflict, "%d expenses of yours recur in %s already, which is the most", going, c.Room.Name).
			WithHint("stop one: intercom expense recur stop ID --channel " + c.Room.Name)
	}
	return []app.Draft{{Type: typeRecur, Body: b}}, nil
}

const recurHint = "intercom expense recur add --every month --payer alice --amount 900 --split alice,bob"

// startDay reads the first day.
func startDay(text string, now time.Time) (string, error) {
	start, err := day(text, now)
	if err != nil {
		return "", wire.Errorf(wire.InvalidRequest, "start: %.16q is no day of the calendar", text).WithHint("use YYYY-MM-DD, today or yesterday")
	}
	return start, nil
}

// fits refuses in the words of a request what readers would refuse, and what
// nobody would act on. A start that it had before stays, however long ago.
func (b *Recur) fits(c app.Call, before string) error {
	early := back(today(c.Now))
	switch {
	case b.Until != "" && checkDate(b.Until) != nil:
		return wire.Errorf(wire.InvalidRequest, "until: %.16q is no day of the calendar", b.Until).WithHint("use YYYY-MM-DD")
	case b.Start < early && b.Start != before:
		return wire.Errorf(wire.InvalidRequest, "start %s is more than %d days ago", b.Start, mostBack).
			WithHint("start on " + early + " or later; what was before is added by: intercom expense add --date DAY")
	case b.Count < 0 || b.Count > maxRepeat:
		return wire.Errorf(wire.InvalidRequest, "count: %d is not 1 to %d", b.Count, maxRepeat).WithHint("leave it out for no end")
	}
	if err := b.Check(); err != nil {
		text, _, _ := strings.Cut(err.Error(), "\n")
		return wire.Errorf(wire.InvalidRequest, "%s", strings.TrimPrefix(text, "expense: "))
	}
	a, err := b.entry(event.ID{1}, b.Start, Seed{})
	if err != nil {
		return err
	}
	return a.fits()
}

func replyRecurAdd(r app.Reader, _ RecurAddReq, events []*event.Signed, c app.Call) (RecurReply, error) {
	return ruleReply(r, events[0].ID, c), nil
}

func ruleReply(r app.Reader, id event.ID, c app.Call) RecurReply {
	out := RecurReply{Channel: c.Room.Name}
	if x, ok := ruleOf(r, id); ok {
		out.Rule = x.shown(r, c)
	}
	return out
}
