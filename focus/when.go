package focus

import (
	"strconv"
	"strings"
	"time"

	"intercom/client/wire"
)

// Moment reads a time of a person in his zone: a time of day such as `09:00`,
// perhaps behind a day (`today`, `tomorrow`, `mon`, `2026-03-02`), or one of
// RFC 3339. A time of day alone is the nearest of that name; with ahead the
// next. The error is a *wire.Error, InvalidRequest.
func Moment(text string, now time.Time, ahead bool) (time.Time, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if t, err := time.Parse(time.RFC3339, strings.ToUpper(text)); err == nil {
		return t.In(now.Location()), nil
	}
	if date := len(time.DateOnly); len(text) > date && text[date] == 't' {
		text = text[:date] + " " + text[date+1:]
	}
	day, clock, found := strings.Cut(text, " ")
	if !found {
		day, clock = "", text
	}
	hm, err := time.Parse("15:04", strings.TrimSpace(clock))
	if err != nil {
		return time.Time{}, badMoment(text)
	}
	if day != "" {
		first, ok := dayOf(day, now)
		if !ok {
			return time.Time{}, badMoment(text)
		}
		t, err := onDay(first, hm)
		if err == nil && isWeekday(day) && !t.After(now) {
			t, err = onDay(first.AddDate(0, 0, 7), hm)
		}
		return t, err
	}
	var best time.Time
	var gap error
	for n := -1; n <= 1; n++ {
		t, err := onDay(now.AddDate(0, 0, n), hm)
		switch {
		case err != nil:
			gap = err
		case ahead && !t.After(now):
		case best.IsZero(), !ahead && t.Sub(now).Abs() < best.Sub(now).Abs():
			best = t
		}
	}
	if best.IsZero() || gap != nil && best.Sub(now).Abs() > 12*time.Hour {
		return time.Time{}, gap
	}
	return best, nil
}

func badMoment(text string) error {
	return wire.Errorf(wire.InvalidRequest, "%.64q is no time", text).
		WithHint(`a time here such as 09:00, "tomorrow 09:00", "mon 09:00" or "2026-03-02 09:00", or one such as 2026-03-02T09:00:00Z`)
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func isWeekday(day string) bool { _, ok := weekday(day); return ok }

func weekday(day string) (int, bool) {
	for n, name := range weekdays {
		if full := strings.ToLower(time.Weekday(n).String()); day == name || day == full {
			return n, true
		}
	}
	return 0, false
}

// dayOf returns some time of a named day; of a day of the week the next, today
// included.
func dayOf(day string, now time.Time) (time.Time, bool) {
	switch day {
	case "today":
		return now, true
	case "tomorrow":
		return now.AddDate(0, 0, 1), true
	}
	if n, ok := weekday(day); ok {
		return now.AddDate(0, 0, (n-int(now.Weekday())+7)%7), true
	}
	t, err := time.ParseInLocation(time.DateOnly, day, now.Location())
	return t, err == nil
}

// onDay returns a time of day on the day of t, in its zone. Of two times of
// that name, when clocks are set back, it is the first; where there is none,
// when they are set ahead, the error says so.
func onDay(t, hm time.Time) (time.Time, error) {
	year, month, day := t.Date()
	at := time.Date(year, month, day, hm.Hour(), hm.Minute(), 0, 0, t.Location())
	if at.Hour() != hm.Hour() || at.Minute() != hm.Minute() {
		return time.Time{}, wire.Errorf(wire.InvalidRequest, "there is no %s on %s here: clocks are set ahead over it", hm.Format("15:04"), at.Format(time.DateOnly)).
			WithHint("an hour later: " + at.Add(time.Hour).Format("15:04"))
	}
	if first := at.Add(-time.Hour); first.Hour() == at.Hour() && first.Minute() == at.Minute() {
		return first, nil
	}
	return at, nil
}

// aligned returns the next time at one of the marks `:00` and so on, the
// present minute included.
func aligned(marks string, now time.Time) (time.Time, error) {
	var minutes []int
	for mark := range strings.FieldsFuncSeq(marks, func(r rune) bool { return r == ',' || r == '|' || r == ' ' || r == '/' }) {
		n, err := strconv.Atoi(strings.TrimPrefix(mark, ":"))
		if len(mark) != 3 || mark[0] != ':' || err != nil || n < 0 || n > 59 {
			return time.Time{}, wire.Errorf(wire.InvalidRequest, "align: %.64q is no minute of the hour", mark).WithHint("--align :00 or --align :00,:30")
		}
		minutes = append(minutes, n)
	}
	if len(minutes) == 0 {
		return time.Time{}, wire.Errorf(wire.InvalidRequest, "align names no minute of the hour").WithHint("--align :00 or --align :00,:30")
	}
	minute := now.Add(-time.Duration(now.Second())*time.Second - time.Duration(now.Nanosecond()))
	for range 60 {
		for _, n := range minutes {
			if minute.Minute() == n {
				return minute, nil
			}
		}
		minute = minute.Add(time.Minute)
	}
	return minute, nil // not reached: an hour has every minute, but for a zone that jumps
}
