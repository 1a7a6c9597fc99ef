// Package docs_test checks what the pages of this folder claim.
package docs_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"intercom/daemon/roomfile"
	"intercom/expense"
	"intercom/focus"
	"intercom/internal/app"
	"intercom/internal/apps"
	"intercom/ledger"
	"intercom/ledger/core"
	"intercom/ledger/event"
	"intercom/p2p/channel"
)

func page(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("format.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// section returns the part of the page under a heading, up to the next one.
func section(t *testing.T, heading string) string {
	t.Helper()
	_, text, ok := strings.Cut(page(t), "\n"+heading+"\n")
	if !ok {
		t.Fatalf("no heading %q", heading)
	}
	text, _, _ = strings.Cut(text, "\n#")
	return text
}

// rows returns the cells of the tables in a text, without their heads.
func rows(text string) (out [][]string) {
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if strings.HasPrefix(line, "| ") && len(cells) > 1 {
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			out = append(out, cells)
		}
	}
	return out
}

type vector struct {
	What  string `json:"what"`
	Event string `json:"event_cbor"`
	ID    string `json:"id"`
	Sig   string `json:"sig"`
}

func vectors(t *testing.T) (all []vector) {
	t.Helper()
	b, err := os.ReadFile("../ledger/event/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheWorkedExampleIsTheVector(t *testing.T) {
	text := section(t, "## A worked example")
	var raw []byte
	for _, row := range rows(text)[1:] {
		b, err := hex.DecodeString(strings.ReplaceAll(strings.Trim(row[0], "`"), " ", ""))
		if err != nil {
			t.Fatalf("%s: %v", row[0], err)
		}
		raw = append(raw, b...)
	}
	want := vectors(t)[1]
	if got := hex.EncodeToString(raw); got != want.Event {
		t.Errorf("the rows make\n%s, the vector is\n%s", got, want.Event)
	}
	if !strings.Contains(text, "id   "+want.ID+"\n") || !strings.Contains(text, "sig  "+want.Sig+"\n") {
		t.Error("id or signature of the vector is missing")
	}
}

func TestTheChannelsOfThePageHaveTheirIDs(t *testing.T) {
	found := 0
	for _, row := range rows(section(t, "## Ids of channels and rooms")) {
		name, ok := strings.CutPrefix(row[0], "open `")
		if !ok {
			continue
		}
		found++
		if id := event.OpenRoom(strings.TrimSuffix(name, "`")); row[1] != "`"+id.String()+"`" {
			t.Errorf("%s is %s", row[0], id)
		}
	}
	if found != 2 {
		t.Errorf("%d channels found", found)
	}
}

func TestTheSetHashOfThePage(t *testing.T) {
	var set event.LtHash16
	for _, v := range vectors(t)[1:3] {
		id, err := event.ParseID(v.ID)
		if err != nil {
			t.Fatal(err)
		}
		set.AddID(id)
	}
	if sum := fmt.Sprintf("`%x`", set.Sum()); !strings.Contains(section(t, "## Hashes of sets"), sum) {
		t.Errorf("it is %s", sum)
	}
}

// fieldsOf returns the fields of a body as the page writes them.
func fieldsOf(t reflect.Type) (names []string) {
	for f := range t.Fields() {
		tag := f.Tag.Get("cbor")
		switch name, options, _ := strings.Cut(tag, ","); {
		case f.Anonymous:
			names = append(names, fieldsOf(f.Type)...)
		case options == "":
			names = append(names, "`"+name+"`")
		default:
			names = append(names, "`"+name+"?`")
		}
	}
	return names
}

func TestThePageListsEveryBodyWithItsFields(t *testing.T) {
	listed := map[string]string{}
	for _, row := range rows(page(t)) {
		if name := strings.Trim(row[0], "`"); regexp.MustCompile(`^[a-z]+\.[a-z]+$`).MatchString(name) {
			if listed[name] != "" {
				t.Errorf("%s is listed twice", name)
			}
			listed[name] = row[1]
		}
	}
	kinds := core.Kinds()
	for _, a := range apps.All() {
		kinds = slices.Concat(kinds, a.Kinds)
	}
	for _, k := range kinds {
		body := reflect.TypeOf(k.New()).Elem()
		want := "any"
		if body.Kind() == reflect.Struct {
			want = strings.Join(fieldsOf(body), " ")
		}
		if listed[k.Type] != want {
			t.Errorf("%s is listed with %q, its body has %q", k.Type, listed[k.Type], want)
		}
		delete(listed, k.Type)
	}
	for name := range listed {
		if !strings.HasPrefix(name, "self.") && !slices.ContainsFunc(kinds, func(k app.Kind) bool { return k.Type == name }) {
			t.Errorf("%s is listed, and nobody decodes it", name)
		}
	}
}

func TestTheLimitsOfThePage(t *testing.T) {
	want := map[string]int64{
		"bytes of an event, stored form":       event.MaxSize,
		"bytes of a type":                      event.MaxType,
		"bytes of a key":                       event.MaxKey,
		"deps of an ordinary event":            int64(event.HeadLimit("expense.add")),
		"deps of a closing event":              int64(event.HeadLimit("room.close")),
		"seq, ts":                              event.MaxInteger,
		"minutes of tz":                        event.MaxTZ,
		"bytes of a channel name":              event.MaxName,
		"bytes of a member name":               expense.MaxName,
		"magnitude of an amount":               expense.MaxAmount,
		"decimals of an amount":                expense.MaxExponent,
		"names of a list in an expense":        expense.MaxNames,
		"bytes of a note":                      expense.MaxNote,
		"members of an exact plan":             expense.MaxExact,
		"code points of a focus text":          focus.MaxText,
		"seconds of a session":                 focus.MaxSeconds,
		"fields of a policy":                   core.MaxFields,
		"bytes of a policy field's name":       core.MaxFieldName,
		"bytes of a nonce":                     core.NonceSize,
		"operations of an event":               core.MaxOps,
		"bytes of a removal's reason":          core.MaxReason,
		"messages of a packet":                 channel.MaxMessages,
		"bytes of a packet's messages":         channel.MaxPayload,
		"bytes of a packet":                    channel.MaxWire,
		"keys in `to` of a direct frame":       channel.MaxTo,
		"zero bits of work in an open channel": int64(channel.OpenPolicy.WorkBits),

		"keys that a room's file is for":            roomfile.MaxReaders,
		"bytes of a room's file before its payload": roomfile.MaxHeader,
	}
	for _, row := range rows(section(t, "## Limits"))[1:] {
		n, err := strconv.ParseInt(row[1], 10, 64)
		if err != nil {
			t.Errorf("%s: %v", row[0], err)
		}
		if limit, ok := want[row[0]]; !ok || limit != n {
			t.Errorf("%s: the page says %d, the code %d", row[0], n, limit)
		}
		delete(want, row[0])
	}
	for name := range want {
		t.Errorf("%s is missing", name)
	}
}

func TestTheExamplesOfSharesAndPlan(t *testing.T) {
	raw, err := hex.DecodeString(vectors(t)[1].Event)
	if err != nil {
		t.Fatal(err)
	}
	s, err := event.Parse(raw, [64]byte{})
	if err != nil {
		t.Fatal(err)
	}
	seed := expense.Seed{Author: s.Author, Instance: s.Instance, Seq: s.Seq}
	var amounts []string
	for _, share := range expense.EqualShares(100, []string{"alice", "bob", "carol"}, seed) {
		amounts = append(amounts, strconv.FormatInt(share.Amount, 10))
	}
	if want := "100 among `alice`, `bob`, `carol` is " + strings.Join(amounts, ", ") + "."; !strings.Contains(section(t, "## Shares"), want) {
		t.Errorf("the page does not say: %s", want)
	}
	plan := expense.Plan([]expense.Balance{{Member: "alice", Amount: expense.SumOf(1500)}, {Member: "bob", Amount: expense.SumOf(-1500)}})
	if len(plan) != 1 || plan[0] != (expense.Transfer{From: "bob", To: "alice", Amount: expense.SumOf(1500)}) {
		t.Errorf("the plan is %v", plan)
	}
}

// The smallest question and the smallest packet, to hold the text of the page
// against what is sent.
func TestTheProtocolsOfThePage(t *testing.T) {
	text := page(t)
	for _, want := range []string{"`" + ledger.Protocol + "`", "`/intercom/1/`"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing", want)
		}
	}
	p := channel.Packet{Msgs: [][]byte{[]byte("1")}}
	if err := p.Seal(t.Context(), keyOfExample(), 12); err != nil {
		t.Fatal(err)
	}
	wire := p.Encode()
	unsigned := slices.Concat([]byte{0x87}, wire[1:len(wire)-66])
	if id := sha("intercom/packet/1\x00", unsigned); id != p.ID() {
		t.Errorf("id %x, by the page %x", p.ID(), id)
	}
	nonce := slices.Concat(head(p.Nonce), []byte{0x81})
	at := bytes.LastIndex(unsigned, nonce)
	work := sha("intercom/pow/1\x00", slices.Concat([]byte{0x86}, unsigned[1:at], unsigned[at+len(nonce)-1:]))
	if !channel.Worked(work, p.Nonce, 12) {
		t.Error("the proof of work is not that of the page")
	}
}
