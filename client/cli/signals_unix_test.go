//go:build !windows

package cli_test

import (
	"encoding/json"
	"io"
	"os"
	"syscall"
	"testing"
)

// mute is an input that nobody writes to.
type mute struct{ read, end chan struct{} }

func (m mute) Read([]byte) (int, error) {
	close(m.read)
	<-m.end
	return 0, io.EOF
}

func TestASignalEndsACommandWhoseInputSaysNothing(t *testing.T) {
	w := newWorld(t).serve(t)
	in := mute{make(chan struct{}), make(chan struct{})}
	t.Cleanup(func() { close(in.end) })
	w.Stdin = in
	go func() {
		<-in.read
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	}()
	if exit := w.run(t, "expense", "add", "--from", "-", "--channel", "trip"); exit != 143 {
		t.Errorf("exit code %d, want 143: %s", exit, w.stderr.String())
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
