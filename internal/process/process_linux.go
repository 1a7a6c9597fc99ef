package process

import (
	"bytes"
	"os"
	"strconv"
)

// Start returns when a process started, in clock ticks since boot
// (proc_pid_stat(5), field 22); 0 where there is none.
func Start(pid int) uint64 {
	fields := stat(pid)
	if len(fields) < 20 {
		return 0
	}
	ticks, _ := strconv.ParseUint(string(fields[19]), 10, 64)
	return ticks
}

// runs is false for a zombie: its parent may never come.
func runs(pid int) bool {
	fields := stat(pid)
	return len(fields) > 0 && fields[0][0] != 'Z' && fields[0][0] != 'X'
}

// stat returns the fields from the third, which is the state.
func stat(pid int) [][]byte {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return nil
	}
	// Field 2 is the name in brackets and may hold blanks and brackets.
	return bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
}
