package focus_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"intercom/client/wire"
	"intercom/focus"
)

func TestMinutesAreWholeOrRefused(t *testing.T) {
	for literal, want := range map[string]int64{
		`25`: 25, `1`: 1, `1440`: 1440, `"50"`: 50, `"007"`: 7,
		`"25m"`: 25, `"1h30m"`: 90, `"2h"`: 120, `"24h"`: 1440, `"90m"`: 90, `null`: 33,
		`0`: 0, `-1`: 0, `1441`: 0, `1000000000`: 0, `99999999999999999999`: 0, `1.9`: 0, `1e2`: 0, `1.0`: 0,
		`""`: 0, `" 5"`: 0, `"7xyz"`: 0, `"1.5"`: 0, `"-3"`: 0, `"+3"`: 0, `"0x10"`: 0, `"0"`: 0, `"24h1m"`: 0,
		`"m"`: 0, `"h"`: 0, `"h5m"`: 0, `"1h30"`: 0, `"30m1h"`: 0, `"90s"`: 0, `"1h30m10s"`: 0, `"-1h"`: 0, `"1h-30m"`: 0,
		`"٣"`: 0, `true`: 0, `false`: 0, `[]`: 0, `[5]`: 0, `{}`: 0, `"abc"`: 0,
		`"307445734561825861h"`:               0, // 60 times this is 44 in 64 bits
		`"` + strings.Repeat("9", 400) + `h"`: 0,
	} {
		var in focus.StartReq
		if err := json.Unmarshal([]byte(`{"minutes":`+literal+`}`), &in); err != nil {
			t.Errorf("%s: %v", literal, err)
			continue
		}
		got, err := in.Minutes.Parse(33)
		if want == 0 {
			if !errors.Is(err, &wire.Error{Code: wire.InvalidRequest}) || len(err.Error()) > 200 {
				t.Errorf("%s: %d, error %v", literal, got, err)
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", literal, got, err, want)
		}
	}
}

func TestAbsentMinutesAreTheDefault(t *testing.T) {
	var in focus.StartReq
	if err := json.Unmarshal([]byte(`{}`), &in); err != nil {
		t.Fatal(err)
	}
	if got, err := in.Minutes.Parse(25); got != 25 || err != nil {
		t.Errorf("%d, %v", got, err)
	}
	if b, err := json.Marshal(in); err != nil || strings.Contains(string(b), "minutes") {
		t.Errorf("absent minutes are sent: %s, %v", b, err)
	}
	in.Minutes = `"1h"`
	if b, err := json.Marshal(in); err != nil || !strings.Contains(string(b), `"minutes":"1h"`) {
		t.Errorf("minutes are sent as %s, %v", b, err)
	}
}

func FuzzMinutes(f *testing.F) {
	for _, s := range []string{"25", `"1h30m"`, `"7xyz"`, `"`, "1.9", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := focus.Minutes(s).Parse(25); err == nil && (n < 1 || n > 1440) {
			t.Errorf("%q is %d minutes", s, n)
		}
	})
}
