package daemon

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"intercom/ledger/event"
)

// watching counts the looks at rooms in a bubble of fake time.
func watching(t *testing.T, told bool, costs time.Duration, f func(w *watcher, looks map[event.ID]int)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		looks := map[event.ID]int{}
		w := newWatcher(func(_ context.Context, room event.ID, _ bool) bool {
			looks[room]++ // before the time passes: tests read it while a look may be under way
			time.Sleep(costs)
			return told
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.run(ctx) }()
		f(w, looks)
		cancel()
		if err := <-done; err != context.Canceled {
			t.Error(err)
		}
	})
}

// after lets time pass in steps, and calls f before each.
func after(steps int, each time.Duration, f func(i int)) {
	for i := range steps {
		f(i)
		time.Sleep(each)
		synctest.Wait()
	}
}

func TestABurstOfEntriesIsLookedAtAFewTimes(t *testing.T) {
	room := event.ID{1}
	watching(t, false, 0, func(w *watcher, looks map[event.ID]int) {
		after(100_000, 200*time.Microsecond, func(int) { w.touch(room, false) }) // 20 s of 5,000/s
		time.Sleep(watchDelay)
		synctest.Wait()
		if n := looks[room]; n < 2 || n > 3 {
			t.Errorf("%d looks", n)
		}
	})
}

func TestARoomThatTellsWithoutEndIsLookedAtSeldom(t *testing.T) {
	loud, calm := event.ID{1}, event.ID{2}
	watching(t, true, 0, func(w *watcher, looks map[event.ID]int) {
		after(600, 100*time.Millisecond, func(i int) {
			if i%20 < 5 { // with pauses, so that it counts as at rest
				w.touch(loud, false)
			}
			if i == 300 {
				w.touch(calm, false)
			}
		})
		if n := looks[loud]; n > 6 {
			t.Errorf("%d looks in a minute", n)
		}
		if looks[calm] != 1 {
			t.Error("another room waits for it")
		}
	})
}

func TestLooksTakeATenthOfTheTime(t *testing.T) {
	const rooms = 50
	watching(t, false, time.Second, func(w *watcher, looks map[event.ID]int) {
		after(1000, 100*time.Millisecond, func(int) {
			for i := range byte(rooms) {
				w.touch(event.ID{i}, false)
			}
		})
		total := 0
		for _, n := range looks {
			total += n
		}
		if total < 8 || total > 10 {
			t.Errorf("%d looks of a second each in 100 s", total)
		}
	})
}

func TestAFirstLookIsNotForgottenByAChange(t *testing.T) {
	w := newWatcher(nil)
	room := event.ID{1}
	w.touch(room, true)
	w.touch(room, false)
	w.rooms[room] = touched{first: w.rooms[room].first}
	if got, first, due, _ := w.next(); got != room || !first || !due {
		t.Errorf("due %t, first %t", due, first)
	}
	if _, _, due, wait := w.next(); due || wait != 0 {
		t.Errorf("due again, or in %v", wait)
	}
}
