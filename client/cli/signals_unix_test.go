//go:build !windows

package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

func TestASignalEndsACommandThatWaitsForAPipe(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t).serve(t)
	done := make(chan int, 1)
	go func() { done <- w.run(t, "expense", "import", pipe, "--channel", "trip") }()
	// Opening it to write without waiting succeeds once the command reads it.
	var end int
	for err := error(syscall.ENXIO); err != nil; {
		end, err = syscall.Open(pipe, syscall.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err != nil && err != syscall.ENXIO && err != syscall.EINTR {
			t.Fatal(err)
		}
		runtime.Gosched()
	}
	t.Cleanup(func() { syscall.Close(end) })
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if exit := <-done; exit != 143 {
		t.Errorf("exit code %d, want 143", exit)
	}
}

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
