package daemon

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"

	"intercom/client"
	"intercom/client/wire"
	"intercom/p2p"
)

// Main runs intercomd with its command line and returns the exit code. The
// first SIGTERM or SIGINT finishes what runs; a second one ends at once. SIGHUP
// reads the configuration again.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := start(ctx, args, stdout, stderr)
	if err == nil {
		return 0
	}
	e := wire.AsError(err)
	fmt.Fprintf(stderr, "intercomd: %s (%s)\n", e.Error(), e.Code)
	if e.Hint != "" {
		fmt.Fprintf(stderr, "hint: %s\n", e.Hint)
	}
	return e.Code.Exit()
}

func start(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := pflag.NewFlagSet("intercomd", pflag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.SortFlags = false
	name := flags.String("profile", "", "profile to run; INTERCOM_PROFILE or the chosen one if absent")
	version := flags.Bool("version", false, "print the version as JSON and exit")
	for _, s := range client.Settings() {
		flags.String(s.Key, s.Default, s.About)
	}
	flags.Usage = func() {
		fmt.Fprintf(stdout, "Run the daemon of a profile.\n\nUsage: intercomd [flags]\n\n%s", flags.FlagUsages())
	}
	if err := flags.Parse(args); errors.Is(err, pflag.ErrHelp) {
		return nil
	} else if err != nil {
		return wire.Errorf(wire.InvalidRequest, "%s", err.Error()).WithHint("intercomd --help")
	}
	if flags.NArg() > 0 {
		return wire.Errorf(wire.InvalidRequest, "unexpected argument %q", flags.Arg(0)).WithHint("intercomd --help")
	}
	if *version {
		return json.NewEncoder(stdout).Encode(wire.Build())
	}
	o, err := options(flags, *name, stderr)
	if err != nil {
		return err
	}
	p2p.LibraryLog(o.Log.With("from", "libp2p").Handler())
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	o.Hangup = hangup
	// After the first signal the default holds again: a second one ends at once.
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return Run(ctx, o)
}

func options(flags *pflag.FlagSet, name string, stderr io.Writer) (Options, error) {
	p, err := client.FindProfile(name, nil)
	if err != nil {
		return Options{}, wire.Errorf(wire.InvalidRequest, "%s", err.Error())
	}
	given := map[string]string{}
	flags.Visit(func(f *pflag.Flag) {
		if _, ok := client.SettingOf(f.Name); ok {
			given[f.Name] = f.Value.String()
		}
	})
	config, err := p.Config(given, nil)
	if err != nil {
		return Options{}, wire.Errorf(wire.InvalidRequest, "%s", err.Error()).WithHint("intercom config explain")
	}
	if config.Get("log-to") == "file" {
		var attach func(*os.File) error
		if stderr == io.Writer(os.Stderr) {
			attach = becomeStderr
		}
		// It is open until the process ends, whose last words are for it.
		if stderr, err = OpenLogFile(p.LogFiles(), maxLog, attach); err != nil {
			return Options{}, err
		}
	}
	log, level, err := NewLog(stderr, config)
	if err != nil {
		return Options{}, err
	}
	notify := NotifyFrom(os.Getenv, os.Getpid())
	for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"} {
		if err := os.Unsetenv(name); err != nil { // they are not for programs that the daemon runs
			return Options{}, err
		}
	}
	return Options{
		Profile: p, Config: config, Version: wire.Build(), Log: log, Level: level, Rand: rand.Reader, Now: here(clock(), localtime),
		Notify: notify,
		Reload: func() (*client.Config, error) { return p.Config(given, nil) },
	}, nil
}
