package hook

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	maxHooks = 64      // files that are looked at
	maxTail  = 2 << 10 // bytes of standard error that are kept
)

// list returns the names of the executables in the folder, in order. What
// somebody else could have put there is left out, and named to leftOut.
func (r *Runner) list(leftOut func(name string, err error)) ([]string, error) {
	if err := safe(r.o.Dir); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	files, err := os.ReadDir(r.o.Dir)
	if err != nil {
		return nil, fmt.Errorf("read folder of hooks: %w", err)
	}
	var names []string
	for _, f := range files {
		name := f.Name()
		if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") || len(names) == maxHooks {
			continue
		}
		info, err := os.Stat(filepath.Join(r.o.Dir, name))
		if err != nil || !info.Mode().IsRegular() || !executable(info) {
			continue
		}
		if err := safe(filepath.Join(r.o.Dir, name)); err != nil {
			leftOut(name, err)
			continue
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// runsFor reports whether a hook is for a frame: its file is named by the
// frame's type or eventType, or any; an extension does not count.
func runsFor(file string, f Frame) bool {
	name := strings.TrimSuffix(file, filepath.Ext(file))
	if slices.Contains([]string{f.Type, f.Kind}, file) { // ledger_event has eventTypes with a dot
		return true
	}
	return name == Any || name == f.Type || name == f.Kind && name != ""
}

// Names returns the files that are hooks, in order.
func (r *Runner) Names() []string {
	names, _ := r.list(func(string, error) {}) // Run logs what is wrong
	return names
}

// Wants reports whether there is a hook that is named by an eventType, rather
// than one that runs for more.
func (r *Runner) Wants(kind string) bool {
	return slices.ContainsFunc(r.Names(), func(file string) bool {
		return file == kind || strings.TrimSuffix(file, filepath.Ext(file)) == kind
	})
}

// farewell is how long a hook may go on when the daemon ends.
const farewell = 5 * time.Second

// exec runs the hook for a frame within the limit.
func (w *worker) exec(stop context.Context, n uint64, f Frame) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(stop), w.r.o.Limit)
	defer cancel()
	defer context.AfterFunc(stop, func() {
		select {
		case <-time.After(farewell):
			cancel()
		case <-ctx.Done():
		}
	})()
	cmd := exec.CommandContext(ctx, filepath.Join(w.r.o.Dir, w.name))
	cmd.Dir = w.r.o.Dir
	cmd.Stdin = bytes.NewReader(append(bytes.Clone(f.JSON), '\n'))
	var said tail
	cmd.Stderr = &said
	run := "INTERCOM_HOOK_RUN=" + rand.Text() // all that the hook starts has it
	cmd.Env = append(slices.Clone(w.r.o.Env), run,
		"INTERCOM_HOOK="+w.name, "INTERCOM_TYPE="+f.Type, "INTERCOM_EVENT_TYPE="+f.Kind,
		"INTERCOM_CHANNEL="+f.Channel, fmt.Sprintf("INTERCOM_CURSOR=r:%d", n))
	cmd.Env = append(cmd.Env, f.Env...)
	alone(cmd) // its children end with it
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		endEscaped(run)
	}
	outcome, detail := Ran, ""
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		outcome, detail = TimedOut, fmt.Sprintf("ended after %v", w.r.o.Limit)
	case ctx.Err() != nil:
		outcome, detail = Interrupted, "the daemon ended"
	case errors.Is(err, exec.ErrWaitDelay): // what it left behind may go on
	case err != nil:
		outcome, detail = Failed, err.Error()
	}
	if text := said.String(); text != "" && detail != "" {
		detail += ": " + text
	}
	w.r.count(outcome, w.name, n, detail)
	attrs := []any{"hook", w.name, "cursor", fmt.Sprintf("r:%d", n), "exit", cmd.ProcessState.ExitCode(), "stderr", said.String()}
	if outcome == Ran {
		w.r.o.Log.Debug("hook has run", attrs...)
	} else {
		w.r.o.Log.Warn("hook has failed", append(attrs, "outcome", outcome, "error", detail)...)
	}
}

// tail keeps the end of what is written. The buffer is not embedded: io.Copy
// would fill it by its ReadFrom, without end.
type tail struct{ end bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	n := len(p)
	p = p[max(0, len(p)-maxTail):]
	t.end.Next(max(0, t.end.Len()+len(p)-maxTail))
	t.end.Write(p)
	return n, nil
}

func (t *tail) String() string { return strings.TrimSpace(t.end.String()) }
