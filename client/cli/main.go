package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"intercom/client/cli/out"
	"intercom/client/wire"
)

// Exit codes beyond those of the codes of errors.
const (
	exitInterrupted = 128 + int(syscall.SIGINT)
	exitTerminated  = 128 + int(syscall.SIGTERM)
)

// lastMoment is how long a command has to end when a signal has come.
const lastMoment = time.Second

// exitCode is an error that says nothing and only sets the exit code.
type exitCode int

func (e exitCode) Error() string { return "exit" }

// Main runs a command line and returns the exit code.
func Main(ctx context.Context, args []string, env *Env) int {
	ctx, stop := watchSignals(ctx)
	sh := &shell{Env: env, completes: len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd)}
	ended := make(chan error, 1)
	go func() {
		err := checkText(args)
		if err == nil {
			root := newRootCmd(sh)
			root.SetArgs(args)
			_, err = root.ExecuteContextC(ctx)
		}
		sh.close()
		ended <- err
	}()
	err := sh.await(ctx, ended)
	_, decided := errors.AsType[exitCode](err) // by a command that ran in our place
	if sig := stop(); sig != nil && err != nil && !decided && errors.Is(ctx.Err(), context.Canceled) {
		if sig == syscall.SIGTERM {
			return exitTerminated
		}
		return exitInterrupted
	}
	return fail(sh, args, err)
}

// await returns the error of a command. One that has not ended a while after
// its context has is left alone: nothing interrupts it while it reads a
// terminal or a pipe that nobody writes to. A command that decides for itself
// what a signal means, as focus run does, is waited for.
func (sh *shell) await(ctx context.Context, ended <-chan error) error {
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(lastMoment):
	}
	if sh.decides.Load() {
		return <-ended
	}
	sh.Restore()
	return ctx.Err()
}

// checkText refuses what JSON would silently change.
func checkText(args []string) error {
	for i, arg := range args {
		if !utf8.ValidString(arg) {
			return wire.Errorf(wire.InvalidUTF8, "argument %d is not UTF-8: %q", i+1, arg)
		}
	}
	return nil
}

func fail(sh *shell, args []string, err error) int {
	if code, ok := errors.AsType[exitCode](err); ok {
		return int(code)
	}
	if sh.printer == nil {
		// The options did not come to be read; what was asked still counts.
		sh.printer = &out.Printer{Stdout: sh.Stdout, Stderr: sh.Stderr, Options: askedFormat(args, sh.Getenv)}
	}
	return sh.printer.Error(explain(inTime(err, sh.flags.timeout)))
}

// inTime says which time passed, where the context was all that knew.
func inTime(err error, within time.Duration) error {
	if _, ok := errors.AsType[*wire.Error](err); ok || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return wire.Errorf(wire.Timeout, "not done within %s", within).WithHint("repeat it with a longer --timeout")
}

// watchSignals ends the context at the first SIGINT or SIGTERM; a second one
// ends the process. stop returns the signal that came, and waits. SIGPIPE is
// caught so that a closed pipe is an error of the write, which is none of ours.
func watchSignals(parent context.Context) (ctx context.Context, stop func() os.Signal) {
	ctx, cancel := context.WithCancel(parent)
	pipe := make(chan os.Signal, 1) // never read
	signal.Notify(pipe, syscall.SIGPIPE)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	var came os.Signal
	var watcher sync.WaitGroup
	watcher.Go(func() {
		select {
		case came = <-signals:
			signal.Stop(signals)
			cancel()
		case <-ctx.Done():
		}
	})
	return ctx, func() os.Signal {
		cancel()
		watcher.Wait()
		signal.Stop(signals)
		signal.Stop(pipe)
		return came
	}
}

// askedFormat reads the format from arguments that were not understood.
func askedFormat(args []string, getenv func(string) string) out.Options {
	o := out.Options{Default: getenv("INTERCOM_FORMAT")}
	for i, arg := range args {
		name, value, joined := strings.Cut(arg, "=")
		if !joined && i+1 < len(args) {
			value = args[i+1]
		}
		switch name {
		case "--json", "--jq":
			o.Format = "json"
		case "--format":
			o.Format = value
		}
	}
	if !slices.Contains(out.Formats(), o.Format) {
		o.Format = ""
	}
	return o
}

// usage is a mistake in the command line.
func usage(cmd *cobra.Command, format string, args ...any) error {
	return wire.Errorf(wire.InvalidRequest, format, args...).WithHint(cmd.CommandPath() + " --help")
}

// badFlag says what a flag takes, in place of what the parser said of it.
func badFlag(cmd *cobra.Command, err error) error {
	bad, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return usage(cmd, "%v", err)
	}
	takes := map[string]string{
		"int": "a whole number", "duration": "a time like 500ms, 30s or 5m", "bool": "true or false",
	}[bad.GetFlag().Value.Type()]
	if takes == "" {
		return usage(cmd, "--%s: %v", bad.GetFlag().Name, bad.Unwrap())
	}
	return usage(cmd, "--%s: %q is not %s", bad.GetFlag().Name, bad.GetValue(), takes)
}

// noArgs, exactly and atMost check the number of positional arguments.
func noArgs(cmd *cobra.Command, args []string) error { return atMost(0)(cmd, args) }

func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return usage(cmd, "unexpected argument %q", args[n])
		}
		return nil
	}
}

func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return usage(cmd, "%s is missing", names[len(args)])
		}
		return atMost(len(names))(cmd, args)
	}
}

// unknownCommand refuses arguments of a command that only has subcommands.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := wire.Errorf(wire.InvalidRequest, "%s has no command %q", cmd.CommandPath(), args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return err.WithHint(cmd.CommandPath() + " " + near[0])
	}
	return err.WithHint(cmd.CommandPath() + " --help")
}
