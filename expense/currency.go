package expense

import (
	"errors"
	"fmt"
)

// DefaultCurrency is ISO 4217's code for "no currency": a room that never
// names one counts in it, with two decimals.
const DefaultCurrency = "XXX"

// ErrCurrency is the kind of a refused currency code.
var ErrCurrency = errors.New("invalid currency")

const usualExponent = 2

// exponents lists the active codes of ISO 4217 (list one) whose minor unit is
// not 2. Codes without a minor unit (gold, XXX, ...) have the usual 2.
var exponents = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0,
	"KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0,
	"XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}

// CheckCurrency accepts ISO 4217 codes and a room's own units: 3 to 8 capital
// letters. Its errors are ErrCurrency.
func CheckCurrency(code string) error {
	ok := 3 <= len(code) && len(code) <= 8
	for i := range len(code) {
		ok = ok && 'A' <= code[i] && code[i] <= 'Z'
	}
	if !ok {
		return fmt.Errorf("%w %.16q: use 3 to 8 capital letters, such as EUR", ErrCurrency, code)
	}
	return nil
}

// Exponent returns the number of decimals a currency has by ISO 4217, and 2
// for every other code.
func Exponent(currency string) int {
	if exp, ok := exponents[currency]; ok {
		return exp
	}
	return usualExponent
}
