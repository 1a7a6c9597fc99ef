package api_test

import (
	"slices"
	"testing"

	"intercom/client/wire"
	"intercom/daemon/api"
	"intercom/internal/apps"
)

func TestEveryRequestIsDeclaredAndHasAScopeThatTokensHave(t *testing.T) {
	declared := map[string]wire.Spec{}
	for _, d := range wire.Base() {
		declared[d.Request] = d.Spec
	}
	for _, app := range apps.All() {
		for _, q := range app.Requests {
			declared[q.Request] = q.Spec
		}
	}
	s := api.Services{Apps: apps.All()}
	for name, r := range s.Routes() {
		if declared[name] != r.Spec || r.Request != name {
			t.Errorf("%s is answered as %+v, declared as %+v", name, r.Spec, declared[name])
		}
	}
	for name, d := range declared {
		if !slices.Contains(wire.Scopes(), d.Scope) || d.Write && d.Scope == wire.ScopeRead {
			t.Errorf("%s needs the scope %q", name, d.Scope)
		}
	}
}
