package daemon

import (
	"fmt"
	"os"
)

// place names the machine and the folder that a store is in: a copy or a
// restored backup is elsewhere and writes as a new instance.
func place(dir string) ([]byte, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("name this machine: %w", err)
	}
	return fmt.Appendf(nil, "%s %s", host, dir), nil
}
