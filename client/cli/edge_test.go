package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
)

// hungUp is the end of a pipe whose reader has gone.
type hungUp struct{}

func (hungUp) Write([]byte) (int, error) { return 0, &os.PathError{Op: "write", Err: syscall.EPIPE} }

func TestReaderThatHasGoneIsNoFailure(t *testing.T) {
	w := newWorld(t)
	w.Stdout = hungUp{}
	for _, args := range []string{"config list", "profile list --json", "config path"} {
		if exit := w.run(t, strings.Fields(args)...); exit != 0 || w.stderr.Len() > 0 {
			t.Errorf("%s: exit code %d: %s", args, exit, w.stderr.String())
		}
	}
}

func TestClearAsksAtATerminal(t *testing.T) {
	for _, c := range []struct {
		asks         bool
		answer, args string
		exit         int
		sent         bool
	}{
		{true, "y\n", "", 0, true},
		{true, "Yes\n", "", 0, true},
		{true, "\n", "", 6, false},
		{true, "", "", 6, false},
		{true, "", "--yes", 0, true},
		{true, "", "--dry-run", 0, true},
		{false, "", "", 2, false},
		{false, "", "--yes", 0, true},
		{false, "", "--dry-run", 0, true},
	} {
		w := newWorld(t).serve(t)
		w.Asks, w.StdinTTY = c.asks, c.asks
		w.in.WriteString(c.answer)
		exit := w.run(t, strings.Fields("expense clear --channel trip "+c.args)...)
		if exit != c.exit || (len(w.sent) > 0) != c.sent || exit == 2 && !strings.Contains(w.stderr.String(), "--yes") {
			t.Errorf("%+v: exit code %d, sent %v: %s", c, exit, w.sent, w.stderr.String())
		}
	}
}

func TestExpenseBalanceTellsWhereIStand(t *testing.T) {
	w := newWorld(t).serve(t)
	w.answer = func(map[string]json.RawMessage) []string {
		return []string{`{"type":"expense_balance","channel":"c","joined":true,"balances":[
			{"member":"alice","amount":"15.00","minor":"1500","currency":"EUR","exp":2},
			{"member":"bob","amount":"-15.00","minor":"-1500","currency":"EUR","exp":2},
			{"member":"bob","amount":"20.00","minor":"2000","currency":"USD","exp":2},
			{"member":"carol","amount":"0.00","minor":"0","currency":"EUR","exp":2}]}`}
	}
	for me, want := range map[string]int{"alice": 21, "ALICE ": 21, "bob": 20, "carol": 0, "nobody": 5} {
		if exit := w.run(t, "expense", "balance", "--channel", "c", "--exit-code", "--as", me); exit != want || w.out.Len() == 0 {
			t.Errorf("%s: exit code %d, want %d: %s", me, exit, want, w.stderr.String())
		}
	}
	exit := w.run(t, "expense", "balance", "--channel", "c", "--exit-code")
	w.wantError(t, exit, 2, "hint: pass --as NAME")
	w.vars["INTERCOM_EXPENSE_ME"] = "bob"
	if exit := w.run(t, "expense", "balance", "--channel", "c", "--exit-code"); exit != 20 {
		t.Errorf("from the settings: exit code %d", exit)
	}
	plain := w.answer
	w.answer = func(in map[string]json.RawMessage) []string {
		out := plain(in)
		return []string{strings.Replace(out[0], `"joined":true`, `"joined":true,"me":"alice"`, 1)}
	}
	if exit := w.run(t, "expense", "balance", "--channel", "c", "--exit-code"); exit != 21 {
		t.Errorf("whom the key speaks for comes before the settings: exit code %d", exit)
	}
	if exit := w.run(t, "expense", "balance", "--channel", "c", "--exit-code", "--as", "carol"); exit != 0 {
		t.Errorf("--as comes before all: exit code %d", exit)
	}
	if exit := w.run(t, "expense", "balance", "--channel", "c"); exit != 0 {
		t.Errorf("unasked: exit code %d", exit)
	}
}

func TestFocusStatusTellsWhetherASessionRuns(t *testing.T) {
	w := newWorld(t).serve(t)
	status, joined := "", false
	w.answer = func(map[string]json.RawMessage) []string {
		return []string{fmt.Sprintf(`{"type":"focus_status","rooms":[{"room":"r","status":%q,"joined":%t,"participants":[],"checkins":[]}]}`, status, joined)}
	}
	for _, c := range []struct {
		status string
		joined bool
		room   string
		want   int
	}{
		{"active", true, "", 0}, {"active", false, "", 20}, {"active", false, "r", 0},
		{"idle", true, "", 20}, {"ended", true, "r", 20},
		{"break", true, "", 21}, {"break", false, "", 20}, {"break", false, "r", 21}, {"paused", true, "", 22},
	} {
		status, joined = c.status, c.joined
		if exit := w.run(t, strings.Fields("focus status --exit-code "+c.room)...); exit != c.want || w.out.Len() == 0 {
			t.Errorf("%+v: exit code %d: %s", c, exit, w.stderr.String())
		}
	}
}

func TestExportPrintsTheDocumentItself(t *testing.T) {
	w := newWorld(t).serve(t)
	w.answer = func(map[string]json.RawMessage) []string {
		return []string{`{"type":"expense_export","channel":"c","format":"csv","what":"plan","data":"a,b\n1,2"}`}
	}
	if exit := w.run(t, "expense", "export", "--channel", "c", "--format", "csv"); exit != 0 || w.out.String() != "a,b\n1,2\n" {
		t.Errorf("exit code %d: %q %s", exit, w.out.String(), w.stderr.String())
	}
	w.wantSent(t, `{"channel":"c","format":"csv","type":"expense_export"}`)
	if exit := w.run(t, "expense", "export", "--channel", "c", "--jq", ".what"); exit != 0 || w.out.String() != "plan\n" {
		t.Errorf("exit code %d: %q %s", exit, w.out.String(), w.stderr.String())
	}
}

func TestExportHasOneMeaningOfJSON(t *testing.T) {
	w := newWorld(t).serve(t)
	for _, c := range []struct{ args, env, want string }{
		{"", "", `{"channel":"c","type":"expense_export"}`},
		{"", "yaml", `{"channel":"c","type":"expense_export"}`},
		{"", "json", `{"channel":"c","format":"json","type":"expense_export"}`},
		{"--json", "", `{"channel":"c","format":"json","type":"expense_export"}`},
		{"--json --format json", "csv", `{"channel":"c","format":"json","type":"expense_export"}`},
		{"--format text", "json", `{"channel":"c","format":"text","type":"expense_export"}`},
	} {
		w.vars["INTERCOM_FORMAT"] = c.env
		w.run(t, strings.Fields("expense export --channel c "+c.args)...)
		w.wantSent(t, c.want)
	}
	w.wantError(t, w.run(t, "expense", "export", "--channel", "c", "--json", "--format", "csv"), 2, "exclude each other")
}

func TestTextThatIsNotUTF8IsRefused(t *testing.T) {
	w := newWorld(t).serve(t)
	w.in.WriteString("a\xff")
	for _, args := range [][]string{
		{"send", "c", "a\xff"}, {"send", "c", "-"}, {"expense", "add", "--payer", "\xc3"}, {"config", "set", "channel", "\xff"},
	} {
		w.wantError(t, w.run(t, args...), 2, "invalid_utf8")
		w.wantSent(t)
	}
}

func TestSendTakesTextFromArgumentOrStandardInput(t *testing.T) {
	for args, want := range map[string]string{
		"send c hello":             `{"channel":"c","message":"hello","type":"send"}`,
		"send --channel c hello":   `{"channel":"c","message":"hello","type":"send"}`,
		"send c -":                 `{"channel":"c","message":"from\nstdin","type":"send"}`,
		"send c":                   `{"channel":"c","message":"from\nstdin","type":"send"}`,
		"send --room c":            `{"channel":"c","message":"from\nstdin","type":"send"}`,
		"send c hello --key k1":    `{"channel":"c","key":"k1","message":"hello","type":"send"}`,
		"send c hello --dry-run":   `{"channel":"c","dryRun":true,"message":"hello","type":"send"}`,
		"call {\"type\":\"ping\"}": `{"type":"ping"}`,
	} {
		w := newWorld(t).serve(t)
		w.in.WriteString("from\nstdin\n")
		if exit := w.run(t, strings.Fields(args)...); exit != 0 {
			t.Errorf("%s: exit code %d: %s", args, exit, w.stderr.String())
		}
		w.wantSent(t, want)
	}
	w := newWorld(t)
	w.StdinTTY = true
	for _, args := range []string{"send c", "call"} {
		w.wantError(t, w.run(t, strings.Fields(args)...), 2, "is missing")
	}
}

// channelOf answers for a channel whose followers get what next returns.
func channelOf(next func() []string) func(map[string]json.RawMessage) []string {
	return func(request map[string]json.RawMessage) []string {
		switch string(request["type"]) {
		case `"join"`:
			return []string{`{"type":"joined","channel":"c"}`}
		case `"events"`:
			if string(request["follow"]) == "false" {
				return []string{following} // where the stream is before the join
			}
			return next()
		}
		return nil
	}
}

func messageOf(value string) string {
	return `{"type":"sidechannel_message","channel":"c","id":"i","from":"0123456789","relayedBy":null,"ts":1000,"message":` + value + `,"cursor":"m:ab:1:0"}`
}

const following = `{"type":"events","cursor":"m:ab:0:0"}`

func TestListenPrintsMessages(t *testing.T) {
	w := newWorld(t).serve(t)
	w.answer = channelOf(func() []string {
		return []string{messageOf(`"text\u001b[2J"`), `{"type":"focus_event","cursor":"r:1"}`, messageOf(`{"a":1}`), following}
	})
	if exit := w.run(t, "listen", "c", "--count", "2"); exit != 0 {
		t.Fatalf("exit code %d: %s", exit, w.stderr.String())
	}
	w.wantSent(t, `{"follow":false,"limit":1,"type":"events"}`, `{"channel":"c","type":"join"}`,
		`{"channels":["c"],"since":"m:ab:0:0","type":"events","types":["sidechannel_message"]}`)
	if strings.ContainsRune(w.out.String(), 0x1b) || !strings.Contains(w.out.String(), `{"a":1}`) {
		t.Errorf("printed %q", w.out.String())
	}
	if exit := w.run(t, "listen", "c", "--count", "1", "--format", "jsonl"); exit != 0 || !strings.HasPrefix(w.out.String(), `{"time":"1970-01-01T00:00:01Z","channel":"c"`) {
		t.Errorf("exit code %d: %q", exit, w.out.String())
	}
	for _, format := range []string{"csv", "tsv"} {
		w.vars["INTERCOM_FORMAT"] = format
		if exit := w.run(t, "listen", "c", "--count", "1"); exit != 0 || !strings.Contains(w.out.String(), "0123456789") {
			t.Errorf("%s: exit code %d: the key is not whole in %q", format, exit, w.out.String())
		}
	}
	w.vars["INTERCOM_FORMAT"] = ""
	w.wantError(t, w.run(t, "listen", "c", "--count", "3", "--timeout", "50ms"), 7, "not done within 50ms")
}

func TestListenDialsALostDaemonAgain(t *testing.T) {
	w := newWorld(t).serve(t)
	times := 0
	w.answer = channelOf(func() []string {
		switch times++; times {
		case 1:
			return []string{messageOf(`"one"`), following, ""}
		case 2:
			return nil
		}
		return []string{messageOf(`"two"`), following}
	})
	if exit := w.run(t, "listen", "c", "--count", "2", "--jq", ".message"); exit != 0 || w.out.String() != "one\ntwo\n" {
		t.Errorf("exit code %d: %q %s", exit, w.out.String(), w.stderr.String())
	}
	if !strings.Contains(w.stderr.String(), "dialling again\nconnected again\n") {
		t.Errorf("said %q", w.stderr.String())
	}
}

func TestListenWithoutADaemonDoesNotWaitForOne(t *testing.T) {
	w := newWorld(t)
	w.wantError(t, w.run(t, "listen", "c"), 10, "daemon_not_running")
}
