package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"intercom/client/cli/out"
	"intercom/client/wire"
	"intercom/focus"
	"intercom/ledger/event"
)

func newFocusWatchCmd(sh *shell) *cobra.Command {
	var room string
	var follow bool
	cmd := &cobra.Command{
		Use:   "watch [ROOM]",
		Short: "Show a session as it goes on: a countdown, or a line for each change",
		Long: `Show the session of a room, or the one that you are in, until it ends. On a
terminal one line counts down to the end of the round, the break, the pause or
the session. Elsewhere, and in a format for programs, it prints the session
whenever something of it changes: one JSON object a line where no format is
asked for.

What is shown follows from the end of the session, not from a counter: it is
right after the machine has slept. A lost daemon is dialled again.`,
		Example: `  intercom focus watch
  intercom focus watch ship-room --follow --format jsonl | jq .status`,
		Args: atMost(1), ValidArgsFunction: completeAll(sh, wire.CompleteRooms),
	}
	addRoomFlags(sh, cmd, &room, wire.CompleteRooms)
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on when the session has ended, and wait for the next")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := oneRoom(cmd, &room, args); err != nil {
			return err
		}
		ctx := cmd.Context()
		if cmd.Flags().Changed("timeout") {
			var cancel context.CancelFunc
			ctx, cancel = sh.within(ctx)
			defer cancel()
		}
		return runFocusWatch(ctx, sh, room, follow)
	}
	return cmd
}

// oneRoom takes the room from its flag or the first argument.
func oneRoom(cmd *cobra.Command, room *string, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case *room != "":
		return usage(cmd, "room is given twice: %s and %q", *room, args[0])
	}
	*room = args[0]
	return nil
}

// watcher shows a session that goes on.
type watcher struct {
	sh     *shell
	room   string // empty: the session that the person is in
	follow bool

	live    bool // one line of a terminal is drawn again and again
	drawn   bool
	shown   focus.Session // the session as the daemon told it last
	at      time.Time     // when
	printed []byte        // the line of a change that was printed last
}

func runFocusWatch(ctx context.Context, sh *shell, room string, follow bool) error {
	w := &watcher{sh: sh, room: room, follow: follow}
	w.live = sh.printer.Options.Human() && out.Redraws(sh.Getenv, sh.Terminal.Tty)
	if !w.live && !sh.Terminal.Tty && sh.printer.Options.Human() {
		sh.printer.Options.Default = "jsonl"
	}
	var there here // who watches at a terminal is
	err := sh.followFocus(ctx, room, w.show, func() (bool, error) {
		if sh.Terminal.Tty && focus.Runs(w.shown.Status) {
			there.say(ctx, sh, w.shown.Room)
		}
		return w.draw()
	})
	if w.drawn {
		_, _ = io.WriteString(sh.Stdout, "\n") // the last line stays
	}
	return err
}

// show takes what the daemon tells. It is done when the session that was shown
// has ended, or when none runs.
func (w *watcher) show(reply focus.StatusReply) (bool, error) {
	s, runs := mine(reply, w.room != "")
	if !runs {
		s = w.rest(reply)
	}
	begun := focus.Runs(w.shown.Status)
	w.shown, w.at = s, w.sh.Now()
	if w.live {
		if _, err := w.draw(); err != nil {
			return false, err
		}
	} else if err := w.line(); err != nil {
		return false, err
	}
	if runs || w.follow {
		return false, nil
	}
	if !begun {
		w.sh.printer.Note("no session runs; --follow waits for one")
	}
	return true, nil
}

// rest returns what to show where no session runs: the one that ran, if its
// room tells how it ended, else the room.
func (w *watcher) rest(reply focus.StatusReply) focus.Session {
	for _, room := range reply.Rooms {
		if w.room != "" || !room.ID.IsZero() && room.ID == w.shown.ID {
			return room
		}
	}
	return focus.Session{Status: focus.Idle, Room: w.room, Participants: []event.Key{}, Checkins: []focus.Said{}}
}

// line prints the session if anything but the time has changed.
func (w *watcher) line() error {
	still := w.shown
	still.RemainingSeconds, still.PhaseSeconds, still.PausedSeconds = 0, 0, 0
	b, err := json.Marshal(still)
	if err != nil || bytes.Equal(b, w.printed) {
		return err
	}
	w.printed = b
	return w.sh.printer.Line(document("", w.shown))
}

// draw draws the line of a terminal again.
func (w *watcher) draw() (bool, error) {
	if !w.live || w.at.IsZero() {
		return false, nil
	}
	text := out.Safe(w.text())
	if width := w.sh.Terminal.Width; width > 1 {
		text = clip(text, width-1)
	}
	if string(w.printed) == text {
		return false, nil
	}
	w.printed, w.drawn = []byte(text), true
	_, err := io.WriteString(w.sh.Stdout, "\r\x1b[K"+text)
	return false, err
}

func (w *watcher) text() string {
	s := w.shown
	switch {
	case s.Status == focus.Ended && s.Stats != nil:
		text := fmt.Sprintf("%s  ended after %s", s.Room, out.Clock(int(s.Stats.ActualDurationMs/1000)))
		if s.Goal != "" {
			text += "  " + s.Goal
		}
		text += fmt.Sprintf("  %d took part, %d %s", s.ParticipantCount, s.CheckinCount, plural(s.CheckinCount, "check-in", "check-ins"))
		if s.Summary != "" {
			text += ": " + s.Summary
		}
		return text
	case !focus.Runs(s.Status):
		return s.Room + "  no session runs"
	}
	// The daemon's clock gave the seconds; this one says how many have passed.
	// Without its monotonic part, since that stands while a machine sleeps.
	passed := w.sh.Now().Round(0).Sub(w.at.Round(0))
	left := max(0, s.PhaseSeconds-int64(passed.Seconds()))
	text := s.Room + "  " + out.Clock(int(left))
	if state := stateOf(s, true); state != focus.Active {
		text += "  " + state
	}
	if s.Cycle != nil && s.Cycle.Round > 0 {
		text += fmt.Sprintf("  round %d of %d", s.Cycle.Round, s.Cycle.Rounds)
	}
	if s.Goal != "" {
		text += "  " + s.Goal
	}
	return text + fmt.Sprintf("  %d there", s.PresentCount)
}
