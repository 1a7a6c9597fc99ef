//go:build unix

package conformance_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// value is a JSON value that keeps the order of its keys.
type value struct {
	keys   []string
	fields map[string]*value
	list   []*value
	scalar any // string, json.Number, bool or nil
	kind   byte
}

// The kinds of values.
const (
	object = '{'
	array  = '['
	other  = 's'
)

// parse reads one JSON value.
func parse(b []byte) (*value, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	v, err := next(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return v, nil
}

func mustParse(s string) *value {
	v, err := parse([]byte(s))
	if err != nil {
		panic(fmt.Sprintf("%s: %v", s, err))
	}
	return v
}

func next(d *json.Decoder) (*value, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		v := &value{kind: object, fields: map[string]*value{}}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			item, err := next(d)
			if err != nil {
				return nil, err
			}
			v.set(key.(string), item)
		}
		_, err := d.Token()
		return v, err
	case json.Delim('['):
		v := &value{kind: array}
		for d.More() {
			item, err := next(d)
			if err != nil {
				return nil, err
			}
			v.list = append(v.list, item)
		}
		_, err := d.Token()
		return v, err
	}
	return &value{kind: other, scalar: token}, nil
}

func (v *value) set(key string, item *value) {
	if _, ok := v.fields[key]; !ok {
		v.keys = append(v.keys, key)
	}
	v.fields[key] = item
}

// at returns the value of a field, nil where there is none.
func (v *value) at(key string) *value {
	if v == nil {
		return nil
	}
	return v.fields[key]
}

// text returns a field that is a text, else empty.
func (v *value) text(key string) string {
	if f := v.at(key); f != nil {
		s, _ := f.scalar.(string)
		return s
	}
	return ""
}

// number returns a field that is a number, else 0.
func (v *value) number(key string) float64 {
	if f := v.at(key); f != nil {
		n, _ := f.scalar.(json.Number)
		x, _ := n.Float64()
		return x
	}
	return 0
}

// clone returns a copy that shares nothing.
func (v *value) clone() *value { return mustParse(v.String()) }

// put sets what a path of keys and indices leads to, as `room.checkins.0`; an
// item may be removed with nil.
func (v *value) put(path string, to *value) error {
	key, rest, more := strings.Cut(path, ".")
	if v.kind == array {
		i, err := strconv.Atoi(key)
		switch {
		case err != nil || i < 0 || i >= len(v.list):
			return fmt.Errorf("no index %s", key)
		case more:
			return v.list[i].put(rest, to)
		case to == nil:
			v.list = append(v.list[:i:i], v.list[i+1:]...)
			return nil
		}
		v.list[i] = to
		return nil
	}
	if v.at(key) == nil {
		return fmt.Errorf("no field %s", key)
	}
	if more {
		return v.fields[key].put(rest, to)
	}
	v.fields[key] = to
	return nil
}

func (v *value) String() string {
	var b strings.Builder
	v.write(&b)
	return b.String()
}

func (v *value) write(b *strings.Builder) {
	switch v.kind {
	case object:
		b.WriteByte('{')
		for i, k := range v.keys {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(b, "%s:", quote(k))
			v.fields[k].write(b)
		}
		b.WriteByte('}')
	case array:
		b.WriteByte('[')
		for i, item := range v.list {
			if i > 0 {
				b.WriteByte(',')
			}
			item.write(b)
		}
		b.WriteByte(']')
	default:
		b.WriteString(quote(v.scalar))
	}
}

func quote(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSpace(b.String())
}
