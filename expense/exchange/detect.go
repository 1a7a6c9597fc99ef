package exchange

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
)

// Detect returns the format of a text by its beginning, or nothing.
func Detect(text string) string {
	start := strings.TrimSpace(strings.TrimPrefix(text, byteOrderMark))
	switch {
	case strings.HasPrefix(start, "["):
		return JSON
	case strings.HasPrefix(start, "{"):
		return detectObject(start)
	}
	head, _, _ := strings.Cut(start, "\n")
	r := csv.NewReader(strings.NewReader(head))
	r.Comma, r.FieldsPerRecord = separator(head), -1
	cells, err := r.Read()
	if err != nil {
		return ""
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	has := func(names ...string) bool {
		return !slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(cells, n) })
	}
	switch {
	case has("Date", "Description", "Cost", "Is Reimbursement", "Split mode"):
		return SpliitCSV
	case has("name", "weight", "active"), has("what", "amount", "payer_name", "owers", "payer_active"):
		return Cospend
	case has("what", "amount", "payer_name", "owers"):
		return Ihatemoney
	case isSplitwise(cells):
		return Splitwise
	}
	return ""
}

// planKey is in the document of balances and a plan that expense export
// --format json writes, which has no entries.
const planKey = "settlements"

// detectObject tells a document from lines of objects.
func detectObject(start string) string {
	var first map[string]json.RawMessage
	d := json.NewDecoder(strings.NewReader(start))
	if d.Decode(&first) != nil {
		return Lines
	}
	if _, ok := first["participants"]; ok {
		return SpliitJSON
	}
	for _, key := range []string{"entries", planKey} {
		if _, ok := first[key]; ok {
			return JSON
		}
	}
	return Lines
}
