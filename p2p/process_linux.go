package p2p

import (
	"os"
	"strconv"
	"strings"
)

// processStart is when a process started, in clock ticks since boot (proc(5), stat field 22); 0 if it does not run.
// A process that was killed and not yet waited for does not run.
func processStart(pid int) uint64 {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	// The name of the program comes before and may hold anything, so count from its closing bracket: state is field 3.
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return 0
	}
	ticks, _ := strconv.ParseUint(fields[19], 10, 64)
	return ticks
}

// processAlive compares the start time too: the number of a dead process may have been given to another.
func processAlive(pid int, startTime uint64) bool {
	return startTime != 0 && processStart(pid) == startTime
}
