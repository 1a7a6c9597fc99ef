package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/cli/out"
	"intercom/client/wire"
	"intercom/focus"
)

type runOptions struct {
	room, goal, minutes string
	every               time.Duration
	stop                bool
	command             []string
}

func newFocusRunCmd(sh *shell) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run [ROOM] -- COMMAND [ARG...]",
		Short: "Run a command in a session, which ends with its exit code",
		Long: `Start a session, or join the one that runs, run a command in it, and end with
the command's exit code. A session that was started here ends with the command
and has the exit code in its summary; one that was joined gets a check-in.

The command has this terminal, its streams and its signals. The variables
INTERCOM_CHANNEL and INTERCOM_PROFILE make intercom focus checkin in it act on
this session. With --checkin-every its output goes through a pipe, and the last line of
it becomes a check-in, where that has changed, without what controls terminals.

When the time is over and the command still runs, the session is made 5 minutes
longer, so that it shows how long the work takes. With --stop the command is
ended instead, whenever its session ends: by SIGTERM, and 10 seconds later by
SIGKILL. A session that somebody else ends is not begun again.`,
		Example: `  intercom focus run ship-room --minutes 25 -- make test
  intercom focus run --minutes 1h --stop --checkin-every 5m -- ./train.sh`,
		ValidArgsFunction: completeFirst(sh, wire.CompleteRooms),
	}
	addRoomFlags(sh, cmd, &o.room, wire.CompleteRooms)
	f := cmd.Flags()
	f.StringVarP(&o.minutes, "minutes", "m", "", "planned length, 1 to 1440 minutes or a text such as 1h30m (default 25)")
	f.StringVarP(&o.goal, "goal", "g", "", "what the session is for (default the name of the command)")
	f.DurationVar(&o.every, "checkin-every", 0, "check in so often with the last line of the output; 0 never")
	f.BoolVar(&o.stop, "stop", false, "end the command when the session ends")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		dash := cmd.ArgsLenAtDash()
		switch {
		case dash < 0 || dash == len(args):
			return usage(cmd, "COMMAND is missing behind --")
		case dash > 1:
			return usage(cmd, "unexpected argument %q before --", args[1])
		case o.every < 0 || o.every > 0 && o.every < time.Second:
			return usage(cmd, "--checkin-every %s is below 1s", o.every)
		}
		o.command = args[dash:]
		if err := oneRoom(cmd, &o.room, args[:dash]); err != nil {
			return err
		}
		return runFocusRun(cmd.Context(), sh, o)
	}
	return cmd
}

// Times of a command that runs in a session.
const (
	extendBefore = 20 * time.Second // the end
	killAfter    = 10 * time.Second // a command was asked to end
	tryAgain     = 2 * time.Second
)

// running is a command in a session. Its methods but finish are called by one
// goroutine, finish when that has ended.
type running struct {
	sh      *shell
	o       runOptions
	session focus.Session
	started bool // here; else joined
	over    bool // the session has ended
	process *os.Process
	said    *lastLine
	key     string // of this run; those of its writes begin with it

	here             here
	checkins         int
	text             string    // of the last check-in
	next, nextExtend time.Time // check-in and extension, not before
	asked            time.Time // to end; zero: not
}

func runFocusRun(ctx context.Context, sh *shell, o runOptions) error {
	path, err := sh.LookPath(o.command[0])
	if err != nil {
		return wire.Errorf(wire.NotFound, "%s: %v", o.command[0], err).WithHint("nothing was started")
	}
	r := &running{sh: sh, o: o, said: &lastLine{}, key: "run-" + rand.Text()}
	if err := r.begin(ctx); err != nil {
		return err
	}
	// The command decides what a signal means; what is asked of the daemon when
	// it has ended is asked in any case.
	ctx = context.WithoutCancel(ctx)
	sh.decides.Store(true)
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, passedOn...)
	defer signal.Stop(signals)

	cmd := exec.Command(path, o.command[1:]...)
	cmd.Args[0] = o.command[0]
	cmd.Env = append(slices.Clone(sh.Environ), "INTERCOM_CHANNEL="+r.session.Room, "INTERCOM_PROFILE="+sh.profile.Name)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = sh.Stdin, sh.Stdout, sh.Stderr
	if o.every > 0 {
		cmd.Stdout = io.MultiWriter(sh.Stdout, &tail{to: r.said})
		cmd.Stderr = io.MultiWriter(sh.Stderr, &tail{to: r.said})
		cmd.WaitDelay = tryAgain // what it leaves behind may have its output
	}
	begun := sh.Now()
	if err := cmd.Start(); err != nil {
		r.finish(ctx, "not started")
		return err
	}
	r.process = cmd.Process
	watching, stop := context.WithCancel(ctx)
	watched, passed := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		if err := sh.followFocus(watching, r.session.Room,
			func(reply focus.StatusReply) (bool, error) { return r.see(watching, reply) },
			func() (bool, error) { return r.tick(watching) }); err != nil && watching.Err() == nil {
			sh.printer.Note("the session is not followed any more: " + err.Error())
		}
	}()
	go func() {
		defer close(passed)
		for {
			select {
			case sig := <-signals:
				if !sentByTerminal(sig) {
					_ = cmd.Process.Signal(sig) // it may have ended
				}
			case <-watching.Done():
				return
			}
		}
	}()
	err = cmd.Wait()
	stop()
	<-watched
	<-passed
	code := exitStatus(cmd.ProcessState)
	r.finish(ctx, fmt.Sprintf("exit code %d after %s: %s", code, sh.Now().Sub(begun).Round(time.Second), filepath.Base(o.command[0])))
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended && !errors.Is(err, exec.ErrWaitDelay) && code == 0 {
		return err
	}
	if code != 0 {
		return exitCode(code)
	}
	return nil
}

// begin starts a session, or joins the one that runs.
func (r *running) begin(ctx context.Context) error {
	room, err := r.sh.room(r.o.room)
	if err != nil {
		return err
	}
	goal := r.o.goal
	if goal == "" {
		goal = filepath.Base(r.o.command[0])
	}
	in := map[string]any{"room": room, "goal": goal}
	if r.o.minutes != "" {
		in["minutes"] = r.o.minutes
	}
	err = r.write(ctx, "focus_start", in, &r.session, "start")
	if errors.Is(err, &wire.Error{Code: wire.AlreadyActive}) {
		if err = r.sh.send(ctx, "focus_join", map[string]any{"room": room}, &r.session); err == nil {
			r.sh.printer.Note("joined the session that runs in " + room + " for another " + out.Clock(int(r.session.RemainingSeconds)))
		}
	} else {
		r.started = err == nil
	}
	if r.o.every > 0 {
		r.next = r.sh.Now().Add(r.o.every)
	}
	return err
}

// see takes what the daemon tells of the room.
func (r *running) see(ctx context.Context, reply focus.StatusReply) (bool, error) {
	for _, s := range reply.Rooms {
		if s.ID == r.session.ID && focus.Runs(s.Status) {
			r.session = s
			return false, nil
		}
	}
	if !r.over {
		r.over = true
		if !r.o.stop {
			r.sh.printer.Note("the session is over; the command goes on")
		}
	}
	return r.tick(ctx)
}

// tick does what is due.
func (r *running) tick(ctx context.Context) (bool, error) {
	if !r.over {
		r.here.say(ctx, r.sh, r.session.Room)
	}
	now := r.sh.Now().Round(0) // of the clock on the wall, which a sleep does not stop
	ends := r.session.EndsAt
	switch {
	case !r.asked.IsZero():
		if now.Sub(r.asked) >= killAfter {
			_ = r.process.Kill() // it may have ended
		}
	case r.o.stop:
		if r.over || !now.Before(ends) {
			r.asked = now
			_ = terminate(r.process) // as above
		}
	case r.started && !r.over && !now.Before(ends.Add(-extendBefore)) && !now.Before(r.nextExtend):
		r.nextExtend = now.Add(tryAgain)
		err := r.write(ctx, "focus_extend", map[string]any{"room": r.session.Room}, &r.session, fmt.Sprintf("extend-%d", ends.UnixMilli()))
		if err != nil && !passing(err) {
			r.over = true
			r.sh.printer.Note("the session is not made longer: " + err.Error())
		}
	}
	if r.over || r.next.IsZero() || now.Before(r.next) {
		return false, nil
	}
	r.next = now.Add(r.o.every)
	text := r.said.text()
	if text == "" || text == r.text {
		return false, nil
	}
	r.checkins++
	r.text = text
	err := r.write(ctx, "focus_checkin", map[string]any{"room": r.session.Room, "text": text}, &struct{}{}, fmt.Sprintf("checkin-%d", r.checkins))
	if err != nil {
		r.sh.printer.Note("not checked in: " + err.Error())
	}
	return false, nil
}

// write sends a write that may be repeated.
func (r *running) write(ctx context.Context, request string, in map[string]any, out any, key string) error {
	return r.sh.send(ctx, request, in, out, client.Key(r.key+"-"+key))
}

// finish tells the room how the command ended. That this fails changes nothing
// of what the command did.
func (r *running) finish(ctx context.Context, how string) {
	if r.over {
		r.sh.printer.Note("the session had ended before the command: " + how)
		return
	}
	request, in := "focus_checkin", map[string]any{"room": r.session.Room, "text": how}
	if r.started {
		request, in = "focus_end", map[string]any{"room": r.session.Room, "summary": how}
	}
	ctx, cancel := r.sh.within(ctx)
	defer cancel()
	for {
		err := r.write(ctx, request, in, &struct{}{}, "end")
		if err == nil {
			return
		}
		if passing(err) {
			select {
			case <-time.After(look):
				continue
			case <-ctx.Done():
			}
		}
		r.sh.printer.Note("the room was not told of it: " + how + ": " + err.Error())
		return
	}
}
