package wire

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// TypeSchema is a JSON Schema (draft 2020-12), as far as Go types have one. It
// allows keys that it does not name: a later version may add some.
type TypeSchema struct {
	Type        any         `json:"type,omitempty"` // a name, or a list of them; nil: anything
	Description string      `json:"description,omitempty"`
	Properties  properties  `json:"properties,omitempty"`
	Required    []string    `json:"required,omitempty"`
	Items       *TypeSchema `json:"items,omitempty"`
	Values      *TypeSchema `json:"additionalProperties,omitempty"` // of an object whose keys are data
	Enum        []any       `json:"enum,omitempty"`
	Minimum     *int        `json:"minimum,omitempty"`
}

// properties keep the order of the fields.
type properties []property

type property struct {
	name   string
	schema *TypeSchema
}

// MarshalJSON writes an object.
func (p properties) MarshalJSON() ([]byte, error) {
	b := bytes.NewBufferString("{")
	for i, one := range p {
		name, err := json.Marshal(one.name)
		if err != nil {
			return nil, err
		}
		schema, err := json.Marshal(one.schema)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(append(append(name, ':'), schema...))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

var (
	marshaler       = reflect.TypeFor[json.Marshaler]()
	unmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// schemaOf returns the schema of what encoding/json makes of a type. within
// holds the types around it: one that holds itself is refused, as is one that
// JSON cannot hold.
func schemaOf(t reflect.Type, within ...reflect.Type) (*TypeSchema, error) {
	if t.Kind() == reflect.Pointer {
		s, err := schemaOf(t.Elem(), within...)
		if err == nil {
			s.orNull()
		}
		return s, err
	}
	for _, above := range within {
		if t == above {
			return nil, fmt.Errorf("%v holds itself", t)
		}
	}
	if t.Name() != "" {
		within = append(within[:len(within):len(within)], t)
	}
	if s := ownSchema(t); s != nil {
		return s, nil
	}
	var err error
	s := &TypeSchema{}
	switch t.Kind() {
	case reflect.Bool:
		s.Type = "boolean"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		s.Type = "integer"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		s.Type, s.Minimum = "integer", new(int)
	case reflect.Float32, reflect.Float64:
		s.Type = "number"
	case reflect.String:
		s.Type = "string"
	case reflect.Interface:
	case reflect.Array:
		s.Type = "array"
		s.Items, err = schemaOf(t.Elem(), within...)
	case reflect.Slice:
		s.Type = "array"
		s.orNull()
		s.Items, err = schemaOf(t.Elem(), within...)
	case reflect.Map:
		s.Type = "object"
		s.orNull()
		s.Values, err = schemaOf(t.Elem(), within...)
	case reflect.Struct:
		s.Type = "object"
		err = s.addFields(t, within)
	default:
		err = fmt.Errorf("JSON has no %v", t)
	}
	return s, err
}

// ownSchema returns the schema of a type that writes or reads its own JSON.
func ownSchema(t reflect.Type) *TypeSchema {
	does := func(i reflect.Type) bool { return t.Implements(i) || reflect.PointerTo(t).Implements(i) }
	switch {
	case t.Kind() == reflect.Interface:
		return nil
	case t == reflect.TypeFor[time.Time](), t == reflect.TypeFor[[]byte]():
		return &TypeSchema{Type: "string"}
	case does(marshaler), does(unmarshaler):
		return &TypeSchema{}
	case does(textMarshaler), does(textUnmarshaler):
		return &TypeSchema{Type: "string"}
	}
	return nil
}

func (s *TypeSchema) addFields(t reflect.Type, within []reflect.Type) error {
	for _, f := range Fields(t) {
		of, err := schemaOf(f.Type, within...)
		if err != nil {
			return fmt.Errorf("%s: %w", f.JSON, err)
		}
		of.Description = f.Tag.Get("jsonschema")
		s.Properties = append(s.Properties, property{f.JSON, of})
		if _, options, _ := strings.Cut(f.Tag.Get("json"), ","); !strings.Contains(options, "omit") {
			s.Required = append(s.Required, f.JSON)
		}
	}
	return nil
}

// orNull allows null too, unless anything is allowed.
func (s *TypeSchema) orNull() {
	if name, ok := s.Type.(string); ok {
		s.Type = []string{"null", name}
	}
}

// demand adds what the tags of a request's fields say: `required`, and `enum`,
// the values of a text. That JSON always writes a field demands nothing.
func (s *TypeSchema) demand(t reflect.Type) {
	s.Required = nil
	for i, f := range Fields(t) {
		if f.Tag.Get("required") == "true" {
			s.Required = append(s.Required, f.JSON)
		}
		if enum := f.Tag.Get("enum"); enum != "" {
			for value := range strings.SplitSeq(enum, ",") {
				s.Properties[i].schema.Enum = append(s.Properties[i].schema.Enum, value)
			}
		}
	}
}
