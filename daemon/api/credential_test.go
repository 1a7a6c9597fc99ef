package api

import (
	"encoding/json"
	"errors"
	"testing"

	"intercom/client/wire"
)

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
