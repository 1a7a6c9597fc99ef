//go:build testclock

package daemon

import (
	"os"
	"strings"
	"time"
)

// clock returns the system's clock, moved by the duration that the file named
// by INTERCOM_TEST_CLOCK holds. Only builds with the tag testclock have it.
func clock() func() time.Time {
	path := os.Getenv("INTERCOM_TEST_CLOCK")
	return func() time.Time {
		b, err := os.ReadFile(path)
		if err != nil {
			return time.Now()
		}
		d, err := time.ParseDuration(strings.TrimSpace(string(b)))
		if err != nil {
			panic("INTERCOM_TEST_CLOCK: " + err.Error())
		}
		return time.Now().Round(0).Add(d)
	}
}
