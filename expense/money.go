// Package expense keeps shared expenses exact. Amounts are integers in minor
// units, read from decimal text and never through a float; shares always add
// up to their amount; sums have 128 bits; and every peer that holds the same
// entries computes the same shares and the same settlement plan.
package expense

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

const (
	// MaxAmount is the largest magnitude of one amount, in minor units. Integers
	// up to it survive every JSON reader (RFC 8259 section 6).
	MaxAmount = 1<<53 - 1
	// MaxExponent is the largest number of decimals an amount may have.
	MaxExponent = 8

	maxLiteral = 64 // bytes; longer text cannot be an amount in range
)

// ErrAmount is the kind every refused amount has; the kinds below tell why.
var ErrAmount = errors.New("invalid amount")

// The kinds of refused amounts. Each is also an ErrAmount.
var (
	ErrAmountSyntax   = fmt.Errorf("%w: not a plain decimal number", ErrAmount)
	ErrAmountDecimals = fmt.Errorf("%w: too many decimals", ErrAmount)
	ErrAmountRange    = fmt.Errorf("%w: out of range", ErrAmount)
)

// AmountError says what is wrong with an amount's text and what to write
// instead. errors.Is finds its Kind and ErrAmount.
type AmountError struct {
	Literal string // what was given, shortened to 64 bytes
	Kind    error  // ErrAmountSyntax, ErrAmountDecimals or ErrAmountRange
	Hint    string // the next step
}

func (e *AmountError) Error() string {
	return fmt.Sprintf("%v: %q: %s", e.Kind, e.Literal, e.Hint)
}

// Unwrap returns the kind.
func (e *AmountError) Unwrap() error { return e.Kind }

func refuse(literal string, kind error, hint string) error {
	if len(literal) > maxLiteral {
		literal = literal[:maxLiteral]
	}
	return &AmountError{Literal: literal, Kind: kind, Hint: hint}
}

// Literal is an amount as it was written. From JSON it takes a number or a
// string (`30`, `12.5`, `"12.50"`) and keeps the text, so no amount passes
// through a float; anything but a plain decimal is refused with an ErrAmount.
type Literal string

// UnmarshalJSON implements json.Unmarshaler.
func (l *Literal) UnmarshalJSON(data []byte) error {
	text := string(data)
	switch {
	case text == "":
		return refuse(text, ErrAmountSyntax, "give a number")
	case text[0] == '"':
		if err := json.Unmarshal(data, &text); err != nil {
			return refuse(string(data), ErrAmountSyntax, "give a number or a string")
		}
	case text[0] != '-' && !isDigit(text[0]):
		return refuse(text, ErrAmountSyntax, `give a number or a string, such as "12.50"`)
	}
	if err := checkDecimal(text); err != nil {
		return err
	}
	*l = Literal(text)
	return nil
}

// ParseAmount reads a decimal amount with at most exp decimals (0 to 8) and
// returns it in minor units. The grammar is an optional '-', digits without a
// leading zero ("0" itself may lead), and optionally a point with digits: no
// exponent, no hexadecimal, no comma, no space, no plus sign. The magnitude is
// at most MaxAmount. Errors are *AmountError, each an ErrAmount.
func ParseAmount(literal string, exp int) (int64, error) {
	if exp < 0 || exp > MaxExponent {
		return 0, refuse(literal, ErrAmountDecimals,
			fmt.Sprintf("a currency has 0 to %d decimals, not %d", MaxExponent, exp))
	}
	if err := checkDecimal(literal); err != nil {
		return 0, err
	}
	digits, negative := strings.CutPrefix(literal, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	if len(fraction) > exp {
		return 0, refuse(literal, ErrAmountDecimals, decimalsHint(exp))
	}
	var v int64
	for _, c := range whole + fraction + strings.Repeat("0", exp-len(fraction)) {
		v = v*10 + int64(c-'0')
		if v > MaxAmount {
			return 0, refuse(literal, ErrAmountRange,
				"the largest amount is "+FormatAmount(MaxAmount, exp))
		}
	}
	if negative {
		v = -v
	}
	return v, nil
}

func decimalsHint(exp int) string {
	switch exp {
	case 0:
		return "this currency has no decimals"
	case 1:
		return "this currency has 1 decimal at most"
	}
	return fmt.Sprintf("this currency has %d decimals at most", exp)
}

// checkDecimal holds the grammar of amounts, whatever the currency.
func checkDecimal(s string) error {
	digits := strings.TrimPrefix(s, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	switch {
	case len(s) > maxLiteral:
		return refuse(s, ErrAmountRange, fmt.Sprintf("use at most %d characters", maxLiteral))
	case !allDigits(whole + fraction):
		return refuse(s, ErrAmountSyntax, syntaxHint(s))
	case digits == "" || digits == ".":
		return refuse(s, ErrAmountSyntax, "give a number, such as 12.50")
	case whole == "":
		return refuse(s, ErrAmountSyntax, "put a digit before the point: 0."+fraction)
	case point && fraction == "":
		return refuse(s, ErrAmountSyntax, "leave out the point: "+whole)
	case len(whole) > 1 && whole[0] == '0':
		// Elsewhere a leading zero means octal; the digits may not be what was meant.
		return refuse(s, ErrAmountSyntax, "leave out leading zeros")
	}
	return nil
}

// syntaxHint answers the mistakes people make with the text that would work.
func syntaxHint(s string) string {
	head, tail, comma := strings.Cut(s, ",")
	switch {
	case comma && allDigits(head+tail) && head != "" && tail != "" && len(tail) != 3:
		return "use a point: " + head + "." + tail
	case comma:
		return "use a point for decimals and nothing between thousands: 1234.50"
	case strings.HasPrefix(s, "+"):
		return "leave out the plus sign"
	case strings.ContainsAny(s, " \t\r\n\u00a0\u202f"):
		return "leave out spaces"
	case strings.HasPrefix(s, "\u2212"):
		return "use the hyphen as minus sign"
	}
	return "write digits and at most one point, such as 1234.50"
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// FormatAmount writes minor units as a decimal with exactly exp decimals;
// ParseAmount reads it back.
func FormatAmount(v int64, exp int) string { return SumOf(v).Format(exp) }
