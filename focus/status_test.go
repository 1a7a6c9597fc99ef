package focus_test

import (
	"testing"

	"intercom/focus"
	"intercom/internal/app"
)

func TestStatusTellsWhetherARoomWasNamed(t *testing.T) {
	r := newRoom()
	if do[focus.StatusReply](t, r, alice, noon, focus.StatusReq{}).Named {
		t.Error("all rooms are one by name")
	}
	if !do[focus.StatusReply](t, r, alice, noon, focus.StatusReq{InNamed: app.InNamed{Room: "test"}}).Named {
		t.Error("a named room is not told")
	}
}
