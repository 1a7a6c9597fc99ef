package out

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"intercom/client/wire"
)

const tableTime = "2006-01-02 15:04:05"

// short is a name that is long for people, such as a key: tables show less.
type short interface{ Short() string }

// cellText returns a cell as text. Times are in zone, or RFC 3339 in UTC if
// zone is nil; a zero time and nil are empty. Short names are for people, to
// whom a zone belongs.
func cellText(cell any, zone *time.Location) string {
	switch c := cell.(type) {
	case short:
		if zone != nil {
			return c.Short()
		}
	case nil:
		return ""
	case string:
		return c
	case time.Time:
		switch {
		case c.IsZero():
			return ""
		case zone == nil:
			return c.UTC().Format(time.RFC3339Nano)
		}
		return c.In(zone).Format(tableTime)
	}
	return fmt.Sprint(cell)
}

// free reports whether a cell holds text that somebody chose, so that it may
// pretend to be something else.
func free(cell any) bool {
	switch cell.(type) {
	case nil, bool, int, int64, uint64, time.Time, json.Number:
		return false
	}
	return true
}

// decimal reports whether s is a plain number: `-15.00`, not `+1` or `1e3`.
func decimal(s string) bool {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	return digits(whole) && (!point || digits(fraction))
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// pick returns the table of d with the chosen columns.
func (o Options) pick(d Document) (wire.Table, error) {
	t := d.Table
	if len(t.Columns) == 0 && d.Data != nil {
		v, err := newView(d)
		if err != nil {
			return wire.Table{}, err
		}
		if t, err = v.table(); err != nil {
			return wire.Table{}, err
		}
	}
	if len(o.Fields) == 0 {
		return t, nil
	}
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	if len(names) == 0 {
		return t, nil // nothing is known of the columns, and nothing is shown
	}
	index, err := match(o.Fields, names)
	if err != nil {
		return wire.Table{}, err
	}
	picked := wire.Table{Rows: make([][]any, len(t.Rows))}
	for _, i := range index {
		picked.Columns = append(picked.Columns, t.Columns[i])
	}
	for r, row := range t.Rows {
		cells := make([]any, len(index))
		for to, from := range index {
			if from < len(row) {
				cells[to] = row[from]
			}
		}
		picked.Rows[r] = cells
	}
	return picked, nil
}

// match returns the index in names of each field. Case and underscores do not
// count, so that one list of fields fits columns and keys.
func match(fields, names []string) ([]int, error) {
	at := make(map[string]int, len(names))
	for i, n := range names {
		if _, taken := at[fold(n)]; !taken {
			at[fold(n)] = i
		}
	}
	index := make([]int, len(fields))
	for i, f := range fields {
		n, ok := at[fold(f)]
		if !ok {
			return nil, wire.Errorf(wire.InvalidRequest, "unknown field %q", f).
				WithHint("fields: " + strings.Join(names, ", "))
		}
		index[i] = n
	}
	return index, nil
}

var folded = strings.NewReplacer("_", "", "-", "")

func fold(name string) string {
	return strings.ToLower(folded.Replace(strings.TrimSpace(name)))
}
