package expense_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// vector is one of the format's examples.
type vector struct {
	What     string         `json:"what"`
	Author   event.Key      `json:"author"`
	Instance event.Instance `json:"instance"`
	Seq      uint64         `json:"seq"`
	TS       int64          `json:"ts"`
	TZ       int            `json:"tz"`
	Body     string         `json:"body_cbor"`
}

// requestOf returns the request of an app that has a type.
func requestOf(a *app.App, name string) app.Request {
	return a.Requests[slices.IndexFunc(a.Requests, func(q app.Request) bool { return q.Request == name })]
}

func TestAddWritesTheBodyOfTheFormatsExample(t *testing.T) {
	data, err := os.ReadFile("../ledger/event/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(vectors, func(v vector) bool { return v.What == "expense.add" })
	v := vectors[i]
	in := expense.AddReq{Payer: "Alice", Amount: "30", Split: []string{"alice", "bob"}, Note: "dinner", Currency: "eur"}
	drafts, err := requestOf(expense.App(), "expense_add").Write(newRoom(), in, app.Call{
		Author: v.Author, Instance: v.Instance, Seq: v.Seq, Now: time.UnixMilli(v.TS).In(time.FixedZone("", v.TZ*60)),
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := event.Marshal(drafts[0].Body)
	if err != nil || hex.EncodeToString(got) != v.Body {
		t.Errorf("body %x, not %s (%v)", got, v.Body, err)
	}
}

func TestAddRefuses(t *testing.T) {
	good := func(change func(*expense.AddReq)) expense.AddReq {
		in := expense.AddReq{Payer: "alice", Amount: "30", Split: []string{"alice", "bob"}}
		change(&in)
		return in
	}
	amount := func(a expense.Amount) func(*expense.AddReq) { return func(r *expense.AddReq) { r.Amount = a } }
	many := make([]string, 1001)
	for i := range many {
		many[i] = fmt.Sprint("n", i)
	}
	long := make([]string, 400)
	for i := range long {
		long[i] = many[i] + strings.Repeat("x", 120)
	}
	for name, c := range map[string]struct {
		in   expense.AddReq
		code wire.Code
		says string
	}{
		"nothing":      {expense.AddReq{}, wire.MissingField, "payer, amount and split are missing"},
		"two":          {expense.AddReq{Payer: "alice"}, wire.MissingField, "amount and split are missing"},
		"blank payer":  {good(func(r *expense.AddReq) { r.Payer = " " }), wire.MissingField, "payer is missing"},
		"no amount":    {good(amount("")), wire.MissingField, "amount is missing"},
		"empty split":  {good(func(r *expense.AddReq) { r.Split = []string{" ", ""} }), wire.MissingField, "split is missing"},
		"null":         {good(amount("null")), wire.InvalidAmount, "not a plain decimal"},
		"empty text":   {good(amount(`""`)), wire.InvalidAmount, "not a plain decimal"},
		"zero":         {good(amount("0")), wire.InvalidAmount, "above zero"},
		"below zero":   {good(amount("-5")), wire.InvalidAmount, "above zero"},
		"comma":        {good(amount(`"1,50"`)), wire.InvalidAmount, "not a plain decimal"},
		"exponent":     {good(amount("1e3")), wire.InvalidAmount, "not a plain decimal"},
		"hexadecimal":  {good(amount(`"0x10"`)), wire.InvalidAmount, "not a plain decimal"},
		"list":         {good(amount(`[10]`)), wire.InvalidAmount, "not a plain decimal"},
		"decimals":     {good(amount(`"1.005"`)), wire.InvalidAmount, "too many decimals"},
		"too large":    {good(amount("90071992547409.92")), wire.InvalidAmount, "out of range"},
		"yen":          {good(func(r *expense.AddReq) { r.Amount, r.Currency = "1.5", "JPY" }), wire.InvalidAmount, "too many decimals"},
		"currency":     {good(func(r *expense.AddReq) { r.Currency = "€" }), wire.InvalidRequest, "currency"},
		"payer's name": {good(func(r *expense.AddReq) { r.Payer = "a\x00b" }), wire.InvalidRequest, "payer"},
		"name":         {good(func(r *expense.AddReq) { r.Split = []string{strings.Repeat("x", 129)} }), wire.InvalidRequest, "split"},
		"names":        {good(func(r *expense.AddReq) { r.Split = many }), wire.TooLarge, "at most 1000"},
		"long names":   {good(func(r *expense.AddReq) { r.Split = long }), wire.TooLarge, "bytes"},
		"note":         {good(func(r *expense.AddReq) { r.Note = strings.Repeat("x", 4097) }), wire.TooLarge, "note"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom()
			_, _, err := r.Do(alice, noon, c.in)
			if err == nil {
				t.Fatal("accepted")
			}
			if e := wire.AsError(err); e.Code != c.code || !strings.Contains(e.Reason, c.says) {
				t.Errorf("%s: %s, not %s: %s", e.Code, e.Reason, c.code, c.says)
			}
			if len(r.Events()) != 0 {
				t.Error("a refused request wrote an event")
			}
		})
	}
}

func TestAddTakesTheDayOfTheAuthor(t *testing.T) {
	r := newRoom()
	late := time.Date(2026, 11, 22, 23, 30, 0, 0, time.FixedZone("", -8*3600))
	reply, _, err := r.Do(alice, late, expense.AddReq{Payer: "a", Amount: `"0.5"`, Split: []string{"b"}})
	if err != nil {
		t.Fatal(err)
	}
	e := reply.(expense.AddReply).Entry
	if e.Date != "2026-11-22" || e.Amount != "0.50" || e.Minor != "50" || e.Currency != "XXX" || !e.At.Equal(late) {
		t.Errorf("entry: %+v", e)
	}
}

func TestClearOfARoomWithoutEntriesWritesNothing(t *testing.T) {
	r := newRoom()
	reply := do[expense.ClearReply](t, r, alice, expense.ClearReq{})
	if !reply.OK || !reply.Closed.IsZero() || len(r.Events()) != 0 {
		t.Errorf("reply: %+v", reply)
	}
}

func TestClearOfAnyRoomFitsAnEvent(t *testing.T) {
	r := newRoom()
	for i := range 30 {
		names := make([]string, 100)
		for j := range names {
			names[j] = strings.Repeat("m", 100) + string(rune('a'+i)) + string(rune('a'+j%26)) + string(rune('a'+j/26))
		}
		r.Write(alice, noon, "", app.Draft{Type: "expense.add", Body: body(1000*expense.MaxAmount/1000, "a", names...)})
	}
	reply := do[expense.ClearReply](t, r, alice, expense.ClearReq{})
	if reply.Entries != 30 || len(reply.Unsettled) == 0 || shown(t, r) != "" {
		t.Errorf("%d entries, %d unsettled", reply.Entries, len(reply.Unsettled))
	}
}

func TestReopenRefuses(t *testing.T) {
	r := newRoom()
	refused := func(close string, code wire.Code) {
		t.Helper()
		_, _, err := r.Do(alice, noon, expense.ReopenReq{Close: close})
		if e := wire.AsError(err); err == nil || e.Code != code {
			t.Errorf("reopen %q: %v, not %s", close, err, code)
		}
	}
	refused("", wire.NotFound)
	refused("abcd", wire.NotFound)
	refused("/x", wire.InvalidRequest)
	starts := map[string]bool{}
	for i := 0; ; i++ { // until two ids begin alike
		add(t, r, alice, "alice", "30", "alice,bob")
		id := do[expense.ClearReply](t, r, alice, expense.ClearReq{}).Closed.String()
		if starts[id[:1]] {
			refused(id[:1], wire.Ambiguous)
			do[expense.ReopenReply](t, r, alice, expense.ReopenReq{Close: id})
			refused(id, wire.Conflict)
			return
		}
		starts[id[:1]] = true
	}
}

func TestAmountsOfOneValueAreOneRequest(t *testing.T) {
	for _, c := range []struct{ a, b expense.Amount }{{`30`, `"30"`}, {`12.5`, `"12.5"`}} {
		x, errX := json.Marshal(c.a)
		y, errY := json.Marshal(c.b)
		if string(x) != string(y) || errX != nil || errY != nil {
			t.Errorf("%s and %s differ", x, y)
		}
	}
}

// A repeated key is answered from the stored JSON of the first reply.
func TestRepliesSurviveJSON(t *testing.T) {
	r := newRoom()
	for _, in := range []any{
		expense.AddReq{Payer: "alice", Amount: "30", Split: []string{"alice", "bob"}, Note: "<dinner>"},
		expense.ListReq{}, expense.BalanceReq{}, expense.SettleReq{}, expense.ExportReq{},
		expense.PersistReq{Label: "l"}, expense.ClearReq{}, expense.ReopenReq{}, expense.ClearReq{}, expense.ClearReq{},
		expense.RestoreReq{}, expense.RestoreReq{Replace: true}, expense.PersistReq{Sim: true},
		expense.DefaultsReq{Split: []string{"a", "b"}}, expense.PayReq{From: "bob", To: "alice", Amount: "1", Note: "<cash>"},
		expense.ListReq{All: true},
	} {
		reply, _, err := r.Do(alice, noon, in)
		if err != nil {
			t.Fatal(err)
		}
		first, err := json.Marshal(reply)
		if err != nil {
			t.Fatal(err)
		}
		again := reflect.New(reflect.TypeOf(reply))
		if err := json.Unmarshal(first, again.Interface()); err != nil {
			t.Fatalf("%T: %v", reply, err)
		}
		if second, err := json.Marshal(again.Interface()); err != nil || string(second) != string(first) {
			t.Errorf("%s became %s (%v)", first, second, err)
		}
		if _, ok := reply.(wire.Tabular); !ok {
			t.Errorf("%T has no table", reply)
		}
	}
}

func TestEveryRequestHasASchema(t *testing.T) {
	for _, q := range expense.App().Requests {
		if _, err := (wire.Declared{Spec: q.Spec, In: q.In, Out: q.Out}).Describe(); err != nil {
			t.Errorf("%s: %v", q.Request, err)
		}
	}
}

func TestNamesOfOpenEntriesComplete(t *testing.T) {
	r := newRoom()
	add(t, r, alice, "carol", "10", "a,b")
	if got := expense.App().Names[wire.CompleteMembers](r); !slices.Equal(got, []string{"a", "b", "carol"}) {
		t.Errorf("names: %v", got)
	}
}

func TestIdsOfClosesAndCheckpointsComplete(t *testing.T) {
	r := newRoom()
	names := func(kind string) []string { return expense.App().Names[kind](r) }
	add(t, r, alice, "a", "10", "a,b")
	do := func(in any) any {
		t.Helper()
		reply, _, err := r.Do(alice, noon, in)
		if err != nil {
			t.Fatal(err)
		}
		return reply
	}
	point := do(expense.PersistReq{}).(expense.PersistReply).Checkpoint
	closed := do(expense.ClearReq{}).(expense.ClearReply).Closed
	if got := names(wire.CompleteCheckpoints); !slices.Equal(got, []string{point.String()}) {
		t.Errorf("checkpoints %v, not %v", got, point)
	}
	if got := names(wire.CompleteCloses); !slices.Equal(got, []string{closed.String()}) {
		t.Errorf("closes %v, not %v", got, closed)
	}
	do(expense.ReopenReq{})
	if got := names(wire.CompleteCloses); len(got) != 0 {
		t.Errorf("closes %v, though none can be reopened", got)
	}
}

// A year that JSON cannot write must not make a room unreadable.
func TestListSurvivesAClockFarAhead(t *testing.T) {
	r := newRoom()
	if _, _, err := r.Do(alice, time.UnixMilli(event.MaxInteger), expense.AddReq{Payer: "a", Amount: "1", Split: []string{"a", "b"}, Date: "2026-01-02"}); err != nil {
		t.Fatal(err)
	}
	list, _, err := r.Do(alice, noon, expense.ListReq{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(list); err != nil {
		t.Error(err)
	}
}
