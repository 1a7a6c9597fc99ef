package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"intercom/internal/store"
)

func TestACompactionWaitsWhileTheDiskFillsUp(t *testing.T) {
	const need = 100
	for name, c := range map[string]struct {
		free []uint64      // one for each look; the last stays
		wait time.Duration // at least
		most time.Duration
	}{
		"enough":              {[]uint64{100}, 0, 0},
		"enough later":        {[]uint64{50, 40, 10, 0, 0, 0, 100}, 250 * time.Millisecond, 500 * time.Millisecond},
		"little, but steady":  {[]uint64{90, 80, 70, 60, 50}, time.Second, 2 * time.Second},
		"too little for long": {append(make([]uint64, 1000), 100), 40 * time.Second, 60 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				looks := 0
				begin := time.Now()
				store.AwaitSpace(store.Options{MinFree: need, Free: func(string) (uint64, error) {
					looks++
					return c.free[min(looks, len(c.free))-1], nil
				}})
				if took := time.Since(begin); took < c.wait || took > c.most {
					t.Errorf("waited %v", took)
				}
			})
		})
	}
}
