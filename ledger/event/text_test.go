package event_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"intercom/ledger/event"
)

func TestNamesReadAsHex(t *testing.T) {
	hex := strings.Repeat("0f", 32)
	id, err := event.ParseID(hex)
	if err != nil || id.String() != hex {
		t.Errorf("id %s, %v", id, err)
	}
	key, err := event.ParseKey(hex)
	if err != nil || key.String() != hex {
		t.Errorf("key %s, %v", key, err)
	}
	for _, bad := range []string{"", hex[:63], hex + "0", strings.Repeat("g", 64), hex + hex} {
		if _, err := event.ParseID(bad); !errors.Is(err, event.ErrEncoding) {
			t.Errorf("id %q: %v", bad, err)
		}
		if _, err := event.ParseKey(bad); !errors.Is(err, event.ErrEncoding) {
			t.Errorf("key %q: %v", bad, err)
		}
	}
}

func TestNamesTravelInJSON(t *testing.T) {
	type names struct {
		ID       event.ID
		Key      event.Key
		Instance event.Instance
	}
	want := names{event.ID{1}, event.Key{2}, event.Instance{3}}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got names
	if err := json.Unmarshal(b, &got); err != nil || got != want {
		t.Errorf("%s read as %+v, %v", b, got, err)
	}
	if err := json.Unmarshal([]byte(`{"Instance":"0102"}`), &got); err == nil {
		t.Error("an instance of 2 bytes was read")
	}
}
