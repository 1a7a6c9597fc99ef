// Package process tells whether a process still runs that wrote down its number
// and its start: the number alone may be another's by now.
package process

// Alive reports whether the process of a number and a start, as Start gave it,
// still runs. One that has ended and waits for its parent does not; nor does
// one of start 0.
func Alive(pid int, start uint64) bool {
	return pid > 0 && start != 0 && runs(pid) && Start(pid) == start
}
