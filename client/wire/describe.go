package wire

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"
)

// Describe returns the JSON Schema of a request and its reply, made from the
// Go types that the handlers use. Types that read themselves from JSON are
// text there. It fails only on types that JSON cannot hold.
func (d Declared) Describe() (RequestSchema, error) {
	s := RequestSchema{
		Request: d.Request, Reply: d.Reply, Scope: d.Scope, Summary: d.Summary,
		Command: d.Command, Write: d.Write,
	}
	if d.Command != "" {
		s.Schema = d.Schema()
	}
	var err error
	if s.In, err = schemaOf(d.In); err != nil {
		return s, fmt.Errorf("fields of %s: %w", d.Request, err)
	}
	if s.Out, err = schemaOf(d.Out); err != nil {
		return s, fmt.Errorf("reply %s: %w", d.Reply, err)
	}
	return s, nil
}

func schemaOf(t reflect.Type) (*jsonschema.Schema, error) {
	return jsonschema.ForType(t, &jsonschema.ForOptions{TypeSchemas: textTypes(t, nil)})
}

// textTypes maps the types below t that decode JSON by themselves to text, or
// to anything where they keep raw JSON.
func textTypes(t reflect.Type, found map[reflect.Type]*jsonschema.Schema) map[reflect.Type]*jsonschema.Schema {
	if found == nil {
		found = map[reflect.Type]*jsonschema.Schema{}
	}
	if _, ok := found[t]; ok {
		return found
	}
	switch {
	case t == reflect.TypeFor[json.RawMessage]():
		found[t] = &jsonschema.Schema{}
		return found
	case t.Kind() != reflect.Pointer && t.PkgPath() != "" && t.PkgPath() != "time" &&
		reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()):
		found[t] = &jsonschema.Schema{Type: "string"}
		return found
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		textTypes(t.Elem(), found)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				textTypes(f.Type, found)
			}
		}
	}
	return found
}
