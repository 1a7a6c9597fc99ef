package metrics

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// process reads proc_pid_status(5), getrusage(2) and getrlimit(2).
func (p *Page) process() {
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		for _, row := range []struct{ key, name, help string }{
			{"VmRSS:", "process_resident_memory_bytes", "Memory that the process has in RAM, mapped files included."},
			{"RssAnon:", "process_anonymous_memory_bytes", "Memory in RAM that is no file: what the daemon really costs."},
		} {
			if kib, ok := field(string(status), row.key); ok {
				p.Gauge(row.name, row.help, kib*1024)
			}
		}
	}
	if fds, err := os.ReadDir("/proc/self/fd"); err == nil {
		p.Gauge("process_open_fds", "Open file descriptors.", float64(len(fds)-1)) // one is that of reading them
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err == nil {
		p.Gauge("process_max_fds", "File descriptors that may be open.", float64(limit.Cur))
	}
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err == nil {
		seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
		p.Counter("process_cpu_seconds_total", "CPU time, of user and system.", seconds(used.Utime)+seconds(used.Stime))
	}
}

// field returns the number behind a key.
func field(text, key string) (float64, bool) {
	_, rest, found := strings.Cut(text, "\n"+key)
	words := strings.Fields(rest)
	if !found || len(words) == 0 {
		return 0, false
	}
	n, err := strconv.ParseFloat(words[0], 64)
	return n, err == nil
}
