package wire

import (
	"reflect"
	"strings"
)

// Field is a field of a request or reply as JSON has it.
type Field struct {
	reflect.StructField
	JSON string // its key
}

// Fields returns the fields of a struct that JSON has, in order; those of
// embedded structs stand in the place of these. reflect.VisibleFields would
// hide a field that has the name of the struct that brings it.
func Fields(t reflect.Type) []Field {
	var fields []Field
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			fields = append(fields, Fields(f.Type)...)
			continue
		case !f.IsExported(), name == "-":
			continue
		case name == "":
			name = f.Name
		}
		fields = append(fields, Field{StructField: f, JSON: name})
	}
	return fields
}
