package process_test

import (
	"os"
	"testing"

	"intercom/internal/process"
)

func TestAliveIsTheSameProcessAlone(t *testing.T) {
	self := os.Getpid()
	start := process.Start(self)
	for name, c := range map[string]struct {
		pid   int
		start uint64
		want  bool
	}{
		"this process":           {self, start, true},
		"its number, used again": {self, start + 1, false},
		"start not told":         {self, 0, false},
		"no such process":        {1 << 30, start, false},
		"no number":              {0, start, false},
	} {
		if got := process.Alive(c.pid, c.start); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
