package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
)

// stopped is what `down` prints.
type stopped struct {
	Profile string `json:"profile"`
	Stopped bool   `json:"stopped" jsonschema:"false if it did not run"`
	PID     int    `json:"pid,omitempty"`
}

// Table returns one row.
func (s stopped) Table() wire.Table {
	return wire.Table{Columns: wire.Columns("profile", "stopped"), Rows: [][]any{{s.Profile, s.Stopped}}}
}

// Note says whether it did anything.
func (s stopped) Note() string {
	if s.Stopped {
		return "daemon stopped"
	}
	return "daemon was not running"
}

func newDownCmd(sh *shell) *cobra.Command {
	var o serviceOptions
	var uninstall bool
	cmd := &cobra.Command{
		Use: "down", Short: "Stop the daemon and wait until it is gone", Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(cmd, uninstall, "--uninstall"); err != nil {
				return err
			}
			sh.flags.timeout = sh.startWithin(cmd)
			if uninstall {
				return runUninstall(cmd.Context(), sh, o)
			}
			s, err := runDown(cmd.Context(), sh)
			if err != nil {
				return err
			}
			return sh.show(wire.SchemaName("down"), s)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().BoolVar(&uninstall, "uninstall", false, "also remove the service that up --install wrote")
	o.add(cmd, "--uninstall")
	return cmd
}

func runDown(ctx context.Context, sh *shell) (stopped, error) {
	p, err := sh.localProfile()
	if err != nil {
		return stopped{}, err
	}
	ctx, cancel := sh.within(ctx)
	defer cancel()
	s := stopped{Profile: p.Name}
	b, err := sh.awaitBridge(ctx, p)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	process, err := os.FindProcess(b.PID)
	if err == nil && !b.Alive() { // after it was found: the pid may be another's since
		return s, nil
	}
	if err == nil {
		err = terminate(process)
	}
	if errors.Is(err, os.ErrProcessDone) {
		return s, nil
	}
	if err != nil {
		return s, wire.Errorf(wire.Internal, "stop daemon %d: %v", b.PID, err)
	}
	for b.Alive() {
		if err := pause(ctx); errors.Is(err, context.DeadlineExceeded) {
			return s, wire.Errorf(wire.Timeout, "daemon %d was asked to end and still runs", b.PID).
				WithHint(p.Hint("logs") + ", or end it at once: a second " + p.Hint("down"))
		} else if err != nil {
			return s, err
		}
	}
	s.Stopped, s.PID = true, b.PID
	return s, nil
}

// awaitBridge returns the daemon that runs, fs.ErrNotExist for none. One that
// starts holds the store and has not told its pid yet: it is waited for.
func (sh *shell) awaitBridge(ctx context.Context, p client.Profile) (client.Bridge, error) {
	for {
		held := p.Held() // before the file is read: who releases the store removes the file first
		b, err := p.Bridge()
		switch {
		case err == nil && b.Alive():
			return b, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return b, err
		case !held:
			return b, fs.ErrNotExist
		}
		if err := pause(ctx); errors.Is(err, context.DeadlineExceeded) {
			return b, wire.Errorf(wire.Timeout, "a daemon of profile %s starts or ends and cannot be stopped yet", p.Name).
				WithHint(p.Hint("logs") + ", or a longer --timeout")
		} else if err != nil {
			return b, err
		}
	}
}
