package jsontext_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"intercom/internal/jsontext"
)

var texts = []string{
	``, ` `, `{}`, `[]`, `{"a":1}`, ` { "a" : [ 1 , -0.5e+3 , "x" ] } `, `"`, `"\"`, `"\\"`, `"é\u00e9\ud800"`, `"\u12"`, `"\x"`,
	"\"\x1f\"", "\"\x80\"", "\"\xff\xfe\"", `01`, `-`, `-0`, `1.`, `.5`, `1e`, `1e+`, `1E-7`, `tru`, `true`, `nulll`, `[1,]`, `{,}`, `{"a"}`,
	`{"a":}`, `{"a":1,}`, `{1:2}`, `[}`, `{]`, `[[[[]]]]`, `1 2`, `{"a":{"b":[{}]}}`, "\ufeff{}", `"aaaaaaaa\"bbbbbbbbb"`, `"aaaaaaaaaaaaaaaa`,
	strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001),
	strings.Repeat(`{"a":`, 3) + `1` + strings.Repeat("}", 3), "\"\u007f\u0080\u2028\"", `"!` + "\x21\x20\x1f" + `"`,
}

func check(t *testing.T, b []byte) {
	t.Helper()
	want := utf8.Valid(b) && json.Valid(b)
	if got := jsontext.Valid(b); got != want {
		t.Fatalf("%.100q: valid %t, want %t", b, got, want)
	}
	if !want {
		return
	}
	var text bytes.Buffer
	if err := json.Compact(&text, b); err != nil {
		t.Fatal(err)
	}
	if got, _ := jsontext.Look(b); got.Blanks != (text.Len() != len(b)) {
		t.Fatalf("%.100q: blanks %t", b, got.Blanks)
	}
	if trimmed := bytes.TrimLeft(b, " \t\r\n"); trimmed[0] == '"' {
		if end := jsontext.StringEnd(trimmed, 0); end != len(bytes.TrimRight(trimmed, " \t\r\n")) {
			t.Fatalf("%.100q: string ends at %d", b, end)
		}
	}
}

func TestItSaysWhatEncodingJSONSays(t *testing.T) {
	for _, s := range texts {
		check(t, []byte(s))
		for i := range len(s) {
			check(t, []byte(s[:i]))
			for _, c := range []byte("\x00\x1f\"\\{}[],:0aé\xff") {
				if len(s) < 100 {
					check(t, append(append([]byte(s[:i]), c), s[i:]...))
				}
			}
			if i > 200 {
				break
			}
		}
	}
}

func TestDepthIsThatOfTheDeepestPlace(t *testing.T) {
	for text, depth := range map[string]int{`1`: 0, `"[[["`: 0, `[]`: 1, `{"a[{":[{}],"b":[]}`: 3, `[[],[[]],"\"[["]`: 3} {
		if got, ok := jsontext.Look([]byte(text)); !ok || got.Depth != depth {
			t.Errorf("%s is %d deep, not %d", text, depth, got.Depth)
		}
	}
}

func FuzzValid(f *testing.F) {
	for _, s := range texts {
		f.Add([]byte(s))
	}
	f.Fuzz(check)
}

func BenchmarkValid(b *testing.B) {
	text := []byte(`{"type":"send","channel":"c","message":"` + strings.Repeat("x", 4096) + `"}`)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		jsontext.Valid(text)
	}
}
