package exchange_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"intercom/expense/exchange"
	"intercom/internal/notrun"
)

// cellsOf returns the cells of a text of CSV.
func cellsOf(t interface{ Fatal(...any) }, text string) (cells []string) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\uFEFF")))
	r.FieldsPerRecord = -1
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return cells
		}
		if err != nil {
			t.Fatal(err)
		}
		cells = append(cells, row...)
	}
}

// accountant is a program that reads a journal, checks its assertions, and
// prints an amount and a currency for each account.
type accountant struct {
	format  string
	command string
	check   []string
	amounts func(t *testing.T, path string) []string
}

// run returns what a program prints, or fails with what it says and the file.
func run(t *testing.T, path string, args ...string) string {
	t.Helper()
	out, err := exec.Command(args[0], append(args[1:], path)...).Output()
	if err != nil {
		said := ""
		if bad, ok := errors.AsType[*exec.ExitError](err); ok {
			said = string(bad.Stderr)
		}
		text, _ := os.ReadFile(path)
		t.Fatalf("%v: %v\n%s%s\n%s", args, err, said, out, text)
	}
	return string(out)
}

var accountants = []accountant{
	{"hledger", "hledger", []string{"hledger", "check", "-f"}, func(t *testing.T, path string) (amounts []string) {
		out := run(t, path, "hledger", "balance", "--flat", "--no-total", "-O", "csv", "-f")
		for i, cell := range cellsOf(t, out) {
			if i > 2 && i%2 == 1 {
				amounts = append(amounts, strings.Split(cell, ", ")...)
			}
		}
		return amounts
	}},
	{"ledger", "ledger", []string{"ledger", "balance", "-f"}, func(t *testing.T, path string) []string {
		out := run(t, path, "ledger", "balance", "--flat", "--no-total", "--format", "%(display_total)\n", "-f")
		return strings.Split(strings.TrimSpace(out), "\n")
	}},
	{"beancount", "bean-check", []string{"bean-check", "-C"}, func(t *testing.T, path string) (amounts []string) {
		out, err := exec.Command("bean-query", "-f", "csv", path, "SELECT account, currency, str(sum(number)) AS n GROUP BY account, currency").Output()
		if err != nil {
			t.Fatal(err, string(out))
		}
		cells := cellsOf(t, string(out))
		for i := 3; i < len(cells); i += 3 {
			exact := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(cells[i+2]), "Decimal('"), "')") // numbers are shown rounded
			amounts = append(amounts, strings.TrimSpace(cells[i+1])+" "+exact)
		}
		return amounts
	}},
}

// plainAmounts sorts amounts written as `EUR 1.50`, without those of 0, and
// without the quotes and signs that programs put around currencies.
func plainAmounts(list []string) []string {
	var out []string
	for _, a := range list {
		currency, n, _ := strings.Cut(strings.TrimSpace(a), " ")
		n = strings.ReplaceAll(strings.TrimSpace(n), ",", "")
		if strings.Trim(n, "-0.") != "" {
			out = append(out, strings.TrimPrefix(currency, "C-")+" "+n)
		}
	}
	slices.Sort(out)
	return out
}

// expectedAmounts are those of the room's own balances.
func expectedAmounts(records []exchange.Record) []string {
	sums := map[string]int64{}
	exps := map[string]int{}
	for _, r := range records {
		for _, p := range r.Payers {
			sums[p.Name+"\x00"+r.Currency] += p.Amount
		}
		for _, s := range r.Shares {
			sums[s.Name+"\x00"+r.Currency] -= s.Amount
		}
		exps[r.Currency] = r.Exp
	}
	var out []string
	for k, v := range sums {
		_, currency, _ := strings.Cut(k, "\x00")
		sign := ""
		if v < 0 {
			sign, v = "-", -v
		}
		unit := int64(1)
		for range exps[currency] {
			unit *= 10
		}
		n := fmt.Sprintf("%s%d", sign, v/unit)
		if exps[currency] > 0 {
			n += fmt.Sprintf(".%0*d", exps[currency], v%unit)
		}
		out = append(out, currency+" "+n)
	}
	return plainAmounts(out)
}

func journal(t *testing.T, a accountant, records []exchange.Record, as string) string {
	t.Helper()
	text, err := written(a.format, records, exchange.WriteOptions{Room: "trip \"nyc\"; x", As: as})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "room."+a.format)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func needs(t *testing.T, a accountant) {
	t.Helper()
	if _, err := exec.LookPath(a.command); err != nil {
		notrun.Skip(t, a.command)
	}
}

// TestAccountantsAgreeToTheCent: the real programs read random rooms, find the
// assertions true, and have the same amounts as we.
func TestAccountantsAgreeToTheCent(t *testing.T) {
	rooms := rapid.Custom(func(t *rapid.T) []exchange.Record {
		return randomRoom(t, nastyNames, []string{"EUR", "JPY", "KWD", "XXX", "TRUE", "POINTS"})
	})
	for _, a := range accountants {
		t.Run(a.format, func(t *testing.T) {
			needs(t, a)
			for seed := range 8 {
				room := rooms.Example(seed)
				if room[0].Kind == exchange.Expense && room[0].Amount > 0 { // what a close carried over
					room[0].Kind = exchange.Opening
				}
				path := journal(t, a, room, "")
				run(t, path, a.check...)
				if got, want := plainAmounts(a.amounts(t, path)), expectedAmounts(room); !slices.Equal(got, want) {
					text, _ := os.ReadFile(path)
					t.Fatalf("room %d: %s has %q, we have %q\n%s", seed, a.format, got, want, text)
				}
				run(t, journal(t, a, room, nastyNames[seed]), a.check...)
			}
		})
	}
}

// TestAJournalWithAWrongAmountIsRefused by whoever reads it.
func TestAJournalWithAWrongAmountIsRefused(t *testing.T) {
	for _, a := range accountants {
		t.Run(a.format, func(t *testing.T) {
			needs(t, a)
			path := journal(t, a, sample(true), "")
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			at := strings.LastIndex(string(text), "-3.34")
			wrong := string(text[:at]) + "-3.35" + string(text[at+5:])
			if err := os.WriteFile(path, []byte(wrong), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(a.check[0], append(a.check[1:], path)...).CombinedOutput(); err == nil {
				t.Errorf("accepted: %s", out)
			}
		})
	}
}
