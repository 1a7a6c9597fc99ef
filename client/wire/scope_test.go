package wire_test

import (
	"testing"

	"intercom/client/wire"
)

func TestScopes(t *testing.T) {
	const r, s, f, e, a = wire.ScopeRead, wire.ScopeSend, wire.ScopeFocus, wire.ScopeExpense, wire.ScopeAdmin
	for _, c := range []struct {
		need    wire.Scope
		granted []wire.Scope
		want    bool
	}{
		{r, nil, false},
		{r, []wire.Scope{r}, true},
		{r, []wire.Scope{e}, true},
		{s, []wire.Scope{r}, false},
		{s, []wire.Scope{f, e}, false},
		{f, []wire.Scope{s, f}, true},
		{e, []wire.Scope{a}, true},
		{a, []wire.Scope{r, s, f, e}, false},
		{a, []wire.Scope{a}, true},
		{"", []wire.Scope{r, s, f, e}, false},
		{"pay", []wire.Scope{"pay"}, false},
		{"pay", []wire.Scope{a}, true},
	} {
		if got := c.need.In(c.granted); got != c.want {
			t.Errorf("%q in %q: %t", c.need, c.granted, got)
		}
	}
}

func TestEveryRequestNeedsAScopeThatTokensHave(t *testing.T) {
	for _, d := range wire.Base() {
		if !d.Scope.In(wire.Scopes()[:len(wire.Scopes())-1]) && d.Scope != wire.ScopeAdmin {
			t.Errorf("%s needs %q", d.Request, d.Scope)
		}
		if d.Write && d.Scope == wire.ScopeRead {
			t.Errorf("%s writes and needs no more than %q", d.Request, d.Scope)
		}
	}
}
