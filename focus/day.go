package focus

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"intercom/client/wire"
)

const (
	minuteMS = int64(60 * 1000)
	// anyDayStart stands for a start of days that somebody named in no act of a
	// session: history puts the one that he named last in its place.
	anyDayStart = -1
)

// local is a time where somebody is.
type local struct {
	ms       int64
	tz       int   // minutes east of UTC
	dayStart int64 // minutes after midnight at which his days start
}

// date is the number of the local day since 1970-01-01.
func (l local) date() int64 {
	return floorDiv(l.ms+(int64(l.tz)-l.dayStart)*minuteMS, dayMS)
}

// at is the same place at another time.
func (l local) at(ms int64) local { return local{ms, l.tz, l.dayStart} }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// weekdayOf is the weekday of a day, Monday is 0.
func weekdayOf(date int64) int64 { return date + 3 - 7*week(date) }

// week numbers the weeks, which begin on Monday.
func week(date int64) int64 { return floorDiv(date+3, 7) }

// month numbers the months.
func month(date int64) int64 {
	y, m, _ := dateOf(date).Date()
	return int64(y)*12 + int64(m)
}

// dateOf is midnight of a day in UTC.
func dateOf(date int64) time.Time { return time.Unix(date*(dayMS/1000), 0).UTC() }

// habit is on which days a streak asks for a session, and how many it may
// miss. The zero value asks for every day.
type habit struct {
	off     [7]bool // by weekday, Monday first
	freezes int     // missed days in each period that do not end a streak
	monthly bool    // the period is a month instead of a week
}

const habitHint = `days such as mon-fri or mon,wed,fri, and freezes such as 1/week or 3/month`

// parseHabit reads days such as `mon-fri` or `mon,wed,fri` and freezes such as
// `1/week`; empty: every day, and none.
func parseHabit(days, freezes string) (h habit, err error) {
	if days != "" {
		h.off = [7]bool{true, true, true, true, true, true, true}
		for part := range strings.SplitSeq(strings.ToLower(days), ",") {
			first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
			from, to := dayNamed(first), dayNamed(last)
			if !isRange {
				to = from
			}
			if from < 0 || to < 0 {
				return h, wire.Errorf(wire.InvalidRequest, "weekdays: %.40q is no day of the week and no range of them", part).WithHint(habitHint)
			}
			for d := from; ; d = (d + 1) % 7 {
				h.off[d] = false
				if d == to {
					break
				}
			}
		}
	}
	if freezes == "" {
		return h, nil
	}
	n, period, _ := strings.Cut(freezes, "/")
	most := map[string]int{"week": 6, "month": 30}[period]
	if h.freezes, err = strconv.Atoi(n); err != nil || most == 0 || h.freezes < 0 || h.freezes > most {
		return h, wire.Errorf(wire.InvalidRequest, "freezes: %.40q is not 0 to 6 a week or 0 to 30 a month", freezes).WithHint(habitHint)
	}
	h.monthly = period == "month"
	return h, nil
}

// dayNamed is a day of the week from 0 for Monday; -1 for what is none.
func dayNamed(name string) int {
	if n, ok := weekday(name); ok {
		return (n + 6) % 7
	}
	return -1
}

// period numbers the weeks or months in which days are frozen.
func (h habit) period(date int64) int64 {
	if h.monthly {
		return month(date)
	}
	return week(date)
}

// label names a day, or its week or month.
func label(by string, date int64) string {
	t := dateOf(date)
	switch by {
	case ByWeek:
		y, w := t.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", y, w)
	case ByMonth:
		return t.Format("2006-01")
	}
	return t.Format(time.DateOnly)
}
