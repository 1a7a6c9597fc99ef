package compat_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"intercom/client/wire"
	"intercom/daemon/bridge/compat"
)

func TestFlagsOfACommandLine(t *testing.T) {
	for line, want := range map[string]string{
		``:                             `map[]`,
		`--channel c`:                  `map[channel:"c"]`,
		`  --a   "b c"  --d 'e "f"' `:  `map[a:"b c" d:"e \"f\""]`,
		`--a "say \"hi\" \\ --b"`:      `map[a:"say \"hi\" \\ --b"]`,
		`--a=b --c=`:                   `map[a:"b" c:""]`,
		`--sim --replace 1 --x`:        `map[replace:true sim:true x:true]`,
		`--confirmed 0 --replace "no"`: `map[confirmed:false replace:false]`,
		`--a "--b" --c ''`:             `map[a:"--b" c:""]`,
		`--a b"c d"e`:                  `map[a:"bc de"]`,
	} {
		got, err := compat.Flags(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		text := map[string]string{}
		for name, raw := range got {
			text[name] = string(raw)
		}
		if fmt.Sprint(text) != want {
			t.Errorf("%s: %v, want %s", line, text, want)
		}
	}
	for _, line := range []string{`c`, `--a b c`, `--`, `"--a" b`, `--a "b`, `--a 'b`} {
		if _, err := compat.Flags(line); !errors.Is(err, &wire.Error{Code: wire.InvalidRequest}) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func FuzzFlags(f *testing.F) {
	for _, line := range []string{`--a "b\\" --c`, `--a='b'`, `"`, `\`} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		fields, err := compat.Flags(line)
		for name, raw := range fields {
			if err != nil || !json.Valid(raw) {
				t.Errorf("%q: %s is %s, %v", line, name, raw, err)
			}
		}
	})
}
