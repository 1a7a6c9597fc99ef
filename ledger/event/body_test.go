package event_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"intercom/ledger/event"
)

// anyBody is a body of every kind of field that bodies use.
type anyBody struct {
	ID       event.ID       `cbor:"id,omitzero"`
	Key      event.Key      `cbor:"key,omitzero"`
	Instance event.Instance `cbor:"instance,omitzero"`
	Bytes    event.Bytes    `cbor:"bytes,omitempty"`
	Goal     string         `cbor:"goal,omitempty"`
	Seconds  int64          `cbor:"seconds,omitempty"`
	Class    event.Class    `cbor:"class,omitempty"`
	On       bool           `cbor:"on,omitempty"`
	Tags     []string       `cbor:"tags,omitempty"`
	Pair     *pair          `cbor:"pair,omitempty"`
}

type pair struct {
	_    struct{} `cbor:",toarray"`
	Name string
	N    int64
}

var errSeconds = errors.New("seconds out of range")

func (b *anyBody) Check() error {
	if b.Seconds < 0 {
		return errSeconds
	}
	return nil
}

func fields(m map[string]any) []byte {
	b, err := event.Marshal(m)
	if err != nil {
		panic(err)
	}
	return b
}

func TestBodyOfWrongKindsIsRefused(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":                 {},
		"array":                   {0x80},
		"text":                    textString("goal"),
		"null":                    {0xf6},
		"trailing byte":           {0xa0, 0},
		"unsorted keys":           {0xa2, 0x61, 'b', 1, 0x61, 'a', 1},
		"null field":              {0xa1, 0x64, 'g', 'o', 'a', 'l', 0xf6},
		"id of 31 bytes":          fields(map[string]any{"id": make([]byte, 31)}),
		"id of 33 bytes":          fields(map[string]any{"id": make([]byte, 33)}),
		"empty id":                fields(map[string]any{"id": []byte{}}),
		"id as text":              fields(map[string]any{"id": "00"}),
		"id as array":             fields(map[string]any{"id": make([]int, 32)}),
		"key of 31 bytes":         fields(map[string]any{"key": make([]byte, 31)}),
		"instance of 9 bytes":     fields(map[string]any{"instance": make([]byte, 9)}),
		"bytes as text":           fields(map[string]any{"bytes": "text"}),
		"bytes as array":          fields(map[string]any{"bytes": []int{1, 2}}),
		"text as bytes":           fields(map[string]any{"goal": []byte("text")}),
		"text as number":          fields(map[string]any{"goal": 1}),
		"number as text":          fields(map[string]any{"seconds": "1"}),
		"number as boolean":       fields(map[string]any{"seconds": true}),
		"class 256":               fields(map[string]any{"class": 256}),
		"class -1":                fields(map[string]any{"class": -1}),
		"boolean as number":       fields(map[string]any{"on": 1}),
		"list as text":            fields(map[string]any{"tags": "a"}),
		"list of numbers":         fields(map[string]any{"tags": []int{1}}),
		"list as map":             fields(map[string]any{"tags": map[string]int{"a": 1}}),
		"pair of one":             fields(map[string]any{"pair": []any{"a"}}),
		"pair of three":           fields(map[string]any{"pair": []any{"a", 1, 1}}),
		"pair the other way":      fields(map[string]any{"pair": []any{1, "a"}}),
		"pair as map":             fields(map[string]any{"pair": map[string]any{"Name": "a", "N": 1}}),
		"deeper than 8":           append([]byte{0xa1, 0x61, 'x'}, nested(7, 0)...),
		"deeper than 8 and empty": append([]byte{0xa1, 0x61, 'x'}, nested(7, 0x80)...),
	} {
		var v anyBody
		if err := event.DecodeBody(b, &v); !errors.Is(err, event.ErrEncoding) {
			t.Errorf("%s: %v, body %+v", name, err, v)
		}
	}
}

func TestBodyBeyondItsLimitsIsRefused(t *testing.T) {
	var v anyBody
	if err := event.DecodeBody(fields(map[string]any{"seconds": -1}), &v); !errors.Is(err, errSeconds) {
		t.Error(err)
	}
}

// A field that is not known is for later versions, whatever it holds; a name
// in another case is another name.
func TestUnknownFieldsOfABodyAreIgnored(t *testing.T) {
	for name, b := range map[string][]byte{
		"new field":    fields(map[string]any{"goal": "ship", "zeal": []any{1, "a", true}}),
		"another case": fields(map[string]any{"goal": "ship", "Goal": "sink", "GOAL": 1}),
		"depth 8":      append(append([]byte{0xa2, 0x61, 'x'}, nested(6, 0)...), fields(map[string]any{"goal": "ship"})[1:]...),
	} {
		var v anyBody
		if err := event.DecodeBody(b, &v); err != nil || v.Goal != "ship" {
			t.Errorf("%s: %v, goal %q", name, err, v.Goal)
		}
	}
	var v anyBody
	if err := event.DecodeBody(fields(map[string]any{"Goal": "sink"}), &v); err != nil || v.Goal != "" {
		t.Errorf("Goal read as goal: %v, %q", err, v.Goal)
	}
}

func TestBodyDecodesToWhatWasEncoded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyBody{
			ID: genID.Draw(t, "id"), Key: event.Key(genID.Draw(t, "key")), Instance: event.Instance{1, 2},
			Bytes: rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"), Goal: genText(50).Draw(t, "goal"),
			Seconds: rapid.Int64Min(0).Draw(t, "seconds"), Class: event.Class(rapid.Byte().Draw(t, "class")),
			On: rapid.Bool().Draw(t, "on"), Tags: rapid.SliceOfN(genText(9), 0, 4).Draw(t, "tags"),
			Pair: &pair{Name: genText(9).Draw(t, "name"), N: rapid.Int64().Draw(t, "n")},
		}
		b, err := event.Marshal(&want)
		if err != nil {
			t.Fatal(err)
		}
		var got anyBody
		if err := event.DecodeBody(b, &got); err != nil {
			t.Fatalf("%x: %v", b, err)
		}
		if len(want.Bytes) == 0 {
			want.Bytes = nil
		}
		if len(want.Tags) == 0 {
			want.Tags = nil
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("decoded %+v, want %+v", got, want)
		}
	})
}

func TestMarshalIsCanonical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := genItem(8).Draw(t, "value")
		b, err := event.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := event.Canonical(b); err != nil {
			t.Fatalf("%x: %v", b, err)
		}
	})
	// Absent lists and bytes are empty ones, since there is no null.
	b, err := event.Marshal(struct {
		B []byte         `cbor:"b"`
		E event.Bytes    `cbor:"e"`
		L []string       `cbor:"l"`
		M map[string]int `cbor:"m"`
	}{})
	if want := []byte{0xa4, 0x61, 'b', 0x40, 0x61, 'e', 0x40, 0x61, 'l', 0x80, 0x61, 'm', 0xa0}; err != nil || !bytes.Equal(b, want) {
		t.Errorf("%x, %v", b, err)
	}
}
