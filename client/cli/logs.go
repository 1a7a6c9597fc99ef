package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
)

type logsOptions struct {
	follow bool
	lines  int
	since  time.Duration
	level  string
}

func newLogsCmd(sh *shell) *cobra.Command {
	var o logsOptions
	var setLevel, since string
	s, _ := client.SettingOf("log-level")
	cmd := &cobra.Command{
		Use: "logs", Short: "Print the log of the daemon in the background",
		Long: `Print the last lines of the log of a daemon that intercom up started. The log is
kept below 30 MiB in three files. A daemon that systemd runs logs to the journal.

--set-level changes what the running daemon logs from now on, until it ends;
intercom config set log-level changes it for good.`,
		Example: `  intercom logs -f --level warn
  intercom logs --since 1h -n 0
  intercom logs --set-level debug`,
		Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if setLevel != "" {
				if err := s.Check(setLevel); err != nil {
					return usage(cmd, "--set-level %q: use %s", setLevel, strings.Join(s.Choices, ", "))
				}
				r, err := ask(cmd.Context(), sh, wire.LogLevel, wire.LogLevelReq{Level: setLevel})
				if err != nil {
					return err
				}
				return sh.show(wire.LogLevel.Schema(), r)
			}
			if o.lines < 0 {
				return usage(cmd, "--lines %d is negative", o.lines)
			}
			if since != "" {
				ago, err := parseSpan(since)
				if err != nil {
					return usage(cmd, "--since: %v", err)
				}
				o.since = ago
			}
			if o.level != "" && s.Check(o.level) != nil {
				return usage(cmd, "--level %q: use %s", o.level, strings.Join(s.Choices, ", "))
			}
			return runLogs(cmd.Context(), sh, o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVarP(&o.follow, "follow", "f", false, "go on with what is logged from now on, also by the next daemon")
	f.IntVarP(&o.lines, "lines", "n", 100, "how many of the last lines; 0 all")
	f.StringVar(&since, "since", "", "only what was logged within this time, like 90m, 12h or 7d")
	f.StringVar(&o.level, "level", "", "only records of this level and above: "+strings.Join(s.Choices, ", "))
	f.StringVar(&setLevel, "set-level", "", "let the running daemon log from this level on")
	for _, name := range []string{"level", "set-level"} {
		sh.completeFlag(cmd, name, cobra.FixedCompletions(s.Choices, cobra.ShellCompDirectiveNoFileComp))
	}
	return cmd
}

// followEvery is the pause between looks at a log.
const followEvery = 200 * time.Millisecond

func runLogs(ctx context.Context, sh *shell, o logsOptions) error {
	p, err := sh.localProfile()
	if err != nil {
		return err
	}
	filter := &logFilter{level: o.level}
	if o.since > 0 {
		filter.since = sh.Now().Add(-o.since)
	}
	log, err := openLog(p, filter)
	if err != nil {
		return err
	}
	defer func() { log.file.Close() }() // only read
	last, err := log.last(o.lines)
	if err != nil {
		return err
	}
	if !o.follow && filter.wants(log.half) {
		last += log.half
	}
	if err := sh.printer.Text(last); err != nil || !o.follow {
		return err
	}
	ticks := time.NewTicker(followEvery)
	defer ticks.Stop()
	for {
		more, err := log.more()
		if err != nil {
			return err
		}
		if more != "" {
			if err := sh.printer.Text(more); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// logReader reads a log that others write, rename and begin anew.
type logReader struct {
	path   string
	older  []string // the newest first
	filter *logFilter

	file *os.File
	in   *bufio.Reader
	half string // a line that is not whole yet
}

func openLog(p client.Profile, filter *logFilter) (*logReader, error) {
	files := p.LogFiles()
	l := &logReader{path: files[0], older: files[1:], filter: filter}
	err := l.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, wire.Errorf(wire.NotFound, "there is no log: no daemon of profile %s has been started with intercom up", p.Name).
			WithHint(p.Hint("up"))
	}
	return l, err
}

func (l *logReader) open() error {
	f, err := os.Open(l.path)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	if l.file != nil {
		l.file.Close()
	}
	l.file, l.in = f, bufio.NewReaderSize(f, 64<<10)
	return nil
}

// last reads to the end and returns the last lines that are wanted, 0 are all.
func (l *logReader) last(lines int) (string, error) {
	var kept []string
	keep := func(line string) {
		if !l.filter.wants(line) {
			return
		}
		if kept = append(kept, line); lines > 0 && len(kept) >= 2*lines {
			kept = append(kept[:0], kept[len(kept)-lines:]...)
		}
	}
	for _, path := range slices.Backward(l.older) {
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("open log: %w", err)
		}
		_, err = eachLine(bufio.NewReaderSize(f, 64<<10), "", keep)
		if err := errors.Join(err, f.Close()); err != nil {
			return "", fmt.Errorf("read log: %w", err)
		}
	}
	half, err := eachLine(l.in, "", keep)
	if err != nil {
		return "", fmt.Errorf("read log: %w", err)
	}
	l.half = half
	if lines > 0 {
		kept = kept[max(0, len(kept)-lines):]
	}
	return strings.Join(kept, ""), nil
}

// more returns what was logged since the last call, in whole lines. A log that
// began anew is read from its beginning, after the rest of the one before.
func (l *logReader) more() (string, error) {
	var b strings.Builder
	read := func() (err error) {
		l.half, err = eachLine(l.in, l.half, func(line string) {
			if l.filter.wants(line) {
				b.WriteString(line)
			}
		})
		return err
	}
	if err := read(); err != nil {
		return "", fmt.Errorf("read log: %w", err)
	}
	mine, err := l.file.Stat()
	if err != nil {
		return "", fmt.Errorf("read log: %w", err)
	}
	at, err := l.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return "", fmt.Errorf("read log: %w", err)
	}
	switch there, err := os.Stat(l.path); {
	case errors.Is(err, fs.ErrNotExist): // between two files
		return b.String(), nil
	case err != nil:
		return "", fmt.Errorf("read log: %w", err)
	case os.SameFile(mine, there) && mine.Size() >= at:
		return b.String(), nil
	}
	if err := read(); err != nil { // what was written before it was renamed
		return "", fmt.Errorf("read log: %w", err)
	}
	if err := l.open(); err != nil {
		return "", err
	}
	l.half = ""
	if err := read(); err != nil {
		return "", fmt.Errorf("read log: %w", err)
	}
	return b.String(), nil
}

// eachLine calls f with every whole line up to the end; half begins the first
// one, and the beginning of the last one is returned.
func eachLine(in *bufio.Reader, half string, f func(line string)) (rest string, err error) {
	for {
		line, err := in.ReadString('\n')
		half += line
		if errors.Is(err, io.EOF) {
			return half, nil
		}
		if err != nil {
			return half, err
		}
		f(half)
		half = ""
	}
}
