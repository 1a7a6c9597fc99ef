package expense

import (
	"slices"
	"strings"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// maxBody leaves room in an event for its envelope and causes.
const maxBody = event.MaxSize - 4096

// AddReq records an expense that is split in equal parts.
type AddReq struct {
	app.Channel
	Payer    string   `json:"payer,omitempty" required:"true" complete:"members" jsonschema:"who paid"`
	Amount   Amount   `json:"amount,omitempty" required:"true" jsonschema:"what was paid, a plain decimal number such as 12.50"`
	Split    []string `json:"split,omitempty" required:"true" complete:"members" jsonschema:"who shares the expense, names separated by commas"`
	Note     string   `json:"note,omitempty" short:"m" jsonschema:"what it was for, up to 4096 bytes"`
	Date     string   `json:"date,omitempty" jsonschema:"day of the expense, YYYY-MM-DD; today if absent"`
	Currency string   `json:"currency,omitempty" jsonschema:"ISO 4217 code or 3 to 8 letters of the room's own; XXX if absent"`
	// The original's clients expect the payer to be added.
	PayerShares *bool `json:"payerShares,omitempty" clidefault:"false" jsonschema:"add the payer to the split; over the bridge true if absent"`
}

// AddReply is the expense that was recorded.
type AddReply struct {
	Channel string `json:"channel"`
	Entry   Entry  `json:"entry"`
}

// Table implements wire.Tabular.
func (r AddReply) Table() wire.Table { return entryTable([]Entry{r.Entry}) }

var addDef = wire.Def[AddReq, AddReply]{Spec: wire.Spec{
	Request: "expense_add", Reply: "expense_added", Scope: wire.ScopeExpense,
	Summary: "Record an expense and who shares it", Command: "expense add", Write: true,
}}

func decideAdd(_ app.Reader, in AddReq, c app.Call) ([]app.Draft, error) {
	if err := in.missing(); err != nil {
		return nil, err
	}
	u, err := in.unit()
	if err != nil {
		return nil, err
	}
	amount, err := in.Amount.Parse(u.Exp)
	if err != nil {
		return nil, err
	}
	payer, members, err := in.members()
	if err != nil {
		return nil, err
	}
	b := &Add{
		Amount: amount, Currency: u.Currency, Exp: u.Exp, Date: strings.TrimSpace(in.Date), Note: note(in.Note),
		Payers: []Part{{Name: payer, Amount: amount}}, Split: Split{Kind: SplitEqual},
	}
	if b.Date == "" {
		b.Date = c.Now.Format(time.DateOnly)
	}
	seed := Seed{Author: c.Author, Instance: c.Instance, Seq: c.Seq}
	for _, s := range EqualShares(amount, members, seed) {
		b.Split.Of = append(b.Split.Of, Part{Name: s.Name, Amount: 1})
		b.Shares = append(b.Shares, Part{Name: s.Name, Amount: s.Amount})
	}
	if err := b.fits(); err != nil {
		return nil, err
	}
	return []app.Draft{{Type: typeAdd, Body: b}}, nil
}

func replyAdd(_ app.Reader, _ AddReq, events []*event.Signed, c app.Call) (AddReply, error) {
	entry, _ := entryOf(events[0])
	return AddReply{Channel: c.Room.Name, Entry: entry}, nil
}

// missing names the fields that an expense cannot do without.
func (in AddReq) missing() error {
	var absent []string
	if strings.TrimSpace(in.Payer) == "" {
		absent = append(absent, "payer")
	}
	if in.Amount == "" {
		absent = append(absent, "amount")
	}
	if !slices.ContainsFunc(in.Split, func(s string) bool { return strings.TrimSpace(s) != "" }) {
		absent = append(absent, "split")
	}
	if absent == nil {
		return nil
	}
	return wire.Errorf(wire.MissingField, "payer, amount and split are needed: %s missing", areOf(absent)).
		WithHint("intercom expense add --payer alice --amount 30 --split alice,bob")
}

// areOf lists names with the verb: "a is", "a and b are", "a, b and c are".
func areOf(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0] + " is"
	}
	return strings.Join(names[:last], ", ") + " and " + names[last] + " are"
}

func (in AddReq) unit() (Unit, error) {
	code := strings.ToUpper(strings.TrimSpace(in.Currency))
	if code == "" {
		code = DefaultCurrency
	}
	if err := CheckCurrency(code); err != nil {
		return Unit{}, wire.Errorf(wire.InvalidRequest, "currency: %s", err)
	}
	return Unit{Currency: code, Exp: Exponent(code)}, nil
}

// members returns the payer's name and the names in the split, each once, in
// the order given; the payer first where he is added.
func (in AddReq) members() (payer string, members []string, err error) {
	if payer, err = Name(in.Payer); err != nil {
		return "", nil, wire.Errorf(wire.InvalidRequest, "payer: %s", err)
	}
	seen := map[string]bool{}
	for _, text := range in.Split {
		if strings.TrimSpace(text) == "" {
			continue
		}
		name, err := Name(text)
		if err != nil {
			return "", nil, wire.Errorf(wire.InvalidRequest, "split: %s", err)
		}
		if !seen[name] {
			seen[name] = true
			members = append(members, name)
		}
	}
	if !seen[payer] && (in.PayerShares == nil || *in.PayerShares) {
		members = slices.Insert(members, 0, payer)
	}
	if len(members) > MaxNames {
		return "", nil, wire.Errorf(wire.TooLarge, "split: %d names, at most %d", len(members), MaxNames)
	}
	return payer, members, nil
}

// note is a text as an author writes it.
func note(s string) string { return strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD")) }

// fits refuses what readers would refuse, in the words of a request.
func (b *Add) fits() error {
	if err := checkDate(b.Date); err != nil {
		return wire.Errorf(wire.InvalidRequest, "date %.16q is no day of the calendar", b.Date).WithHint("use YYYY-MM-DD")
	}
	if len(b.Note) > MaxNote {
		return wire.Errorf(wire.TooLarge, "note of %d bytes, at most %d", len(b.Note), MaxNote)
	}
	if err := b.Check(); err != nil {
		return wire.Errorf(wire.InvalidRequest, "%s", err)
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
