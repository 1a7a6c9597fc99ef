package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"intercom/client"
	"intercom/client/wire"
)

// readyWithin is how long a daemon may take to start or to stop where
// --timeout says nothing. It starts in a fraction of a second; a store that
// must be folded again takes longer.
const readyWithin = 10 * time.Second

// pollEvery is the pause between looks at a daemon that starts or stops.
const pollEvery = 10 * time.Millisecond

// findDaemon returns the path of the daemon's program: INTERCOM_DAEMON, else
// intercomd beside this program, else on the PATH.
func (sh *shell) findDaemon() (string, error) {
	if path := sh.Getenv("INTERCOM_DAEMON"); path != "" {
		return path, nil
	}
	name := "intercomd"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := sh.Executable(); err == nil {
		if beside := filepath.Join(filepath.Dir(self), name); isFile(beside) {
			return beside, nil
		}
	}
	if path, err := sh.LookPath(name); err == nil {
		return path, nil
	}
	return "", wire.Errorf(wire.NotFound, "the program intercomd is neither beside intercom nor on the PATH").
		WithHint("install it there, or set INTERCOM_DAEMON to its path")
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// start starts the profile's daemon in a session of its own, with its output
// in the log. It returns the process and where its log begins.
func (sh *shell) start(p client.Profile, args []string) (*os.Process, int64, error) {
	path, err := sh.findDaemon()
	if err != nil {
		return nil, 0, err
	}
	if err := client.PrivateDir(filepath.Dir(p.LogFile())); err != nil {
		return nil, 0, fmt.Errorf("make log folder: %w", err)
	}
	log, err := os.OpenFile(p.LogFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, 0, fmt.Errorf("open log: %w", err)
	}
	defer log.Close()
	info, err := log.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("open log: %w", err)
	}
	// Not exec.CommandContext: the daemon outlives this process.
	cmd := exec.Command(path, append([]string{"--profile", p.Name, "--log-to", "file"}, args...)...)
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = sh.Environ, log, log, detached()
	if err := cmd.Start(); err != nil {
		return nil, 0, wire.Errorf(wire.Internal, "start %s: %v", path, err)
	}
	return cmd.Process, info.Size(), nil
}

// child is the daemon that this command started. Several commands may start
// one at once: one daemon gets the store, the others end with wire.Locked.
type child struct {
	sh      *shell
	profile client.Profile
	args    []string

	process *os.Process
	bridge  client.Bridge
	logged  int64
	lost    bool // it ended, and a rival is the daemon
	again   bool // it was started a second time
}

func (c *child) start() error {
	process, logged, err := c.sh.start(c.profile, c.args)
	if err != nil {
		return err
	}
	c.process, c.logged, c.bridge = process, logged, client.BridgeOf(process.Pid)
	return nil
}

// ended is nil while the child runs or a rival that was faster does, else why
// it ended. A rival that ends too leaves the store to a second child.
func (c *child) ended() error {
	if c.process != nil {
		if c.bridge.Alive() {
			return nil
		}
		state, err := c.process.Wait()
		c.process = nil
		c.lost = err == nil && state.ExitCode() == wire.Locked.Exit()
	}
	if b, err := c.profile.Bridge(); err == nil && b.Alive() || c.lost && c.profile.Held() {
		c.lost = true
		return nil
	}
	if c.lost && !c.again {
		c.lost, c.again = false, true
		return c.start()
	}
	return whyEnded(c.profile, c.logged)
}

// health asks the profile's daemon how it is; wire.DaemonNotRunning for none.
func (sh *shell) health(ctx context.Context) (wire.HealthReply, error) {
	c, err := sh.dial()
	if err != nil {
		return wire.HealthReply{}, err
	}
	return client.Call(ctx, c, wire.Health, wire.None{})
}

// hint is a command for the profile of this one.
func (sh *shell) hint(command string) string {
	p, err := sh.findProfile()
	if err != nil {
		return "intercom " + command
	}
	return p.Hint(command)
}

// awaitReady waits until the daemon answers that it is ready. ended tells
// early that it never will be, and why; nil never does.
func (sh *shell) awaitReady(ctx context.Context, ended func() error) (wire.HealthReply, error) {
	last, help := errors.New("no daemon answers"), "up"
	progress := sh.printer.Progress("waiting for the daemon")
	defer progress.End()
	for {
		h, err := sh.health(ctx)
		switch {
		case err == nil && h.Ready:
			return h, nil
		case err == nil:
			progress.Set("the daemon is " + string(h.Status) + ": " + h.Reason)
			last, help = fmt.Errorf("the daemon is %s: %s", h.Status, h.Reason), "logs"
		case ctx.Err() == nil && wire.AsError(err).Code.Exit() == wire.Incompatible.Exit():
			return h, err
		}
		if ended != nil {
			if err := ended(); err != nil {
				return h, err
			}
		}
		if err := pause(ctx); errors.Is(err, context.DeadlineExceeded) {
			return h, wire.Errorf(wire.Timeout, "the daemon is not ready in time: %v", last).WithHint(sh.hint(help))
		} else if err != nil {
			return h, err
		}
	}
}

func pause(ctx context.Context) error {
	t := time.NewTimer(pollEvery)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// whyEnded returns the last line that a daemon wrote to its log before it
// ended, with the code that the line names.
func whyEnded(p client.Profile, from int64) error {
	text, err := readFrom(p.LogFile(), from)
	if err != nil {
		return err
	}
	why, hint := "", "intercom logs"
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if said, ok := strings.CutPrefix(line, "hint: "); ok {
			hint = said
		} else if line != "" {
			why = strings.TrimPrefix(line, "intercomd: ")
		}
	}
	if why == "" {
		why = "it said nothing"
	}
	code := wire.Internal
	if i := strings.LastIndex(why, " ("); i >= 0 && strings.HasSuffix(why, ")") {
		named := wire.Code(why[i+2 : len(why)-1])
		if _, ok := wire.Codes()[named]; ok {
			code, why = named, why[:i]
		}
	}
	return wire.Errorf(code, "the daemon ended at once: %s", why).WithHint(hint)
}

// maxTail bounds what is read of a log in bytes.
const maxTail = 64 << 10

func readFrom(path string, from int64) (string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read log: %w", err)
	}
	defer f.Close()
	b := make([]byte, maxTail)
	n, err := f.ReadAt(b, from)
	if n == 0 && err != nil {
		return "", nil // nothing was written
	}
	return string(b[:n]), nil
}
