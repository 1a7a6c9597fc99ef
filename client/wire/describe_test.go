package wire_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"intercom/client/wire"
)

// Place is embedded under the name of its only field.
type Place struct {
	Place string `json:"place,omitempty" jsonschema:"where"`
}

type code struct{}

func (c code) MarshalText() ([]byte, error) { return []byte("x"), nil }

type moveReq struct {
	Place
	To    string          `json:"to" required:"true" enum:"here,there"`
	Free  json.RawMessage `json:"free,omitempty" jsonschema:"any"`
	Code  code            `json:"code"`
	Inner struct {
		A int `json:"a"`
	} `json:"inner"`
	Out string `json:"-"`
}

func TestFieldsOfEmbeddedStructsAreNotHidden(t *testing.T) {
	var got string
	for _, f := range wire.Fields(wire.Def[moveReq, wire.None]{}.Declared().In) {
		got += f.JSON + " "
	}
	if got != "place to free code inner " {
		t.Errorf("fields %s", got)
	}
}

func TestDescribeTellsWhatARequestNeeds(t *testing.T) {
	d := wire.Def[moveReq, wire.ChannelsReply]{Spec: wire.Spec{Request: "move", Reply: "moved", Command: "a move"}}
	s, err := d.Declared().Describe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := json.Marshal(s.In)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Required   []string
		Additional any `json:"additionalProperties"`
		Properties map[string]struct {
			Type, Description string
			Enum              []string
			Additional        any `json:"additionalProperties"`
		}
	}
	if err := json.Unmarshal(in, &got); err != nil {
		t.Fatalf("%s: %v", in, err)
	}
	p := got.Properties
	switch {
	case len(p) != 5, p["place"].Description != "where":
		t.Errorf("properties of %s", in)
	case len(got.Required) != 1 || got.Required[0] != "to":
		t.Errorf("required %v", got.Required)
	case len(p["to"].Enum) != 2, p["code"].Type != "string", p["free"].Type != "":
		t.Errorf("types of %s", in)
	case got.Additional != nil || p["inner"].Additional != nil:
		t.Errorf("later keys are forbidden: %s", in)
	case s.Schema != "intercom.a.move/v1":
		t.Errorf("schema %s", s.Schema)
	}
}

func TestEveryBaseRequestIsDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range wire.Base() {
		if _, err := d.Describe(); err != nil {
			t.Errorf("%s: %v", d.Request, err)
		}
		if d.Summary == "" || d.Scope == "" || seen[d.Request] {
			t.Errorf("%s is declared twice or not whole", d.Request)
		}
		seen[d.Request] = true
	}
}

type loop struct {
	Next *loop `json:"next"`
}

func TestTypesWithoutASchemaAreRefused(t *testing.T) {
	for name, d := range map[string]wire.Declared{
		"holds itself": wire.Def[loop, wire.None]{}.Declared(),
		"JSON has no":  wire.Def[struct{ F func() }, wire.None]{}.Declared(),
		"chan int":     wire.Def[wire.None, struct{ F map[string][]chan int }]{}.Declared(),
	} {
		if _, err := d.Describe(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type kinds struct {
	Flag  *bool            `json:"flag"`
	Count uint8            `json:"count"`
	Share float64          `json:"share"`
	Key   [2]string        `json:"key"`
	Names []string         `json:"names,omitzero"`
	Sums  map[string]int64 `json:"sums"`
	Any   any              `json:"any"`
	At    time.Time        `json:"at"`
	Data  []byte           `json:"data"`
	Codes []*code          `json:"codes"`
}

func TestSchemaOfEachKind(t *testing.T) {
	s, err := wire.Def[wire.None, kinds]{}.Declared().Describe()
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(s.Out)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"object","properties":{"flag":{"type":["null","boolean"]},"count":{"type":"integer","minimum":0},` +
		`"share":{"type":"number"},"key":{"type":"array","items":{"type":"string"}},"names":{"type":["null","array"],"items":{"type":"string"}},` +
		`"sums":{"type":["null","object"],"additionalProperties":{"type":"integer"}},"any":{},"at":{"type":"string"},"data":{"type":"string"},` +
		`"codes":{"type":["null","array"],"items":{"type":["null","string"]}}},` +
		`"required":["flag","count","share","key","sums","any","at","data","codes"]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
