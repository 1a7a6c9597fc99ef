package wire

import "slices"

// Scopes returns the scopes that a token may have, the least first.
func Scopes() []Scope { return []Scope{ScopeRead, ScopeSend, ScopeFocus, ScopeExpense, ScopeAdmin} }

// Amount is money in minor units.
type Amount struct {
	Currency string `json:"currency"`
	Exp      int    `json:"exp"` // decimals
	Minor    int64  `json:"minor"`
}

// ScopeNames returns scopes as texts.
func ScopeNames(scopes []Scope) []string {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	return names
}

// In reports whether who was granted the scopes may do what needs s. Whoever
// was granted any may read; admin includes all. What names no scope, or one
// that this build does not know, needs admin.
func (s Scope) In(granted []Scope) bool {
	switch {
	case slices.Contains(granted, ScopeAdmin):
		return true
	case !slices.Contains(Scopes(), s) || s == ScopeAdmin || len(granted) == 0:
		return false
	}
	return s == ScopeRead || slices.Contains(granted, s)
}
