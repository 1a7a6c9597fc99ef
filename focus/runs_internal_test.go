package focus

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"intercom/internal/app/apptest"
)

// placed is the local value of a time in a zone of the tz database.
func placed(t *testing.T, zone, at string) local {
	t.Helper()
	where, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04", at, where)
	if err != nil {
		t.Fatal(err)
	}
	_, offset := when.Zone()
	return local{ms: when.UnixMilli(), tz: offset / 60}
}

const (
	newYork  = "America/New_York"
	auckland = "Pacific/Auckland"
	honolulu = "Pacific/Honolulu"
	kathmand = "Asia/Kathmandu"
)

func TestRunsOfDaysInTimeZones(t *testing.T) {
	type at struct{ zone, at string }
	for _, c := range []struct {
		name          string
		ends          []at
		now           at
		current, best int
	}{
		{"spring in New York, a day of 23 hours", []at{{newYork, "2026-03-07 23:50"}, {newYork, "2026-03-08 00:10"}, {newYork, "2026-03-09 23:55"}}, at{newYork, "2026-03-10 22:00"}, 3, 3},
		{"autumn in New York, a day of 25 hours", []at{{newYork, "2026-10-31 00:10"}, {newYork, "2026-11-01 23:50"}, {newYork, "2026-11-02 00:10"}}, at{newYork, "2026-11-03 23:59"}, 3, 3},
		{"the hour that is twice is one day", []at{{newYork, "2026-11-01 01:30"}, {newYork, "2026-11-01 03:30"}}, at{newYork, "2026-11-01 12:00"}, 1, 1},
		{"Auckland ends summer time", []at{{auckland, "2026-04-04 23:59"}, {auckland, "2026-04-05 00:01"}, {auckland, "2026-04-06 23:59"}}, at{auckland, "2026-04-07 23:59"}, 3, 3},
		{"Auckland begins it", []at{{auckland, "2026-09-26 00:30"}, {auckland, "2026-09-27 23:30"}, {auckland, "2026-09-28 00:30"}}, at{auckland, "2026-09-29 23:00"}, 3, 3},
		{"east over the date line: the day that is not is bridged", []at{{honolulu, "2026-06-01 20:00"}, {auckland, "2026-06-03 20:00"}}, at{auckland, "2026-06-04 12:00"}, 2, 2},
		{"but not a second one", []at{{honolulu, "2026-06-01 20:00"}, {auckland, "2026-06-04 20:00"}}, at{auckland, "2026-06-04 22:00"}, 1, 1},
		{"west over the date line: the same day twice is one", []at{{auckland, "2026-06-02 20:00"}, {honolulu, "2026-06-02 08:00"}, {honolulu, "2026-06-03 08:00"}}, at{honolulu, "2026-06-03 20:00"}, 2, 2},
		{"west: the date goes back and nothing breaks", []at{{auckland, "2026-06-02 08:00"}, {honolulu, "2026-06-01 20:00"}, {honolulu, "2026-06-02 20:00"}}, at{honolulu, "2026-06-03 12:00"}, 2, 2},
		{"New York to Kathmandu and back", []at{{newYork, "2026-05-01 21:00"}, {kathmand, "2026-05-03 01:00"}, {newYork, "2026-05-03 22:00"}}, at{newYork, "2026-05-04 09:00"}, 2, 2},
		{"36 hours less a minute", []at{{newYork, "2026-05-01 08:00"}, {newYork, "2026-05-03 19:59"}}, at{newYork, "2026-05-03 21:00"}, 1, 1},
		{"35:59 between the ends", []at{{newYork, "2026-05-01 20:00"}, {newYork, "2026-05-03 07:59"}}, at{newYork, "2026-05-03 21:00"}, 2, 2},
		{"36:00 between the ends", []at{{newYork, "2026-05-01 20:00"}, {newYork, "2026-05-03 08:00"}}, at{newYork, "2026-05-03 21:00"}, 1, 1},
		{"a clock that was a year ahead is in its own year", []at{{newYork, "2026-05-01 20:00"}, {newYork, "2025-05-02 08:00"}, {newYork, "2026-05-02 08:00"}}, at{newYork, "2026-05-02 21:00"}, 2, 2},
		{"a clock set back an hour", []at{{newYork, "2026-05-01 20:00"}, {newYork, "2026-05-02 20:00"}, {newYork, "2026-05-02 19:00"}}, at{newYork, "2026-05-02 19:30"}, 2, 2},
	} {
		var ends []local
		for _, e := range c.ends {
			ends = append(ends, placed(t, e.zone, e.at))
		}
		if got := (habit{}).runs(ends, placed(t, c.now.zone, c.now.at).ms); got.current != c.current || got.best != c.best {
			t.Errorf("%s: %+v, want %d and %d", c.name, got, c.current, c.best)
		}
	}
}

func TestADayStartsWhereTheMemberSaysSo(t *testing.T) {
	night := func(at string, dayStart int64) local {
		l := placed(t, newYork, at)
		l.dayStart = dayStart
		return l
	}
	for _, c := range []struct {
		name string
		ends []local
		best int
	}{
		{"2:00 is still the day before", []local{night("2026-05-01 20:00", 240), night("2026-05-02 02:00", 240)}, 1},
		{"at midnight it would be two", []local{night("2026-05-01 20:00", 0), night("2026-05-02 02:00", 0)}, 2},
		{"a day of 4:00 to 4:00", []local{night("2026-05-01 04:00", 240), night("2026-05-02 03:59", 240), night("2026-05-02 04:00", 240)}, 2},
	} {
		if got := (habit{}).runs(c.ends, c.ends[len(c.ends)-1].ms); got.best != c.best || got.current != c.best {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestHabitsAndFreezes(t *testing.T) {
	for _, c := range []struct {
		name, weekdays, freezes string
		days                    string // of May 2026, the first is a Friday; x: a session
		current, best, frozen   int
	}{
		{"a weekend breaks it", "", "", "x..x", 1, 1, 0},
		{"but not of weekdays", "mon-fri", "", "x..x", 2, 2, 0},
		{"sessions of the weekend make it no longer", "mon-fri", "", "xxxx", 2, 2, 0},
		{"on Sunday Friday is the last day", "mon-fri", "", "x..", 1, 1, 0},
		{"on Monday too", "mon-fri", "", "x...", 1, 1, 0},
		{"on Tuesday no more", "mon-fri", "", "x....", 0, 1, 0},
		{"chosen days", "mon,wed,fri", "", "x..x.x.x", 4, 4, 0},
		{"one of them missed", "mon,wed,fri", "", "x..x...x", 1, 2, 0},
		{"over the end of the week", "fri-mon", "", "xxxx...xxxx", 8, 8, 0},
		{"a freeze", "", "1/week", "x.xx", 3, 3, 1},
		{"two days of one week", "", "1/week", "...x.x.x", 1, 2, 0},
		{"a day of each week", "", "1/week", "xx..x", 3, 3, 2}, // Sunday the 3rd, Monday the 4th
		{"two of a week", "", "2/week", "...x.x.x", 3, 3, 2},
		{"a day that is missed now", "", "1/week", "...xx.", 2, 2, 0},
		{"and yesterday", "", "1/week", "...xx..", 2, 2, 1},
		{"and two days before", "", "1/week", "...xx...", 0, 2, 0},
		{"of a month", "", "3/month", "x.x.x.x", 4, 4, 3},
		{"no more than those", "", "3/month", "x.x.x.x.x", 1, 4, 0},
		{"freezes are of days that are asked for", "mon-fri", "1/week", "x...x", 2, 2, 1},
		{"days that are not covered use none", "", "1/week", "...x..x.x", 2, 2, 1},
	} {
		h, err := parseHabit(c.weekdays, c.freezes)
		if err != nil {
			t.Fatal(err)
		}
		var ends []local
		for i, d := range c.days {
			if d == 'x' {
				ends = append(ends, local{ms: time.Date(2026, 5, 1+i, 0, 30, 0, 0, time.UTC).Add(time.Duration(i%2) * 20 * time.Hour).UnixMilli()})
			}
		}
		// Ends stand 36 hours apart or more where a day is between them.
		for i := range ends {
			if i > 0 && ends[i].date()-ends[i-1].date() == 2 {
				ends[i].ms = max(ends[i].ms, dateOf(ends[i].date()).UnixMilli()+20*3600*1000)
				ends[i-1].ms = dateOf(ends[i-1].date()).UnixMilli() + 1000
			}
		}
		now := time.Date(2026, 5, len(c.days), 22, 0, 0, 0, time.UTC).UnixMilli()
		if got := h.runs(ends, now); got != (run{c.current, c.best, c.frozen}) {
			t.Errorf("%s: %+v, want %d, %d and %d frozen", c.name, got, c.current, c.best, c.frozen)
		}
	}
}

func TestHabitsThatAreNone(t *testing.T) {
	for _, c := range [][2]string{
		{"mo", ""}, {"mon-", ""}, {"-fri", ""}, {"mon,", ""}, {"funday", ""}, {"mon-fri-sun", ""},
		{"", "1"}, {"", "7/week"}, {"", "-1/week"}, {"", "31/month"}, {"", "1/year"}, {"", "x/week"}, {"", "/week"},
	} {
		if _, err := parseHabit(c[0], c[1]); err == nil {
			t.Errorf("%q is taken", c)
		}
	}
	for _, c := range [][2]string{{"Mon-Fri", "0/week"}, {"monday, wednesday", "6/week"}, {"sat-sun", "30/month"}} {
		if _, err := parseHabit(c[0], c[1]); err != nil {
			t.Errorf("%q: %v", c, err)
		}
	}
}

// TestRunsAreThoseOfAPlainCount compares with a count of one day after the
// other, for somebody who stays where he is.
func TestRunsAreThoseOfAPlainCount(t *testing.T) {
	apptest.Check(t, func(t *rapid.T) {
		h := habit{freezes: rapid.IntRange(0, 3).Draw(t, "freezes"), monthly: rapid.Bool().Draw(t, "monthly")}
		for i := range h.off {
			h.off[i] = rapid.IntRange(0, 3).Draw(t, "off") == 0
		}
		done := rapid.SliceOfN(rapid.Bool(), 1, 80).Draw(t, "days")
		first := rapid.Int64Range(-400, 40000).Draw(t, "first")
		tz := rapid.IntRange(-12*60, 14*60).Draw(t, "tz")
		var ends []local
		for i, did := range done {
			if did { // at 00:01 and 23:59 in turn, so that the bridge of 36 hours does not matter
				at := first + int64(i)
				ends = append(ends, local{ms: at*dayMS + minuteMS - int64(tz)*minuteMS, tz: tz}, local{ms: at*dayMS + 23*60*minuteMS - int64(tz)*minuteMS, tz: tz})
			}
		}
		now := (first+int64(len(done))-1)*dayMS + 23*60*minuteMS + 30*minuteMS - int64(tz)*minuteMS

		// Plain: walk over the days, keep the missed ones until a session shows
		// whether they were a break.
		length, best, current := 0, 0, 0
		used := map[int64]int{}
		missed := []int64{}
		freeze := func() bool {
			trial := map[int64]int{}
			for _, d := range missed {
				if trial[h.period(d)]++; used[h.period(d)]+trial[h.period(d)] > h.freezes {
					return false
				}
			}
			for p, n := range trial {
				used[p] += n
			}
			return true
		}
		for i, did := range done {
			date := first + int64(i)
			switch {
			case h.off[weekdayOf(date)]:
			case !did && (length > 0 || len(missed) > 0):
				missed = append(missed, date)
			case did:
				// 23:00 to 00:01 two days later is less than 36 hours: one missed day is bridged.
				lastDay := func() int64 {
					d := date - 1
					for d >= first && (!done[d-first] || h.off[weekdayOf(d)]) {
						d--
					}
					return d
				}
				if length > 0 && date-lastDay() != 2 && !freeze() {
					length = 0
				}
				missed = nil
				length++
				best = max(best, length)
			}
		}
		current = length
		if today := first + int64(len(done)) - 1; len(missed) > 0 && missed[len(missed)-1] == today {
			missed = missed[:len(missed)-1]
		}
		if length > 0 && !freeze() {
			current = 0
		}
		slices.Reverse(ends) // no order matters
		if got := h.runs(ends, now); got.current != current || got.best != best {
			t.Fatalf("%+v, want %d and %d", got, current, best)
		}
	})
}

// TestASessionADayIsAStreakWhereverOneTravels: sessions that end less than 36
// hours apart are one streak, however the offset changes meanwhile.
func TestASessionADayIsAStreakWhereverOneTravels(t *testing.T) {
	apptest.Check(t, func(t *rapid.T) {
		at, tz := int64(20000)*dayMS, 0
		var ends []local
		n := rapid.IntRange(1, 60).Draw(t, "days")
		for range n {
			tz = rapid.IntRange(-12*60, 14*60).Draw(t, "tz")
			ends = append(ends, local{ms: at, tz: tz})
			at += rapid.Int64Range(12*60, 36*60-1).Draw(t, "minutes") * minuteMS
		}
		got := habit{}.runs(ends, ends[n-1].ms)
		dates := map[int64]bool{}
		for _, e := range ends {
			dates[e.date()] = true
		}
		if got.best != len(dates) || got.current != got.best {
			t.Fatalf("%+v of %d days", got, len(dates))
		}
	})
}
