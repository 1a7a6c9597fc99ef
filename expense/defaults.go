package expense

import (
	"errors"
	"fmt"
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// Defaults are what the entries of a room have where they say nothing. The
// highest (lamport, id) counts, as a whole.
type Defaults struct {
	Currency string `cbor:"currency,omitempty"`
	Payer    string `cbor:"payer,omitempty"`
	Split    *Split `cbor:"split,omitempty"` // not exact
}

// Check implements event.Body.
func (b *Defaults) Check() error {
	var currency, split error
	if b.Currency != "" {
		currency = CheckCurrency(b.Currency)
	}
	if b.Split != nil {
		if split = b.Split.check(); b.Split.Kind == SplitExact {
			split = fmt.Errorf("expense: a usual split of kind %q", b.Split.Kind)
		}
	}
	return errors.Join(currency, optionalName(b.Payer), split)
}

// DefaultsReq shows or changes the defaults of a room.
type DefaultsReq struct {
	app.Channel
	Currency *string  `json:"currency,omitempty" jsonschema:"ISO 4217 code or 3 to 8 letters of the room's own; empty: XXX again"`
	Payer    *string  `json:"payer,omitempty" complete:"members" jsonschema:"who usually pays; empty: nobody"`
	Split    []string `json:"split,omitempty" jsonschema:"who usually shares: names, or names with numbers as --by says"`
	By       string   `json:"splitBy,omitempty" flag:"by" enum:"equal,percent,shares" jsonschema:"what the numbers are: percent or shares; equal if absent"`
	Clear    bool     `json:"clear,omitempty" jsonschema:"forget all defaults first"`
}

// DefaultsReply has the defaults of a room.
type DefaultsReply struct {
	Channel  string     `json:"channel"`
	Currency string     `json:"currency" jsonschema:"XXX if no other is set"`
	Payer    string     `json:"payer,omitempty"`
	By       string     `json:"splitBy,omitempty" jsonschema:"kind of the split: equal, percent or shares"`
	Split    []Input    `json:"split" jsonschema:"members and numbers; of equal parts 1 each"`
	Set      event.ID   `json:"set,omitzero" jsonschema:"event that set them; absent: none did"`
	SetBy    *event.Key `json:"setBy,omitempty" jsonschema:"public key of its author"`
}

// Table implements wire.Tabular.
func (r DefaultsReply) Table() wire.Table {
	split := make([]string, len(r.Split))
	for i, p := range r.Split {
		if split[i] = p.Member; r.By != SplitEqual {
			split[i] += "=" + p.N
		}
	}
	return wire.Table{
		Columns: wire.Columns("currency", "payer", "by", "split"),
		Rows:    [][]any{{r.Currency, r.Payer, r.By, strings.Join(split, ", ")}},
	}
}

// List implements wire.Listed.
func (DefaultsReply) List() string { return "" }

var defaultsDef = wire.Def[DefaultsReq, DefaultsReply]{Spec: wire.Spec{
	Request: "expense_defaults", Reply: "expense_defaults", Scope: wire.ScopeExpense,
	Summary: "Show or set the currency, the payer and the split that a room usually has", Command: "expense defaults", Write: true,
}}

// DefaultsShowReq shows the defaults of a room. It is what clients that may only
// read ask.
type DefaultsShowReq struct{ app.Channel }

// ShowDefaults is `expense defaults` without a change.
var ShowDefaults = wire.Def[DefaultsShowReq, DefaultsReply]{Spec: wire.Spec{
	Request: "expense_defaults_show", Reply: "expense_defaults", Scope: wire.ScopeRead,
	Summary: "Show the currency, the payer and the split that a room usually has",
}}

func readDefaults(r app.Reader, _ DefaultsShowReq, c app.Call) (DefaultsReply, error) {
	return shownDefaults(r, c), nil
}

func decideDefaults(r app.Reader, in DefaultsReq, _ app.Call) ([]app.Draft, error) {
	b, _ := defaultsOf(r)
	if in.Clear {
		b = Defaults{}
	}
	if in.Currency != nil {
		b.Currency = ""
		if strings.TrimSpace(*in.Currency) != "" {
			u, err := unitOf(*in.Currency)
			if err != nil {
				return nil, err
			}
			b.Currency = u.Currency
		}
	}
	if in.Payer != nil {
		b.Payer = ""
		if strings.TrimSpace(*in.Payer) != "" {
			name, err := Name(*in.Payer)
			if err != nil {
				return nil, wire.Errorf(wire.InvalidRequest, "payer: %s", err)
			}
			b.Payer = name
		}
	}
	switch {
	case in.By == SplitExact:
		return nil, wire.Errorf(wire.InvalidRequest, "splitBy: exact amounts fit one expense alone").WithHint("--by percent or shares")
	case len(in.Split) > 0:
		s, err := splitOf(in.By, in.Split, 0, Split{})
		if err != nil {
			return nil, err
		}
		b.Split = &s
	case in.By != "":
		return nil, wire.Errorf(wire.MissingField, "split is missing").WithHint("--split alice=2,bob=1 --by shares")
	}
	if !in.Clear && in.Currency == nil && in.Payer == nil && len(in.Split) == 0 {
		return nil, nil
	}
	if err := b.Check(); err != nil {
		return nil, wire.Errorf(wire.InvalidRequest, "%s", err)
	}
	return []app.Draft{{Type: typeDefaults, Body: &b}}, nil
}

func replyDefaults(r app.Reader, _ DefaultsReq, _ []*event.Signed, c app.Call) (DefaultsReply, error) {
	return shownDefaults(r, c), nil
}

func shownDefaults(r app.Reader, c app.Call) DefaultsReply {
	b, e := defaultsOf(r)
	out := DefaultsReply{Channel: c.Room.Name, Currency: b.Currency, Payer: b.Payer, Split: []Input{}}
	if b.Currency == "" {
		out.Currency = DefaultCurrency
	}
	if b.Split != nil {
		out.By = b.Split.Kind
		if out.Split = b.Split.inputs(0); out.Split == nil {
			for _, p := range b.Split.Of {
				out.Split = append(out.Split, Input{Member: p.Name, N: "1"})
			}
		}
	}
	if e != nil {
		out.Set, out.SetBy = e.ID, &e.Author
	}
	return out
}

// defaultsOf returns the defaults of a room and the event that set them, nil if
// none did.
func defaultsOf(r app.Reader) (b Defaults, e *event.Signed) {
	e, ok := r.Event(topOf(r, defaultRows))
	if !ok || event.Unmarshal(e.Body, &b) != nil {
		return Defaults{}, nil
	}
	return b, e
}

// withDefaults fills in what a request leaves to the room, and returns the
// room's usual split.
func (in AddReq) withDefaults(r app.Reader) (AddReq, Split) {
	b, _ := defaultsOf(r)
	if strings.TrimSpace(in.Payer) == "" {
		in.Payer = b.Payer
	}
	if strings.TrimSpace(in.Currency) == "" {
		in.Currency = b.Currency
	}
	if b.Split == nil {
		return in, Split{}
	}
	return in, *b.Split
}
