package wire

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
)

// Describe returns the JSON Schema (draft 2020-12) of a request and its reply,
// made from the Go types that client and daemon use. Types that write or read
// their own JSON are a text, or anything. It fails only on types that JSON
// cannot hold, which is a mistake in the declaration.
func (d Declared) Describe() (RequestSchema, error) {
	s := RequestSchema{
		Request: d.Request, Reply: d.Reply, Scope: d.Scope, Summary: d.Summary,
		Command: d.Command, Write: d.Write,
	}
	if d.Command != "" {
		s.Schema = d.Schema()
	}
	in, err := schemaOf(d.In)
	if err != nil {
		return s, fmt.Errorf("fields of %s: %w", d.Request, err)
	}
	demand(d.In, in)
	out, err := schemaOf(d.Out)
	if err != nil {
		return s, fmt.Errorf("reply %s: %w", d.Reply, err)
	}
	s.In, s.Out = in, out
	return s, nil
}

// demand adds what the tags of a request's fields say: `required`, and `enum`,
// the values of a text. That JSON always writes a field demands nothing.
func demand(t reflect.Type, s *jsonschema.Schema) {
	s.Required = nil
	for _, f := range Fields(t) {
		if f.Tag.Get("required") == "true" {
			s.Required = append(s.Required, f.JSON)
		}
		if enum := f.Tag.Get("enum"); enum != "" {
			for value := range strings.SplitSeq(enum, ",") {
				s.Properties[f.JSON].Enum = append(s.Properties[f.JSON].Enum, value)
			}
		}
	}
}

func schemaOf(t reflect.Type) (*jsonschema.Schema, error) {
	own := map[reflect.Type]*jsonschema.Schema{}
	collectOwn(t, own, map[reflect.Type]bool{})
	s, err := jsonschema.ForType(flat(t), &jsonschema.ForOptions{TypeSchemas: own})
	if err != nil {
		return nil, err
	}
	allowMore(s)
	return s, nil
}

// flat returns a struct type with the fields of t in JSON. The schema is made
// by reflect.VisibleFields, which hides some of them: see Fields.
func flat(t reflect.Type) reflect.Type {
	if t.Kind() != reflect.Struct {
		return t
	}
	var fields []reflect.StructField
	for i, f := range Fields(t) {
		fields = append(fields, reflect.StructField{Name: "F" + strconv.Itoa(i), Type: f.Type, Tag: f.Tag})
	}
	return reflect.StructOf(fields)
}

var (
	marshaler       = reflect.TypeFor[json.Marshaler]()
	unmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// collectOwn finds the types that write or read their own JSON.
func collectOwn(t reflect.Type, own map[reflect.Type]*jsonschema.Schema, seen map[reflect.Type]bool) {
	if seen[t] || t == reflect.TypeFor[time.Time]() {
		return
	}
	seen[t] = true
	does := func(i reflect.Type) bool { return t.Implements(i) || reflect.PointerTo(t).Implements(i) }
	switch {
	case t.Kind() == reflect.Pointer, t.Kind() == reflect.Interface: // looked at below
	case does(marshaler), does(unmarshaler):
		own[t] = &jsonschema.Schema{}
		return
	case does(textMarshaler), does(textUnmarshaler):
		own[t] = &jsonschema.Schema{Type: "string"}
		return
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		collectOwn(t.Elem(), own, seen)
	case reflect.Struct:
		for i := range t.NumField() {
			collectOwn(t.Field(i).Type, own, seen)
		}
	}
}

// allowMore allows the keys that a later version may add.
func allowMore(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if more := s.AdditionalProperties; more != nil && more.Not != nil {
		s.AdditionalProperties = nil
	}
	for _, p := range s.Properties {
		allowMore(p)
	}
	allowMore(s.Items)
	allowMore(s.AdditionalProperties)
}
