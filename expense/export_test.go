package expense_test

import (
	"encoding/csv"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\nnot\n%s", name, got, want)
	}
}

// exportRooms are rooms as they are exported: empty, as the original's were,
// of one and of several currencies, and of texts that mean harm.
func exportRooms(t *testing.T) map[string]*apptest.Room {
	plain := apptest.Named(expense.App(), "trip-nyc")
	// The entries of a recorded conversation with the original.
	add(t, plain, alice, "alice", "30", "alice,bob,carol")
	add(t, plain, alice, "bob", "12.50", "alice,bob")
	add(t, plain, bob, "carol", "1000.02", "carol,alice,bob")

	mixed := apptest.Named(expense.App(), "trip")
	for i, in := range []expense.AddReq{
		{Payer: "alice", Amount: "30.25", Currency: "EUR", Split: []string{"bob"}, Note: "dinner"},
		{Payer: "bob", Amount: "4000", Currency: "JPY", Split: []string{"alice"}, Note: "taxi"},
	} {
		if _, _, err := mixed.Do(alice, noon.Add(time.Duration(i)*time.Minute), in); err != nil {
			t.Fatal(err)
		}
	}

	euro := apptest.Named(expense.App(), "trip")
	if _, _, err := euro.Do(alice, noon, expense.AddReq{Payer: "alice", Amount: "4", Currency: "EUR", Split: []string{"bob"}}); err != nil {
		t.Fatal(err)
	}

	hostile := apptest.Named(expense.App(), "=room")
	b := body(1000, "=cmd", `a"b`, "c\u202ed", "x,y")
	b.Note = "-1+1\nsecond line"
	hostile.Write(alice, noon, "", app.Draft{Type: "expense.add", Body: b})
	return map[string]*apptest.Room{
		"empty": apptest.Named(expense.App(), "trip-nyc"), "plain": plain, "mixed": mixed, "euro": euro, "hostile": hostile,
	}
}

func TestExportsAreTheGoldenOnes(t *testing.T) {
	for name, r := range exportRooms(t) {
		for _, what := range []string{"plan", "entries", "balances"} {
			for format, ext := range map[string]string{"text": "txt", "csv": "csv", "json": "json"} {
				reply := do[expense.ExportReply](t, r, alice, expense.ExportReq{What: what, Format: format})
				golden(t, name+"-"+what+"."+ext, reply.Data)
				if format != "csv" {
					continue
				}
				rows, err := csv.NewReader(strings.NewReader(reply.Data)).ReadAll()
				if err != nil || len(rows) == 0 {
					t.Errorf("%s %s: %v", name, what, err)
				}
			}
		}
	}
}

// What the original answered for a room of the same balances and plan.
func TestThePlanOfAPlainRoomIsTheOriginalsByteForByte(t *testing.T) {
	r := apptest.Named(expense.App(), "tr-exp-mwrkyhye")
	for format, want := range map[string]string{
		"text": "InterSplit Settlement Export\nchannel: tr-exp-mwrkyhye\nevents: 0\ntotal: 0.00\nsettlements:\n- none",
		"csv":  "from,to,amount",
		"json": "{\n  \"channel\": \"tr-exp-mwrkyhye\",\n  \"eventCount\": 0,\n  \"totalCents\": 0,\n  \"balances\": [],\n  \"settlements\": []\n}",
	} {
		if got := do[expense.ExportReply](t, r, alice, expense.ExportReq{Format: format}).Data; got != want {
			t.Errorf("empty %s: %q, not %q", format, got, want)
		}
	}
	write := func(payer string, amount int64, shares ...expense.Part) {
		b := body(amount, payer, "alice")
		b.Shares, b.Split.Of = shares, shares
		r.Write(alice, noon, "", app.Draft{Type: "expense.add", Body: b})
	}
	part := func(n string, a int64) expense.Part { return expense.Part{Name: n, Amount: a} }
	// With the original's odd cents: they go to the first of the split.
	write("alice", 3000, part("alice", 1000), part("bob", 1000), part("carol", 1000))
	write("bob", 1250, part("alice", 625), part("bob", 625))
	write("carol", 100001, part("carol", 33334), part("alice", 33334), part("bob", 33333))
	for format, want := range map[string]string{
		// Lines by payer; the original had the largest first.
		"text": "InterSplit Settlement Export\nchannel: tr-exp-mwrkyhye\nevents: 3\ntotal: 1042.51\nsettlements:\n- alice -> carol: 319.59\n- bob -> carol: 337.08",
		"csv":  "from,to,amount\nalice,carol,319.59\nbob,carol,337.08",
		"json": "{\n  \"channel\": \"tr-exp-mwrkyhye\",\n  \"eventCount\": 3,\n  \"totalCents\": 104251,\n  \"balances\": [\n" +
			"    {\n      \"member\": \"alice\",\n      \"cents\": -31959\n    },\n    {\n      \"member\": \"bob\",\n      \"cents\": -33708\n    },\n" +
			"    {\n      \"member\": \"carol\",\n      \"cents\": 65667\n    }\n  ],\n  \"settlements\": [\n" +
			"    {\n      \"from\": \"alice\",\n      \"to\": \"carol\",\n      \"amountCents\": 31959\n    },\n" +
			"    {\n      \"from\": \"bob\",\n      \"to\": \"carol\",\n      \"amountCents\": 33708\n    }\n  ]\n}",
	} {
		if got := do[expense.ExportReply](t, r, alice, expense.ExportReq{Format: format}).Data; got != want {
			t.Errorf("%s: %s\nnot\n%s", format, got, want)
		}
	}
}

func TestExportTakesAFormatAsTheOriginalDid(t *testing.T) {
	r := newRoom()
	for in, want := range map[string]string{"": "text", "xml": "text", "CSV": "csv", "Json": "json", " text ": "text"} {
		if got := do[expense.ExportReply](t, r, alice, expense.ExportReq{Format: in}); got.Format != want || got.What != "plan" {
			t.Errorf("format %q: %s of %s", in, got.Format, got.What)
		}
	}
	_, _, err := r.Do(alice, noon, expense.ExportReq{What: "all"})
	if e := wire.AsError(err); err == nil || e.Code != wire.InvalidRequest {
		t.Errorf("what: %v", err)
	}
}
