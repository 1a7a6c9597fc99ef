package compat_test

import (
	"testing"

	"intercom/client/wire"
	"intercom/daemon/bridge/compat"
	"intercom/expense"
	"intercom/focus"
)

func TestErrorTexts(t *testing.T) {
	type row struct {
		request string
		code    wire.Code
	}
	want := map[row]string{
		{"send", wire.NoChannel}:             "Missing channel.",
		{"send", wire.TooLarge}:              "Send denied (invite required or invalid).",
		{"join", wire.NoChannel}:             "Missing channel.",
		{"leave", wire.NoChannel}:            "Missing channel.",
		{"send", wire.InvalidInvite}:         "Invalid invite (expected JSON or base64).",
		{"join", wire.InvalidInvite}:         "Invalid invite (expected JSON or base64).",
		{"send", wire.InvalidWelcome}:        "Invalid welcome (expected JSON or base64).",
		{"join", wire.InvalidWelcome}:        "Invalid welcome (expected JSON or base64).",
		{"cli", wire.Forbidden}:              "CLI over WS is disabled.",
		{"cli", wire.MissingField}:           "Missing command.",
		{"open", wire.InvalidInvite}:         "Invalid invite (expected JSON or base64).",
		{"open", wire.InvalidWelcome}:        "Invalid welcome (expected JSON or base64).",
		{"open", wire.NoChannel}:             "Missing channel.",
		{"open", wire.InvalidRequest}:        "Open request denied (invalid input or missing invite/welcome).",
		{"open", wire.Unsupported}:           "Open request denied (invalid input or missing invite/welcome).",
		{"open", wire.TooLarge}:              "Open request denied (invalid input or missing invite/welcome).",
		{"focus_start", wire.NoChannel}:      "focus_start failed: room is required",
		{"focus_start", wire.AlreadyActive}:  "focus_start failed: room is already active",
		{"focus_join", wire.NoChannel}:       "focus_join failed: room is required",
		{"focus_checkin", wire.NoChannel}:    "focus_checkin failed: room is required",
		{"focus_checkin", wire.MissingField}: "focus_checkin failed: status is required",
		{"focus_extend", wire.NoChannel}:     "focus_extend failed: room is required",
		{"focus_extend", wire.NotActive}:     "focus_extend failed: room is not active",
		{"focus_extend", wire.NotHost}:       "focus_extend failed: only host can extend session",
		{"focus_end", wire.NoChannel}:        "focus_end failed: room is required",
		{"focus_end", wire.NotActive}:        "focus_end failed: room is not active",
		{"focus_end", wire.NotHost}:          "focus_end failed: only host can end session",
		{"expense_add", wire.MissingField}:   "Missing fields. Required: channel, payer, amount, split.",
		{"expense_add", wire.InvalidAmount}:  "Invalid amount. Use a positive number.",
		{"expense_restore", wire.NotFound}:   "No persisted snapshot found.",
	}
	var requests []string
	for _, d := range wire.Base() {
		requests = append(requests, d.Request)
	}
	for _, q := range append(focus.App().Requests, expense.App().Requests...) {
		requests = append(requests, q.Request)
	}
	for _, request := range requests {
		for code := range wire.Codes() {
			r := row{request, code}
			if got := compat.ErrorText(request, wire.Errorf(code, "ours")); got != want[r] {
				t.Errorf("%s, %s: %q, want %q", request, code, got, want[r])
			}
			delete(want, r)
		}
	}
	for r := range want {
		t.Errorf("no request or code: %v", r)
	}
}

func TestDefaultRoom(t *testing.T) {
	for request, want := range map[string]string{"expense_add": "0000intercom", "expense_settle": "0000intercom", "focus_start": "", "send": ""} {
		if got := compat.DefaultRoom(request); got != want {
			t.Errorf("%s: %q", request, got)
		}
	}
}
