//go:build unix

package daemontest

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Clock is the clock of the daemons of a home: the system's, moved.
type Clock struct {
	t    testing.TB
	path string
}

// NewClock gives the home a clock, not moved yet, and a program that heeds it.
func NewClock(t testing.TB, h *Home) *Clock {
	t.Helper()
	c := &Clock{t: t, path: filepath.Join(h.Dir, "clock")}
	h.Program = Program(t, Build{Clock: true})
	h.Env = append(h.Env, "INTERCOM_TEST_CLOCK="+c.path)
	c.Set(0)
	return c
}

// Set moves the clock so far from the system's.
func (c *Clock) Set(offset time.Duration) {
	c.t.Helper()
	// Whole, because a daemon may read at any time.
	tmp := c.path + ".new"
	if err := os.WriteFile(tmp, []byte(offset.String()), 0o600); err != nil {
		c.t.Fatal(err)
	}
	if err := os.Rename(tmp, c.path); err != nil {
		c.t.Fatal(err)
	}
}
