package exchange_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"intercom/expense"
	"intercom/expense/exchange"
)

func options() exchange.Options {
	return exchange.Options{Exponent: expense.Exponent, Name: expense.Name}
}

// divided returns the shares of a record, by the rule of the ledger where the
// file has none.
func divided(r exchange.Record) []exchange.Part {
	if r.Shares != nil {
		return r.Shares
	}
	weights := make([]expense.Weight, len(r.Of))
	for i, o := range r.Of {
		weights[i] = expense.Weight{Name: o.Name, N: o.Amount}
	}
	shares, err := expense.Shares(r.Amount, weights, expense.Seed{})
	if err != nil {
		panic(err)
	}
	out := make([]exchange.Part, len(shares))
	for i, s := range shares {
		out[i] = exchange.Part{Name: s.Name, Amount: s.Amount}
	}
	return out
}

type balances map[string]int64

// balancesOf adds records up, and fails where one does not add up.
func balancesOf(t testing.TB, records []exchange.Record) balances {
	t.Helper()
	sums := balances{}
	for _, r := range records {
		paid, owed := int64(0), int64(0)
		for _, p := range r.Payers {
			sums[fmt.Sprintf("%s %s%d", p.Name, r.Currency, r.Exp)] += p.Amount
			paid += p.Amount
		}
		for _, s := range divided(r) {
			sums[fmt.Sprintf("%s %s%d", s.Name, r.Currency, r.Exp)] -= s.Amount
			owed += s.Amount
		}
		if paid != r.Amount || owed != r.Amount {
			t.Fatalf("row %d: paid %d and owed %d of %d", r.Row, paid, owed, r.Amount)
		}
	}
	return sums
}

// String leaves out what is settled.
func (b balances) String() string {
	var out []string
	for k, v := range b {
		if v != 0 {
			out = append(out, fmt.Sprintf("%s %d", k, v))
		}
	}
	sort.Strings(out)
	return strings.Join(out, ", ")
}

func read(t testing.TB, name string, o exchange.Options) *exchange.File {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata/import", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	file, err := exchange.Read(f, o)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return file
}

// TestFilesOfOtherProgramsGiveTheBalancesThatTheyShow: the sums were worked out
// by hand from the files.
func TestFilesOfOtherProgramsGiveTheBalancesThatTheyShow(t *testing.T) {
	for _, c := range []struct {
		name, format, members, balances string
		records, payments, unclear      int
	}{
		{"splitwise-en.csv", "splitwise", "alice bob carol d", "alice EUR2 1999, alice JPY0 1200, bob EUR2 1000, bob JPY0 -1200, carol d EUR2 -2999", 5, 1, 1},
		{"splitwise-de.csv", "splitwise", "alice bob", "", 2, 1, 0},
		{"splitwise-fr.csv", "splitwise", "zoë bob", "bob EUR2 -460, zoë EUR2 460", 2, 1, 0},
		{"splitwise-es.csv", "splitwise", "ana luis", "", 2, 1, 0},
		{"splitwise-it.csv", "splitwise", "ana luis", "", 2, 1, 0},
		{"splitwise-nl.csv", "splitwise", "ana luis", "", 2, 1, 0},
		{"splitwise-pt.csv", "splitwise", "ana luis", "", 2, 1, 0},
		{"splitwise-pl.csv", "splitwise", "ana luis", "", 2, 1, 0},
		// Dinner's odd cent is with alice for a seed of zeros.
		{"spliit.csv", "spliit", "alice bob carol", "alice EUR2 -1333, bob EUR2 2167, carol EUR2 -834", 5, 0, 1},
		{"spliit.json", "spliit-json", "alice bob", "alice EUR2 -2400, bob EUR2 2400", 4, 1, 0},
		{"ihatemoney.csv", "ihatemoney", "alice bob carol", "alice EUR2 1500, alice JPY0 -600, bob EUR2 -500, bob JPY0 -600, carol EUR2 -1000, carol JPY0 1200", 3, 1, 0},
		{"ihatemoney-old.csv", "ihatemoney", "alice bob", "alice XXX2 400, bob XXX2 -400", 2, 0, 0},
		{"cospend.csv", "cospend", "alice bob carol", "alice EUR2 500, bob EUR2 -900, carol EUR2 400", 3, 1, 0},
		{"entries.jsonl", "jsonl", "alice bob carol", "alice EUR2 3125, bob EUR2 -500, carol EUR2 -2625", 5, 1, 0},
		{"focus.jsonl", "jsonl", "alice bob", "alice EUR2 4000, bob EUR2 -4000", 1, 0, 0},
		{"list.json", "json", "alice bob", "alice EUR2 3, bob EUR2 -3", 1, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := read(t, c.name, options())
			var members []string
			for _, m := range f.Members {
				members = append(members, m.Name)
			}
			payments := 0
			for _, r := range f.Records {
				if r.Kind == exchange.Payment {
					payments++
				}
			}
			got := balancesOf(t, f.Records)
			if f.Format != c.format || strings.Join(members, " ") != c.members || len(f.Records) != c.records || payments != c.payments ||
				len(f.Unclear) != c.unclear || got.String() != c.balances {
				t.Errorf("%s: members %q, %d records, %d payments, balances %q\nunclear %v\nnotes %v",
					f.Format, strings.Join(members, " "), len(f.Records), payments, got, f.Unclear, f.Notes)
			}
		})
	}
}

// TestWhatAFileDoesNotTellIsSaid names the lines.
func TestWhatAFileDoesNotTellIsSaid(t *testing.T) {
	f := read(t, "splitwise-en.csv", options())
	if got := fmt.Sprint(f.Unclear); got != "[line 7: nobody is owed anything of 3.00 EUR, so it cannot be told who paid it]" {
		t.Error(got)
	}
	if got := fmt.Sprint(f.Notes); !strings.Contains(got, "line 4: 2 members are owed, so who paid how much of 40.00 is lost") {
		t.Error(got)
	}
	if note := f.Records[4].Note; note != "=HYPERLINK(1)" {
		t.Errorf("the guard of a formula stayed: %q", note)
	}
	f = read(t, "spliit.csv", options())
	if got := fmt.Sprint(f.Unclear); !strings.Contains(got, "line 4: who paid 5.00 EUR has no share of it, and may be any of bob, carol") {
		t.Error(got)
	}
}

// refusals are files that nobody may read by guessing.
var refusals = []struct{ name, text, want string }{
	{"empty", "", "line 1: the file is empty"},
	{"unknown", "a,b\n1,2\n", "line 1: the columns are those of no format that is known"},
	{"latin 1", "Date,Description,Category,Cost,Currency,A\n2026-03-01,D\xeener,x,1,EUR,0\n", "line 2: not UTF-8"},
	{"UTF-16", "\xff\xfeD\x00", "line 1: the file is UTF-16"},
	{"NUL", "what,amount,date,payer_name,owers\na\x00,1,2026-01-01,a,b\n", "line 2: there is a NUL byte"},
	{"quote", "Date,Description,Category,Cost,Currency,A,B\n\n2026-03-01,\"x,y,1,EUR,1,-1\n", "a quote is not closed"},
	{"off by a cent", "Date,Description,Category,Cost,Currency,A,B\n2026-03-01,x,y,1.00,EUR,1.00,-0.99\n",
		"line 2: what the members paid and owe differs by 0.01 EUR, not 0"},
	{"more than the cost", "Date,Description,Category,Cost,Currency,A,B\n2026-03-01,x,y,1.00,EUR,2.00,-2.00\n",
		"line 2: members are owed 2.00, 1.00 more than the cost"},
	{"two styles", "Date,Description,Category,Cost,Currency,A,B\n2026-03-01,x,y,1.00,EUR,\"0,50\",\"-0,50\"\n",
		`line 2: decimals are written in two ways: "0,50" here, "1.00" in line 2`},
	{"thousands or decimals", "Date,Description,Category,Cost,Currency,A,B\n2026-03-01,x,y,\"1,500\",KWD,\"1,500\",\"-1,500\"\n",
		`line 2: "1,500" may be decimals or thousands`},
	{"too many decimals", "Date,Description,Category,Cost,Currency,A,B\n2026-03-01,x,y,1.005,EUR,1.005,-1.005\n",
		"line 2: 1.005 has 3 decimals, not up to 2"},
	{"exponent", "what,amount,date,payer_name,owers\nx,1e3,2026-03-01,a,b\n", `line 2: "1e3" is not a plain number`},
	{"hexadecimal", "what,amount,date,payer_name,owers\nx,0x10,2026-03-01,a,b\n", `line 2: "0x10" is not a plain number`},
	{"no date", "what,amount,date,payer_name,owers\nx,1,31.03.2026,a,b\n", `line 2: date "31.03.2026" is not YYYY-MM-DD`},
	{"no day", "what,amount,date,payer_name,owers\nx,1,2026-02-30,a,b\n", `line 2: date "2026-02-30" is not YYYY-MM-DD`},
	{"currency", "what,amount,currency,date,payer_name,owers\nx,1,$,2026-03-01,a,b\n", `line 2: currency "$" is no code such as EUR`},
	{"one name", "Date,Description,Category,Cost,Currency,Ann,ANN\n2026-03-01,x,y,1,EUR,1,-1\n", `line 1: members "Ann" and "ANN" would both be "ann"`},
	{"more cells", "Date,Description,Category,Cost,Currency,A,B\n2026-03-01,x,y,1,EUR,1,-1,0\n", "line 2: 8 cells under 7 columns"},
	{"percent", `{"currencyCode":"EUR","participants":[{"id":"a","name":"a"}],"expenses":[` + "\n" +
		`{"expenseDate":"2026-03-01","title":"x","amount":100,"paidById":"a","splitMode":"BY_PERCENTAGE","paidFor":[{"participantId":"a","shares":9900}]}]}`,
		`line 2: expense 1, "x": the percentages add up to 99.00, not 100`},
	{"amounts", `{"currencyCode":"EUR","participants":[{"id":"a","name":"a"}],"expenses":[` +
		`{"expenseDate":"2026-03-01","title":"x","amount":52434,"paidById":"a","splitMode":"BY_AMOUNT","paidFor":[{"participantId":"a","shares":52435}]}]}`,
		"shares add up to 524.35, the amount is 524.34: 0.01 over"},
	{"JSON", "{\"payer\":\"a\",\"amount\":1}\n{\"payer\"\n", "line 2: no JSON as expected"},
	{"JSON without split", `{"payer":"a","amount":1,"date":"2026-03-01"}`, "line 1: split is missing"},
	{"JSON amount", `{"payer":"a","amount":1e3,"date":"2026-03-01","split":["a"]}`, `line 1: "1e3" is not a plain number`},
	{"JSON amount of another type", `{"payer":"a","amount":true,"date":"2026-03-01","split":["a"]}`, "line 1: "},
	{"plan", `{"channel":"trip","eventCount":1,"totals":[],"balances":[],"settlements":[]}`, "line 1: no entries in it"},
	{"bill type", "what,bill_type,amount,date,payer_name,owers\nx,Loan,1,2026-03-01,a,b\n", `line 2: bill type "loan" is neither`},
	{"by amount", "Date,Description,Cost,Is Reimbursement,Split mode,a,b\n2026-03-01,x,5.00,No,Unevenly – By amount,2,-2\n",
		"line 2: shares add up to 4.00, the amount is 5.00: 1.00 missing"},
}

func TestMalformedFilesAreRefusedAsAWholeWithTheirLines(t *testing.T) {
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			file, err := exchange.Read(strings.NewReader(c.text), options())
			if file != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, %v", file, err)
			}
			if _, ok := errors.AsType[*exchange.Error](err); !ok {
				t.Errorf("%T", err)
			}
		})
	}
}

func TestTheCallerTellsWhatAFileLacks(t *testing.T) {
	o := options()
	o.Currency, o.Rename, o.Weights = "USD", map[string]string{"Ann": "anna"}, map[string]string{"bob": "1.5"}
	f, err := exchange.Read(strings.NewReader("what,amount,currency,date,payer_name,payer_weight,owers\nx,5,$,2026-03-01,Ann,1,\"Ann, bob\"\n"), o)
	if err != nil {
		t.Fatal(err)
	}
	r := f.Records[0]
	if r.Currency != "USD" || r.Payers[0].Name != "anna" || r.Split != exchange.Shares || !slices.Equal(r.Of, []exchange.Part{{Name: "anna", Amount: 2}, {Name: "bob", Amount: 3}}) {
		t.Errorf("%+v", r)
	}
	o.Weights = nil
	f, err = exchange.Read(strings.NewReader("what,amount,date,payer_name,payer_weight,owers\nx,5,2026-03-01,Ann,2,\"Ann, bob\"\n"), o)
	if err != nil || len(f.Records) != 0 || !strings.Contains(fmt.Sprint(f.Unclear), "line 2: the file does not tell the weight of bob") {
		t.Errorf("%v, %v", f, err)
	}
}

func TestAFileOfEmptyCellsIsRefused(t *testing.T) {
	for _, format := range exchange.Readable() {
		o := options()
		o.Format = format
		for _, text := range []string{",\n,,\n", "'\n", "\"\"\n", "{}", "[1]"} {
			if file, err := exchange.Read(strings.NewReader(text), o); err == nil && len(file.Records) > 0 {
				t.Errorf("%s: %q gives %v", format, text, file.Records)
			}
		}
	}
}

func TestLimitsOfAFile(t *testing.T) {
	wide := "Date,Description,Category,Cost,Currency" + strings.Repeat(",x", 2000) + "\n"
	if _, err := exchange.Read(strings.NewReader(wide), options()); err == nil || !strings.Contains(err.Error(), "cells, at most") {
		t.Error(err)
	}
	large := strings.NewReader(strings.Repeat("x", exchange.MaxFile+1))
	if _, err := exchange.Read(large, options()); err == nil || !strings.Contains(err.Error(), "the file has more than") {
		t.Error(err)
	}
}

// TestALongerExportHasNewItemsForItsNewRowsAlone: between the files of one name
// two rows were added, one between old ones and one that says what an old one
// says; and members joined or got other weights, or a row with an id was
// changed.
func TestALongerExportHasNewItemsForItsNewRowsAlone(t *testing.T) {
	for _, name := range []string{"splitwise-en.csv", "spliit.csv", "spliit.json", "ihatemoney.csv", "cospend.csv", "entries.jsonl", "list.json"} {
		items := func(f *exchange.File) map[[32]byte]bool {
			all := map[[32]byte]bool{}
			for _, r := range f.Records {
				all[r.Item] = true
			}
			if len(all) != len(f.Records) {
				t.Errorf("%s: %d items of %d rows", name, len(all), len(f.Records))
			}
			return all
		}
		o := options()
		old := items(read(t, name, o))
		// Somebody else calls a member otherwise here.
		o.Rename = map[string]string{"Alice": "ann", "alice": "ann"}
		longer := items(read(t, "longer/"+name, o))
		added := 0
		for item := range longer {
			if !old[item] {
				added++
			}
		}
		want := 2
		if name == "spliit.json" { // one new, one changed
			want = 1
		}
		if added != want || len(longer) != len(old)+want {
			t.Errorf("%s: %d rows, then %d, of which %d are new", name, len(old), len(longer), added)
		}
	}
}

func TestEntriesThatDoNotCountAreNotReadAgain(t *testing.T) {
	for _, status := range []string{"pending", "denied", "void", "replaced", "conflict", "duplicate", "stopped"} {
		line := `{"date":"2026-03-01","payer":"a","amount":"1.00","currency":"EUR","split":["b"],"note":"n"`
		text := line + "}\n" + line + `,"status":"` + status + "\"}\n"
		f, err := exchange.Read(strings.NewReader(text), options())
		if err != nil || len(f.Records) != 1 || len(f.Notes) != 1 {
			t.Errorf("%s: %v, %+v", status, err, f)
		}
	}
}
