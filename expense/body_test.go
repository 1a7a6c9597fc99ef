package expense_test

import (
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

func kind(t testing.TB, name string) app.Kind {
	kinds := expense.App().Kinds
	i := slices.IndexFunc(kinds, func(k app.Kind) bool { return k.Type == name })
	if i < 0 {
		t.Fatalf("%s is not declared", name)
	}
	return kinds[i]
}

var someID = event.ID{1}

// bodies has a well-formed body of each type.
func bodies() map[string]event.Body {
	full := body(3000, "alice", "alice", "bob")
	full.Note, full.Category, full.Tags, full.For = "dinner", "food", []string{"trip"}, "carol"
	full.Attachments = []expense.File{{SHA256: someID, Size: 10, Name: "bill.pdf"}}
	full.Rate = &expense.Rate{Currency: "EUR", Exp: 2, Amount: 2760}
	full.Recur = &expense.Occurrence{Rule: someID, Date: "2026-11-22"}
	full.Source = &expense.Source{Format: "splitwise", SHA256: someID, Row: 7}
	return map[string]event.Body{
		"expense.add":     full,
		"expense.replace": &expense.Replace{Targets: []event.ID{someID}, Add: *full},
		"expense.void":    &expense.Void{Target: someID, Reason: "twice"},
		"expense.confirm": &expense.Confirm{Target: someID},
		"expense.dispute": &expense.Dispute{Target: someID, Reason: "was 20"},
		"payment.add": &expense.Payment{
			From: "bob", To: "alice", Amount: 1500, Currency: "EUR", Exp: 2, Date: "2026-11-22", Note: "cash", Tx: "ab12",
			Source: &expense.Source{Format: "splitwise", SHA256: someID, Row: 8}, Restores: someID,
		},
		"expense.defaults": &expense.Defaults{
			Currency: "EUR", Payer: "alice",
			Split: &expense.Split{Kind: expense.SplitShares, Of: []expense.Part{{Name: "alice", Amount: 2}, {Name: "bob", Amount: 1}}},
		},
		"expense.recur": &expense.Recur{
			Rule: someID, Schedule: expense.Schedule{Every: 2, Unit: "week", Start: "2026-11-22", Until: "2027-11-22", Count: 10},
			Amount: -3000, Currency: "EUR", Exp: 2, Payers: []expense.Part{{Name: "alice", Amount: -3000}},
			Split: expense.Split{Kind: expense.SplitShares, Of: []expense.Part{{Name: "alice", Amount: 2}, {Name: "bob", Amount: 1}}},
			Note:  "rent", Category: "home", Tags: []string{"flat"}, Rate: &expense.Rate{Currency: "USD", Exp: 2, Amount: -3200}, For: "carol",
		},
		"expense.stop": &expense.Stop{Rule: someID, Last: "2026-12-31", Reason: "moved out"},
		"settle.plan": &expense.Pinned{
			Lines: []expense.Line{{From: "bob", To: "alice", Amount: 1500, Currency: "EUR", Exp: 2}}, State: someID,
		},
		"room.close": &expense.Close{
			Open: []expense.Unsettled{{Member: "bob", Currency: "EUR", Exp: 2, Amount: -1500}}, Carry: true, Keep: someID,
		},
		"room.reopen":     &expense.Reopen{Close: someID},
		"room.checkpoint": &expense.Checkpoint{State: someID, Label: "before the trip"},
	}
}

func TestEveryTypeDecodesWhatItEncodes(t *testing.T) {
	all := bodies()
	if len(all) != len(expense.App().Kinds) {
		t.Errorf("%d bodies for %d types", len(all), len(expense.App().Kinds))
	}
	for name, b := range all {
		data, err := event.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		again := kind(t, name).New()
		if err := event.DecodeBody(data, again); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if out, err := event.Marshal(again); err != nil || string(out) != string(data) {
			t.Errorf("%s: %x became %x", name, data, out)
		}
	}
}

func TestAddRefusesBodies(t *testing.T) {
	part := func(n string, a int64) expense.Part { return expense.Part{Name: n, Amount: a} }
	for name, change := range map[string]func(*expense.Add){
		"amount 0":          func(b *expense.Add) { b.Amount = 0 },
		"amount 2^53":       func(b *expense.Add) { b.Amount = 1 << 53 },
		"amount -2^53":      func(b *expense.Add) { b.Amount = -1 << 53 },
		"lowest amount":     func(b *expense.Add) { b.Amount = -1 << 63 },
		"lower case":        func(b *expense.Add) { b.Currency = "eur" },
		"9 decimals":        func(b *expense.Add) { b.Exp = 9 },
		"-1 decimals":       func(b *expense.Add) { b.Exp = -1 },
		"no date":           func(b *expense.Add) { b.Date = "" },
		"payers below":      func(b *expense.Add) { b.Payers[0].Amount-- },
		"no payers":         func(b *expense.Add) { b.Payers = nil },
		"shares above":      func(b *expense.Add) { b.Shares[0].Amount++ },
		"share out of":      func(b *expense.Add) { b.Shares[0].Amount, b.Shares[1].Amount = 1<<53, 3000-1<<53 },
		"a name twice":      func(b *expense.Add) { b.Shares[1].Name = b.Shares[0].Name },
		"a payer twice":     func(b *expense.Add) { b.Payers = []expense.Part{part("a", 1000), part("a", 2000)} },
		"empty name":        func(b *expense.Add) { b.Shares[0].Name = "" },
		"long name":         func(b *expense.Add) { b.Shares[0].Name = strings.Repeat("x", 129) },
		"space":             func(b *expense.Add) { b.Shares[0].Name = " alice" },
		"control character": func(b *expense.Add) { b.Shares[0].Name = "a\nb" },
		"not NFC":           func(b *expense.Add) { b.Shares[0].Name = "e\u0301" },
		"kind of split":     func(b *expense.Add) { b.Split.Kind = "fair" },
		"no split":          func(b *expense.Add) { b.Split.Of = nil },
		"long note":         func(b *expense.Add) { b.Note = strings.Repeat("x", 4097) },
		"empty tag":         func(b *expense.Add) { b.Tags = []string{""} },
		"many tags":         func(b *expense.Add) { b.Tags = strings.Split("abcdefghijklmnopq", "") },
		"negative size":     func(b *expense.Add) { b.Attachments = []expense.File{{Size: -1}} },
		"rate":              func(b *expense.Add) { b.Rate = &expense.Rate{} },
		"for":               func(b *expense.Add) { b.For = " x" },
		"source":            func(b *expense.Add) { b.Source = &expense.Source{} },
	} {
		t.Run(name, func(t *testing.T) {
			b := body(3000, "alice", "alice", "bob")
			if err := b.Check(); err != nil {
				t.Fatal(err)
			}
			if change(b); b.Check() == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestOtherTypesRefuseBodies(t *testing.T) {
	add := *body(3000, "alice", "alice", "bob")
	line := expense.Line{From: "a", To: "b", Amount: 1, Currency: "EUR", Exp: 2}
	back, self := line, line
	back.Amount, self.To = -1, "a"
	for name, b := range map[string]event.Body{
		"replace nothing":        &expense.Replace{Add: add},
		"replace twice":          &expense.Replace{Targets: []event.ID{someID, someID}, Add: add},
		"replace with nothing":   &expense.Replace{Targets: []event.ID{someID}},
		"void nothing":           &expense.Void{},
		"long reason":            &expense.Void{Target: someID, Reason: strings.Repeat("x", 4097)},
		"confirm nothing":        &expense.Confirm{},
		"dispute nothing":        &expense.Dispute{},
		"pay oneself":            &expense.Payment{From: "a", To: "a", Amount: 1, Currency: "EUR", Exp: 2, Date: "2026-11-22"},
		"pay nothing":            &expense.Payment{From: "a", To: "b", Currency: "EUR", Exp: 2, Date: "2026-11-22"},
		"plan of no state":       &expense.Pinned{Lines: []expense.Line{line}},
		"plan backwards":         &expense.Pinned{Lines: []expense.Line{back}, State: someID},
		"plan to oneself":        &expense.Pinned{Lines: []expense.Line{self}, State: someID},
		"plan of many lines":     &expense.Pinned{Lines: slices.Repeat([]expense.Line{line}, 1001), State: someID},
		"open balance of 0":      &expense.Close{Open: []expense.Unsettled{{Member: "a", Currency: "EUR", Exp: 2}}},
		"many open balances":     &expense.Close{Open: make([]expense.Unsettled, 1001)},
		"reopen nothing":         &expense.Reopen{},
		"checkpoint nothing":     &expense.Checkpoint{},
		"long label":             &expense.Checkpoint{State: someID, Label: strings.Repeat("x", 129)},
		"recur of no entry":      &expense.Add{Amount: 1, Currency: "EUR", Exp: 2, Date: "2026-11-22", Payers: add.Payers, Split: add.Split, Shares: add.Shares, Recur: &expense.Occurrence{Date: "2026-11-22"}},
		"recur in the year 1":    recurring(func(b *expense.Recur) { b.Start = "0001-01-01" }),
		"recur in 2200":          recurring(func(b *expense.Recur) { b.Start = "2200-01-01" }),
		"recur on no day":        recurring(func(b *expense.Recur) { b.Start = "2026-02-30" }),
		"recur never":            recurring(func(b *expense.Recur) { b.Every = 0 }),
		"recur backwards":        recurring(func(b *expense.Recur) { b.Every = -1 }),
		"recur too rarely":       recurring(func(b *expense.Recur) { b.Every = 1001 }),
		"recur each hour":        recurring(func(b *expense.Recur) { b.Unit = "hour" }),
		"recur before it began":  recurring(func(b *expense.Recur) { b.Until = "2026-11-21" }),
		"recur -1 times":         recurring(func(b *expense.Recur) { b.Count = -1 }),
		"recur too often":        recurring(func(b *expense.Recur) { b.Count = 100_001 }),
		"recur unpaid":           recurring(func(b *expense.Recur) { b.Payers = nil }),
		"recur paid too little":  recurring(func(b *expense.Recur) { b.Payers[0].Amount-- }),
		"recur for nobody":       recurring(func(b *expense.Recur) { b.Split.Of[0].Amount, b.Split.Of[1].Amount = 0, 0 }),
		"recur for all and -1":   recurring(func(b *expense.Recur) { b.Split.Of[0].Amount = -1 }),
		"recur in other parts":   recurring(func(b *expense.Recur) { b.Split.Kind = expense.SplitEqual }),
		"recur to 3 percent":     recurring(func(b *expense.Recur) { b.Split.Kind = expense.SplitPercent }),
		"recur for 0.03":         recurring(func(b *expense.Recur) { b.Split.Kind = expense.SplitExact }),
		"recur with a long note": recurring(func(b *expense.Recur) { b.Note = strings.Repeat("x", 4097) }),
		"stop nothing":           &expense.Stop{Last: "2026-12-31"},
		"stop in the year 1":     &expense.Stop{Rule: someID, Last: "0001-01-01"},
		"stop on no day":         &expense.Stop{Rule: someID, Last: "soon"},
	} {
		if b.Check() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestUnknownFieldsOfABodyAreLeftToLaterVersions(t *testing.T) {
	data, _ := hex.DecodeString("a266726561736f6e617866746172676574" + "5820" + strings.Repeat("01", 32))
	if err := event.DecodeBody(data, new(expense.Void)); err != nil {
		t.Fatal(err)
	}
	more := append([]byte{0xa3, 0x61, 'a', 0x01}, data[1:]...)
	if err := event.DecodeBody(more, new(expense.Void)); err != nil {
		t.Errorf("a further field: %v", err)
	}
}

// What is accepted adds up, is written back as it came, and can be folded.
func FuzzBodies(f *testing.F) {
	kinds := expense.App().Kinds
	for i, k := range kinds {
		data, err := event.Marshal(bodies()[k.Type])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), data)
	}
	f.Fuzz(func(t *testing.T, n uint8, data []byte) {
		k := kinds[int(n)%len(kinds)]
		if len(data) > 60_000 {
			return // more than an event holds
		}
		r := newRoom()
		r.WriteRaw(alice, noon, "", k.Type, data)
		b := k.New()
		if event.DecodeBody(data, b) != nil {
			if r.Rows() != "" {
				t.Fatal("a malformed body was folded")
			}
			return
		}
		out, err := event.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		if err := event.DecodeBody(out, k.New()); err != nil {
			t.Fatalf("%x is written as %x: %v", data, out, err)
		}
		if add, ok := b.(*expense.Add); ok {
			sum := expense.Sum{}
			for _, s := range add.Shares {
				sum = sum.Add(s.Amount)
			}
			split, charged := map[string]bool{}, map[string]bool{}
			for _, w := range add.Split.Of {
				split[w.Name] = true
			}
			for _, s := range add.Shares {
				charged[s.Name] = true
			}
			want := 0 // the split names others than who is charged
			if maps.Equal(split, charged) && add.Restores.IsZero() && add.Recur == nil {
				want = 1
			}
			if sum != expense.SumOf(add.Amount) || count(t, r) != want {
				t.Fatalf("%+v counts %d times, not %d", add, count(t, r), want)
			}
		}
		aimed(t, r, k.Type, b)
		do[expense.ExportReply](t, r, alice, expense.ExportReq{What: expense.WhatEntries})
		do[expense.ClearReply](t, r, bob, expense.ClearReq{})
		if shown(t, r) != "" {
			t.Fatal("a balance is left")
		}
	})
}

// aimed writes a body once more, at an entry that is there, and looks at all of
// what comes of it.
func aimed(t *testing.T, r *apptest.Room, kind string, b event.Body) {
	t.Helper()
	e := r.Write(alice, noon, "", app.Draft{Type: "expense.add", Body: body(3000, "alice", "alice", "bob")})
	switch b := b.(type) {
	case *expense.Add:
		b.Restores = e.ID
	case *expense.Payment:
		b.Restores = e.ID
	case *expense.Replace:
		b.Targets = []event.ID{e.ID}
	case *expense.Void:
		b.Target = e.ID
	case *expense.Confirm:
		b.Target = e.ID
	case *expense.Dispute:
		b.Target = e.ID
	case *expense.Recur:
		b.Rule = event.ID{}
	case *expense.Stop:
		rule := recurring(func(b *expense.Recur) { b.Rule = event.ID{} })
		b.Rule = r.Write(alice, noon, "", app.Draft{Type: "expense.recur", Body: rule}).ID
	}
	r.Write(alice, noon, "", app.Draft{Type: kind, Body: b})
	if got := do[expense.RecurRunReply](t, r, alice, expense.RecurRunReq{}); len(got.Entries) > expense.MaxPass {
		t.Fatalf("%d entries at once", len(got.Entries))
	}
	do[expense.RecurListReply](t, r, alice, expense.RecurListReq{All: true}).Table()
	for _, e := range do[expense.ListReply](t, r, alice, expense.ListReq{All: true}).Entries {
		s := do[expense.ShowReply](t, r, alice, expense.ShowReq{Entry: e.ID.String(), Proof: true})
		if _, err := json.Marshal(s); err != nil {
			t.Fatal(err)
		}
		s.Note()
		s.Table()
	}
	sums := map[expense.Unit]expense.Sum{}
	for _, b := range do[expense.Sheet](t, r, alice, expense.BalanceReq{}).Balances {
		minor, err := expense.ParseAmount(b.Minor, 0)
		if err != nil {
			return // beyond one amount
		}
		sums[b.Unit] = sums[b.Unit].Add(minor)
	}
	for u, sum := range sums {
		if !sum.IsZero() {
			t.Fatalf("balances in %s sum to %s", u.Currency, sum.Format(u.Exp))
		}
	}
}

// recurring returns a rule with a change.
func recurring(change func(*expense.Recur)) *expense.Recur {
	b := bodies()["expense.recur"].(*expense.Recur)
	change(b)
	return b
}
