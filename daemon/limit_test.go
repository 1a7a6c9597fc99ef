//go:build unix

package daemon_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"intercom/client"
	"intercom/client/wire"
	"intercom/daemon/daemontest"
	"intercom/internal/apps"
)

// limitedToken is a token that may write expenses of at most 50 EUR each.
func limitedToken(t *testing.T, p client.Profile) string {
	t.Helper()
	_, text, err := p.AddToken(client.Token{
		Scopes: []wire.Scope{wire.ScopeExpense}, Created: time.Now(), Max: []wire.Amount{{Currency: "EUR", Exp: 2, Minor: 5000}},
	}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestATokenWithALimitWritesNoMoreByAnyRequest tries each declared write of
// expenses. One that is not named here is not known to be limited.
func TestATokenWithALimitWritesNoMoreByAnyRequest(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	owner := func(f daemontest.Frame) daemontest.Frame {
		f["channel"], f["protocol"] = "trip", wire.Protocol.Max
		return a.Raw(f)
	}
	id := func(f daemontest.Frame, of string) string {
		return fmt.Sprint(f[of].(map[string]any)["id"])
	}
	add := func(amount string) string {
		return id(owner(daemontest.Frame{"type": "expense_add", "payer": "alice", "amount": amount, "currency": "EUR", "split": []string{"alice", "bob"}}), "entry")
	}
	rule := func(amount string) string {
		return id(owner(daemontest.Frame{
			"type": "expense_recur_add", "every": "year", "payer": "alice", "amount": amount, "currency": "EUR", "split": []string{"bob"},
			"start": time.Now().AddDate(0, 1, 0).Format(time.DateOnly),
		}), "rule")
	}
	small, large, smallRule, largeRule := add("20"), add("500"), rule("20"), rule("500")
	gone := add("500")
	owner(daemontest.Frame{"type": "expense_void", "entry": gone})
	with := func(kind string, more daemontest.Frame) daemontest.Frame {
		f := daemontest.Frame{"type": "expense_" + kind, "channel": "trip", "protocol": wire.Protocol.Max}
		for name, v := range more {
			f[name] = v
		}
		return f
	}
	expense := func(amount, currency string) daemontest.Frame {
		return daemontest.Frame{"payer": "alice", "amount": amount, "currency": currency, "split": []string{"bob"}}
	}
	and := func(f daemontest.Frame, name string, v any) daemontest.Frame { f[name] = v; return f }
	row := func(amount, currency string) daemontest.Frame {
		part := []any{map[string]any{"member": "alice", "amount": amount}}
		return daemontest.Frame{"amount": amount, "currency": currency, "payers": part, "shares": part}
	}
	// Amounts of both signs that come to little move much.
	mixed := daemontest.Frame{"amount": "10", "currency": "EUR", "payers": []any{
		map[string]any{"member": "alice", "amount": "510"}, map[string]any{"member": "bob", "amount": "-500"},
	}, "shares": []any{map[string]any{"member": "alice", "amount": "10"}}}
	type tries struct{ allowed, refused []daemontest.Frame }
	all := map[string]tries{
		"claim":    {allowed: []daemontest.Frame{{"alias": "alice"}}},
		"defaults": {allowed: []daemontest.Frame{{"currency": "EUR"}}},
		"dispute":  {allowed: []daemontest.Frame{{"entry": large}}},
		"persist":  {allowed: []daemontest.Frame{{}}},
		"pin":      {allowed: []daemontest.Frame{{}}},
		"add": {
			[]daemontest.Frame{expense("50", "EUR"), expense("50.00", "EUR"), and(expense("50", "EUR"), "income", true)},
			[]daemontest.Frame{
				expense("50.01", "EUR"), expense("1", "USD"), expense("1", ""), and(expense("51", "EUR"), "income", true),
				and(expense("1", "EUR"), "rate", "1000 USD"), and(expense("50.01", "EUR"), "dryRun", true),
			},
		},
		"pay": {
			[]daemontest.Frame{{"from": "bob", "to": "alice", "amount": "50", "currency": "EUR"}},
			[]daemontest.Frame{{"from": "bob", "to": "alice", "amount": "50.01", "currency": "EUR"}, {"from": "bob", "to": "alice", "amount": "1", "currency": "USD"}},
		},
		"replace": {
			[]daemontest.Frame{{"entry": small, "amount": "30"}},
			[]daemontest.Frame{{"entry": small, "amount": "50.01"}, {"entry": large, "amount": "30"}, {"entry": small, "currency": "USD", "amount": "3"}},
		},
		"void":    {[]daemontest.Frame{{"entry": small}}, []daemontest.Frame{{"entry": large}, {"entry": gone, "undo": true}}},
		"confirm": {[]daemontest.Frame{{"entry": small}}, []daemontest.Frame{{"entry": large}}},
		"import": {
			[]daemontest.Frame{{"entries": []any{row("50", "EUR"), row("-50", "EUR")}}},
			[]daemontest.Frame{
				{"entries": []any{row("1", "EUR"), row("50.01", "EUR")}}, {"entries": []any{row("-50.01", "EUR")}}, {"entries": []any{row("1", "USD")}},
				{"entries": []any{and(row("51", "EUR"), "exp", 0)}}, {"entries": []any{mixed}},
			},
		},
		"recur_add":  {[]daemontest.Frame{and(expense("50", "EUR"), "every", "year")}, []daemontest.Frame{and(expense("50.01", "EUR"), "every", "year")}},
		"recur_edit": {[]daemontest.Frame{{"rule": smallRule, "amount": "30"}}, []daemontest.Frame{{"rule": smallRule, "amount": "51"}, {"rule": largeRule, "amount": "30"}}},
		"recur_stop": {[]daemontest.Frame{{"rule": smallRule}}, []daemontest.Frame{{"rule": largeRule}}},
		"recur_run":  {allowed: []daemontest.Frame{{}}}, // what rules have due is added by itself
		"clear":      {refused: []daemontest.Frame{{}, {"carry": true}}},
		"reopen":     {refused: []daemontest.Frame{{}}},
		"restore":    {refused: []daemontest.Frame{{"replace": true}}},
	}
	r := authenticated(t, a, limitedToken(t, a.Profile))
	before := func() string {
		return fmt.Sprint(owner(daemontest.Frame{"type": "expense_verify"})["state"])
	}
	for _, app := range apps.All() {
		for _, q := range app.Requests {
			if !q.Spec.Write || q.Spec.Scope != wire.ScopeExpense {
				continue
			}
			kind := strings.TrimPrefix(q.Spec.Request, "expense_")
			try, ok := all[kind]
			if !ok || len(try.allowed)+len(try.refused) == 0 {
				t.Errorf("%s writes expenses: say here what a token with a limit may write by it", q.Spec.Request)
			}
			if kind == "reopen" { // there is a close to reopen, by restore too
				owner(daemontest.Frame{"type": "expense_persist"})
				owner(daemontest.Frame{"type": "expense_clear"})
			}
			state := before()
			for _, f := range try.refused {
				for _, original := range []bool{false, true} {
					f := with(kind, f)
					if original {
						delete(f, "protocol")
					}
					got := answer(r, f)
					if got["code"] != string(wire.Forbidden) || !strings.Contains(fmt.Sprint(got["reason"]), "50.00 EUR") || got["hint"] == nil {
						t.Errorf("%v: answered with %v", f, got)
					}
				}
			}
			if before() != state {
				t.Errorf("%s was refused, and changed the room", q.Spec.Request)
			}
			for _, f := range try.allowed {
				if got := answer(r, and(with(kind, f), "dryRun", true)); got["type"] != q.Spec.Reply {
					t.Errorf("%v: answered with %v", f, got)
				}
			}
		}
	}
	got := answer(r, with("add", expense("120", "EUR")))
	if want := "it moves 120.00 EUR, and this token may write up to 50.00 EUR at once"; got["reason"] != want {
		t.Errorf("the reason is %v, not %s", got["reason"], want)
	}
}
