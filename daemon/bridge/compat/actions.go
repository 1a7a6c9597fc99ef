package compat

import "slices"

// actions are the original's requests of each app, in its order.
var actions = map[string][]string{
	"focus": {
		"focus_start", "focus_join", "focus_checkin", "focus_end", "focus_extend", "focus_status", "focus_rooms", "focus_streaks",
	},
	"expense": {
		"expense_add", "expense_list", "expense_balance", "expense_clear", "expense_export", "expense_persist", "expense_restore",
	},
}

// Actions puts an app's requests in the order in which hello lists them: the
// original's first, in its order, then the others as they are.
func Actions(app string, requests []string) []string {
	out := make([]string, 0, len(requests))
	for _, original := range actions[app] {
		if slices.Contains(requests, original) {
			out = append(out, original)
		}
	}
	for _, r := range requests {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}
