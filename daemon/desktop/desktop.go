// Package desktop shows notifications on the user's desktop, where there is
// one. It never makes its caller wait: what cannot be shown at once is not
// shown.
package desktop

import (
	"context"
	"html"
	"log/slog"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
	"unicode"
)

// Notice is what a person is told. Its texts may be of peers.
type Notice struct{ Title, Text string }

const (
	limit   = 5 * time.Second // for the program that shows a notice
	waiting = 8               // notices; what comes then is dropped
)

// Notifier shows notices, one after the other. nil shows none.
type Notifier struct {
	command func(Notice) []string
	queue   chan Notice
	log     *slog.Logger
}

// World is where a Notifier looks for a desktop.
type World struct {
	GOOS     string
	Getenv   func(string) string
	LookPath func(string) (string, error)
	Exists   func(path string) bool
}

// Find returns what shows notices here, or nil: notify-send where there is a
// session bus, terminal-notifier or osascript on macOS.
func Find(w World, log *slog.Logger) *Notifier {
	command := w.command()
	if command == nil {
		return nil
	}
	return &Notifier{command: command, queue: make(chan Notice, waiting), log: log}
}

func (w World) command() func(Notice) []string {
	if w.GOOS == "darwin" {
		if path, err := w.LookPath("terminal-notifier"); err == nil {
			// It takes a text that begins with [ for a list, one with - for an option.
			return func(n Notice) []string {
				return []string{path, "-title", "\u200b" + plain(n.Title), "-message", "\u200b" + plain(n.Text), "-group", "intercom"}
			}
		}
		path, err := w.LookPath("osascript")
		if err != nil {
			return nil
		}
		return func(n Notice) []string { // the texts are arguments, never part of the script
			return []string{path, "-e", "on run argv", "-e", "display notification (item 2 of argv) with title (item 1 of argv)",
				"-e", "end run", "--", plain(n.Title), plain(n.Text)}
		}
	}
	bus := w.Getenv("DBUS_SESSION_BUS_ADDRESS") != ""
	if dir := w.Getenv("XDG_RUNTIME_DIR"); !bus && dir != "" {
		bus = w.Exists(filepath.Join(dir, "bus"))
	}
	path, err := w.LookPath("notify-send")
	if !bus || err != nil {
		return nil
	}
	return func(n Notice) []string { // the text is markup
		return []string{path, "--app-name=Intercom", "--", plain(n.Title), html.EscapeString(plain(n.Text))}
	}
}

// plain returns a text in one line, without what controls or reorders it.
func plain(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
}

// Show shows a notice soon, unless too many wait.
func (n *Notifier) Show(notice Notice) {
	if n == nil {
		return
	}
	select {
	case n.queue <- notice:
	default:
		n.log.Warn("notification dropped: too many wait")
	}
}

// Run shows what comes until ctx ends.
func (n *Notifier) Run(ctx context.Context) error {
	if n == nil {
		return nil
	}
	for {
		select {
		case notice := <-n.queue:
			n.show(ctx, notice)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (n *Notifier) show(ctx context.Context, notice Notice) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	argv := n.command(notice)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		n.log.Warn("notification not shown", "program", argv[0], "error", err)
	}
}
