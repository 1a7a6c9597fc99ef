package compat_test

import (
	"encoding/json"
	"slices"
	"testing"

	"intercom/daemon/bridge/compat"
)

func TestActionsOfTheOriginalComeFirst(t *testing.T) {
	got := compat.Actions("focus", []string{"focus_stats", "focus_extend", "focus_end", "focus_start"})
	if want := []string{"focus_start", "focus_end", "focus_extend", "focus_stats"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := compat.Actions("third", []string{"third_b", "third_a"}); !slices.Equal(got, []string{"third_b", "third_a"}) {
		t.Errorf("an app that the original has not: %q", got)
	}
}

func TestControlMessagesOfTheOriginalAreTold(t *testing.T) {
	for message, want := range map[string]bool{
		`{"control":"auth"}`: true, `{"x":1,"control":"welcome"}`: true, `{"control":"\u0061uth"}`: true,
		`{"control":"other"}`: false, `{"Control":"auth"}`: false, `{"control":["auth"]}`: false, `{"control":null}`: false,
		`"auth"`: false, `{}`: false, `[]`: false, `null`: false, ``: false, `{"a":{"control":"auth"}}`: false,
	} {
		if got := compat.Control(json.RawMessage(message)); got != want {
			t.Errorf("%s: %t", message, got)
		}
	}
}
