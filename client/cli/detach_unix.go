//go:build !windows

package cli

import (
	"os"
	"syscall"
)

// detached puts a process into a session of its own: neither the terminal's
// end nor its signals reach it.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// terminate asks a process to end.
func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }
