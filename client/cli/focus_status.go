package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"intercom/focus"
)

// The exit codes of `focus status --exit-code` but 0, which is focusing.
const (
	exitIdle   exitCode = 20
	exitBreak  exitCode = 21
	exitPaused exitCode = 22
)

// addFocusExit lets scripts and status bars ask without reading the output.
func addFocusExit(r *request, cmd *cobra.Command) {
	var ask, wait bool
	var bar string
	f := cmd.Flags()
	f.BoolVar(&ask, "exit-code", false, "end with 0 while a session runs (without ROOM: one that you are in), 20 while none does, 21 in a break, 22 in a pause")
	f.BoolVar(&wait, "wait", false, "wait first until that state changes, or until --timeout if it is given")
	f.StringVar(&bar, "bar", "", "print one line for a status bar: "+strings.Join(barNames, ", "))
	r.sh.completeFlag(cmd, "bar", cobra.FixedCompletions(barNames, cobra.ShellCompDirectiveNoFileComp))
	r.before = func(ctx context.Context) error {
		if bar != "" {
			show, ok := bars[bar]
			if !ok {
				return usage(cmd, "--bar: %q is not one of %s", bar, strings.Join(barNames, ", "))
			}
			if o := r.sh.printer.Options; o.Format != "" || o.JQ != "" || o.Template != "" || len(o.Fields) > 0 {
				return usage(cmd, "--bar has a format of its own: leave out --format, --fields, --jq and --template")
			}
			r.print = func(reply any) error {
				return r.sh.printer.Text(show(glanceAt(reply.(focus.StatusReply), r.room.raw != nil, r.sh.Zone)) + "\n")
			}
		}
		if !wait {
			return nil
		}
		return waitFocus(ctx, r, cmd.Flags().Changed("timeout"))
	}
	r.after = func(reply any) error {
		if !ask {
			return nil
		}
		if code := exitOf(stateOf(mine(reply.(focus.StatusReply), r.room.raw != nil))); code != 0 {
			return code
		}
		return nil
	}
}

// mine returns the session that a person looks at: that of the named room, else
// of those that run and that he is in one that works, else the one that changes
// soonest. It is false where there is none.
func mine(s focus.StatusReply, named bool) (focus.Session, bool) {
	var best focus.Session
	found := false
	for _, room := range s.Rooms {
		if !focus.Runs(room.Status) || !named && !room.Joined {
			continue
		}
		works, worked := room.Status == focus.Active, best.Status == focus.Active
		if !found || works && !worked || works == worked && room.ChangesAt().Before(best.ChangesAt()) {
			best, found = room, true
		}
	}
	return best, found
}

// stateOf returns what a person does in a session: focus.Active, OnBreak or
// Paused, also where he alone pauses, else Idle.
func stateOf(s focus.Session, found bool) string {
	switch {
	case !found:
		return focus.Idle
	case s.Status == focus.Active && s.Away:
		return focus.Paused
	}
	return s.Status
}

func exitOf(state string) exitCode {
	return map[string]exitCode{focus.Active: 0, focus.OnBreak: exitBreak, focus.Paused: exitPaused, focus.Idle: exitIdle}[state]
}
