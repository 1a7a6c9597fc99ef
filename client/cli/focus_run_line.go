package cli

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"intercom/client/cli/out"
	"intercom/focus"
)

// maxSaid is how many bytes of a line are looked at.
const maxSaid = 4 << 10

// lastLine keeps the last line of what a command prints, over its streams.
type lastLine struct {
	mu   sync.Mutex
	line []byte
}

func (s *lastLine) set(line []byte) {
	if len(bytes.TrimSpace(line)) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line = bytes.Clone(line)
}

// text returns the line as others may see it: without colours, and without
// what could control their terminals.
func (s *lastLine) text() string {
	s.mu.Lock()
	line := string(s.line)
	s.mu.Unlock()
	// Sequences of ECMA-48: CSI, OSC, and the short ones.
	sequences := regexp.MustCompile(`\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)`)
	line = strings.TrimSpace(sequences.ReplaceAllString(strings.ToValidUTF8(line, "\uFFFD"), ""))
	return clip(out.Safe(line), focus.MaxText)
}

// tail is one stream of a command.
type tail struct {
	to   *lastLine
	open []byte // the line that has not ended, up to maxSaid
}

// Write implements io.Writer; it keeps all that there is.
func (t *tail) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		end := bytes.IndexAny(p, "\r\n") // a bar of progress ends its lines with the first
		part := p
		if end >= 0 {
			part = p[:end]
		}
		t.open = append(t.open, part[:min(len(part), maxSaid-len(t.open))]...)
		t.to.set(t.open)
		if end < 0 {
			break
		}
		t.open, p = t.open[:0], p[end+1:]
	}
	return n, nil
}
