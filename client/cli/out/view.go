package out

import (
	"bytes"
	"encoding/json"
	"slices"

	"intercom/client/wire"
)

// view is the data of a document: an object, and which of its lists the rows
// are.
type view struct {
	schema  string
	top     object
	topKeys []string // that the Go type declares
	list    string   // key of the rows; empty: the object is the only row
	rowKeys []string
}

// view returns the data of d, narrowed to the fields.
func (o Options) view(d Document) (view, error) {
	v, err := newView(d)
	if err != nil || len(o.Fields) == 0 {
		return v, err
	}
	return v.narrow(o.Fields)
}

func newView(d Document) (view, error) {
	raw, err := encode(d.Data)
	if err != nil {
		return view{}, err
	}
	s := shapeOf(d.Data)
	v := view{schema: d.Schema, list: s.list, topKeys: s.keys, rowKeys: s.rowKeys}
	top, ok, err := parseObject(raw)
	switch {
	case err != nil:
		return view{}, err
	case ok:
		v.top = top.without("schema")
	case raw[0] == '[' || s.isList:
		v.top, v.list = object{{"items", raw}}, "items"
	case d.Data != nil:
		v.top = object{{"value", raw}}
	}
	if !s.known && ok {
		v.list = guessList(v.top)
	}
	for i, m := range v.top {
		if m.key == v.list && string(m.value) == "null" {
			v.top[i].value = json.RawMessage("[]")
		}
	}
	return v, nil
}

// guessList returns the key of the only list of objects, empty if there is
// none. It decides for data without a Go type.
func guessList(o object) string {
	key := ""
	for _, m := range o {
		if m.value[0] != '[' || (string(m.value) != "[]" && m.value[1] != '{') {
			continue
		}
		if key != "" {
			return ""
		}
		key = m.key
	}
	return key
}

// document returns the object with its schema in front.
func (v view) document() []byte {
	if v.schema == "" {
		return v.top.bytes()
	}
	return append(object{{"schema", quote(v.schema)}}, v.top...).bytes()
}

// rows returns the elements of the list, or the object itself.
func (v view) rows() ([]json.RawMessage, error) {
	if v.list == "" {
		if v.top == nil {
			return nil, nil
		}
		return []json.RawMessage{v.top.bytes()}, nil
	}
	raw := v.top.get(v.list)
	if raw == nil {
		return nil, nil
	}
	return parseList(raw)
}

func (v view) lines(b *bytes.Buffer) error {
	rows, err := v.rows()
	for _, row := range rows {
		b.Write(row)
		b.WriteByte('\n')
	}
	return err
}

// narrow keeps the chosen keys of the rows and drops what stands beside them;
// or, if the fields are keys of the object instead, keeps these.
func (v view) narrow(fields []string) (view, error) {
	tops := union(v.topKeys, v.top)
	if v.list == "" {
		index, err := match(fields, tops)
		if err != nil {
			return view{}, err
		}
		v.top = v.top.choose(names(tops, index))
		return v, nil
	}
	rows, err := v.rows()
	if err != nil {
		return view{}, err
	}
	objects, keys, err := parseRows(rows, v.rowKeys)
	if err != nil {
		return view{}, err
	}
	if len(keys) == 0 && len(rows) == 0 {
		return v, nil // nothing to narrow, and nothing known to check against
	}
	index, err := match(fields, keys)
	if err != nil {
		if index, topErr := match(fields, tops); topErr == nil {
			chosen := names(tops, index)
			v.top = v.top.choose(chosen)
			if !slices.Contains(chosen, v.list) {
				v.list = ""
			}
			return v, nil
		}
		return view{}, err
	}
	chosen := names(keys, index)
	for i, o := range objects {
		rows[i] = o.choose(chosen).bytes()
	}
	v.top = object{{v.list, joinList(rows)}}
	return v, nil
}

// table returns the rows under the keys that occur, for data that brings no
// table of its own.
func (v view) table() (wire.Table, error) {
	rows, err := v.rows()
	if err != nil {
		return wire.Table{}, err
	}
	known := v.rowKeys
	if v.list == "" {
		known = v.topKeys
	}
	objects, keys, err := parseRows(rows, known)
	if err != nil {
		return wire.Table{}, err
	}
	var t wire.Table
	for _, k := range keys {
		t.Columns = append(t.Columns, wire.Column{Name: k})
	}
	for _, o := range objects {
		cells := make([]any, len(keys))
		for i, k := range keys {
			cells[i] = jsonCell(o.get(k))
		}
		t.Rows = append(t.Rows, cells)
	}
	return t, nil
}

func jsonCell(raw json.RawMessage) any {
	if raw == nil {
		return nil
	}
	var v any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return string(raw)
	}
	switch v.(type) {
	case map[string]any, []any:
		return string(raw)
	}
	return v
}

// parseRows reads rows as objects; one that is none becomes {"value": row}.
// keys are the known ones and then what else occurs.
func parseRows(rows []json.RawMessage, known []string) (objects []object, keys []string, err error) {
	keys = slices.Clone(known)
	seen := make(map[string]bool, len(keys))
	for _, k := range keys {
		seen[k] = true
	}
	for _, row := range rows {
		o, ok, err := parseObject(row)
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			o = object{{"value", row}}
		}
		objects = append(objects, o)
		for _, m := range o {
			if !seen[m.key] {
				seen[m.key] = true
				keys = append(keys, m.key)
			}
		}
	}
	return objects, keys, nil
}

func union(known []string, o object) []string {
	keys := slices.Clone(known)
	for _, m := range o {
		if !slices.Contains(keys, m.key) {
			keys = append(keys, m.key)
		}
	}
	return keys
}

func names(all []string, index []int) []string {
	chosen := make([]string, len(index))
	for i, n := range index {
		chosen[i] = all[n]
	}
	return chosen
}
