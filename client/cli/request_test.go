package cli_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"intercom/client/clienttest"
	"intercom/client/wire"
	"intercom/internal/app"
)

// size reads its own JSON, from a text or a number.
type size int

func (s *size) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case `"big"`, `9`:
		*s = 9
		return nil
	}
	return wire.Errorf(wire.InvalidAmount, "size %s is none", b).WithHint("say big")
}

type putReq struct {
	app.InNamed
	Text  string          `json:"text,omitempty" short:"t" required:"true" jsonschema:"what to put"`
	Tags  []string        `json:"tags,omitempty" jsonschema:"words"`
	Count int             `json:"count,omitempty" flag:"number" jsonschema:"how many"`
	Loud  bool            `json:"loudVoice,omitempty" jsonschema:"shout"`
	Size  size            `json:"size,omitempty" jsonschema:"how big"`
	Color string          `json:"color,omitempty" enum:"red,blue" jsonschema:"which"`
	Calm  *bool           `json:"calm,omitempty" clidefault:"false" cli:"-"`
	Mood  string          `json:"mood,omitempty" clidefault:"fine" jsonschema:"how"`
	Extra json.RawMessage `json:"extra,omitempty" jsonschema:"anything"`
}

type putReply struct {
	Room  string `json:"room"`
	Count int    `json:"count"`
}

func (r putReply) Table() wire.Table {
	return wire.Table{Columns: wire.Columns("room", ">count"), Rows: [][]any{{r.Room, r.Count}}}
}

func (r putReply) Note() string { return "put" }

// listReq is embedded under the name of its field, as app.Channel is.
type listReq struct{ app.Channel }

type everyReq struct{ app.InNamed }

func fakeApp() app.Commands {
	return app.Commands{Requests: []wire.Declared{
		declare[putReq](wire.Spec{Request: "fake_put", Reply: "fake_put_done", Summary: "Put", Command: "fake put", Write: true}),
		declare[listReq](wire.Spec{Request: "fake_list", Reply: "fake_list", Summary: "List", Command: "fake list"}),
		declare[everyReq](wire.Spec{Request: "fake_every", Reply: "fake_every", Summary: "Every", Command: "fake every", Rooms: true}),
		declare[listReq](wire.Spec{Request: "fake_silent", Reply: "fake_silent", Summary: "No command"}),
	}}
}

// declare declares a request that is answered by a putReply.
func declare[Req any](s wire.Spec) wire.Declared { return wire.Def[Req, putReply]{Spec: s}.Declared() }

func TestFieldsBecomeFlags(t *testing.T) {
	w := newWorld(t, fakeApp()).serve(t)
	for args, want := range map[string]string{
		"put r -t x":                     `{"calm":false,"mood":"fine","room":"r","text":"x","type":"fake_put"}`,
		"put --room r --text x":          `{"calm":false,"mood":"fine","room":"r","text":"x","type":"fake_put"}`,
		"put --channel r --text x":       `{"calm":false,"mood":"fine","room":"r","text":"x","type":"fake_put"}`,
		"put r -t x --tags a,b --tags c": `{"calm":false,"mood":"fine","room":"r","tags":["a","b","c"],"text":"x","type":"fake_put"}`,
		"put r -t x --number 3":          `{"calm":false,"count":3,"mood":"fine","room":"r","text":"x","type":"fake_put"}`,
		"put r -t x --loud-voice":        `{"calm":false,"loudVoice":true,"mood":"fine","room":"r","text":"x","type":"fake_put"}`,
		"put r -t x --size big":          `{"calm":false,"mood":"fine","room":"r","size":"big","text":"x","type":"fake_put"}`,
		"put r -t x --color red":         `{"calm":false,"color":"red","mood":"fine","room":"r","text":"x","type":"fake_put"}`,
		"put r -t x --mood bad":          `{"calm":false,"mood":"bad","room":"r","text":"x","type":"fake_put"}`,
		"put r -t x --extra {\"a\":1}":   `{"calm":false,"extra":{"a":1},"mood":"fine","room":"r","text":"x","type":"fake_put"}`,
		"put r -t x --key k --dry-run":   `{"calm":false,"dryRun":true,"key":"k","mood":"fine","room":"r","text":"x","type":"fake_put"}`,
		"list --channel r":               `{"channel":"r","type":"fake_list"}`,
		"list --room r":                  `{"channel":"r","type":"fake_list"}`,
		"every":                          `{"type":"fake_every"}`,
		"every r":                        `{"room":"r","type":"fake_every"}`,
	} {
		if exit := w.run(t, strings.Fields("fake "+args)...); exit != 0 {
			t.Errorf("%s: exit code %d: %s", args, exit, w.stderr.String())
		}
		w.wantSent(t, want)
	}
}

func TestMistakesInFlagsReachNoDaemon(t *testing.T) {
	w := newWorld(t, fakeApp()).serve(t)
	for args, want := range map[string]string{
		"put r":                            "--text",
		"put r s -t x":                     `"s"`,
		"put r -t x --room s":              "given twice",
		"put r -t x --number many":         "not a number",
		"put r -t x --loud-voice=perhaps":  "not true or false",
		"put r -t x --color green":         "red, blue",
		"put r -t x --extra {":             "not JSON",
		"put r -t x --size small":          "hint: say big",
		"put r -t - --mood -":              "only one of",
		"put r -t x --nope":                "--nope",
		"put r -t x --fields nope":         "nope",
		"put r -t x --format xml":          "xml",
		"put r -t x --json --format csv":   "exclude each other",
		"put r -t x --jq .a --template .b": "exclude each other",
		"put r -t x --timeout -1s":         "negative",
		"silent":                           `no command "silent"`,
		"putt":                             "hint: intercom fake put",
	} {
		exit := w.run(t, strings.Fields("fake "+args)...)
		w.wantError(t, exit, 2, want, "hint")
		w.wantSent(t)
	}
}

func TestTextComesFromStandardInput(t *testing.T) {
	w := newWorld(t, fakeApp()).serve(t)
	w.in.WriteString("two\nlines\n")
	if exit := w.run(t, "fake", "put", "r", "--text", "-"); exit != 0 {
		t.Fatal(w.stderr.String())
	}
	w.wantSent(t, `{"calm":false,"mood":"fine","room":"r","text":"two\nlines","type":"fake_put"}`)
}

func TestRoomIsTheCurrentChannel(t *testing.T) {
	w := newWorld(t, fakeApp()).serve(t)
	exit := w.run(t, "fake", "list")
	w.wantError(t, exit, 2, "no_channel", "hint: intercom channel use NAME")
	w.wantSent(t)

	if exit := w.run(t, "channel", "use", "from-file"); exit != 0 {
		t.Fatal(w.stderr.String())
	}
	w.run(t, "fake", "list")
	w.wantSent(t, `{"channel":"from-file","type":"fake_list"}`)
	w.vars["INTERCOM_CHANNEL"] = "from-env"
	w.run(t, "fake", "list")
	w.wantSent(t, `{"channel":"from-env","type":"fake_list"}`)
	w.run(t, "fake", "list", "--room", "from-flag")
	w.wantSent(t, `{"channel":"from-flag","type":"fake_list"}`)
	w.run(t, "fake", "every")
	w.wantSent(t, `{"type":"fake_every"}`)
}

func TestReplyIsADocumentWithANote(t *testing.T) {
	w := newWorld(t, fakeApp()).serve(t)
	w.answer = func(map[string]json.RawMessage) []string {
		return []string{`{"type":"fake_put_done","room":"r","count":2}`}
	}
	for format, want := range map[string]string{
		"table": "ROOM  COUNT\nr         2\n",
		"json":  "{\n  \"schema\": \"intercom.fake.put/v1\",\n  \"room\": \"r\",\n  \"count\": 2\n}\n",
		"csv":   "room,count\r\nr,2\r\n",
	} {
		if exit := w.run(t, "fake", "put", "r", "-t", "x", "--dry-run", "--format", format); exit != 0 || w.out.String() != want {
			t.Errorf("%s: exit code %d: %q, want %q", format, exit, w.out.String(), want)
		}
		if got := w.stderr.String(); got != "dry run: nothing was changed\nwithout --dry-run: put\n" {
			t.Errorf("%s: note %q", format, got)
		}
	}
}

func TestRefusalsHaveExitCodes(t *testing.T) {
	w := newWorld(t, fakeApp()).serve(t)
	for code, want := range wire.Codes() {
		w.answer = func(map[string]json.RawMessage) []string {
			return []string{fmt.Sprintf(`{"type":"error","error":"T","code":%q,"reason":"why","hint":"next"}`, code)}
		}
		ask := []string{"fake", "list", "--room", "r"}
		if code == wire.UnknownType { // of a declared request it says that the daemon is older
			ask = []string{"call", `{"type":"fake_lost"}`}
		}
		exit := w.run(t, ask...)
		w.wantError(t, exit, want, "intercom: why ("+string(code)+")\nhint: next\n")
		exit = w.run(t, append(ask, "--json")...)
		w.wantError(t, exit, want, fmt.Sprintf(`{"error":{"code":%q,"message":"why","hint":"next","exit":%d}}`, code, want))
	}
}

// TestEveryRoomOfARequestCanBeNamed keeps money and sessions out of the entry
// channel, which the original falls back to.
func TestEveryRoomOfARequestCanBeNamed(t *testing.T) {
	for name, d := range declared() {
		keys := map[string]bool{}
		for _, f := range wire.Fields(d.In) {
			keys[f.JSON] = true
		}
		if strings.HasPrefix(name, "expense_") && !keys["channel"] {
			t.Errorf("%s has no channel", name)
		}
	}
	w := newWorld(t).serve(t)
	for _, args := range []string{"expense balance", "expense list", "expense clear", "focus start", "focus end",
		"expense add --payer a --amount 1 --split a,b"} {
		exit := w.run(t, strings.Fields(args)...)
		w.wantError(t, exit, 2, "no_channel")
		w.wantSent(t)
	}
}

func TestADaemonOfAnotherProtocolIsExitCode12(t *testing.T) {
	for _, r := range []wire.Range{{}, {Min: wire.Protocol.Max + 1, Max: wire.Protocol.Max + 3}} {
		w := newWorld(t)
		hello := clienttest.Greeting()
		hello.Protocol = r
		clienttest.Bridge{Hello: hello, Answer: w.answer}.ServeSocket(t, mustProfile(t, w.Getenv))
		w.wantError(t, w.run(t, "channel", "list"), 12, "incompatible", "speaks protocol", "hint: ")
	}
}
