package out_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom/client/cli/out"
)

func TestProgressLeavesNoTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stderr bytes.Buffer
		p := &out.Printer{Stdout: &bytes.Buffer{}, Stderr: &stderr, Redraws: true}
		g := p.Progress("waiting for\x1b[2J the daemon")
		time.Sleep(350 * time.Millisecond)
		synctest.Wait()
		if got := stderr.String(); !strings.HasSuffix(got, `| waiting for\x1b[2J the daemon`) {
			t.Errorf("drew %q", got)
		}
		g.Set("nearly there")
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if got := stderr.String(); !strings.HasSuffix(got, "\r\x1b[K/ nearly there") {
			t.Errorf("drew %q", got)
		}
		stderr.Reset()
		p.Note("a word")
		if got := stderr.String(); got != "\r\x1b[Ka word\n" {
			t.Errorf("a note behind it is %q", got)
		}
		time.Sleep(100 * time.Millisecond)
		g.End()
		g.End()
		if got := stderr.String(); !strings.HasSuffix(got, "\r\x1b[K") {
			t.Errorf("left %q", got)
		}
	})
}

func TestNoProgressOfWhatIsQuick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stderr bytes.Buffer
		g := (&out.Printer{Stderr: &stderr, Redraws: true}).Progress("quick")
		time.Sleep(200 * time.Millisecond)
		g.End()
		if stderr.Len() > 0 {
			t.Errorf("drew %q", stderr.String())
		}
	})
}

func TestNoProgressWithoutATerminal(t *testing.T) {
	g := (&out.Printer{}).Progress("x")
	g.Set("y")
	g.End()
}
