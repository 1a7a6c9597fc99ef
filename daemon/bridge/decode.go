package bridge

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"intercom/client/wire"
	"intercom/daemon/bridge/compat"
)

// Decode fills the struct that dst points to from the fields of a request: by
// exact-case JSON names, embedded structs flattened, unknown fields ignored,
// null as if absent. Text takes any value the way the original did: what
// JavaScript takes for false is empty, all else is String()ed, so 5 is "5". A
// list of texts may also be one text with commas. Types with UnmarshalJSON or
// UnmarshalText read themselves. The error is a *wire.Error that names the
// field: the type's own, else InvalidRequest.
func Decode(fields map[string]json.RawMessage, dst any) error {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("decode into %T: not a pointer to a struct", dst)
	}
	return decodeStruct("", fields, v.Elem())
}

func decodeStruct(prefix string, fields map[string]json.RawMessage, v reflect.Value) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
			continue
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			if err := decodeStruct(prefix, fields, v.Field(i)); err != nil {
				return err
			}
			continue
		case !f.IsExported():
			continue
		case name == "":
			name = f.Name
		}
		raw, ok := fields[name]
		if !ok {
			continue
		}
		if err := decodeValue(prefix+name, raw, v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func decodeValue(name string, raw json.RawMessage, v reflect.Value) error {
	switch own := v.Addr().Interface().(type) {
	case *json.RawMessage:
		*own = raw
		return nil
	case json.Unmarshaler:
		return inField(name, own.UnmarshalJSON(raw))
	case encoding.TextUnmarshaler:
		if string(raw) == "null" {
			return nil
		}
		s, ok := text(raw)
		if !ok {
			return mismatch(name, "a text", raw)
		}
		return inField(name, own.UnmarshalText([]byte(s)))
	}
	if v.Kind() == reflect.String {
		if compat.Truthy(raw) {
			v.SetString(compat.StringOf(raw))
		}
		return nil
	}
	if string(raw) == "null" {
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		elem := reflect.New(v.Type().Elem())
		if err := decodeValue(name, raw, elem.Elem()); err != nil {
			return err
		}
		v.Set(elem)
	case reflect.Bool:
		if raw[0] != 't' && raw[0] != 'f' {
			return mismatch(name, "true or false", raw)
		}
		v.SetBool(raw[0] == 't')
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64:
		return decodeNumber(name, raw, v)
	case reflect.Struct:
		if raw[0] != '{' {
			return mismatch(name, "an object", raw)
		}
		fields := make(map[string]json.RawMessage)
		for key, value := range members(raw) {
			fields[key] = value
		}
		return decodeStruct(name+".", fields, v)
	case reflect.Slice:
		return decodeSlice(name, raw, v)
	default: // any, maps
		if err := json.Unmarshal(raw, v.Addr().Interface()); err != nil {
			return mismatch(name, v.Type().String(), raw)
		}
	}
	return nil
}

func decodeSlice(name string, raw json.RawMessage, v reflect.Value) error {
	if s, ok := text(raw); ok && v.Type().Elem().Kind() == reflect.String {
		for part := range strings.SplitSeq(s, ",") {
			if part = strings.TrimSpace(part); part != "" {
				v.Set(reflect.Append(v, reflect.ValueOf(part).Convert(v.Type().Elem())))
			}
		}
		return nil
	}
	var list []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &list) != nil {
		return mismatch(name, "a list", raw)
	}
	all := reflect.MakeSlice(v.Type(), len(list), len(list))
	for i, raw := range list {
		if err := decodeValue(name+"["+strconv.Itoa(i)+"]", raw, all.Index(i)); err != nil {
			return err
		}
	}
	v.Set(all)
	return nil
}

func decodeNumber(name string, raw json.RawMessage, v reflect.Value) error {
	if raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return mismatch(name, "a number", raw)
	}
	literal := string(raw)
	if v.CanFloat() {
		f, err := strconv.ParseFloat(literal, v.Type().Bits())
		if err != nil {
			return mismatch(name, "a smaller number", raw)
		}
		v.SetFloat(f)
		return nil
	}
	const exact = 1 << 53 // above, a float64 skips integers
	if strings.ContainsAny(literal, ".eE") {
		f, err := strconv.ParseFloat(literal, 64)
		if err != nil || f != math.Trunc(f) || math.Abs(f) > exact {
			return mismatch(name, "a whole number", raw)
		}
		literal = strconv.FormatInt(int64(f), 10)
	}
	if v.CanInt() {
		n, err := strconv.ParseInt(literal, 10, v.Type().Bits())
		if err != nil {
			return mismatch(name, "a smaller number", raw)
		}
		v.SetInt(n)
		return nil
	}
	n, err := strconv.ParseUint(literal, 10, v.Type().Bits())
	if err != nil {
		return mismatch(name, "a smaller number, not negative", raw)
	}
	v.SetUint(n)
	return nil
}

func mismatch(field, want string, raw json.RawMessage) error {
	return wire.Errorf(wire.InvalidRequest, "%s: want %s, not %s", field, want, shorten(string(raw)))
}

// inField keeps a type's own wire error and gives others the field's name.
func inField(field string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*wire.Error](err); ok {
		return err
	}
	return wire.Errorf(wire.InvalidRequest, "%s: %s", field, err)
}
