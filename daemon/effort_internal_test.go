package daemon

import (
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheCollectorHasRoomWhileThereAreWritesAndNoMoreAfterThem(t *testing.T) {
	before := debug.SetMemoryLimit(restTarget)
	defer debug.SetMemoryLimit(before)
	target := func() int64 { return debug.SetMemoryLimit(-1) }
	synctest.Test(t, func(t *testing.T) {
		var e effort
		defer e.stop()
		for range 2 {
			for range 3 {
				e.written()
				time.Sleep(restAfter * 9 / 10)
				if synctest.Wait(); target() != busyTarget {
					t.Errorf("%d while there are writes, want %d", target(), busyTarget)
				}
			}
			time.Sleep(restAfter)
			if synctest.Wait(); target() != restTarget {
				t.Errorf("%d at rest, want %d", target(), restTarget)
			}
		}
	})
}
