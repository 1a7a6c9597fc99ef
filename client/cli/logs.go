package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"intercom/client/wire"
)

func newLogsCmd(sh *shell) *cobra.Command {
	var follow bool
	var lines int
	cmd := &cobra.Command{
		Use: "logs", Short: "Print the log of the daemon in the background", Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if lines < 0 {
				return usage(cmd, "--lines %d is negative", lines)
			}
			return runLogs(cmd.Context(), sh, lines, follow)
		},
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on with what is logged from now on")
	cmd.Flags().IntVarP(&lines, "lines", "n", 100, "how many of the last lines; 0 all")
	return cmd
}

// followEvery is the pause between looks at a log.
const followEvery = 200 * time.Millisecond

func runLogs(ctx context.Context, sh *shell, lines int, follow bool) error {
	p, err := sh.localProfile()
	if err != nil {
		return err
	}
	f, err := os.Open(p.LogFile())
	if errors.Is(err, fs.ErrNotExist) {
		return wire.Errorf(wire.NotFound, "there is no log: no daemon of profile %s has been started with intercom up", p.Name).
			WithHint("intercom up")
	}
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer f.Close()
	if err := seekLines(f, lines); err != nil {
		return fmt.Errorf("read log: %w", err)
	}
	ticks := time.NewTicker(followEvery)
	defer ticks.Stop()
	for {
		if err := copyLog(sh, f); err != nil {
			return err
		}
		if !follow {
			return nil
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func copyLog(sh *shell, f *os.File) error {
	buf := make([]byte, 64<<10)
	for {
		n, err := f.Read(buf)
		if n > 0 {
			if err := sh.printer.Text(string(buf[:n])); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read log: %w", err)
		}
	}
}

// seekLines puts f before its last lines; 0 are all.
func seekLines(f *os.File, lines int) error {
	if lines == 0 {
		return nil
	}
	at, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	buf := make([]byte, 8<<10)
	for end := true; at > 0; end = false {
		n := min(int64(len(buf)), at)
		at -= n
		part := buf[:n]
		if _, err := f.ReadAt(part, at); err != nil {
			return err
		}
		if end {
			part = bytes.TrimSuffix(part, []byte{'\n'}) // ends a line, begins none
		}
		for i := len(part) - 1; i >= 0; i-- {
			if part[i] != '\n' {
				continue
			}
			if lines--; lines == 0 {
				_, err := f.Seek(at+int64(i)+1, io.SeekStart)
				return err
			}
		}
	}
	_, err = f.Seek(0, io.SeekStart)
	return err
}
