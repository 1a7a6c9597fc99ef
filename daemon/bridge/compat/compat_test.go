package compat_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"intercom/daemon/bridge/compat"
)

func TestStringOf(t *testing.T) {
	for in, want := range map[string]string{
		``: "undefined", `null`: "null", `true`: "true", `false`: "false",
		`"a\u0062"`: "ab", `""`: "", `" x "`: " x ",
		`5`: "5", `-0`: "0", `1.0`: "1", `1.50`: "1.5", `1e2`: "100", `1e21`: "1e+21", `123456789012345678901`: "123456789012345680000",
		`1e-6`: "0.000001", `1e-7`: "1e-7", `1.5e-10`: "1.5e-10", `1e400`: "Infinity", `-1e400`: "-Infinity", `1e-400`: "0",
		`5e-324`: "5e-324", `1.7976931348623157e308`: "1.7976931348623157e+308",
		`[]`: "", `[null]`: "", `[1,[2,[null,"x"]],{}]`: "1,2,,x,[object Object]",
		`{}`: "[object Object]", `{"toString":1}`: "[object Object]",
	} {
		if got := compat.StringOf(json.RawMessage(in)); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestStringOfIsLinear(t *testing.T) {
	deep := strings.Repeat("[", 9_000) + strings.Repeat("1,", 400_000) + "1" + strings.Repeat("]", 9_000)
	if got := compat.StringOf(json.RawMessage(deep)); len(got) != 800_001 {
		t.Errorf("%d bytes", len(got))
	}
}

func TestTruthy(t *testing.T) {
	for in, want := range map[string]bool{
		``: false, `null`: false, `false`: false, `0`: false, `-0`: false, `0.0e9`: false, `1e-400`: false, `""`: false,
		`true`: true, `1`: true, `-1`: true, `1e400`: true, `"0"`: true, `" "`: true, `[]`: true, `{}`: true,
	} {
		if got := compat.Truthy(json.RawMessage(in)); got != want {
			t.Errorf("%s: %t", in, got)
		}
	}
}

func TestEchoID(t *testing.T) {
	for in, want := range map[string]string{
		`0`: `0`, `-0`: `0`, `-0.0`: `0`, `-5`: `-5`, `1.0`: `1`, `1e2`: `100`, `1e21`: `1e+21`, `1E+2`: `100`,
		`9007199254740992`: `9007199254740992`, `9007199254740993`: `9007199254740993`, `18446744073709551615`: `18446744073709551615`,
		`"7"`: `"7"`, `"\ud800"`: `"\ud800"`,
		``: ``, `1.5`: ``, `null`: ``, `true`: ``, `false`: ``, `[]`: ``, `{}`: ``, `1e400`: ``,
	} {
		if got := compat.EchoID(json.RawMessage(in)); string(got) != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	if got := compat.EchoID(json.RawMessage(strings.Repeat("9", 400))); got != nil {
		t.Errorf("beyond all floats: %s", got)
	}
}

func TestFormatNumberOfNoNumber(t *testing.T) {
	if got := compat.FormatNumber(math.NaN()); got != "NaN" {
		t.Error(got)
	}
}

func TestUnknownType(t *testing.T) {
	if got := compat.UnknownType(nil); got != "Unknown type: undefined" {
		t.Error(got)
	}
}

func FuzzValues(f *testing.F) {
	for _, s := range []string{`1e21`, `[[1],{"a":[]}]`, `"\ud83d"`, `-0.0`, `1E-9`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || !json.Valid([]byte(s)) {
			return
		}
		raw := json.RawMessage(strings.TrimSpace(s))
		if got := compat.StringOf(raw); !utf8.ValidString(got) {
			t.Errorf("%q: %q", s, got)
		}
		compat.Truthy(raw)
		if id := compat.EchoID(raw); id != nil && !json.Valid(id) {
			t.Errorf("%q: %q", s, id)
		}
	})
}
