package cli

import (
	"os"
	"syscall"
)

// detached frees a process from the console, whose end would end it.
func detached() *syscall.SysProcAttr {
	const detachedProcess = 0x00000008
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP | detachedProcess}
}

// terminate ends a process: no signal asks for it here.
func terminate(p *os.Process) error { return p.Kill() }
