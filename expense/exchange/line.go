package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// line is an entry as JSON. `expense list` and `expense export` write it; by
// hand, payer, amount and split are enough.
type line struct {
	ID       string        `json:"id,omitempty"`
	Type     string        `json:"type,omitempty"` // expense, income or payment
	Status   string        `json:"status,omitempty"`
	Date     string        `json:"date,omitempty"`
	Payer    string        `json:"payer,omitempty"`
	Payers   []memberMoney `json:"payers,omitempty"`
	From     string        `json:"from,omitempty"`
	To       string        `json:"to,omitempty"`
	Amount   literal       `json:"amount"`
	Currency string        `json:"currency,omitempty"`
	Exp      *int          `json:"exp,omitempty"`
	Split    []string      `json:"split,omitempty"`
	Kind     string        `json:"kind,omitempty"`
	Inputs   []input       `json:"inputs,omitempty"`
	Shares   []memberMoney `json:"shares,omitempty"`
	Note     string        `json:"note,omitempty"`
	Category string        `json:"category,omitempty"`
	Tags     []string      `json:"tags,omitempty"`
	Rate     *lineRate     `json:"rate,omitempty"`
	Key      string        `json:"key,omitempty"`
	For      string        `json:"for,omitempty"`
	Files    []Attachment  `json:"attachments,omitempty"`
}

type memberMoney struct {
	Member string  `json:"member"`
	Amount literal `json:"amount"`
}

type input struct {
	Member string  `json:"member"`
	N      literal `json:"n"`
}

type lineRate struct {
	Amount   literal `json:"amount"`
	Currency string  `json:"currency"`
	Exp      *int    `json:"exp,omitempty"`
}

// literal is a number as it was written, with or without quotes.
type literal string

// UnmarshalJSON implements json.Unmarshaler.
func (l *literal) UnmarshalJSON(b []byte) error {
	text := string(b)
	switch {
	case text == "null":
		return nil
	case text[0] == '"':
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
	case text[0] != '-' && (text[0] < '0' || text[0] > '9'):
		return fmt.Errorf("%.40s is not a number", text)
	}
	*l = literal(strings.TrimSpace(text))
	return nil
}

// jsonText says what is wrong with a JSON text.
func jsonText(err error) string {
	if bad, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%s is a %s, which it cannot be", bad.Field, bad.Value)
	}
	return "no JSON as expected: " + strings.TrimPrefix(err.Error(), "json: ")
}

// lineOfJSON returns the line of an error.
func lineOfJSON(text string, err error) int {
	offset := int64(0)
	if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = bad.Offset
	}
	if bad, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = bad.Offset
	}
	return 1 + strings.Count(text[:min(int(offset), len(text))], "\n")
}
