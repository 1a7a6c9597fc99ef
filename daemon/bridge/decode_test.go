package bridge_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/daemon/bridge"
)

type base struct {
	Channel string `json:"channel"`
}

type cents int64

func (c *cents) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		return wire.Errorf(wire.InvalidAmount, "no amount")
	}
	if raw[0] != '"' {
		return errors.New("not a text")
	}
	*c = cents(len(raw))
	return nil
}

type all struct {
	base
	Text   string          `json:"text,omitempty"`
	Int    int             `json:"int"`
	Small  int8            `json:"small"`
	Uint   uint32          `json:"uint"`
	Float  float64         `json:"float"`
	Bool   bool            `json:"bool"`
	Opt    *int            `json:"opt"`
	OptS   *string         `json:"optS"`
	Names  []string        `json:"names"`
	Numbs  []int           `json:"numbs"`
	Amount cents           `json:"amount"`
	At     time.Time       `json:"at"`
	Raw    json.RawMessage `json:"raw"`
	Any    any             `json:"any"`
	Inner  base            `json:"inner"`
	Map    map[string]int  `json:"map"`
	Hidden string          `json:"-"`
	Bare   string
}

func decode(t *testing.T, frame string) (all, error) {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(frame), &fields); err != nil {
		t.Fatal(err)
	}
	var got all
	err := bridge.Decode(fields, &got)
	return got, err
}

func TestDecode(t *testing.T) {
	five, x := 5, "x"
	for _, tt := range []struct {
		in   string
		want all
	}{
		{`{}`, all{}},
		{`{"unknown":{"a":[]}}`, all{}},
		{`{"channel":"c"}`, all{base: base{"c"}}},
		{`{"Channel":"c","TEXT":"t","hidden":"h","Hidden":"h","-":"h","bare":"b"}`, all{}},
		{`{"Bare":"b"}`, all{Bare: "b"}},
		{`{"text":5}`, all{Text: "5"}},
		{`{"text":1e21}`, all{Text: "1e+21"}},
		{`{"text":true}`, all{Text: "true"}},
		{`{"text":{"a":1}}`, all{Text: "[object Object]"}},
		{`{"text":["a","b"]}`, all{Text: "a,b"}},
		{`{"text":0}`, all{}},
		{`{"text":false}`, all{}},
		{`{"text":null,"int":null,"bool":null,"names":null,"inner":null,"opt":null,"at":null,"map":null}`, all{}},
		{`{"int":5}`, all{Int: 5}},
		{`{"int":-5}`, all{Int: -5}},
		{`{"int":1e2}`, all{Int: 100}},
		{`{"int":1.0}`, all{Int: 1}},
		{`{"int":9223372036854775807}`, all{Int: 9223372036854775807}},
		{`{"uint":7,"small":-128,"float":1.5,"bool":true}`, all{Uint: 7, Small: -128, Float: 1.5, Bool: true}},
		{`{"opt":5,"optS":"x"}`, all{Opt: &five, OptS: &x}},
		{`{"names":["a",5,null]}`, all{Names: []string{"a", "5", ""}}},
		{`{"names":" a, b,,c "}`, all{Names: []string{"a", "b", "c"}}},
		{`{"names":[]}`, all{Names: []string{}}},
		{`{"numbs":[1,2]}`, all{Numbs: []int{1, 2}}},
		{`{"amount":"12"}`, all{Amount: 4}},
		{`{"at":"2026-01-02T03:04:05Z"}`, all{At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}},
		{`{"raw":{"a":1}}`, all{Raw: json.RawMessage(`{"a":1}`)}},
		{`{"any":[1,"x"]}`, all{Any: []any{1.0, "x"}}},
		{`{"inner":{"channel":"i","Channel":"I"}}`, all{Inner: base{"i"}}},
		{`{"map":{"a":1}}`, all{Map: map[string]int{"a": 1}}},
	} {
		got, err := decode(t, tt.in)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s\n got %+v %v\nwant %+v", tt.in, got, err, tt.want)
		}
	}
}

func TestDecodeRefusals(t *testing.T) {
	for _, tt := range []struct {
		in    string
		code  wire.Code
		field string
	}{
		{`{"int":"5"}`, wire.InvalidRequest, "int"},
		{`{"int":1.5}`, wire.InvalidRequest, "int"},
		{`{"int":1e300}`, wire.InvalidRequest, "int"},
		{`{"int":9223372036854775808}`, wire.InvalidRequest, "int"},
		{`{"int":true}`, wire.InvalidRequest, "int"},
		{`{"small":128}`, wire.InvalidRequest, "small"},
		{`{"uint":-1}`, wire.InvalidRequest, "uint"},
		{`{"float":1e400}`, wire.InvalidRequest, "float"},
		{`{"bool":"true"}`, wire.InvalidRequest, "bool"},
		{`{"bool":0}`, wire.InvalidRequest, "bool"},
		{`{"names":5}`, wire.InvalidRequest, "names"},
		{`{"names":{"a":1}}`, wire.InvalidRequest, "names"},
		{`{"numbs":[1,"x"]}`, wire.InvalidRequest, "numbs[1]"},
		{`{"numbs":"1"}`, wire.InvalidRequest, "numbs"},
		{`{"amount":5}`, wire.InvalidRequest, "amount"},
		{`{"amount":null}`, wire.InvalidAmount, "amount"},
		{`{"at":5}`, wire.InvalidRequest, "at"},
		{`{"at":"yesterday"}`, wire.InvalidRequest, "at"},
		{`{"inner":[]}`, wire.InvalidRequest, "inner"},
		{`{"map":{"a":"x"}}`, wire.InvalidRequest, "map"},
	} {
		_, err := decode(t, tt.in)
		var e *wire.Error
		if !errors.As(err, &e) || e.Code != tt.code || !strings.Contains(e.Reason, tt.field) {
			t.Errorf("%s: %v", tt.in, err)
		}
	}
}

func TestDecodeNeedsAStruct(t *testing.T) {
	for _, dst := range []any{nil, all{}, new(int), (*all)(nil)} {
		if err := bridge.Decode(nil, dst); err == nil {
			t.Errorf("%T: no error", dst)
		}
	}
}
