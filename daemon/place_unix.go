//go:build unix

package daemon

import (
	"fmt"
	"os"
	"syscall"
)

// place names the machine and the folder, by device and inode, that a store
// is in: a copy or a restored backup is elsewhere and writes as a new instance.
func place(dir string) ([]byte, error) {
	var st syscall.Stat_t
	if err := syscall.Stat(dir, &st); err != nil {
		return nil, fmt.Errorf("look at %s: %w", dir, err)
	}
	machine, _ := os.ReadFile("/etc/machine-id") // absent on some systems: device and inode must do
	return fmt.Appendf(nil, "%s %d %d", machine, st.Dev, st.Ino), nil
}
