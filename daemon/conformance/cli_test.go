//go:build unix

package conformance_test

import (
	"slices"
	"strings"
	"testing"

	"intercom/daemon/daemontest"
)

// TestCommandsOfTheOriginalsTerminal sends /commands over the bridge.
func TestCommandsOfTheOriginalsTerminal(t *testing.T) {
	d := daemontest.NewHome(t).Start("a", "--sc-bridge-cli", "1", "--sc-bridge-debug", "1", "--sc-bridge-token", tokens["a"])
	c := login(t, d)
	for _, test := range []struct{ command, want string }{
		{`/sc_stats`, `{"type":"cli_result","command":"/sc_stats","ok":true,"output":["{\"channels\":[\"0000intercom\"],\"connectionCount\":0}"],"error":null}`},
		{`/nonsense`, `{"type":"cli_result","command":"/nonsense","ok":true,"output":[],"error":null}`},
		{`sc_stats`, `{"type":"cli_result","command":"sc_stats","ok":true,"output":[],"error":null}`},
		{`/sc_join --channel "my room"`, `{"type":"cli_result","command":"…","ok":true,"output":["{\"channel\":\"my room\"}"],"error":null}`},
		{`/sc_send --channel 'my room' --message "say \"hi\""`, `{"type":"cli_result","command":"…","ok":true,"output":["…"],"error":null}`},
		{`/sc_send --message x`, `{"type":"cli_result","command":"…","ok":false,"output":[],"error":"…","code":"no_channel"}`},
		{`/sc_join --channel "x`, `{"type":"cli_result","command":"…","ok":false,"output":[],"error":"…","code":"invalid_request"}`},
		{`/msb`, `{"type":"cli_result","command":"/msb","ok":false,"output":[],"error":"/msb is not available in this version","code":"unsupported"}`},
		{`/exit`, `{"type":"cli_result","command":"/exit","ok":false,"output":[],"error":"…","code":"unsupported"}`},
		{`/expense_add --channel r --payer alice --amount 30 --split "alice,bob"`, `{"type":"cli_result","command":"…","ok":true,"output":["…"],"error":null}`},
		{`/expense_balance --channel r`, `{"type":"cli_result","command":"…","ok":true,"output":["{\"summary\":{\"channel\":\"r\",\"eventCount\":1,\"totalCents\":3000,\"balances\":[{\"member\":\"alice\",\"cents\":1500},{\"member\":\"bob\",\"cents\":-1500}],\"settlements\":[{\"from\":\"bob\",\"to\":\"alice\",\"amountCents\":1500}]}}"],"error":null}`},
		{`/expense_persist --channel r --sim 1`, `{"type":"cli_result","command":"…","ok":true,"output":["{\"channel\":\"r\",\"sim\":true,\"tx\":null,\"result\":null}"],"error":null}`},
		{`/focus_rooms`, `{"type":"cli_result","command":"…","ok":true,"output":["{\"rooms\":[]}"],"error":null}`},
	} {
		got, err := c.ask(`{"type":"cli","command":` + quote(test.command) + `}`)
		if err == nil {
			err = newNames().compare(mustParse(test.want), got)
		}
		if err != nil {
			t.Errorf("%s: %v\n got %s\nwant %s", test.command, err, got, test.want)
		}
	}
	for _, request := range []string{`{"type":"cli"}`, `{"type":"cli","command":"   "}`} {
		if got, err := c.ask(request); err != nil || got.text("error") != "Missing command." {
			t.Errorf("%s: %v %v", request, got, err)
		}
	}
	help, err := c.ask(`{"type":"cli","command":"/help"}`)
	if err != nil || !slices.ContainsFunc(help.at("output").list, func(v *value) bool {
		return strings.HasPrefix(v.scalar.(string), "/sc_join | ")
	}) {
		t.Errorf("/help: %v %v", help, err)
	}
	if log := d.Log(); !strings.Contains(log, "level=INFO msg=request") || strings.Contains(log, "my room") {
		t.Error("what is logged for debugging is not each request without its content")
	}
}

// TestFiltersOfTheSettings starts a daemon as the original's manual does.
func TestFiltersOfTheSettings(t *testing.T) {
	h := daemontest.NewHome(t)
	a := h.Start("a", "--sc-bridge", "0")
	b := h.Start("b", "--sc-bridge-token", tokens["b"], "--sc-bridge-filter", "alpha+beta|gamma", "--sc-bridge-filter-channel", "0000intercom")
	if at := a.Info().TCP; at != "" {
		t.Errorf("without its TCP listener the daemon listens on %s", at)
	}
	c := dial(t, b, "b")
	if hello, err := c.message(); err != nil || hello.text("filter") != "alpha+beta|gamma" {
		t.Errorf("hello: %v %v", hello, err)
	}
	if got, err := c.ask(`{"type":"auth","token":"` + tokens["b"] + `"}`); err != nil || got.text("type") != "auth_ok" {
		t.Fatalf("auth: %v %v", got, err)
	}
	for _, d := range []*daemontest.Daemon{a, b} {
		d.Join("free")
	}
	for _, channel := range []string{"0000intercom", "free"} {
		daemontest.Eventually(t, soon, "both are in "+channel, func() bool { return here(a, channel).Peers == 1 && here(b, channel).Peers == 1 })
	}
	for _, m := range []struct{ channel, message string }{
		{"0000intercom", "alpha"}, {"free", "alpha"}, {"0000intercom", "Beta, Alpha"},
	} {
		a.Raw(daemontest.Frame{"type": "send", "channel": m.channel, "message": m.message})
	}
	heard := map[string]bool{}
	for range 2 {
		got, err := c.message()
		if err != nil {
			t.Fatal(err)
		}
		heard[got.text("channel")+": "+got.text("message")] = true
	}
	if !heard["free: alpha"] || !heard["0000intercom: Beta, Alpha"] {
		t.Errorf("heard %v", heard)
	}
}

// TestHelloListsWhatThereIs compares hello with the requests that a daemon
// describes: the original's actions come first, in its order.
func TestHelloListsWhatThereIs(t *testing.T) {
	d := daemontest.NewHome(t).Start("a", "--sc-bridge-token", tokens["a"])
	c := dial(t, d, "a")
	hello, err := c.message()
	if err != nil {
		t.Fatal(err)
	}
	var described []string
	for _, r := range d.Raw(daemontest.Frame{"type": "schema"})["requests"].([]any) {
		described = append(described, r.(map[string]any)["request"].(string))
	}
	for app, original := range map[string][]string{
		"focus":   {"focus_start", "focus_join", "focus_checkin", "focus_end", "focus_extend", "focus_status", "focus_rooms", "focus_streaks"},
		"expense": {"expense_add", "expense_list", "expense_balance", "expense_clear", "expense_export", "expense_persist", "expense_restore"},
	} {
		var actions []string
		for _, v := range hello.at(app + "BridgeActions").list {
			actions = append(actions, v.scalar.(string))
		}
		if len(actions) < len(original) || !slices.Equal(actions[:len(original)], original) {
			t.Errorf("%s: %q do not begin with %q", app, actions, original)
		}
		for _, r := range described {
			if strings.HasPrefix(r, app+"_") != slices.Contains(actions, r) {
				t.Errorf("%s: %s is in hello or in the schema, not in both", app, r)
			}
		}
	}
}
