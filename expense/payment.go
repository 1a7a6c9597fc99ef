package expense

import (
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// PayReq records money that one member gave another.
type PayReq struct {
	app.Channel
	From     string `json:"from,omitempty" required:"true" complete:"members" jsonschema:"who paid"`
	To       string `json:"to,omitempty" required:"true" complete:"members" jsonschema:"who received it"`
	Amount   Amount `json:"amount,omitempty" required:"true" jsonschema:"what was paid, a plain decimal number such as 12.50"`
	Currency string `json:"currency,omitempty" jsonschema:"ISO 4217 code or 3 to 8 letters of the room's own; the room's default if absent, else XXX"`
	Date     string `json:"date,omitempty" jsonschema:"day of the payment: YYYY-MM-DD, today or yesterday; today if absent"`
	Note     string `json:"note,omitempty" short:"m" jsonschema:"such as how it was paid, up to 4096 bytes"`
	Tx       string `json:"tx,omitempty" jsonschema:"transaction that carried it, up to 128 bytes"`
}

// EntryReply is the entry that a request wrote or changed.
type EntryReply struct {
	Channel string `json:"channel"`
	Entry   Entry  `json:"entry"`
}

// Table implements wire.Tabular.
func (r EntryReply) Table() wire.Table { return entryTable([]Entry{r.Entry}) }

// Note implements wire.Noted.
func (r EntryReply) Note() string {
	id, channel := r.Entry.ID.Short(), " --channel "+r.Channel
	switch r.Entry.Status {
	case StatusVoid:
		return "undo: intercom expense void " + id + " --undo" + channel
	case StatusUnconfirmed:
		return "counts at once; who received it confirms: intercom expense confirm " + id + channel
	case StatusPending:
		return "counts when confirmed by " + strings.Join(r.Entry.Missing, ", ") + ": intercom expense confirm " + id + channel
	case StatusConflict, StatusDuplicate, StatusDenied:
		return "does not count (" + r.Entry.Status + "): intercom expense show " + id + channel
	}
	return ""
}

var payDef = wire.Def[PayReq, EntryReply]{Spec: wire.Spec{
	Request: "expense_pay", Reply: "expense_paid", Scope: wire.ScopeExpense,
	Summary: "Record a payment from one member to another", Command: "expense pay", Write: true,
}}

func decidePay(r app.Reader, in PayReq, c app.Call) ([]app.Draft, error) {
	var absent []string
	for _, f := range []struct {
		name  string
		empty bool
	}{{"from", strings.TrimSpace(in.From) == ""}, {"to", strings.TrimSpace(in.To) == ""}, {"amount", in.Amount == ""}} {
		if f.empty {
			absent = append(absent, f.name)
		}
	}
	if absent != nil {
		return nil, wire.Errorf(wire.MissingField, "from, to and amount are needed: %s missing", areOf(absent)).
			WithHint("intercom expense pay --from bob --to alice --amount 10")
	}
	b := &Payment{Note: note(in.Note), Tx: note(in.Tx)}
	var err error
	if b.From, err = Name(in.From); err != nil {
		return nil, wire.Errorf(wire.InvalidRequest, "from: %s", err)
	}
	if b.To, err = Name(in.To); err != nil {
		return nil, wire.Errorf(wire.InvalidRequest, "to: %s", err)
	}
	if strings.TrimSpace(in.Currency) == "" {
		usual, _ := defaultsOf(r)
		in.Currency = usual.Currency
	}
	u, err := unitOf(in.Currency)
	if err != nil {
		return nil, err
	}
	b.Currency, b.Exp = u.Currency, u.Exp
	if b.Amount, err = in.Amount.Parse(u.Exp); err != nil {
		return nil, err
	}
	if b.Date, err = day(in.Date, c.Now); err != nil {
		return nil, err
	}
	if err := fitsText("note", b.Note, MaxNote); err != nil {
		return nil, err
	}
	if err := b.Check(); err != nil {
		return nil, wire.Errorf(wire.InvalidRequest, "%s", strings.TrimPrefix(err.Error(), "expense: "))
	}
	return []app.Draft{{Type: typePayment, Body: b}}, nil
}

func replyPay(r app.Reader, _ PayReq, events []*event.Signed, c app.Call) (EntryReply, error) {
	return EntryReply{Channel: c.Room.Name, Entry: shownOf(r, events[0])}, nil
}
