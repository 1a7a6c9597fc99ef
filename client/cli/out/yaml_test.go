package out_test

import (
	"encoding/json"
	"reflect"
	"testing"

	goccy "github.com/goccy/go-yaml"
	yaml "go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"intercom/client/cli/out"
)

// anyJSON draws nested values with texts that YAML readers take for others.
func anyJSON(depth int) *rapid.Generator[any] {
	scalars := []*rapid.Generator[any]{
		rapid.String().AsAny(),
		rapid.SampledFrom([]string{
			"", "yes", "No", "~", "null", "1e3", "0x1", ".inf", "NaN", "-15.00", "1:30", "2026-01-02", "a: b", "a #b",
			"- x", "-", "a - b", "?", "|", "a\n", "\t", "\r\n", "---", "...", "a\n---\nb", " a", "a ", "a  b", "<<", "=",
			"\u2028", "\u0085", "\ufeff", "\U000e0041", "\U0001f600", "\x7f", "\x1b", "\uffff", "a.b/c-d", "y", "off", "O", "e1", "Infinity",
		}).AsAny(),
		rapid.Float64Range(-1e15, 1e15).AsAny(),
		rapid.Bool().AsAny(),
		rapid.Just[any](nil),
	}
	if depth == 0 {
		return rapid.OneOf(scalars...)
	}
	return rapid.OneOf(append(scalars,
		rapid.SliceOfN(anyJSON(depth-1), 0, 3).AsAny(),
		rapid.MapOfN(rapid.OneOf(rapid.StringN(0, 8, -1), rapid.SampledFrom([]string{"y", "null", "a b", "1"})), anyJSON(depth-1), 0, 3).AsAny())...)
}

// Two readers that share no code read the YAML as the JSON.
func TestYAMLReadsBackAsTheJSON(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		data := map[string]any{"v": anyJSON(3).Draw(rt, "v"), "schema": "dropped"}
		d := out.Document{Schema: "intercom.x/v1", Data: data}
		asJSON, _ := printed(t, out.Options{Format: "json"}, out.Terminal{}, d)
		asYAML, _ := printed(t, out.Options{Format: "yaml"}, out.Terminal{}, d)
		var want any
		if err := json.Unmarshal([]byte(asJSON), &want); err != nil {
			rt.Fatal(err)
		}
		for name, read := range map[string]func([]byte, any) error{
			"yaml.v3": yaml.Unmarshal,
			"goccy":   func(b []byte, v any) error { return goccy.Unmarshal(b, v) },
		} {
			var raw map[string]any
			if err := read([]byte(asYAML), &raw); err != nil {
				rt.Fatalf("%s: %v in\n%s", name, err, asYAML)
			}
			got := viaJSON(rt, raw) // numbers of both readers as JSON has them
			if !reflect.DeepEqual(got, want) {
				rt.Fatalf("%s: got %#v, want %#v from\n%s", name, got, want, asYAML)
			}
		}
	})
}

func viaJSON(t *rapid.T, v any) any {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var again any
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	return again
}
