package expense

import (
	"encoding/json"
	"errors"
	"strings"

	"intercom/client/wire"
)

// Amount is an amount as a client gave it: a JSON number or a text, judged
// when the request is decided, so that what is missing is named first. It
// keeps the JSON literal. Empty is absent.
type Amount string

// UnmarshalJSON implements json.Unmarshaler. It keeps any value.
func (a *Amount) UnmarshalJSON(b []byte) error {
	*a = Amount(b)
	return nil
}

// MarshalJSON implements json.Marshaler. `30` and `"30"` are one amount, so
// they are written alike.
func (a Amount) MarshalJSON() ([]byte, error) {
	if a == "" {
		return []byte("null"), nil
	}
	l, err := a.literal()
	if err != nil {
		l = Literal(a)
	}
	return json.Marshal(string(l))
}

// literal reads the JSON literal. Blanks around a text are nothing.
func (a Amount) literal() (l Literal, err error) {
	raw, text := []byte(a), ""
	if len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &text) == nil {
		if raw, err = json.Marshal(strings.TrimSpace(text)); err != nil {
			return "", err
		}
	}
	err = l.UnmarshalJSON(raw)
	return l, err
}

// Parse returns the amount in minor units of exp decimals, always above zero.
// Errors are *wire.Error with code invalid_amount.
func (a Amount) Parse(exp int) (int64, error) {
	v, err := a.signed(exp)
	if err == nil && v <= 0 {
		return 0, wire.Errorf(wire.InvalidAmount, "amount %s is not above zero", FormatAmount(v, exp)).
			WithHint("give what was paid, such as 12.50; of money that came back, also say income")
	}
	return v, err
}

// signed returns the amount, which may be zero or below.
func (a Amount) signed(exp int) (int64, error) {
	l, err := a.literal()
	if err != nil {
		return 0, refuseAmount(err)
	}
	v, err := ParseAmount(string(l), exp)
	if err != nil {
		return 0, refuseAmount(err)
	}
	return v, nil
}

func refuseAmount(err error) error {
	e, ok := errors.AsType[*AmountError](err)
	if !ok {
		return wire.Errorf(wire.InvalidAmount, "%s", err)
	}
	return wire.Errorf(wire.InvalidAmount, "amount %q: %s", e.Literal, cause(e.Kind)).WithHint(e.Hint)
}

// cause says a kind of refused amount without the words that all of them have.
func cause(kind error) string {
	switch {
	case errors.Is(kind, ErrAmountDecimals):
		return "too many decimals"
	case errors.Is(kind, ErrAmountRange):
		return "out of range"
	}
	return "not a plain decimal number"
}
