package expense

import (
	"bytes"
	"fmt"
	"testing"
)

const coldExample = `{"id":"00ff","type":"expense","status":"counts","date":"2026-03-01","payer":"alice","payers":[{"member":"alice","amount":"30.00","minor":"3000"}],"amount":"30.00","minor":"3000","currency":"EUR","exp":2,"split":["alice","zoë"],"kind":"equal","shares":[{"member":"alice","amount":"15.00","minor":"1500"},{"member":"zoë","amount":"15.00","minor":"1500"}],"note":"a \"b\" \\ c","tags":["x"],"rate":{"amount":"1.00","minor":"100","currency":"USD","exp":2},"by":"aa","at":"2026-03-01T12:00:00Z","late":true,"clockAhead":false}`

// FuzzColdLine: what the scanner takes, encoding/json takes, with one meaning.
func FuzzColdLine(f *testing.F) {
	for _, text := range []string{
		coldExample, `{}`, ` { } `, `[]`, `{"Payers":[]}`, `{"payers":[],"payers":[{"member":"a","amount":1}]}`, `{"amount":1.50}`, `{"amount":1e3}`,
		`{"amount":"1,50"}`, `{"amount":-0}`, `{"amount":null}`, `{"exp":9}`, `{"exp":-0}`, `{"exp":2.0}`, `{"currency":"E\u0055R"}`, "{\"note\":\"\x01\"}",
		"{\"date\":\"\xff\"}", "{\"note\":\"\xff\"}", `{"x":{"y":[1,2,{"z":null}]}}`, `{"x":01}`, `{"x":tru}`, `{"a":1,}`, `{"payers":[{"member":"a","amount":"1","Amount":"2"}]}`,
		`{"payers":[null]}`, `{"shares":{}}`, `{"ſhares":[{"member":"a","amount":"1"}]}`, `{"a":1}{"b":2}`, `{"":1}`, `{"rate":null}`, `{"rate":{"exp":9}}`, `{"rate":{"amount":1,"amount":2}}`, `{"rate":{}}`, `{"type":"pay\u006dent"}`, `{"x":"\q"}`, `{"x":-}`, `{"x":1.}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var fast, slow coldLine
		if !fast.scan(text) {
			return
		}
		if err := slow.decode(text); err != nil {
			t.Fatalf("taken, but %v: %q", err, text)
		}
		if a, b := shownLine(fast), shownLine(slow); a != b {
			t.Fatalf("%q\nfast %s\nslow %s", text, a, b)
		}
	})
}

func shownLine(l coldLine) string {
	return fmt.Sprintf("%q %v %q %q %d %q %q %q %q %d %q %q", l.kind, l.rate.there, l.rate.currency, l.rate.amount, l.rate.exp, l.status, l.date, l.currency, l.amount, l.exp, l.payers, l.shares)
}

func FuzzParseMinor(f *testing.F) {
	for _, text := range []string{"", "-", "0", "0.5", "-12.50", "012.50", "12.5", "1..5", ".50", "90071992547409.91", "90071992547409.92", "--1", "1-1"} {
		f.Add([]byte(text), 2)
	}
	f.Fuzz(func(t *testing.T, text []byte, exp int) {
		if exp < 0 || exp > MaxExponent {
			return
		}
		got, err := parseMinor(text, exp)
		want, wantErr := ParseAmount(string(text), exp)
		if got != want || (err == nil) != (wantErr == nil) {
			t.Fatalf("%q with %d decimals: %d, %v; not %d, %v", text, exp, got, err, want, wantErr)
		}
	})
}

// Our own lines must not take the slow way.
func TestOurLinesAreScanned(t *testing.T) {
	var l coldLine
	if !l.scan([]byte(coldExample)) {
		t.Error("an exported line was left to encoding/json")
	}
}

// The memory for a line does not grow with the lines.
func TestALineIsReadWithoutAllocation(t *testing.T) {
	c, line := new(Cold), []byte(coldExample+"\n")
	if err := c.Read(bytes.NewReader(bytes.Repeat(line, 10))); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() {
		c.lines++
		if err := c.take(line); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations a line", n)
	}
}
