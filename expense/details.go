package expense

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"intercom/client/wire"
)

// unitOf reads a currency; empty is the default of all rooms.
func unitOf(currency string) (Unit, error) {
	code := strings.ToUpper(strings.TrimSpace(currency))
	if code == "" {
		code = DefaultCurrency
	}
	if err := CheckCurrency(code); err != nil {
		return Unit{}, wire.Errorf(wire.InvalidRequest, "currency: %s", err)
	}
	return Unit{Currency: code, Exp: Exponent(code)}, nil
}

// day reads a day of the calendar where now is.
func day(s string, now time.Time) (string, error) {
	switch s = strings.ToLower(strings.TrimSpace(s)); s {
	case "", "today":
		return now.Format(time.DateOnly), nil
	case "yesterday":
		return now.AddDate(0, 0, -1).Format(time.DateOnly), nil
	}
	if checkDate(s) != nil {
		return "", wire.Errorf(wire.InvalidRequest, "date %.16q is no day of the calendar", s).
			WithHint("use YYYY-MM-DD, today or yesterday")
	}
	return s, nil
}

// note is a text as an author writes it.
func note(s string) string { return strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD")) }

// labels returns tags as an author writes them, each once.
func labels(list []string) (tags []string) {
	for _, t := range list {
		if t = note(t); t != "" && !slices.Contains(tags, t) && len(tags) <= maxTags {
			tags = append(tags, t)
		}
	}
	return tags
}

func (b *Add) attach(files []Attachment) {
	b.Attachments = nil
	for _, f := range files {
		b.Attachments = append(b.Attachments, File{SHA256: f.SHA256, Size: f.Size, Name: note(f.Name)})
	}
}

func fitsText(field, s string, limit int) error {
	if len(s) > limit {
		return wire.Errorf(wire.TooLarge, "%s of %d bytes, at most %d", field, len(s), limit)
	}
	return nil
}

// quoted returns a text as the JSON that an Amount is read from.
func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always has a JSON form
	return string(b)
}
