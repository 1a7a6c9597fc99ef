package hook

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// maxRounds bounds how often endEscaped looks for what began while it looked.
const maxRounds = 20

// endEscaped ends the processes of this user that began with a variable in
// their environment: also those that have left the group of their hook, as
// setsid does. What has erased its environment is not found.
func endEscaped(variable string) {
	for range maxRounds {
		found := false
		for _, pid := range withVariable(variable) {
			found = syscall.Kill(pid, syscall.SIGKILL) == nil || found
		}
		if !found {
			return
		}
	}
}

// withVariable lists the processes by their environment, see proc(5). That of
// one that has ended, or is another user's, cannot be read.
func withVariable(variable string) (pids []int) {
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		return nil
	}
	for _, f := range files {
		env, err := os.ReadFile(f)
		if err != nil || !bytes.Contains(append([]byte{0}, env...), []byte("\x00"+variable+"\x00")) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(f))); err == nil && pid != os.Getpid() {
			pids = append(pids, pid)
		}
	}
	return pids
}
