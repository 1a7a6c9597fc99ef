package core_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"intercom/internal/app"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	b, err := event.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func fieldsOf(n int) core.Fields {
	f := core.Fields{}
	for i := range n {
		f[fmt.Sprint("f", i)] = true
	}
	return f
}

func lastOf(n int) (last []core.Last) {
	for i := range n {
		last = append(last, core.Last{Instance: event.Instance{byte(i >> 8), byte(i)}, Seq: event.MaxInteger})
	}
	return last
}

var key = event.Key{1}

func TestBodiesWithinTheirLimits(t *testing.T) {
	for name, body := range map[string]event.Body{
		"owned room":                &core.Create{Name: "Küche", Owner: key, Policy: core.Fields{}},
		"private room":              &core.Create{Name: "k", Owner: key, Nonce: make([]byte, 16), Policy: fieldsOf(64)},
		"policy":                    &core.Fields{"confirm": true, "days": uint64(7), "list": []any{"a"}, strings.Repeat("n", 64): "x"},
		"owner":                     &core.Owner{To: key, Consent: make([]byte, 64)},
		"member":                    &core.Add{Key: key, Role: core.Member},
		"admin":                     &core.Add{Key: key, Role: core.Admin, Alias: strings.Repeat("a", 128)},
		"viewer for a while":        &core.Add{Key: key, Role: core.Viewer, Until: event.MaxInteger},
		"bot within limits":         &core.Add{Key: key, Role: core.Bot, Limits: fieldsOf(64)},
		"claim":                     &core.Claim{Alias: "alice"},
		"removed with all it wrote": &core.Remove{Key: key, Last: []core.Last{}},
		"removed":                   &core.Remove{Key: key, Last: lastOf(1024), Reason: strings.Repeat("r", 4096)},
		"ops":                       &core.Ops{Ops: []event.Bytes{{1}, make([]byte, 1000)}},
	} {
		if err := body.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		back := reflect.New(reflect.TypeOf(body).Elem()).Interface().(event.Body)
		if err := event.DecodeBody(marshal(t, body), back); err != nil || !reflect.DeepEqual(back, body) {
			t.Errorf("%s: read back as %+v, %v", name, back, err)
		}
	}
}

func TestBodiesBeyondTheirLimits(t *testing.T) {
	for name, body := range map[string]event.Body{
		"room without name":         &core.Create{Owner: key},
		"room with a padded name":   &core.Create{Name: " k", Owner: key},
		"room with a long name":     &core.Create{Name: strings.Repeat("k", 129), Owner: key},
		"room not in NFC":           &core.Create{Name: "e\u0301", Owner: key},
		"room without owner":        &core.Create{Name: "k"},
		"nonce of 15 bytes":         &core.Create{Name: "k", Owner: key, Nonce: make([]byte, 15)},
		"policy of 65 fields":       &core.Create{Name: "k", Owner: key, Policy: fieldsOf(65)},
		"policy field without name": &core.Create{Name: "k", Owner: key, Policy: core.Fields{"": true}},
		"policy that says nothing":  &core.Fields{},
		"change of 65 fields":       ptr(fieldsOf(65)),
		"policy field, long name":   &core.Fields{strings.Repeat("n", 65): true},
		"owner nobody":              &core.Owner{Consent: make([]byte, 64)},
		"owner without consent":     &core.Owner{To: key},
		"consent of 63 bytes":       &core.Owner{To: key, Consent: make([]byte, 63)},
		"member nobody":             &core.Add{Role: core.Member},
		"member without role":       &core.Add{Key: key},
		"another owner":             &core.Add{Key: key, Role: "owner"},
		"role in another case":      &core.Add{Key: key, Role: "Admin"},
		"alias with line feed":      &core.Add{Key: key, Role: core.Member, Alias: "a\nb"},
		"until before 1970":         &core.Add{Key: key, Role: core.Member, Until: -1},
		"until the end of time":     &core.Add{Key: key, Role: core.Member, Until: event.MaxInteger + 1},
		"65 limits":                 &core.Add{Key: key, Role: core.Bot, Limits: fieldsOf(65)},
		"claim of nothing":          &core.Claim{},
		"removed nobody":            &core.Remove{},
		"1,025 writers":             &core.Remove{Key: key, Last: lastOf(1025)},
		"writer twice":              &core.Remove{Key: key, Last: []core.Last{{}, {}}},
		"writers not sorted":        &core.Remove{Key: key, Last: []core.Last{{Instance: event.Instance{2}}, {Instance: event.Instance{1}}}},
		"seq 2^53":                  &core.Remove{Key: key, Last: []core.Last{{Seq: 1 << 53}}},
		"reason too long":           &core.Remove{Key: key, Reason: strings.Repeat("r", 4097)},
		"no ops":                    &core.Ops{},
		"empty op":                  &core.Ops{Ops: []event.Bytes{{}}},
		"1,025 ops":                 &core.Ops{Ops: slicesOf(1025)},
	} {
		if err := body.Check(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func slicesOf(n int) (out []event.Bytes) {
	for range n {
		out = append(out, event.Bytes{1})
	}
	return out
}

func TestBodiesOfWrongKinds(t *testing.T) {
	for name, c := range map[string]struct {
		body   event.Body
		fields map[string]any
	}{
		"consent as numbers": {new(core.Owner), map[string]any{"to": key, "consent": make([]int, 64)}},
		"nonce as numbers":   {new(core.Create), map[string]any{"name": "k", "owner": key, "nonce": make([]int, 16)}},
		"policy as list":     {new(core.Create), map[string]any{"name": "k", "owner": key, "policy": []int{1}}},
		"owner as text":      {new(core.Create), map[string]any{"name": "k", "owner": key.String()}},
		"last as map":        {new(core.Remove), map[string]any{"key": key, "last": map[string]int{"a": 1}}},
		"last of three":      {new(core.Remove), map[string]any{"key": key, "last": []any{[]any{make([]byte, 8), 1, 1}}}},
		"seq negative":       {new(core.Remove), map[string]any{"key": key, "last": []any{[]any{make([]byte, 8), -1}}}},
		"role as number":     {new(core.Add), map[string]any{"key": key, "role": 1}},
		"limits as list":     {new(core.Add), map[string]any{"key": key, "role": "bot", "limits": []int{}}},
		"op as text":         {new(core.Ops), map[string]any{"ops": []string{"x"}}},
	} {
		if err := event.DecodeBody(marshal(t, c.fields), c.body); !errors.Is(err, event.ErrEncoding) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKindsAreListedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range core.Kinds() {
		if seen[k.Type] {
			t.Errorf("%s twice", k.Type)
		}
		seen[k.Type] = true
	}
	for _, want := range []string{"room.create", "room.policy", "room.owner", "member.add", "member.claim", "member.remove", "subnet.ops"} {
		if !seen[want] {
			t.Errorf("%s is missing", want)
		}
	}
	core.Kinds()[0] = app.Kind{} // is the caller's own copy
	if core.Kinds()[0].Type == "" {
		t.Error("a caller changed the list")
	}
}

func FuzzBodies(f *testing.F) {
	f.Add(marshal(f, &core.Create{Name: "k", Owner: key, Policy: fieldsOf(2)}))
	f.Add(marshal(f, &core.Owner{To: key, Consent: make([]byte, 64)}))
	f.Add(marshal(f, &core.Add{Key: key, Role: core.Bot, Alias: "a", Limits: core.Fields{"max": -5}}))
	f.Add(marshal(f, &core.Remove{Key: key, Last: lastOf(2)}))
	f.Add(marshal(f, &core.Ops{Ops: []event.Bytes{{1}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, k := range core.Kinds() {
			body := k.New()
			if event.DecodeBody(b, body) != nil {
				continue
			}
			again := marshal(t, body)
			back := k.New()
			if err := event.DecodeBody(again, back); err != nil {
				t.Fatalf("%s %x: encoded again it is refused: %v", k.Type, b, err)
			}
			if !bytes.Equal(marshal(t, back), again) {
				t.Fatalf("%s %x: changes each time it is encoded", k.Type, b)
			}
		}
	})
}
