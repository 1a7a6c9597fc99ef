package expense

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"intercom/client/wire"
)

// first returns the first n days of a schedule from a day on.
func (s Schedule) first(day string, n int) string {
	var days []string
	for d := range s.from(day) {
		if days = append(days, d); len(days) == n {
			break
		}
	}
	return strings.Join(days, " ")
}

func TestDaysOfASchedule(t *testing.T) {
	for name, c := range map[string]struct {
		s    Schedule
		from string
		want string
	}{
		"each day":              {Schedule{Every: 1, Unit: unitDay, Start: "2028-02-27"}, "2028-02-27", "2028-02-27 2028-02-28 2028-02-29 2028-03-01"},
		"every third day":       {Schedule{Every: 3, Unit: unitDay, Start: "2026-12-30"}, "2026-12-31", "2027-01-02 2027-01-05 2027-01-08 2027-01-11"},
		"each week":             {Schedule{Every: 1, Unit: unitWeek, Start: "2026-03-25"}, "2026-03-26", "2026-04-01 2026-04-08 2026-04-15 2026-04-22"},
		"every second week":     {Schedule{Every: 2, Unit: unitWeek, Start: "2026-01-01"}, "2026-06-01", "2026-06-04 2026-06-18 2026-07-02 2026-07-16"},
		"the end of each month": {Schedule{Every: 1, Unit: unitMonth, Start: "2026-01-31"}, "2026-01-01", "2026-01-31 2026-02-28 2026-03-31 2026-04-30"},
		"in a leap year":        {Schedule{Every: 1, Unit: unitMonth, Start: "2028-01-30"}, "2028-02-01", "2028-02-29 2028-03-30 2028-04-30 2028-05-30"},
		"far from the start":    {Schedule{Every: 1, Unit: unitMonth, Start: "2000-01-31"}, "2199-01-31", "2199-01-31 2199-02-28 2199-03-31 2199-04-30"},
		"each quarter":          {Schedule{Every: 3, Unit: unitMonth, Start: "2026-11-30"}, "2026-12-01", "2027-02-28 2027-05-30 2027-08-30 2027-11-30"},
		"each leap day":         {Schedule{Every: 1, Unit: unitYear, Start: "2028-02-29"}, "2028-03-01", "2029-02-28 2030-02-28 2031-02-28 2032-02-29"},
		"up to a day":           {Schedule{Every: 1, Unit: unitDay, Start: "2026-01-01", Until: "2026-01-02"}, "2026-01-01", "2026-01-01 2026-01-02"},
		"so many times":         {Schedule{Every: 1, Unit: unitMonth, Start: "2026-01-31", Count: 3}, "2026-02-28", "2026-02-28 2026-03-31"},
		"after the end":         {Schedule{Every: 1, Unit: unitWeek, Start: "2026-01-01", Count: 3}, "2026-12-01", ""},
		"the end of time":       {Schedule{Every: 1, Unit: unitYear, Start: "2198-06-01"}, "2000-01-01", "2198-06-01 2199-06-01"},
		"thousands of years":    {Schedule{Every: maxEvery, Unit: unitYear, Start: "2000-01-01"}, "2000-01-02", ""},
	} {
		if got := c.s.first(c.from, 4); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// A day does not depend on from where one looks, and none drifts.
func TestDaysAreCountedFromTheStart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2000, 1, 1+rapid.IntRange(0, 73_000).Draw(t, "start"), 0, 0, 0, 0, time.UTC)
		s := Schedule{
			Every: rapid.Int64Range(1, 40).Draw(t, "every"), Unit: rapid.SampledFrom([]string{unitDay, unitWeek, unitMonth, unitYear}).Draw(t, "unit"),
			Start: start.Format(time.DateOnly), Count: rapid.SampledFrom([]int64{0, 0, 1, 7}).Draw(t, "count"),
		}
		if err := s.check(); err != nil {
			t.Fatal(err)
		}
		var all []string
		for d := range s.from(firstDay) {
			if all = append(all, d); len(all) == 500 {
				break
			}
		}
		if !slices.IsSorted(all) || all[0] != s.Start || len(slices.Compact(slices.Clone(all))) != len(all) {
			t.Fatalf("days of %+v: %q", s, all)
		}
		from := rapid.SampledFrom(all).Draw(t, "from")
		at, _ := time.Parse(time.DateOnly, from)
		from = at.AddDate(0, 0, rapid.IntRange(-40, 40).Draw(t, "off")).Format(time.DateOnly)
		i, _ := slices.BinarySearch(all, from)
		n := min(3, len(all)-i)
		if got := s.first(from, 3); n == 3 && got != strings.Join(all[i:i+3], " ") || n < 3 && !strings.HasPrefix(got, strings.Join(all[i:], " ")) {
			t.Fatalf("from %s: %s, want %q of %+v", from, got, all[i:], s)
		}
		for _, d := range all {
			day, _ := time.Parse(time.DateOnly, d)
			last := day.AddDate(0, 0, 1).Day() == 1
			if (s.Unit == unitMonth || s.Unit == unitYear) && day.Day() != start.Day() && !(last && day.Day() < start.Day()) {
				t.Fatalf("%s is no %dth and not the last of its month", d, start.Day())
			}
		}
	})
}

func TestHowOftenIsRead(t *testing.T) {
	for text, want := range map[string]Schedule{
		"day": {Every: 1, Unit: unitDay}, "Monthly": {Every: 1, Unit: unitMonth}, " 2  weeks ": {Every: 2, Unit: unitWeek}, "1000 years": {Every: 1000, Unit: unitYear},
	} {
		if every, unit, err := parseEvery(text); err != nil || every != want.Every || unit != want.Unit {
			t.Errorf("%q: %d %s, %v", text, every, unit, err)
		}
	}
	for _, text := range []string{"fortnight", "0 days", "-1 weeks", "1001 days", "1e3 days", "99999999999999999999 days", "2", "2 2 weeks", "month month"} {
		if _, _, err := parseEvery(text); err == nil || wire.AsError(err).Hint == "" || wire.AsError(err).Code != wire.InvalidRequest {
			t.Errorf("%q: %v", text, err)
		}
	}
}
