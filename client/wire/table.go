package wire

// Table is a result as rows, for tables and delimited formats.
type Table struct {
	Columns []Column
	Rows    [][]any // string, bool, int, int64, uint64, time.Time, fmt.Stringer or nil
}

// Column is a heading. Numbers stand to the right.
type Column struct {
	Name  string // lower-case, words joined by underscores
	Right bool
}

// Columns returns headings from names; a leading `>` sets a column right.
func Columns(names ...string) []Column {
	cols := make([]Column, len(names))
	for i, n := range names {
		if n[0] == '>' {
			cols[i] = Column{Name: n[1:], Right: true}
		} else {
			cols[i] = Column{Name: n}
		}
	}
	return cols
}

// Tabular is a reply that can be shown as rows.
type Tabular interface{ Table() Table }

// Noted is a reply with something to say beside its data, for standard error.
type Noted interface{ Note() string }

// Listed is a reply that says which of its lists is its rows where programs
// read line by line: the JSON key, or empty if the reply is one row. Others
// have the rows of their only list of objects.
type Listed interface{ List() string }
