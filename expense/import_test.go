package expense_test

import (
	"strings"
	"testing"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
)

// row is an entry of 30.00 that alice paid for alice and bob, of a row of a file.
func row(n int64) expense.ImportEntry {
	return expense.ImportEntry{
		Date: "2026-03-01", Amount: "30", Currency: "eur", Note: "dinner", Category: "food", Tags: []string{"trip"},
		Payers: []expense.ImportPart{{Member: "Alice", Amount: "30"}},
		Inputs: []expense.Input{{Member: "Alice", N: "1"}, {Member: "bob", N: "1"}},
		Source: &expense.Origin{Format: "splitwise", SHA256: event.ID{7}, Row: n},
	}
}

func TestASecondImportAddsNothingWhoeverRepeatsIt(t *testing.T) {
	r := newRoom()
	in := expense.ImportReq{Entries: []expense.ImportEntry{row(2), row(3), row(3)}}
	first := do[expense.ImportReply](t, r, alice, in)
	if first.Added != 2 || first.Duplicates != 1 || !first.Results[2].Duplicate || first.Results[2].Entry != first.Results[1].Entry {
		t.Errorf("%+v", first)
	}
	for i, w := range []apptest.Writer{alice, bob} {
		in.Entries = []expense.ImportEntry{row(2), row(4), row(3)}
		if again := do[expense.ImportReply](t, r, w, in); again.Added != 1-i || again.Results[0].Entry != first.Results[0].Entry {
			t.Errorf("%+v", again)
		}
	}
	if got := shown(t, r); got != "alice 45.00, bob -45.00" {
		t.Error(got)
	}
}

func TestTwoWhoImportOneFileApartCountItOnce(t *testing.T) {
	here, there := newRoom(), newRoom()
	in := expense.ImportReq{Entries: []expense.ImportEntry{row(2), row(3)}}
	do[expense.ImportReply](t, here, alice, in)
	do[expense.ImportReply](t, there, bob, in)
	here.Pull(there)
	there.Pull(here)
	for _, r := range []*apptest.Room{here, there} {
		if got := shown(t, r); got != "alice 30.00, bob -30.00" {
			t.Error(got)
		}
		if again := do[expense.ImportReply](t, r, alice, in); again.Added != 0 {
			t.Errorf("%+v", again)
		}
	}
}

func TestAnImportIsAddedAsAWholeOrNotAtAll(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*expense.ImportEntry)
		want   string
	}{
		"payers":  {func(e *expense.ImportEntry) { e.Payers[0].Amount = "29" }, "entry 2: "},
		"shares":  {func(e *expense.ImportEntry) { e.Shares = []expense.ImportPart{{Member: "bob", Amount: "29"}} }, "entry 2: "},
		"amount":  {func(e *expense.ImportEntry) { e.Amount = "1e3" }, "entry 2: amount"},
		"date":    {func(e *expense.ImportEntry) { e.Date = "2026-02-30" }, "entry 2: date"},
		"name":    {func(e *expense.ImportEntry) { e.Payers[0].Member = "a,b" }, "entry 2: payers"},
		"percent": {func(e *expense.ImportEntry) { e.Kind = "percent" }, "entry 2: percents sum to 2, not 100"},
		"payment": {func(e *expense.ImportEntry) { e.Type = "payment" }, "entry 2: a payment is of one member to one other"},
		"exp":     {func(e *expense.ImportEntry) { n := 9; e.Exp = &n }, "entry 2: exp"},
	} {
		r := newRoom()
		bad := row(3)
		c.change(&bad)
		_, _, err := r.Do(alice, noon, expense.ImportReq{Entries: []expense.ImportEntry{row(2), bad}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if n := count(t, r); n != 0 {
			t.Errorf("%s: %d entries", name, n)
		}
	}
	r := newRoom()
	for _, n := range []int{0, expense.MaxImport + 1} {
		_, _, err := r.Do(alice, noon, expense.ImportReq{Entries: make([]expense.ImportEntry, n)})
		if e := wire.AsError(err); e == nil || e.Code != wire.TooLarge {
			t.Errorf("%d entries: %v", n, err)
		}
	}
}

func TestWhatIsImportedKeepsAllOfIt(t *testing.T) {
	r := newRoom()
	paid := expense.ImportEntry{Type: "payment", Date: "2026-03-02", Amount: "5", Currency: "EUR", Kind: "exact",
		Payers: []expense.ImportPart{{Member: "bob", Amount: "5"}}, Inputs: []expense.Input{{Member: "alice", N: "5"}}}
	back := row(5)
	back.Amount, back.Payers[0].Amount = "-0.05", "-0.05"
	back.Rate = &expense.ImportRate{Amount: "-6", Currency: "JPY"}
	first := row(2)
	first.For, first.Files = "Bob", []expense.Attachment{{SHA256: event.ID{9}, Size: 5, Name: "bill.txt"}}
	do[expense.ImportReply](t, r, alice, expense.ImportReq{Entries: []expense.ImportEntry{first, paid, back}})
	list := do[expense.ListReply](t, r, alice, expense.ListReq{}).Entries
	if e := list[0]; e.Category != "food" || e.Tags[0] != "trip" || e.Source == nil || e.Source.Row != 2 || e.Kind != "equal" || e.Payer != "alice" ||
		e.For != "bob" || len(e.Attachments) != 1 || e.Attachments[0] != first.Files[0] {
		t.Errorf("%+v", e)
	}
	if e := list[1]; e.Type != "payment" || e.Payer != "bob" || e.Split[0] != "alice" {
		t.Errorf("%+v", e)
	}
	if e := list[2]; e.Amount != "-0.05" || e.Rate.Amount != "-6" {
		t.Errorf("%+v", e)
	}
}

// TestALongerFileAddsItsNewRowsAlone: the rows of another file that are the
// same rows count once, whoever adds them, and whether they were added before
// rows had items.
func TestALongerFileAddsItsNewRowsAlone(t *testing.T) {
	item := func(n int64, file, item byte) expense.ImportEntry {
		e := row(n)
		e.Source.SHA256, e.Source.Item = event.ID{file}, event.ID{item}
		return e
	}
	here, there := newRoom(), newRoom()
	do[expense.ImportReply](t, here, alice, expense.ImportReq{Entries: []expense.ImportEntry{item(2, 1, 1), item(3, 1, 2)}})
	longer := expense.ImportReq{Entries: []expense.ImportEntry{item(2, 9, 3), item(3, 9, 1), item(4, 9, 2), item(5, 9, 3)}}
	apart := do[expense.ImportReply](t, there, bob, longer)
	if apart.Added != 3 || apart.Results[3].Entry != apart.Results[0].Entry {
		t.Errorf("apart: %+v", apart)
	}
	if got := do[expense.ImportReply](t, here, alice, longer); got.Added != 1 || got.Results[0].Duplicate || !got.Results[1].Duplicate {
		t.Errorf("longer: %+v", got)
	}
	sameState(t, here, there)
	if got := shown(t, here); got != "alice 45.00, bob -45.00" {
		t.Errorf("after they met: %s", got)
	}
	old := newRoom()
	do[expense.ImportReply](t, old, alice, expense.ImportReq{Entries: []expense.ImportEntry{item(2, 1, 0), item(3, 1, 0)}})
	again := do[expense.ImportReply](t, old, bob, expense.ImportReq{Entries: []expense.ImportEntry{item(2, 1, 1), item(3, 1, 2), item(4, 1, 3)}})
	if again.Added != 1 {
		t.Errorf("a file that was added before: %+v", again)
	}
}
