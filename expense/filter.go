package expense

import (
	"slices"
	"strings"

	"intercom/client/wire"
)

// Filter says which entries are asked for: those that all of it fits.
type Filter struct {
	Member   string `json:"member,omitempty" complete:"members" jsonschema:"only entries that this member paid or shares"`
	Category string `json:"category,omitempty" jsonschema:"only entries of this category"`
	Tag      string `json:"tag,omitempty" jsonschema:"only entries with this tag"`
	Since    string `json:"since,omitempty" jsonschema:"only entries from this day on, YYYY-MM-DD"`
	Until    string `json:"until,omitempty" jsonschema:"only entries up to this day, YYYY-MM-DD"`
	Search   string `json:"search,omitempty" jsonschema:"only entries in whose note, category, tags or names this text is, in any case"`
}

// matcher returns what tells the entries that are asked for, nil for all.
func (f Filter) matcher() (func(Entry) bool, error) {
	if f == (Filter{}) {
		return nil, nil
	}
	member := ""
	if f.Member != "" {
		var err error
		if member, err = Name(f.Member); err != nil {
			return nil, wire.Errorf(wire.InvalidRequest, "member: %s", err)
		}
	}
	for field, d := range map[string]string{"since": f.Since, "until": f.Until} {
		if d != "" && checkDate(d) != nil {
			return nil, wire.Errorf(wire.InvalidRequest, "%s: %.16q is no day of the calendar", field, d).WithHint("use YYYY-MM-DD")
		}
	}
	text := strings.ToLower(f.Search)
	return func(e Entry) bool {
		return (member == "" || e.names(member)) &&
			(f.Category == "" || strings.EqualFold(e.Category, f.Category)) &&
			(f.Tag == "" || slices.ContainsFunc(e.Tags, func(t string) bool { return strings.EqualFold(t, f.Tag) })) &&
			(f.Since == "" || e.Date >= f.Since) && (f.Until == "" || e.Date <= f.Until) &&
			(text == "" || e.mentions(text))
	}, nil
}

// names reports whether a member paid or shares an entry.
func (e Entry) names(member string) bool {
	is := func(m MemberMoney) bool { return m.Member == member }
	return slices.ContainsFunc(e.Payers, is) || slices.ContainsFunc(e.Shares, is)
}

// mentions reports whether a text in lower case is in one of an entry's.
func (e Entry) mentions(text string) bool {
	texts := slices.Concat([]string{e.Note, e.Category}, e.Tags, e.Split)
	for _, p := range e.Payers {
		texts = append(texts, p.Member)
	}
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(strings.ToLower(s), text) })
}
