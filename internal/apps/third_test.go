//go:build unix

package apps_test

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom/client"
	"intercom/client/wire"
)

// TestTheTestsOfThePageHold runs the tests that docs/apps.md shows.
func TestTheTestsOfThePageHold(t *testing.T) {
	program := filepath.Join(t.TempDir(), "checklist.test")
	// Its folder exists for the compiler alone, so vet cannot enter it, nor
	// can `go test` run in it.
	goRun(t, "test", "-c", "-vet=off", "-overlay", overlay(t, "apps.md"), "-o", program, "intercom/checklist")
	cmd := exec.CommandContext(t.Context(), program, "-test.v")
	cmd.Dir = t.TempDir()
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestReplayInAnyOrderGivesOneState") {
		t.Errorf("%v\n%s", err, out)
	}
}

// home is two profiles of one user whose programs have the app of the page.
type home struct {
	t        *testing.T
	programs string
	env      []string
}

func newHome(t *testing.T) *home {
	// Not TempDir: a Unix socket's path has about 100 bytes, and the name of
	// the test would be in it.
	dir, err := os.MkdirTemp("", "ic")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	h := &home{t: t, programs: t.TempDir(), env: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "INTERCOM_HOME=" + dir, "INTERCOM_SC_BRIDGE_PORT=0",
		"INTERCOM_MDNS=false",
		"GORACE=atexit_sleep_ms=0", // else each command takes a second to end
	}}
	goRun(t, "build", "-overlay", overlay(t, "apps.md"), "-o", h.programs, "intercom/cmd/intercom", "intercom/cmd/intercomd")
	return h
}

// try runs a command line of a profile.
func (h *home) try(profile string, args ...string) (stdout, stderr string, exit int) {
	h.t.Helper()
	var out, said strings.Builder
	cmd := exec.Command(filepath.Join(h.programs, "intercom"), args...)
	cmd.Env = append(slices.Clone(h.env), "INTERCOM_PROFILE="+profile)
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		ended, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			h.t.Fatal(err)
		}
		exit = ended.ExitCode()
	}
	return out.String(), said.String(), exit
}

// run is try of a command that must succeed.
func (h *home) run(profile string, args ...string) string {
	h.t.Helper()
	out, said, exit := h.try(profile, args...)
	if exit != 0 {
		h.t.Fatalf("intercom %q of %s: exit code %d: %s", args, profile, exit, said)
	}
	return out
}

// list is what a request of the app replies.
type list struct {
	Schema, Channel string
	Items           []struct {
		ID, Text, By string
		Done         bool
	}
}

// json is run of a command whose document is a list.
func (h *home) json(profile string, args ...string) (l list) {
	h.t.Helper()
	if out := h.run(profile, append(args, "--json")...); json.Unmarshal([]byte(out), &l) != nil {
		h.t.Fatalf("intercom %q prints %s", args, out)
	}
	return l
}

// up starts the daemon of a profile, and returns the address of its bridge.
func (h *home) up(profile string) string {
	h.t.Helper()
	var started struct {
		TCP string
		PID int
	}
	if err := json.Unmarshal([]byte(h.run(profile, "up", "--json", "--timeout", "60s")), &started); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		if _, said, exit := h.try(profile, "down", "--timeout", "30s"); exit == 0 {
			return
		} else if p, err := os.FindProcess(started.PID); err == nil {
			h.t.Errorf("down of %s: exit code %d: %s", profile, exit, said)
			_ = p.Kill() // it may be gone
		}
	})
	return started.TCP
}

// eventually asks until ok is true.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not in time: %s", what)
		}
		<-tick.C
	}
}

func wantParts(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%s lacks %q:\n%s", what, p, text)
		}
	}
}

// TestAThirdAppIsAFolderAndALine builds the app of docs/apps.md into both
// programs and uses it in every way that comes with the declaration.
func TestAThirdAppIsAFolderAndALine(t *testing.T) {
	h := newHome(t)
	h.up("a")
	milk := h.json("a", "checklist", "add", "buy milk", "--channel", "home")
	if milk.Schema != "intercom.checklist.add/v1" || len(milk.Items) != 1 || milk.Items[0].Text != "buy milk" || len(milk.Items[0].ID) != 64 {
		t.Fatalf("add prints %+v", milk)
	}
	h.run("a", "checklist", "add", "--room", "home", "-t", "call bob")

	tcp := h.up("b") // late: all that it knows comes from a
	h.run("b", "channel", "join", "home")
	h.run("b", "channel", "use", "home")
	eventually(t, "b has both items", func() bool { return len(h.json("b", "checklist", "list").Items) == 2 })

	for name, part := range map[string]func(*home){
		"formats": func(h *home) { testFormats(h, milk) },
		"help":    testHelp,
		"schema":  testSchema,
	} {
		t.Run(name, func(t *testing.T) { part(h.of(t)) })
	}
	t.Run("done", func(t *testing.T) { testDone(h.of(t), milk) })
	t.Run("events", func(t *testing.T) { testEvents(h.of(t)) })
	t.Run("wrong use", func(t *testing.T) { testWrongUse(h.of(t)) })
	t.Run("keys and dry runs", func(t *testing.T) { testKeys(h.of(t)) })
	t.Run("bridge", func(t *testing.T) { testBridge(h.of(t), tcp) })
}

// of returns the home for a part of the test.
func (h *home) of(t *testing.T) *home {
	part := *h
	part.t = t
	return &part
}

func testHelp(h *home) {
	wantParts(h.t, "help", h.run("a", "--help"), "checklist", "Tick things off together")
	wantParts(h.t, "help of add", h.run("a", "checklist", "add", "--help"),
		"Put something on the list", "add [TEXT]", "-t, --text text", "up to 240 bytes", "--channel text", "--key", "--dry-run")
}

func testFormats(h *home, milk list) {
	if got := h.json("b", "checklist", "list"); got.Schema != "intercom.checklist.list/v1" || got.Channel != "home" ||
		got.Items[0] != milk.Items[0] || got.Items[1].Text != "call bob" {
		h.t.Errorf("json: %+v", got)
	}
	row := "false,buy milk," + milk.Items[0].By + "," + milk.Items[0].ID + "\r\n"
	if got := h.run("b", "checklist", "list", "--format", "csv"); !strings.HasPrefix(got, "done,text,by,id\r\n"+row+"false,call bob,") {
		h.t.Errorf("csv: %s", got)
	}
	table := regexp.MustCompile(`^DONE +TEXT +BY +ID\nfalse +buy milk +[0-9a-f]{8} +[0-9a-f]{12}\nfalse +call bob +`)
	if got := h.run("b", "checklist", "list"); !table.MatchString(got) {
		h.t.Errorf("table:\n%s", got)
	}
}

func testDone(h *home, milk list) {
	if got := h.json("b", "checklist", "done", "buy milk"); len(got.Items) != 1 || !got.Items[0].Done || got.Items[0].ID != milk.Items[0].ID {
		h.t.Errorf("done prints %+v", got)
	}
	eventually(h.t, "what is open is offered to complete", func() bool {
		return strings.HasPrefix(h.run("b", "__complete", "checklist", "done", ""), "call bob\n:")
	})
	eventually(h.t, "a knows that it is done", func() bool { return h.json("a", "checklist", "list", "--channel", "home").Items[0].Done })
}

func testWrongUse(h *home) {
	for _, c := range []struct {
		args []string
		exit int
		says []string
	}{
		{[]string{"add"}, 2, []string{"missing_field", "--text", "hint: intercom checklist add --help"}},
		{[]string{"add", "one", "two"}, 2, []string{`unexpected argument "two"`}},
		{[]string{"add", strings.Repeat("x", 241)}, 2, []string{"invalid_request", "240 bytes", "hint: intercom checklist add"}},
		{[]string{"add", "two\nlines"}, 2, []string{"control characters"}},
		{[]string{"done", "buy milk"}, 5, []string{"not_found", `no open item "buy milk" in home`, "hint: intercom checklist list"}},
		{[]string{"done", "--channel", "elsewhere", "call bob"}, 5, []string{"not_found"}},
		{[]string{"undo"}, 2, []string{"hint: intercom checklist --help"}},
	} {
		_, said, exit := h.try("b", append([]string{"checklist"}, c.args...)...)
		if exit != c.exit {
			h.t.Errorf("%.40q: exit code %d, want %d", c.args, exit, c.exit)
		}
		wantParts(h.t, strings.Join(c.args, " "), said, c.says...)
	}
	if _, said, exit := h.try("a", "checklist", "list"); exit != 2 || !strings.Contains(said, "no_channel") {
		h.t.Errorf("a list of no channel: exit code %d: %s", exit, said)
	}
}

func testKeys(h *home) {
	before := len(h.json("b", "checklist", "list").Items)
	_, said, exit := h.try("b", "checklist", "add", "tea", "--dry-run")
	if exit != 0 || !strings.Contains(said, "dry run: nothing was changed") {
		h.t.Errorf("dry run: exit code %d: %s", exit, said)
	}
	first := h.json("b", "checklist", "add", "tea", "--key", "k")
	again := h.json("b", "checklist", "add", "tea", "--key", "k")
	if len(again.Items) != 1 || first.Items[0] != again.Items[0] {
		h.t.Errorf("one key, two items: %+v, %+v", first, again)
	}
	if _, said, exit := h.try("b", "checklist", "add", "coffee", "--key", "k"); exit != 6 || !strings.Contains(said, "key_conflict") {
		h.t.Errorf("another text with the key: exit code %d: %s", exit, said)
	}
	if got := h.json("b", "checklist", "list").Items; len(got) != before+1 {
		h.t.Errorf("%d items became %d", before, len(got))
	}
	_, said, exit = h.try("b", "checklist", "add", "tea")
	if exit != 0 {
		h.t.Fatal(said)
	}
	if _, said, exit := h.try("b", "checklist", "done", "tea"); exit != 6 || !strings.Contains(said, "ambiguous_name") {
		h.t.Errorf("a text of two items: exit code %d: %s", exit, said)
	}
	if got := h.json("b", "checklist", "done", "--item", first.Items[0].ID[:20]); !got.Items[0].Done {
		h.t.Errorf("done by the beginning of its id: %+v", got)
	}
}

// described is what a schema says of requests.
type described struct {
	Requests []struct {
		Request string
		Command string
		Write   bool
		In, Out struct {
			Properties map[string]struct{ Type, Description any }
			Required   []string
		}
	}
}

func testSchema(h *home) {
	var local, remote described
	if err := json.Unmarshal([]byte(h.run("a", "schema", "checklist")), &local); err != nil {
		h.t.Fatal(err)
	}
	want := map[string][]string{
		"checklist_add": {"channel", "text"}, "checklist_done": {"channel", "item"}, "checklist_list": {"channel"},
	}
	for _, r := range local.Requests {
		fields, ok := want[r.Request]
		if got := slices.Sorted(maps.Keys(r.In.Properties)); !ok || !slices.Equal(got, fields) {
			h.t.Errorf("%s has fields %v, want %v", r.Request, got, fields)
		}
		if r.Write != (r.Request != "checklist_list") || r.Write != (len(r.In.Required) == 1) || len(r.Out.Properties) != 2 {
			h.t.Errorf("%s is described as %+v", r.Request, r)
		}
		delete(want, r.Request)
	}
	if len(want) > 0 {
		h.t.Errorf("not described: %v", want)
	}
	reply := h.run("a", "call", `{"type":"schema","request":"checklist_add"}`)
	if err := json.Unmarshal([]byte(reply), &remote); err != nil || len(remote.Requests) != 1 || remote.Requests[0].Command != "checklist add" {
		h.t.Errorf("the daemon describes %s", reply)
	}
}

// testEvents: an app without pushes of its own is told as it stands.
func testEvents(h *home) {
	var told struct {
		Events []struct {
			Type, Channel, Source, Cursor string
			Event                         struct {
				Type string
				Body struct{ Text string }
			}
		}
	}
	out := h.run("b", "events", "--since", "start", "--type", "item.add", "--json")
	if err := json.Unmarshal([]byte(out), &told); err != nil || len(told.Events) < 2 {
		h.t.Fatalf("events prints %s", out)
	}
	first := told.Events[0]
	if first.Type != "ledger_event" || first.Channel != "home" || first.Source != "remote" || first.Event.Type != "item.add" || first.Event.Body.Text != "buy milk" {
		h.t.Errorf("told: %+v", first)
	}
}

func testBridge(h *home, tcp string) {
	if got := h.json("a", "call", `{"type":"checklist_add","channel":"home","text":"raw"}`); len(got.Items) != 1 || got.Items[0].Text != "raw" {
		h.t.Errorf("call prints %+v", got)
	}
	p, err := client.FindProfile("b", func(name string) string {
		for _, v := range h.env {
			if value, ok := strings.CutPrefix(v, name+"="); ok {
				return value
			}
		}
		return ""
	})
	if err != nil {
		h.t.Fatal(err)
	}
	stranger := &client.Client{Profile: p, Address: tcp, Token: "wrong"}
	defer stranger.Close()
	if _, err := stranger.Raw(h.t.Context(), json.RawMessage(`{"type":"checklist_list","channel":"home"}`)); !errors.Is(err, &wire.Error{Code: wire.Unauthorized}) {
		h.t.Errorf("a wrong token: %v", err)
	}
	token, err := os.ReadFile(p.TokenFile())
	if err != nil {
		h.t.Fatal(err)
	}
	c := &client.Client{Profile: p, Address: tcp, Token: strings.TrimSpace(string(token))}
	defer c.Close()
	eventually(h.t, "b has what was called at a", func() bool {
		reply, err := c.Raw(h.t.Context(), json.RawMessage(`{"type":"checklist_list","channel":"home"}`))
		if err != nil {
			h.t.Fatal(err)
		}
		var l list
		return json.Unmarshal(reply, &l) == nil && l.Items[len(l.Items)-1].Text == "raw"
	})
	_, err = c.Raw(h.t.Context(), json.RawMessage(`{"type":"checklist_add","channel":"home"}`))
	if !errors.Is(err, &wire.Error{Code: wire.InvalidRequest}) {
		h.t.Errorf("an item without text: %v", err)
	}
}
