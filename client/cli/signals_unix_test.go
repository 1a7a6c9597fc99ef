//go:build !windows

package cli_test

import (
	"encoding/json"
	"os"
	"syscall"
	"testing"
)

func TestSignalsEndWith130And143(t *testing.T) {
	for sig, want := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		w := newWorld(t).serve(t)
		release := make(chan struct{})
		w.answer = func(map[string]json.RawMessage) []string {
			if err := syscall.Kill(os.Getpid(), sig); err != nil {
				t.Error(err)
			}
			<-release
			return nil
		}
		t.Cleanup(func() { close(release) })
		if exit := w.run(t, "channel", "list"); exit != want || w.stderr.Len() > 0 {
			t.Errorf("%s: exit code %d, want %d: %s", sig, exit, want, w.stderr.String())
		}
	}
}
