//go:build !testclock

package daemon

import "time"

// clock returns the clock of the daemon: the system's.
func clock() func() time.Time { return time.Now }
