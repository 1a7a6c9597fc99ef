package daemon

import (
	"os"
	"sync"
	"time"
)

// localtime is where the system says in which zone it is.
const localtime = "/etc/localtime"

// here returns a clock in the zone of the machine, also after that has moved:
// time.Local is read once at the start of a process, and a daemon runs for
// weeks. A TZ in the environment is for the whole process. Where path cannot
// be read, the zone stays what it was.
func here(now func() time.Time, path string) func() time.Time {
	if _, fixed := os.LookupEnv("TZ"); fixed {
		return now
	}
	var mu sync.Mutex
	zone := time.Local
	seen, _ := os.Stat(path)
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		// Stat follows the link, so one to another zone is another file.
		if info, err := os.Stat(path); err == nil && !sameFile(seen, info) {
			if data, err := os.ReadFile(path); err == nil {
				if z, err := time.LoadLocationFromTZData("Local", data); err == nil {
					zone, seen = z, info
				}
			}
		}
		return now().In(zone)
	}
}
