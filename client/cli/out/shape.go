package out

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"

	"intercom/client/wire"
)

// shape is what the Go type of the data says about its JSON. It does not
// change with the values, so neither does the form of the output.
type shape struct {
	known   bool     // the type says it; else the JSON must
	isList  bool     // the data is a list itself
	keys    []string // of the object
	list    string   // key of the list whose elements are the rows
	rowKeys []string
}

type field struct {
	key string
	typ reflect.Type
}

// shapeOf reads the type of data. The rows are what the data says
// (wire.Listed), else its only list of objects, else there are none.
func shapeOf(data any) shape {
	t := deref(reflect.TypeOf(data))
	if t == nil {
		return shape{}
	}
	if rowType := listed(t); rowType != nil {
		return shape{known: true, isList: true, list: "items", rowKeys: keysOf(rowType)}
	}
	fields, ok := fieldsOf(t)
	l, says := data.(wire.Listed)
	s := shape{known: ok || says}
	if says {
		s.list = l.List()
	}
	lists := 0
	for _, f := range fields {
		s.keys = append(s.keys, f.key)
		row := listed(f.typ)
		switch {
		case row == nil:
		case says:
			if f.key == s.list {
				s.rowKeys = keysOf(row)
			}
		case isObject(row):
			lists++
			s.list, s.rowKeys = f.key, keysOf(row)
		}
	}
	if !says && lists != 1 {
		s.list, s.rowKeys = "", nil
	}
	return s
}

func keysOf(t reflect.Type) []string {
	var keys []string
	fields, _ := fieldsOf(t)
	for _, f := range fields {
		keys = append(keys, f.key)
	}
	return keys
}

// fieldsOf returns the JSON keys of a struct in order; ok is false for other
// types and for those that write their JSON themselves.
func fieldsOf(t reflect.Type) (fields []field, ok bool) {
	t = deref(t)
	if t == nil || t.Kind() != reflect.Struct || custom(t) {
		return nil, false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Tag.Get("json") == "-" {
			continue
		}
		if f.Anonymous && name == "" {
			if inner, ok := fieldsOf(f.Type); ok {
				fields = append(fields, inner...)
				continue
			}
		}
		if !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		fields = append(fields, field{name, f.Type})
	}
	return fields, true
}

// listed returns the type of the elements of a list, nil if t is none in JSON.
func listed(t reflect.Type) reflect.Type {
	t = deref(t)
	if t == nil || custom(t) || (t.Kind() != reflect.Slice && t.Kind() != reflect.Array) {
		return nil
	}
	if t.Elem().Kind() == reflect.Uint8 {
		return nil
	}
	return t.Elem()
}

func isObject(t reflect.Type) bool {
	t = deref(t)
	switch t.Kind() {
	case reflect.Struct:
		return !t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
	case reflect.Map, reflect.Interface:
		return true
	}
	return t == reflect.TypeFor[json.RawMessage]()
}

func custom(t reflect.Type) bool {
	for _, c := range []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler]()} {
		if t.Implements(c) || reflect.PointerTo(t).Implements(c) {
			return true
		}
	}
	return false
}

func deref(t reflect.Type) reflect.Type {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}
