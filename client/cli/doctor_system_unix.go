//go:build unix

package cli

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// freeSpace returns the bytes that this user may still write.
func freeSpace(dir string) (uint64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, fmt.Errorf("statfs %s: %w", dir, err)
	}
	return uint64(st.Bavail) * uint64(st.Bsize), nil
}

// leastFiles is how many files and connections a daemon with many peers needs.
const leastFiles = 1024

func checkLimits(p *patient) finding {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return warning("look at it with ulimit -n", "the limit of open files is not known: %v", err)
	}
	most, whose := uint64(limit.Max), "a daemon started here"
	if p.alive {
		if n, found := openFiles(p.bridge.PID); found {
			most, whose = n, "the daemon"
		}
	}
	if most < leastFiles {
		return warning("raise it: ulimit -Hn, LimitNOFILE= of a service", "%s may open %d files; with many peers it needs %d", whose, most, leastFiles)
	}
	return ok("%s may open %d files", whose, most)
}

// openFiles reads proc_pid_limits(5).
func openFiles(pid int) (uint64, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		rest, found := strings.CutPrefix(line, "Max open files")
		if !found {
			continue
		}
		if words := strings.Fields(rest); len(words) > 0 {
			n, err := strconv.ParseUint(words[0], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
