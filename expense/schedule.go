package expense

import (
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"intercom/client/wire"
)

// The units of a schedule.
const (
	unitDay   = "day"
	unitWeek  = "week"
	unitMonth = "month"
	unitYear  = "year"
)

// Limits of a schedule. They are part of the format and never shrink.
const (
	maxEvery  = 1000 // units from one day to the next
	maxRepeat = 100_000
	firstDay  = "2000-01-01"
	lastDay   = "2199-12-31"
)

// Schedule says on which days something recurs. Days have no time and no zone,
// so neither moves them. Each is counted from the start: a month without the
// day of the start has its last day, and the next is not moved by that.
type Schedule struct {
	Every int64  `cbor:"every"`
	Unit  string `cbor:"unit"`  // day, week, month or year
	Start string `cbor:"start"` // the first day
	Until string `cbor:"until,omitempty"`
	Count int64  `cbor:"count,omitempty"` // how many days in all; 0: no end
}

func (s Schedule) check() error {
	switch s.Unit {
	case unitDay, unitWeek, unitMonth, unitYear:
	default:
		return fmt.Errorf("expense: it recurs by %.16q, not by day, week, month or year", s.Unit)
	}
	err := errors.Join(between("every", s.Every, 1, maxEvery), between("count", s.Count, 0, maxRepeat), checkDay("start", s.Start))
	if s.Until != "" {
		err = errors.Join(err, checkDay("until", s.Until))
		if s.Until < s.Start {
			err = errors.Join(err, fmt.Errorf("expense: until %.16s is before the start %.16s", s.Until, s.Start))
		}
	}
	return err
}

// checkDay holds the days on which something may recur.
func checkDay(field, day string) error {
	if err := checkDate(day); err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	if day < firstDay || day > lastDay {
		return fmt.Errorf("expense: %s %s is not from %s to %s", field, day, firstDay, lastDay)
	}
	return nil
}

// nth returns day n of the schedule, from 0 on; false if it has none.
func (s Schedule) nth(n int64) (string, bool) {
	start, err := time.Parse(time.DateOnly, s.Start)
	if err != nil || n < 0 || n > maxRepeat || s.Count > 0 && n >= s.Count {
		return "", false
	}
	steps := int(n * s.Every)
	var t time.Time
	switch s.Unit {
	case unitDay:
		t = start.AddDate(0, 0, steps)
	case unitWeek:
		t = start.AddDate(0, 0, 7*steps)
	case unitMonth:
		t = addMonths(start, steps)
	case unitYear:
		t = addMonths(start, 12*steps)
	}
	if t.Year() > 2199 {
		return "", false
	}
	day := t.Format(time.DateOnly)
	return day, s.Until == "" || day <= s.Until
}

// addMonths is a day n months later, or the last one of that month.
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

// from returns the days of the schedule from a day on. The first of them costs
// the same however long ago the start is.
func (s Schedule) from(day string) iter.Seq[string] {
	return func(yield func(string) bool) {
		n := int64(0)
		start, err1 := time.Parse(time.DateOnly, s.Start)
		at, err2 := time.Parse(time.DateOnly, day)
		if err1 != nil || err2 != nil || s.Every < 1 {
			return
		}
		if at.After(start) {
			days := int64(at.Sub(start).Hours() / 24)
			months := int64(at.Year()-start.Year())*12 + int64(at.Month()-start.Month())
			// Not after the one that is looked for, and at most one before it.
			n = map[string]int64{unitDay: days, unitWeek: days / 7, unitMonth: months, unitYear: months / 12}[s.Unit] / s.Every
		}
		for ; ; n++ {
			d, ok := s.nth(n)
			if !ok || d >= day && !yield(d) {
				return
			}
		}
	}
}

// every says how often something recurs: month, 2 weeks.
func (s Schedule) every() string {
	if s.Every == 1 {
		return s.Unit
	}
	return plainNumber(s.Every) + " " + s.Unit + "s"
}

// parseEvery reads how often something recurs.
func parseEvery(text string) (every int64, unit string, err error) {
	fields := strings.Fields(strings.ToLower(text))
	every = 1
	if len(fields) == 2 {
		if every, err = strconv.ParseInt(fields[0], 10, 64); err == nil && (every < 1 || every > maxEvery) {
			return 0, "", wire.Errorf(wire.InvalidRequest, "every: %.16s is not 1 to %d", fields[0], maxEvery).WithHint("--every '2 weeks'")
		}
		fields = fields[1:]
	}
	if len(fields) == 1 && err == nil {
		switch fields[0] {
		case "day", "days", "daily":
			return every, unitDay, nil
		case "week", "weeks", "weekly":
			return every, unitWeek, nil
		case "month", "months", "monthly":
			return every, unitMonth, nil
		case "year", "years", "yearly":
			return every, unitYear, nil
		}
	}
	return 0, "", wire.Errorf(wire.InvalidRequest, "every: %.40q is not day, week, month or year, or a number of them", text).
		WithHint("--every month, or --every '2 weeks'")
}
