package expense

import (
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// Rule is an expense that recurs, as it is shown.
type Rule struct {
	ID     event.ID      `json:"id"`
	Every  string        `json:"every" jsonschema:"day, week, month or year, or a number of them: 2 weeks"`
	Start  string        `json:"start" jsonschema:"first day, from which the others are counted"`
	Until  string        `json:"until,omitempty" jsonschema:"last day of the rule"`
	Count  int64         `json:"count,omitempty" jsonschema:"entries in all"`
	Last   string        `json:"last,omitempty" jsonschema:"it was stopped: entries of later days do not count"`
	Made   int           `json:"made" jsonschema:"days for which an entry was added, whatever became of it"`
	Due    int           `json:"due" jsonschema:"days up to today for which none was added yet"`
	Next   []string      `json:"next" jsonschema:"the next days for which an entry will be added, up to 5"`
	Payer  string        `json:"payer" jsonschema:"the first of payers"`
	Payers []MemberMoney `json:"payers"`
	Money
	Unit
	Split    []string   `json:"split"`
	Kind     string     `json:"kind" jsonschema:"kind of the split: equal, exact, percent or shares"`
	Inputs   []Input    `json:"inputs,omitempty" jsonschema:"what it is divided by, except in equal parts"`
	Note     string     `json:"note"`
	Category string     `json:"category,omitempty"`
	Tags     []string   `json:"tags,omitempty"`
	Rate     *Converted `json:"rate,omitempty" jsonschema:"what the amount is booked as in another currency"`
	For      string     `json:"for,omitempty" jsonschema:"member in whose name it was written"`
	By       event.Key  `json:"by" jsonschema:"public key of who made it, whose daemon adds the entries"`
}

// maxNext is how many days to come are shown.
const maxNext = 5

func (x rule) shown(r app.Reader, c app.Call) Rule {
	var e Entry
	a, _ := x.entry(x.id, x.Start, Seed{}) // the body was checked
	e.show(*a)
	out := Rule{
		ID: x.id, Every: x.every(), Start: x.Start, Until: x.Until, Count: x.Count, Due: len(x.due(r, today(c.Now))),
		Next: x.next(r, today(c.Now), maxNext), Payer: e.Payer, Payers: e.Payers, Money: e.Money, Unit: e.Unit,
		Split: e.Split, Kind: e.Kind, Inputs: e.Inputs, Note: e.Note, Category: e.Category, Tags: e.Tags, Rate: e.Rate, For: e.For, By: x.by,
	}
	if x.last != never {
		out.Last = x.last
	}
	out.Made = len(firstAfter(r, x.id, "0000", never))
	return out
}

func ruleTable(rules []Rule) wire.Table {
	t := wire.Table{Columns: wire.Columns("every", "payer", ">amount", "currency", "split", "note", "next", "by", "id"), Rows: [][]any{}}
	for _, x := range rules {
		next := "ended"
		if len(x.Next) > 0 {
			next = x.Next[0]
		} else if x.Last != "" {
			next = "stopped"
		}
		e := Entry{Payer: x.Payer, Payers: x.Payers}
		t.Rows = append(t.Rows, []any{x.Every, e.payers(), x.Amount, x.Currency, strings.Join(x.Split, ", "), x.Note, next, x.By, x.ID})
	}
	return t
}

// RecurListReq asks for the rules of a room.
type RecurListReq struct {
	app.Channel
	All bool `json:"all,omitempty" jsonschema:"also those that have ended or were stopped"`
}

// RecurListReply has the rules of a room, the latest of each author first.
type RecurListReply struct {
	Channel string `json:"channel"`
	Joined  bool   `json:"joined" jsonschema:"the room is replicated here; else only what is here already is shown"`
	Rules   []Rule `json:"rules" jsonschema:"up to 1000"`
	Due     int    `json:"due" jsonschema:"entries that are due and were not added yet"`
}

// List implements wire.Listed.
func (RecurListReply) List() string { return "rules" }

// Table implements wire.Tabular.
func (r RecurListReply) Table() wire.Table { return ruleTable(r.Rules) }

// Note implements wire.Noted.
func (r RecurListReply) Note() string {
	var notes []string
	if len(r.Rules) == 0 {
		notes = append(notes, "nothing recurs in "+r.Channel)
	}
	if r.Due > 0 {
		notes = append(notes, plural(int64(r.Due), "entry is", "entries are")+" due; the daemon of who made a rule adds them")
	}
	if !r.Joined {
		notes = append(notes, notJoined(app.Room{Name: r.Channel}))
	}
	return strings.Join(notes, "\n")
}

var recurListDef = wire.Def[RecurListReq, RecurListReply]{Spec: wire.Spec{
	Request: "expense_recur_list", Reply: "expense_recur_list", Scope: wire.ScopeRead,
	Summary: "List the expenses that recur", Command: "expense recur list",
}}

func readRecurList(r app.Reader, in RecurListReq, c app.Call) (RecurListReply, error) {
	out := RecurListReply{Channel: c.Room.Name, Joined: c.Room.Joined, Rules: []Rule{}}
	eachRule(r, "", func(x rule) bool {
		if in.All || x.goesOn(r, today(c.Now)) {
			shown := x.shown(r, c)
			out.Rules = append(out.Rules, shown)
			out.Due += shown.Due
		}
		return len(out.Rules) < mostNames
	})
	return out, nil
}
