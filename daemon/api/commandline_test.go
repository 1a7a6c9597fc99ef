package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"intercom/client/wire"
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
		got, err := flags(line)
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
		if _, err := flags(line); !errors.Is(err, &wire.Error{Code: wire.InvalidRequest}) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func FuzzFlags(f *testing.F) {
	for _, line := range []string{`--a "b\\" --c`, `--a='b'`, `"`, `\`} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		fields, err := flags(line)
		for name, raw := range fields {
			if err != nil || !json.Valid(raw) {
				t.Errorf("%q: %s is %s, %v", line, name, raw, err)
			}
		}
	})
}

func TestCredentialsAreJSONOrBase64(t *testing.T) {
	for invite, readable := range map[string]bool{
		``: true, `null`: true, `""`: true, `0`: true, `false`: true, `{"junk":1}`: true, `"{\"junk\":1}"`: true, `" {} "`: true,
		`"eyJqdW5rIjoxfQ=="`: true, `"eyJqdW5rIjoxfQ"`: true,
		`"not base64 json"`: false, `"{bad"`: false, `5`: false, `true`: false, `[]`: false, `"zzz"`: false, `"bnVsbA=="`: false, `"[1]"`: false,
	} {
		for field, code := range map[string]wire.Code{"invite": wire.InvalidInvite, "welcome": wire.InvalidWelcome} {
			fields := map[string]json.RawMessage{}
			if invite != "" {
				fields[field] = json.RawMessage(invite)
			}
			if err := credentials(fields); errors.Is(err, &wire.Error{Code: code}) == readable {
				t.Errorf("%s %s: %v", field, invite, err)
			}
		}
	}
}
