package focus_test

import (
	"strings"
	"testing"

	"intercom/focus"
	"intercom/ledger/event"
)

func marshal(t testing.TB, body any) []byte {
	t.Helper()
	b, err := event.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBodiesHaveLimits(t *testing.T) {
	id, key := event.ID{1}, event.Key{1}
	long := strings.Repeat("ü", focus.MaxText)
	for _, c := range []struct {
		name string
		body event.Body
		ok   bool
	}{
		{"start", &focus.Start{Goal: long, Seconds: 1, Begin: 5}, true},
		{"start, all fields", &focus.Start{Seconds: focus.MaxSeconds, Tags: []string{"a"}, Cycle: []int64{1500, 300, 4}, DayStart: 240}, true},
		{"start, goal too long", &focus.Start{Goal: long + "x", Seconds: 1}, false},
		{"start without length", &focus.Start{}, false},
		{"start, too long", &focus.Start{Seconds: focus.MaxSeconds + 1}, false},
		{"start before 1970", &focus.Start{Seconds: 1, Begin: -1}, false},
		{"start after the end of time", &focus.Start{Seconds: 1, Begin: event.MaxInteger + 1}, false},
		{"start, empty tag", &focus.Start{Seconds: 1, Tags: []string{""}}, false},
		{"start, too many tags", &focus.Start{Seconds: 1, Tags: strings.Split(strings.Repeat("x ", 17), " ")[:17]}, false},
		{"start, short cycle", &focus.Start{Seconds: 1, Cycle: []int64{1, 2}}, false},
		{"start, endless cycle", &focus.Start{Seconds: 1, Cycle: []int64{1, 1, 1 << 40}}, false},
		{"start, bad day start", &focus.Start{Seconds: 1, DayStart: 1440}, false},
		{"standing join", &focus.Join{}, true},
		{"join, bad day start", &focus.Join{DayStart: -1}, false},
		{"leave", &focus.Leave{}, true},
		{"pause", &focus.Pause{Session: id}, true},
		{"pause of nothing", &focus.Pause{}, false},
		{"resume of nothing", &focus.Resume{}, false},
		{"break of nothing", &focus.Break{}, false},
		{"break, too long", &focus.Break{Session: id, Seconds: focus.MaxSeconds + 1}, false},
		{"schedule", &focus.Schedule{Start: focus.Start{Goal: long, Seconds: 1, Begin: 5, LongBreak: 900}}, true},
		{"schedule, goal too long", &focus.Schedule{Start: focus.Start{Goal: long + "x", Seconds: 1}}, false},
		{"schedule, bad long break", &focus.Schedule{Start: focus.Start{Seconds: 1, LongBreak: -1}}, false},
		{"check-in", &focus.CheckIn{Text: long}, true},
		{"check-in, too long", &focus.CheckIn{Text: long + "x"}, false},
		{"check-in without text", &focus.CheckIn{Session: id}, false},
		{"extend", &focus.Extend{Session: id, Seconds: 1}, true},
		{"extend by nothing", &focus.Extend{Session: id}, false},
		{"extend backwards", &focus.Extend{Session: id, Seconds: -1}, false},
		{"extend too far", &focus.Extend{Session: id, Seconds: focus.MaxSeconds + 1}, false},
		{"extend nothing", &focus.Extend{Seconds: 1}, false},
		{"end", &focus.End{Session: id}, true},
		{"end, summary too long", &focus.End{Session: id, Summary: long + "x"}, false},
		{"end of nothing", &focus.End{}, false},
		{"done", &focus.Done{Session: id, Present: 1}, true},
		{"done, negative", &focus.Done{Session: id, Idle: -1}, false},
		{"handover", &focus.Handover{Session: id, To: key}, true},
		{"handover to nobody", &focus.Handover{Session: id}, false},
		{"cohost of nothing", &focus.Cohost{To: key}, false},
	} {
		if err := event.DecodeBody(marshal(t, c.body), c.body); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// The names of types and fields are the format: they must not change.
func TestBodiesKeepTheirFields(t *testing.T) {
	id, key := event.ID{1}, event.Key{2}
	for kind, c := range map[string]struct {
		body event.Body
		want []string
	}{
		"focus.start": {&focus.Start{Goal: "g", Seconds: 1, Begin: 1, Tags: []string{"t"}, Cycle: []int64{1, 1, 1}, DayStart: 1}, []string{"goal", "seconds", "begin", "tags", "cycle", "dayStart"}},
		"focus.schedule": {&focus.Schedule{Start: focus.Start{Goal: "g", Seconds: 1, Begin: 1, Tags: []string{"t"}, Cycle: []int64{1, 1, 1}, DayStart: 1, LongBreak: 1}},
			[]string{"goal", "seconds", "begin", "tags", "cycle", "dayStart", "longBreak"}},
		"focus.join":     {&focus.Join{Session: id, DayStart: 1}, []string{"session", "dayStart"}},
		"focus.leave":    {&focus.Leave{Session: id}, []string{"session"}},
		"focus.pause":    {&focus.Pause{Session: id}, []string{"session"}},
		"focus.resume":   {&focus.Resume{Session: id}, []string{"session"}},
		"focus.break":    {&focus.Break{Session: id, Seconds: 1}, []string{"session", "seconds"}},
		"focus.checkin":  {&focus.CheckIn{Session: id, Text: "t"}, []string{"session", "text"}},
		"focus.extend":   {&focus.Extend{Session: id, Seconds: 1}, []string{"session", "seconds"}},
		"focus.end":      {&focus.End{Session: id, Summary: "s"}, []string{"session", "summary"}},
		"focus.done":     {&focus.Done{Session: id, Present: 1, Idle: 1}, []string{"session", "present", "idle"}},
		"focus.handover": {&focus.Handover{Session: id, To: key}, []string{"session", "to"}},
		"focus.cohost":   {&focus.Cohost{Session: id, To: key}, []string{"session", "to"}},
	} {
		fields := map[string]any{}
		if err := event.Unmarshal(marshal(t, c.body), &fields); err != nil {
			t.Fatal(err)
		}
		for _, f := range c.want {
			if _, ok := fields[f]; !ok {
				t.Errorf("%s has no %s", kind, f)
			}
			delete(fields, f)
		}
		if len(fields) > 0 {
			t.Errorf("%s also has %v", kind, fields)
		}
	}
	if got := len(focus.App().Kinds); got != 13 {
		t.Errorf("%d kinds", got)
	}
}

func TestAbsentOptionalFieldsAreLeftOut(t *testing.T) {
	for name, c := range map[string]struct {
		body event.Body
		want int
	}{"join": {&focus.Join{}, 0}, "check-in": {&focus.CheckIn{Text: "t"}, 1}, "end": {&focus.End{Session: event.ID{1}}, 1}} {
		fields := map[string]any{}
		if err := event.Unmarshal(marshal(t, c.body), &fields); err != nil || len(fields) != c.want {
			t.Errorf("%s has %v, %v", name, fields, err)
		}
	}
}

// FuzzBodies feeds any bytes to every type: no panic, and what decodes has
// one encoding that decodes to the same.
func FuzzBodies(f *testing.F) {
	for n, b := range []any{
		&focus.Start{Goal: "g", Seconds: 60, Begin: 1}, &focus.Join{}, &focus.Leave{}, &focus.Pause{Session: event.ID{1}},
		&focus.Resume{Session: event.ID{1}}, &focus.Break{Session: event.ID{1}}, &focus.CheckIn{Text: "t"},
		&focus.Extend{Session: event.ID{1}, Seconds: 1}, &focus.End{Session: event.ID{1}},
		&focus.Done{Session: event.ID{1}}, &focus.Handover{Session: event.ID{1}, To: event.Key{1}},
		&focus.Cohost{Session: event.ID{1}, To: event.Key{1}},
		&focus.Schedule{Start: focus.Start{Seconds: 60, Begin: 1, Cycle: []int64{1500, 300, 4}, LongBreak: 900}},
	} {
		f.Add(n, marshal(f, b))
	}
	kinds := focus.App().Kinds
	f.Fuzz(func(t *testing.T, n int, b []byte) {
		k := kinds[uint(n)%uint(len(kinds))]
		body := k.New()
		if event.DecodeBody(b, body) != nil {
			return
		}
		again := k.New()
		first := marshal(t, body)
		if err := event.DecodeBody(first, again); err != nil {
			t.Fatalf("%s: encoded again: %v", k.Type, err)
		}
		if string(marshal(t, again)) != string(first) {
			t.Fatalf("%s: two encodings", k.Type)
		}
		// The fold takes whatever decodes.
		r := newRoom()
		r.WriteRaw(alice, noon, "", k.Type, b)
		status(t, r, alice, noon)
	})
}
