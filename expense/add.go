package expense

import (
	"slices"
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// maxBody leaves room in an event for its envelope and causes.
const maxBody = event.MaxSize - 4096

// AddReq records an expense, or with Income money that came back.
type AddReq struct {
	app.Channel
	Payer       string       `json:"payer,omitempty" complete:"members" jsonschema:"who paid; of several, with what each paid: alice=20,bob=10; the room's default if absent"`
	Amount      Amount       `json:"amount,omitempty" required:"true" jsonschema:"what was paid, a plain decimal number such as 12.50"`
	Split       []string     `json:"split,omitempty" complete:"members" jsonschema:"who shares it: names for equal parts, or names with numbers as --by says: alice=60,bob=40; the room's default if absent"`
	By          string       `json:"splitBy,omitempty" flag:"by" enum:"equal,exact,percent,shares" jsonschema:"what the numbers of the split are: exact amounts, percent or shares; equal if absent"`
	Income      bool         `json:"income,omitempty" jsonschema:"a refund or income: the payer received the amount, and the members of the split are owed their parts"`
	Note        string       `json:"note,omitempty" short:"m" jsonschema:"what it was for, up to 4096 bytes"`
	Date        string       `json:"date,omitempty" jsonschema:"day of the expense: YYYY-MM-DD, today or yesterday; today if absent"`
	Currency    string       `json:"currency,omitempty" jsonschema:"ISO 4217 code or 3 to 8 letters of the room's own; the room's default if absent, else XXX"`
	Category    string       `json:"category,omitempty" jsonschema:"one word or a few, up to 128 bytes"`
	Tags        []string     `json:"tags,omitempty" flag:"tag" jsonschema:"up to 16 words to find it by"`
	Rate        string       `json:"rate,omitempty" jsonschema:"what the amount was booked as in another currency: '27.60 EUR'; or the price of one unit: '@0.92 EUR', or 0.92 in the room's default currency"`
	Attachments []Attachment `json:"attachments,omitempty" cli:"-" jsonschema:"files that belong to it, by hash; up to 16"`
	For         string       `json:"for,omitempty" complete:"members" jsonschema:"member in whose name it is written"`
	// The original's clients expect the payer to be added.
	PayerShares *bool `json:"payerShares,omitempty" clidefault:"false" jsonschema:"add the payer to a split in equal parts; over the bridge true if absent"`
}

// AddReply is the expense that was recorded.
type AddReply struct {
	Channel string `json:"channel"`
	Entry   Entry  `json:"entry"`
}

// Table implements wire.Tabular.
func (r AddReply) Table() wire.Table { return entryTable([]Entry{r.Entry}) }

// Note implements wire.Noted.
func (r AddReply) Note() string { return EntryReply(r).Note() }

var addDef = wire.Def[AddReq, AddReply]{Spec: wire.Spec{
	Request: "expense_add", Reply: "expense_added", Scope: wire.ScopeExpense,
	Summary: "Record an expense and who shares it", Command: "expense add", Write: true,
}}

func decideAdd(r app.Reader, in AddReq, c app.Call) ([]app.Draft, error) {
	b, err := in.body(r, c)
	if err != nil {
		return nil, err
	}
	return []app.Draft{{Type: typeAdd, Body: b}}, nil
}

func replyAdd(r app.Reader, _ AddReq, events []*event.Signed, c app.Call) (AddReply, error) {
	entry, _ := entryOf(events[0])
	if gateOf(r, events[0]) != passes {
		entry = shownOf(r, events[0])
	}
	return AddReply{Channel: c.Room.Name, Entry: entry}, nil
}

// body returns the expense that a request asks for, in a room with the
// defaults of r, divided as event c.Seq of its author. Errors are *wire.Error.
func (in AddReq) body(r app.Reader, c app.Call) (*Add, error) {
	in, usual := in.withDefaults(r)
	if err := in.missing(usual); err != nil {
		return nil, err
	}
	t, err := in.terms(usual)
	if err != nil {
		return nil, err
	}
	b := &Add{Note: note(in.Note), Category: note(in.Category), Tags: labels(in.Tags)}
	if b.Date, err = day(in.Date, c.Now); err != nil {
		return nil, err
	}
	if in.For != "" {
		if b.For, err = Name(in.For); err != nil {
			return nil, wire.Errorf(wire.InvalidRequest, "for: %s", err)
		}
	}
	b.attach(in.Attachments)
	if err := t.divide(b, Seed{Author: c.Author, Instance: c.Instance, Seq: c.Seq}); err != nil {
		return nil, err
	}
	room, _ := defaultsOf(r)
	if b.Rate, err = bookedAs(in.Rate, b.Amount, t.unit, room.Currency); err != nil {
		return nil, err
	}
	return b, b.fits()
}

// missing names the fields that an expense cannot do without.
func (in AddReq) missing(usual Split) error {
	var absent []string
	if strings.TrimSpace(in.Payer) == "" {
		absent = append(absent, "payer")
	}
	if in.Amount == "" {
		absent = append(absent, "amount")
	}
	if len(usual.Of) == 0 && !in.names() {
		absent = append(absent, "split")
	}
	if absent == nil {
		return nil
	}
	return wire.Errorf(wire.MissingField, "payer, amount and split are needed: %s missing", areOf(absent)).
		WithHint("intercom expense add --payer alice --amount 30 --split alice,bob")
}

// names reports whether a request says who shares.
func (in AddReq) names() bool {
	return slices.ContainsFunc(in.Split, func(s string) bool { return strings.TrimSpace(s) != "" })
}

// areOf lists names with the verb: "a is", "a and b are", "a, b and c are".
func areOf(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0] + " is"
	}
	return strings.Join(names[:last], ", ") + " and " + names[last] + " are"
}

// terms reads the amount and who it is divided among.
func (in AddReq) terms(usual Split) (t terms, err error) {
	if t.unit, err = unitOf(in.Currency); err != nil {
		return t, err
	}
	if t.income = in.Income; in.Income {
		if t.amount, err = in.Amount.signed(t.unit.Exp); t.amount < 0 {
			t.amount = -t.amount
		}
		if err == nil && t.amount == 0 {
			err = wire.Errorf(wire.InvalidAmount, "amount is 0").WithHint("give what came back, such as 12.50")
		}
	} else {
		t.amount, err = in.Amount.Parse(t.unit.Exp)
	}
	if err != nil {
		return t, err
	}
	if t.payers, err = payersOf(in.Payer, t.amount, t.unit.Exp); err != nil {
		return t, err
	}
	if !in.names() && (in.By == "" || in.By == usual.Kind) {
		t.split = usual
		return t, nil
	}
	list := in.Split
	if !in.names() {
		for _, p := range usual.Of {
			list = append(list, p.Name)
		}
	}
	if t.split, err = splitOf(in.By, list, t.unit.Exp, usual); err != nil {
		return t, err
	}
	if t.split.Kind == SplitEqual && (in.PayerShares == nil || *in.PayerShares) {
		t.charge(t.payers)
	}
	if len(t.split.Of) > MaxNames {
		return t, wire.Errorf(wire.TooLarge, "split: %d names, at most %d", len(t.split.Of), MaxNames)
	}
	return t, nil
}

// fits refuses what readers would refuse, in the words of a request.
func (b *Add) fits() error {
	if b.Rate != nil && b.Rate.Currency == b.Currency && (b.Rate.Amount != b.Amount || b.Rate.Exp != b.Exp) {
		return wire.Errorf(wire.InvalidRequest, "rate: the expense is %s %s, and cannot be %s %[2]s too",
			FormatAmount(b.Amount, b.Exp), b.Currency, FormatAmount(b.Rate.Amount, b.Rate.Exp)).
			WithHint("give what it was booked as in another currency: --rate '27.60 EUR'")
	}
	if err := fitsText("note", b.Note, MaxNote); err != nil {
		return err
	}
	if err := b.Check(); err != nil {
		return wire.Errorf(wire.InvalidRequest, "%s", strings.TrimPrefix(err.Error(), "expense: "))
	}
	body, err := event.Marshal(b)
	if err != nil {
		return err
	}
	if len(body) > maxBody {
		return wire.Errorf(wire.TooLarge, "the names take %d bytes, at most %d", len(body), maxBody).
			WithHint("use shorter names or several expenses")
	}
	return nil
}
