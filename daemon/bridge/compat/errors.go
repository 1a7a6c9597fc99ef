package compat

import (
	"strings"

	"intercom/client/wire"
)

// failure is a kind of error of a request.
type failure struct {
	request string
	code    wire.Code
}

const (
	missingFields  = "Missing fields. Required: channel, payer, amount, split."
	invalidInvite  = "Invalid invite (expected JSON or base64)."
	invalidWelcome = "Invalid welcome (expected JSON or base64)."
)

// errorTexts are the original's texts of the errors of requests.
var errorTexts = map[failure]string{
	{"send", wire.NoChannel}:  "Missing channel.",
	{"join", wire.NoChannel}:  "Missing channel.",
	{"leave", wire.NoChannel}: "Missing channel.",
	{"open", wire.NoChannel}:  "Missing channel.",

	{"send", wire.InvalidInvite}:  invalidInvite,
	{"join", wire.InvalidInvite}:  invalidInvite,
	{"open", wire.InvalidInvite}:  invalidInvite,
	{"send", wire.InvalidWelcome}: invalidWelcome,
	{"join", wire.InvalidWelcome}: invalidWelcome,
	{"open", wire.InvalidWelcome}: invalidWelcome,

	{"cli", wire.Forbidden}:    "CLI over WS is disabled.",
	{"cli", wire.MissingField}: "Missing command.",
	// The original has no other text for what it does not send.
	{"send", wire.TooLarge}: "Send denied (invite required or invalid).",

	{"open", wire.InvalidRequest}: "Open request denied (invalid input or missing invite/welcome).",
	{"open", wire.Unsupported}:    "Open request denied (invalid input or missing invite/welcome).",
	{"open", wire.TooLarge}:       "Open request denied (invalid input or missing invite/welcome).",

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

	{"expense_add", wire.MissingField}:  missingFields,
	{"expense_add", wire.InvalidAmount}: "Invalid amount. Use a positive number.",
	{"expense_restore", wire.NotFound}:  "No persisted snapshot found.",
}

// ErrorText returns the original's text of an error, or empty where it has
// none.
func ErrorText(request string, e *wire.Error) string {
	if request == "expense_add" && e.Code == wire.InvalidRequest && strings.HasPrefix(e.Reason, "split: ") {
		return missingFields // a split that is no list is none at all
	}
	return errorTexts[failure{request, e.Code}]
}
