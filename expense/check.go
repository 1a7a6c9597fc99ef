package expense

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"intercom/ledger/event"
)

var (
	errSum    = errors.New("expense: the parts do not add up to the amount")
	errTarget = errors.New("expense: an id is missing")
)

func checkAmount(amount int64, currency string, exp int) error {
	if amount == 0 || amount > MaxAmount || amount < -MaxAmount {
		return fmt.Errorf("%w: %d minor units", ErrAmountRange, amount)
	}
	if exp < 0 || exp > MaxExponent {
		return fmt.Errorf("%w: %d", ErrAmountDecimals, exp)
	}
	return CheckCurrency(currency)
}

// checkName holds what readers ask of a name. They compare bytes and do not
// fold case: that is the author's duty (Name).
func checkName(s string) error {
	switch {
	case s == "" || len(s) > MaxName:
		return fmt.Errorf("%w: %d bytes, not 1 to %d", ErrName, len(s), MaxName)
	case strings.ContainsFunc(s, unicode.IsControl):
		return fmt.Errorf("%w %q: control character", ErrName, s)
	case strings.TrimSpace(s) != s:
		return fmt.Errorf("%w %q: space around it", ErrName, s)
	case !norm.NFC.IsNormalString(s):
		return fmt.Errorf("%w %q: not in NFC", ErrName, s)
	}
	return nil
}

func optionalName(s string) error {
	if s == "" {
		return nil
	}
	return checkName(s)
}

// checkNames holds the limits of a list of parts: each name once, each number
// in range.
func checkNames(field string, parts []Part) error {
	if len(parts) == 0 || len(parts) > MaxNames {
		return fmt.Errorf("expense: %d names in %s, not 1 to %d", len(parts), field, MaxNames)
	}
	seen := make(map[string]bool, len(parts))
	for _, p := range parts {
		if err := errors.Join(checkName(p.Name), between(field, p.Amount, -MaxAmount, MaxAmount)); err != nil {
			return err
		}
		if seen[p.Name] {
			return fmt.Errorf("%w %q: twice in %s", ErrName, p.Name, field)
		}
		seen[p.Name] = true
	}
	return nil
}

func checkParts(field string, parts []Part, amount int64) error {
	if err := checkNames(field, parts); err != nil {
		return err
	}
	sum := SumOf(-amount)
	for _, p := range parts {
		sum = sum.Add(p.Amount)
	}
	if !sum.IsZero() {
		return fmt.Errorf("%w: %s", errSum, field)
	}
	return nil
}

// names reports whether the split is of those that the shares charge, in any
// order. In a list each name is there once.
func (s *Split) names(shares []Part) bool {
	if len(s.Of) != len(shares) {
		return false
	}
	of := make(map[string]bool, len(s.Of))
	for _, p := range s.Of {
		of[p.Name] = true
	}
	return !slices.ContainsFunc(shares, func(p Part) bool { return !of[p.Name] })
}

func checkTags(tags []string) error {
	if len(tags) > maxTags {
		return fmt.Errorf("expense: %d tags, at most %d", len(tags), maxTags)
	}
	for _, t := range tags {
		if t == "" || len(t) > maxLabel {
			return fmt.Errorf("expense: tag of %d bytes, not 1 to %d", len(t), maxLabel)
		}
	}
	return nil
}

func checkTargets(targets []event.ID) error {
	if len(targets) == 0 || len(targets) > maxTargets {
		return fmt.Errorf("expense: %d targets, not 1 to %d", len(targets), maxTargets)
	}
	seen := make(map[event.ID]bool, len(targets))
	for _, t := range targets {
		if t.IsZero() || seen[t] {
			return errTarget
		}
		seen[t] = true
	}
	return nil
}

func named(id event.ID) error {
	if id.IsZero() {
		return errTarget
	}
	return nil
}

func bounded(field, s string, limit int) error {
	if len(s) > limit {
		return fmt.Errorf("expense: %s of %d bytes, at most %d", field, len(s), limit)
	}
	return nil
}

func between(field string, n, low, high int64) error {
	if n < low || n > high {
		return fmt.Errorf("expense: %s is %d, not %d to %d", field, n, low, high)
	}
	return nil
}
