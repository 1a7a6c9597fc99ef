package wire

import (
	"fmt"
	"reflect"
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
	in.demand(d.In)
	out, err := schemaOf(d.Out)
	if err != nil {
		return s, fmt.Errorf("reply %s: %w", d.Reply, err)
	}
	s.In, s.Out = in, out
	return s, nil
}

// Describe returns the JSON Schema of a push.
func (d DeclaredPush) Describe() (PushSchema, error) {
	fields, err := schemaOf(d.Fields)
	if err != nil {
		return PushSchema{}, fmt.Errorf("fields of %s: %w", d.Type, err)
	}
	if err := fields.addFields(reflect.TypeFor[Streamed](), nil); err != nil {
		return PushSchema{}, fmt.Errorf("fields of %s: %w", d.Type, err)
	}
	return PushSchema{Push: d.Type, Summary: d.Summary, Fields: fields}, nil
}

// SchemaOf returns the JSON Schema of a document of type t.
func SchemaOf(t reflect.Type) (any, error) { return schemaOf(t) }
