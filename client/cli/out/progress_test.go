package out_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom/client/cli/out"
)

// screen is a standard error that a test looks at while it is drawn on.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

// shown returns what came since the last call.
func (s *screen) shown() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.text.Reset()
	return s.text.String()
}

func TestProgressLeavesNoTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stderr screen
		p := &out.Printer{Stdout: &bytes.Buffer{}, Stderr: &stderr, Redraws: true}
		g := p.Progress("waiting for\x1b[2J the daemon")
		time.Sleep(350 * time.Millisecond)
		synctest.Wait()
		if got := stderr.shown(); !strings.HasSuffix(got, `| waiting for\x1b[2J the daemon`) {
			t.Errorf("drew %q", got)
		}
		g.Set("nearly there")
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if got := stderr.shown(); !strings.HasSuffix(got, "\r\x1b[K/ nearly there") {
			t.Errorf("drew %q", got)
		}
		p.Note("a word")
		if got := stderr.shown(); got != "\r\x1b[Ka word\n" {
			t.Errorf("a note behind it is %q", got)
		}
		time.Sleep(100 * time.Millisecond)
		g.End()
		g.End()
		if got := stderr.shown(); !strings.HasSuffix(got, "\r\x1b[K") {
			t.Errorf("left %q", got)
		}
	})
}

func TestNoProgressOfWhatIsQuick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stderr screen
		g := (&out.Printer{Stderr: &stderr, Redraws: true}).Progress("quick")
		time.Sleep(200 * time.Millisecond)
		g.End()
		if got := stderr.shown(); got != "" {
			t.Errorf("drew %q", got)
		}
	})
}

func TestNoProgressWithoutATerminal(t *testing.T) {
	g := (&out.Printer{}).Progress("x")
	g.Set("y")
	g.End()
}
