//go:build unix

package daemon

import (
	"os"

	"golang.org/x/sys/unix"
)

// becomeStderr makes a file the standard error of this process, so that what
// the runtime says of its end is in the log too.
func becomeStderr(f *os.File) error { return unix.Dup2(int(f.Fd()), 2) }
