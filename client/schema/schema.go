// Package schema describes requests and replies in JSON Schema (draft
// 2020-12), made from the Go types that client and daemon use.
package schema

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"intercom/client/wire"
)

// Of describes a request. It fails only for types that have no JSON form,
// which is a mistake in the declaration.
func Of(d wire.Declared) (wire.RequestSchema, error) {
	in, err := of(d.In)
	if err != nil {
		return wire.RequestSchema{}, fmt.Errorf("describe request %s: %w", d.Request, err)
	}
	in.Required = required(d.In)
	choices(d.In, in)
	out, err := of(d.Out)
	if err != nil {
		return wire.RequestSchema{}, fmt.Errorf("describe reply %s: %w", d.Reply, err)
	}
	s := wire.RequestSchema{
		Request: d.Request, Reply: d.Reply, Scope: d.Scope, Summary: d.Summary,
		Command: d.Command, Write: d.Write, In: in, Out: out,
	}
	if d.Command != "" {
		s.Schema = d.Spec.Schema()
	}
	return s, nil
}

func of(t reflect.Type) (*jsonschema.Schema, error) {
	own := map[reflect.Type]*jsonschema.Schema{}
	collect(t, own, map[reflect.Type]bool{})
	s, err := jsonschema.ForType(t, &jsonschema.ForOptions{TypeSchemas: own})
	if err != nil {
		return nil, err
	}
	grow(s)
	return s, nil
}

// required returns the fields that a request must have: those that say so.
func required(t reflect.Type) []string {
	var names []string
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); f.Tag.Get("required") == "true" {
			names = append(names, name)
		}
	}
	return names
}

// choices adds the values that a text of a request may have.
func choices(t reflect.Type, s *jsonschema.Schema) {
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if enum := f.Tag.Get("enum"); enum != "" && s.Properties[name] != nil {
			for value := range strings.SplitSeq(enum, ",") {
				s.Properties[name].Enum = append(s.Properties[name].Enum, value)
			}
		}
	}
}

var (
	marshaler       = reflect.TypeFor[json.Marshaler]()
	unmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// collect finds the types that write or read their JSON themselves: a text,
// or anything.
func collect(t reflect.Type, own map[reflect.Type]*jsonschema.Schema, seen map[reflect.Type]bool) {
	if seen[t] || t == reflect.TypeFor[time.Time]() {
		return
	}
	seen[t] = true
	either := func(i reflect.Type) bool { return t.Implements(i) || reflect.PointerTo(t).Implements(i) }
	switch {
	case t.Kind() == reflect.Pointer, t.Kind() == reflect.Interface: // looked at below
	case either(marshaler), either(unmarshaler):
		own[t] = &jsonschema.Schema{}
		return
	case either(textMarshaler), either(textUnmarshaler):
		own[t] = &jsonschema.Schema{Type: "string"}
		return
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		collect(t.Elem(), own, seen)
	case reflect.Struct:
		for i := range t.NumField() {
			collect(t.Field(i).Type, own, seen)
		}
	}
}

// grow allows keys that a later version may add.
func grow(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if len(s.Properties) > 0 || s.Type == "object" {
		if a := s.AdditionalProperties; a != nil && a.Not != nil {
			s.AdditionalProperties = nil
		}
	}
	for _, p := range s.Properties {
		grow(p)
	}
	grow(s.Items)
	grow(s.AdditionalProperties)
}
