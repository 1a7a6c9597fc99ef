package exchange_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"intercom/expense"
	"intercom/expense/exchange"
)

var update = flag.Bool("update", false, "write the golden files")

// written returns a file of records.
func written(format string, records []exchange.Record, o exchange.WriteOptions) (string, error) {
	var members []string
	for _, r := range records {
		for _, p := range append(slices.Clone(r.Payers), r.Shares...) {
			if !slices.Contains(members, p.Name) {
				members = append(members, p.Name)
			}
		}
	}
	o.Members, o.Count, o.Today, o.Exponent = members, len(records), "2026-03-09", expense.Exponent
	var b bytes.Buffer
	w, err := exchange.NewWriter(format, &b, o)
	if err != nil {
		return "", err
	}
	for _, r := range records {
		if err := w.Write(r); err != nil {
			return "", err
		}
	}
	err = w.Close()
	return b.String(), err
}

func parts(of ...any) (out []exchange.Part) {
	for i := 0; i < len(of); i += 2 {
		out = append(out, exchange.Part{Name: of[i].(string), Amount: int64(of[i+1].(int))})
	}
	return out
}

// sample is the room of the golden files: names and notes that every format
// has to be careful with, several payers, income, payments.
func sample(currencies bool) []exchange.Record {
	euro := func(r exchange.Record) exchange.Record {
		r.Currency, r.Exp = "EUR", 2
		if r.Kind == "" {
			r.Kind = exchange.Expense
		}
		if r.Split == "" {
			r.Split, r.Of = exchange.Exact, r.Shares
		}
		return r
	}
	records := []exchange.Record{
		euro(exchange.Record{ID: "7f3a9c0000000001", Date: "2026-03-01", Note: "dinner", Category: "food", Amount: 3000,
			Payers: parts("alice", 3000), Shares: parts("alice", 1000, "bob", 1000, "carol d", 1000), Split: exchange.Equal, Of: parts("alice", 1, "bob", 1, "carol d", 1)}),
		euro(exchange.Record{ID: "7f3a9c0000000002", Date: "2026-03-02", Note: "=HYPERLINK(\"http://x\"); \"two\"\nlines", Category: "a:b, c", Tags: []string{"trip", "x,y"},
			Amount: 1001, Payers: parts("alice", 501, "bob", 500), Shares: parts("bob", 334, "carol d", 333, "=zoë (a)", 334)}),
		euro(exchange.Record{ID: "7f3a9c0000000003", Kind: exchange.Payment, Date: "2026-03-03", Amount: 500, Payers: parts("bob", 500), Shares: parts("alice", 500)}),
		euro(exchange.Record{ID: "7f3a9c0000000004", Date: "2026-02-28", Note: "* refund", Amount: -600, Payers: parts("carol d", -600), Shares: parts("alice", -300, "bob", -300)}),
		euro(exchange.Record{ID: "7f3a9c0000000005", Date: "2026-03-04", Note: "own coffee", Amount: 300, Payers: parts("bob", 300), Shares: parts("bob", 300)}),
		euro(exchange.Record{ID: "7f3a9c0000000006", Date: "2026-03-05", Note: "hotel", Amount: 9000, Payers: parts("渡辺", 9000), Shares: parts("渡辺", 4500, "alice", 4500),
			Rate: &exchange.Rate{Currency: "USD", Exp: 2, Amount: 9810}}),
	}
	if currencies {
		records = append(records,
			exchange.Record{ID: "7f3a9c0000000007", Kind: exchange.Expense, Date: "2026-03-06", Note: "ramen", Currency: "JPY", Amount: 1200,
				Payers: parts("渡辺", 1200), Split: exchange.Equal, Of: parts("bob", 1, "渡辺", 1), Shares: parts("bob", 600, "渡辺", 600)},
			exchange.Record{ID: "7f3a9c0000000008", Kind: exchange.Expense, Date: "2026-03-07", Note: "taxi", Currency: "KWD", Exp: 3, Amount: 1501,
				Payers: parts("bob", 1501), Split: exchange.Equal, Of: parts("alice", 1, "bob", 1), Shares: parts("alice", 751, "bob", 750)})
	}
	return records
}

// single formats hold one currency.
var single = []string{exchange.SpliitJSON, exchange.Cospend}

func TestGoldenFilesOfEveryFormat(t *testing.T) {
	golden := func(name, format string, o exchange.WriteOptions) {
		t.Run(name, func(t *testing.T) {
			o.Room = "trip-nyc"
			got, err := written(format, sample(!slices.Contains(single, format)), o)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata/export", name)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(path); err != nil || string(want) != got {
				t.Errorf("%s is otherwise (%v): go test ./expense/exchange -run Golden -update\n%s", path, err, got)
			}
		})
	}
	for _, format := range exchange.Writable() {
		golden("room."+format, format, exchange.WriteOptions{})
		if exchange.TakesAs(format) {
			golden("alice."+format, format, exchange.WriteOptions{As: "alice"})
		}
	}
	golden("raw.csv", exchange.CSV, exchange.WriteOptions{Raw: true})
}

// nastyNames are members as others may write them.
var nastyNames = []string{
	"alice", "bob", "carol d", "carol-d", "zoë", "渡辺", "(a)", "[b]", "a:b", "a;b", "a_b", "=1+1", "'=x", "-x", "@x", "x  y", "x y",
	"\"q\"", "back\\slash", "true", "null", "{brace}", "#tag", "*", "!", "9lives", "Ünï", "a|b", "e\u0301", "ﬁ", "ǆ", "x\u00a0z", "%d", "cash", "other",
}

// randomRoom draws records that a room can hold.
func randomRoom(t *rapid.T, names, currencies []string) []exchange.Record {
	name := rapid.SampledFrom(names)
	notes := rapid.SampledFrom([]string{"", "dinner", "=cmd()", "'=x", "* x", "(code) y", "a;b", "a  b", "x | y", "two\nlines", "[2026-13-45]", "k: v", "\"q\"", "\\", "@ 3 EUR", "{", "'", "{= 1 EUR}", "渡"})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) exchange.Record {
		currency := rapid.SampledFrom(currencies).Draw(t, "currency")
		r := exchange.Record{
			ID: fmt.Sprintf("%016x", rapid.Uint64().Draw(t, "id")), Kind: exchange.Expense, Currency: currency, Exp: expense.Exponent(currency), Split: exchange.Exact,
			Date: rapid.SampledFrom([]string{"2026-03-01", "2026-02-28", "1999-12-31", "0001-01-01", "9999-12-31", "1500-06-01"}).Draw(t, "date"),
			Note: notes.Draw(t, "note"), Category: notes.Draw(t, "category"),
		}
		if rapid.IntRange(0, 3).Draw(t, "payment") == 0 {
			two := rapid.SliceOfNDistinct(name, 2, 2, rapid.ID).Draw(t, "two")
			r.Kind, r.Amount = exchange.Payment, rapid.Int64Range(1, 1_000_000).Draw(t, "amount")
			r.Payers, r.Shares = []exchange.Part{{Name: two[0], Amount: r.Amount}}, []exchange.Part{{Name: two[1], Amount: r.Amount}}
			r.Of = r.Shares
			return r
		}
		sign := rapid.SampledFrom([]int64{1, 1, 1, -1}).Draw(t, "sign")
		for _, n := range rapid.SliceOfNDistinct(name, 1, 5, rapid.ID).Draw(t, "sharers") {
			r.Shares = append(r.Shares, exchange.Part{Name: n, Amount: sign * rapid.Int64Range(1, 100_000).Draw(t, "share")})
		}
		for _, s := range r.Shares {
			r.Amount += s.Amount
		}
		left := r.Amount
		payers := rapid.SliceOfNDistinct(name, 1, 3, rapid.ID).Draw(t, "payers")
		for i, n := range payers {
			part := left
			if i < len(payers)-1 {
				part = sign * rapid.Int64Range(0, left*sign).Draw(t, "paid")
			}
			if left -= part; part != 0 {
				r.Payers = append(r.Payers, exchange.Part{Name: n, Amount: part})
			}
		}
		r.Of = r.Shares
		return r
	}), 1, 12).Draw(t, "room")
}

// TestExportThenImportGivesTheSameBalances for every format that is read.
func TestExportThenImportGivesTheSameBalances(t *testing.T) {
	names := []string{"alice", "bob", "carol d", "zoë", "渡辺", "(a)", "a:b", "=1+1", "'=x", "-x", "@x", "\"q\"", "a;b"}
	for _, format := range exchange.Readable() {
		t.Run(format, func(t *testing.T) {
			currencies := []string{"EUR", "JPY", "KWD", "XXX", "POINTS"}
			if slices.Contains(single, format) {
				currencies = []string{"KWD"}
			}
			rapid.Check(t, func(t *rapid.T) {
				room := randomRoom(t, names, currencies)
				if format == exchange.SpliitCSV {
					shared(room)
				}
				text, err := written(format, room, exchange.WriteOptions{Room: "r"})
				if err != nil {
					t.Fatal(err)
				}
				if got := exchange.Detect(text); got != format {
					t.Fatalf("taken for %q:\n%s", got, text)
				}
				file, err := exchange.Read(strings.NewReader(text), options())
				if err != nil {
					t.Fatalf("%v\n%s", err, text)
				}
				if format != exchange.Splitwise && len(file.Unclear) > 0 {
					t.Fatalf("unclear: %v\n%s", file.Unclear, text)
				}
				want, got := sums(room), sums(file.Records)
				if want != got {
					t.Fatalf("written %s\nread    %s\n%s", want, got, text)
				}
			})
		})
	}
}

// shared lets those pay who have a share: spliit's CSV does not tell others.
func shared(room []exchange.Record) {
	for i := range room {
		r := &room[i]
		r.Kind, r.Payers = exchange.Expense, []exchange.Part{{Name: r.Shares[0].Name, Amount: r.Amount}}
	}
}

// sums is balancesOf without a test.
func sums(records []exchange.Record) string {
	b := balances{}
	for _, r := range records {
		for _, p := range r.Payers {
			b[fmt.Sprintf("%s %s%d", p.Name, r.Currency, r.Exp)] += p.Amount
		}
		for _, s := range divided(r) {
			b[fmt.Sprintf("%s %s%d", s.Name, r.Currency, r.Exp)] -= s.Amount
		}
	}
	return b.String()
}

// TestNoCellRunsAsAFormula in the files that spreadsheets open.
func TestNoCellRunsAsAFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		room := randomRoom(t, nastyNames, []string{"EUR"})
		for _, format := range []string{exchange.CSV, exchange.Splitwise, exchange.SpliitCSV, exchange.Ihatemoney, exchange.Cospend} {
			text, err := written(format, room, exchange.WriteOptions{Room: "r"})
			if err != nil {
				t.Fatal(err)
			}
			for _, cell := range cellsOf(t, text) {
				if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) && strings.Trim(cell, "-.0123456789") != "" {
					t.Fatalf("%s has the cell %q", format, cell)
				}
			}
		}
	})
}
