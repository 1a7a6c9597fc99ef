package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/cli/out"
	"intercom/client/wire"
)

type eventsOptions struct {
	filter wire.Filter
	follow bool
	limit  int
	count  int
	within time.Duration // 0: for ever
}

func newEventsCmd(sh *shell) *cobra.Command {
	var o eventsOptions
	cmd := &cobra.Command{
		Use:   "events",
		Short: wire.Events.Summary,
		Long: `Show what happened in your rooms and channels, and follow what happens.
Without --follow it prints the last 24 hours, or what --since asks for, and
ends. With --follow it prints what comes from now on, or from --since on, one
object a line; a lost daemon is dialled again and nothing of a room is missed.

--since takes the cursor of a line, a time (2026-03-01T12:00:00Z), how long
ago (90m, 24h, 7d), or start for the oldest that is kept (setting journal-days).
Events of rooms also come as messages in the shape of older programs; these are
shown only where --type names sidechannel_message.`,
		Example: `  intercom events --since 1h --type focus_event
  intercom events --follow --format json | jq .type
  intercom events --follow --since r:1042`,
		Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.filter.Types, "type", nil, "types to show, like focus_event or session_start, separated by commas")
	f.StringSliceVar(&o.filter.Channels, "channel", nil, "channels to show, separated by commas")
	f.StringSliceVar(&o.filter.Channels, "room", nil, "the same as --channel")
	f.Lookup("room").Hidden = true
	f.StringVar(&o.filter.Since, "since", "", "a cursor, a time, how long ago, or start")
	f.BoolVarP(&o.follow, "follow", "f", false, "go on with what happens")
	f.IntVar(&o.limit, "limit", 0, "without --follow: print so many at most (default 1000)")
	f.IntVarP(&o.count, "count", "n", 0, "with --follow: end after so many; 0 never")
	complete(sh, cmd, "channel", wire.CompleteChannels)
	complete(sh, cmd, "room", wire.CompleteChannels)
	sh.completeFlag(cmd, "type", cobra.FixedCompletions(eventTypes(), cobra.ShellCompDirectiveNoFileComp))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		switch {
		case o.count < 0:
			return usage(cmd, "--count %d is negative", o.count)
		case o.limit < 0 || o.limit > wire.MaxEventsLimit:
			return usage(cmd, "--limit must be from 1 to %d", wire.MaxEventsLimit)
		case o.follow && o.limit > 0:
			return usage(cmd, "--limit goes without --follow: say --count")
		case !o.follow && o.count > 0:
			return usage(cmd, "--count goes with --follow: say --limit")
		}
		since, err := sh.since(o.filter.Since)
		if err != nil {
			return usage(cmd, "%v", err)
		}
		o.filter.Since = since
		if cmd.Flags().Changed("timeout") {
			o.within = sh.flags.timeout
		}
		if o.follow {
			return runFollow(cmd.Context(), sh, o)
		}
		return runEvents(cmd.Context(), sh, o)
	}
	return cmd
}

// eventTypes are what --type completes to.
func eventTypes() []string {
	var types []string
	for _, p := range wire.Pushes() {
		types = append(types, p.Type)
	}
	return types
}

// since returns a place as the daemon takes it: how long ago becomes a time.
func (sh *shell) since(text string) (string, error) {
	ago, err := parseSpan(text)
	if err == nil {
		return sh.Now().Add(-ago).UTC().Format(time.RFC3339), nil
	}
	_, timeErr := time.Parse(time.RFC3339, text)
	if text == "" || text == "start" || timeErr == nil || strings.Contains(text, ":") && (text[0] == 'r' || text[0] == 'm') {
		return text, nil
	}
	return "", fmt.Errorf("--since %q is not a cursor, a time like 2026-03-01T12:00:00Z, how long ago like 24h, or start", text)
}

// defaultSince is what `events` shows if nothing is asked for.
const defaultSince = 24 * time.Hour

func runEvents(ctx context.Context, sh *shell, o eventsOptions) error {
	if o.filter.Since == "" {
		o.filter.Since = sh.Now().Add(-defaultSince).UTC().Format(time.RFC3339)
	}
	follow := false
	reply, err := ask(ctx, sh, wire.Events, wire.EventsReq{
		Since: o.filter.Since, Types: o.filter.Types, Channels: o.filter.Channels, Limit: o.limit, Follow: &follow,
	})
	if err != nil {
		return err
	}
	shown := []json.RawMessage{}
	for _, frame := range reply.Events {
		if o.shows(frame) {
			shown = append(shown, frame)
		}
	}
	reply.Events = shown
	return sh.show(wire.Events.Schema(), reply)
}

// shows reports whether a frame is shown: not the message that repeats an event
// of a room, unless it was asked for.
func (o eventsOptions) shows(frame json.RawMessage) bool {
	if len(o.filter.Types) > 0 {
		return true
	}
	return !wire.Echo(frame)
}

func runFollow(ctx context.Context, sh *shell, o eventsOptions) error {
	left := o.count
	return sh.follow(ctx, o.filter, o.within, func(p wire.Push) (bool, error) {
		if !o.shows(p.Raw) {
			return false, nil
		}
		happening := wire.Happening(p.Raw)
		d := out.Document{Data: p.Raw, Table: happening.Table()}
		if err := sh.printer.Line(d); err != nil {
			return false, err
		}
		left--
		return left == 0, nil
	})
}

// follow calls f with what happens until it is done, and tells of losses. A
// reader of standard output that has gone ends it too.
func (sh *shell) follow(ctx context.Context, f wire.Filter, within time.Duration, each func(wire.Push) (done bool, err error)) error {
	if within > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, within)
		defer cancel()
	}
	c, err := sh.dial()
	if err != nil {
		return err
	}
	told := func(err error) {
		if err != nil {
			sh.printer.Note(wire.AsError(err).Error() + "; dialling again")
		} else {
			sh.printer.Note("connected again")
		}
	}
	for push, err := range c.Follow(ctx, f, client.OnLoss(told)) {
		if err != nil {
			return err
		}
		if note := lossOf(push); note != "" {
			sh.printer.Note(note)
		}
		done, err := each(push)
		switch {
		case errors.Is(err, out.ErrReaderGone):
			return nil
		case done || err != nil:
			return err
		}
	}
	return nil
}

// lossOf says what a push tells of a loss, or nothing.
func lossOf(push wire.Push) string {
	switch push.Type {
	case wire.PushLagged:
		var l wire.Lagged
		if json.Unmarshal(push.Raw, &l) == nil {
			return fmt.Sprintf("%d messages were missed: they came faster than they were read", l.Missed)
		}
	case wire.PushReset:
		var r wire.Reset
		if json.Unmarshal(push.Raw, &r) == nil {
			return resets[r.Reason]
		}
	}
	return ""
}

// resets says what is lost, by the reason of a reset.
var resets = map[string]string{
	"restarted": "the daemon was started again: messages from before that may be missed",
	"too_old":   "what follows the cursor is not kept any more: going on with the oldest",
	"unknown":   "this daemon does not know the cursor: going on from now",
}
