//go:build unix

package hook

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

func executable(info fs.FileInfo) bool { return info.Mode()&0o111 != 0 }

// safe returns why a file or folder is not the user's alone to change.
func safe(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Getuid() && st.Uid != 0 {
		return fmt.Errorf("%s belongs to another user", path)
	}
	if info.Mode()&0o022 != 0 {
		return fmt.Errorf("%s can be changed by others: chmod go-w", path)
	}
	return nil
}

// alone puts a program into a group of its own, which ends with it.
func alone(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
