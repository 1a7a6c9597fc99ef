package out

import (
	"io"
	"sync"
	"time"
)

// How a line of progress behaves: what is done before patience ends shows none.
const (
	patience = 300 * time.Millisecond
	redraw   = 100 * time.Millisecond
)

var spinner = []string{"|", "/", "-", `\`}

// Progress is a line on standard error that says what takes long. Anything
// else that is printed takes its place, and at the end no trace is left of it.
// Its methods may be called by many goroutines, and on nil.
type Progress struct {
	w    io.Writer
	stop chan struct{}
	done chan struct{}

	mu    sync.Mutex
	text  string
	turn  int
	shown bool
}

// Progress begins a line of progress, which the caller ends. Where standard
// error is no terminal that can redraw a line nothing is shown.
func (p *Printer) Progress(text string) *Progress {
	if !p.Redraws {
		return nil
	}
	p.progress.End() // of two the later one shows
	p.progress = &Progress{w: p.Stderr, text: text, stop: make(chan struct{}), done: make(chan struct{})}
	go p.progress.run()
	return p.progress
}

func (g *Progress) run() {
	defer close(g.done)
	wait := time.NewTimer(patience)
	defer wait.Stop()
	for {
		select {
		case <-wait.C:
			g.draw()
			wait.Reset(redraw)
		case <-g.stop:
			_ = g.aside(func() error { return nil })
			return
		}
	}
}

func (g *Progress) draw() {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, _ = io.WriteString(g.w, "\r\x1b[K"+spinner[g.turn%len(spinner)]+" "+safe(g.text, ""))
	g.turn++
	g.shown = true
}

// aside does something that prints, while the line is away.
func (g *Progress) aside(do func() error) error {
	if g == nil {
		return do()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shown {
		_, _ = io.WriteString(g.w, "\r\x1b[K")
		g.shown = false
	}
	return do()
}

// Set changes the text.
func (g *Progress) Set(text string) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.text = text
}

// End takes the line away for good and waits until that is done. It may be
// called again.
func (g *Progress) End() {
	if g == nil {
		return
	}
	g.mu.Lock()
	select {
	case <-g.stop:
	default:
		close(g.stop)
	}
	g.mu.Unlock()
	<-g.done
}
