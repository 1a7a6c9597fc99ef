package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
)

// started is what `up` prints.
type started struct {
	Profile string    `json:"profile"`
	Started bool      `json:"started" jsonschema:"false if it ran before"`
	PID     int       `json:"pid"`
	Since   time.Time `json:"since"`
	Address string    `json:"address" jsonschema:"Trac address of the daemon's key"`
	TCP     string    `json:"tcp,omitempty" jsonschema:"host:port of the bridge"`
	Socket  string    `json:"socket,omitempty"`
	Log     string    `json:"log"`
}

// Table returns one row.
func (s started) Table() wire.Table {
	return wire.Table{Columns: wire.Columns("profile", ">pid", "since", "tcp", "address"),
		Rows: [][]any{{s.Profile, s.PID, s.Since, s.TCP, s.Address}}}
}

// Note says whether it did anything.
func (s started) Note() string {
	if s.Started {
		return "daemon started"
	}
	return "daemon was running already"
}

func newUpCmd(sh *shell) *cobra.Command {
	var o serviceOptions
	var install bool
	cmd := &cobra.Command{
		Use:   "up [-- FLAG...]",
		Short: "Start the daemon in the background",
		Long: `Start the profile's daemon in the background and wait until it is ready, 10
seconds if --timeout says nothing. What follows -- goes to the daemon: its flags
are the keys of intercom config list.

--install lets the service manager of the system run it instead, systemd or
launchd: now, at every start, and again where it fails. Its settings are then
those of intercom config.`,
		Example: `  intercom up -- --listen /ip4/127.0.0.1/tcp/4001 --log-level debug
  intercom up --install --dry-run
  sudo intercom up --install --system`,
		ValidArgsFunction: cobra.NoFileCompletions,
		Args:              daemonFlags,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd, install, "--install"); err != nil {
				return err
			}
			if install && len(args) > 0 {
				return usage(cmd, "a service takes no flags of the daemon: set them with intercom config set")
			}
			if install {
				sh.flags.timeout = sh.startWithin(cmd)
				return runInstall(cmd.Context(), sh, o)
			}
			s, err := runUp(cmd.Context(), sh, sh.startWithin(cmd), args)
			if err != nil {
				return err
			}
			return sh.show(wire.SchemaName("up"), s)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().BoolVar(&install, "install", false, "write a service of systemd or launchd, and let that run it")
	o.add(cmd, "--install")
	return cmd
}

// daemonFlags accepts arguments behind -- alone.
func daemonFlags(cmd *cobra.Command, args []string) error {
	if len(args) > 0 && cmd.ArgsLenAtDash() != 0 {
		return usage(cmd, "unexpected argument %q: flags of the daemon follow --", args[0])
	}
	return nil
}

// startWithin is --timeout where it was given, else readyWithin.
func (sh *shell) startWithin(cmd *cobra.Command) time.Duration {
	if cmd.Flags().Changed("timeout") {
		return sh.flags.timeout
	}
	return readyWithin
}

// look tells whether a daemon answers. One that hangs up is looked for again: a
// process that was just killed takes connections until the system is rid of it.
func (sh *shell) look(ctx context.Context) error {
	for {
		_, err := sh.health(ctx)
		if !errors.Is(err, &wire.Error{Code: wire.Unavailable}) || pause(ctx) != nil {
			return err
		}
	}
}

// runUp starts the daemon unless it runs, and waits until it is ready.
func runUp(ctx context.Context, sh *shell, within time.Duration, args []string) (started, error) {
	p, err := sh.localProfile()
	if err != nil {
		return started{}, err
	}
	sh.flags.timeout = within
	ctx, cancel := sh.within(ctx)
	defer cancel()
	s := started{Profile: p.Name, Log: p.LogFile()}
	if err := sh.look(ctx); errors.Is(err, &wire.Error{Code: wire.DaemonNotRunning}) {
		c := &child{sh: sh, profile: p, args: args}
		if err := c.start(); err != nil {
			return s, err
		}
		h, err := sh.awaitReady(ctx, c.ended)
		if err != nil {
			return s, err
		}
		s.Started = !c.lost
		s.Since = h.Started
	} else if err != nil {
		return s, err
	} else if h, err := sh.awaitReady(ctx, nil); err != nil {
		return s, err
	} else {
		s.Since = h.Started
	}
	hello, err := sh.client.Hello(ctx)
	if err != nil {
		return s, err
	}
	s.Address = hello.Address
	b, err := p.Bridge()
	if err != nil {
		return s, err
	}
	s.PID, s.TCP, s.Socket = b.PID, b.TCP, b.Socket
	return s, nil
}

// localProfile refuses --address: only daemons of this machine are started and
// stopped.
func (sh *shell) localProfile() (client.Profile, error) {
	if sh.flags.address != "" {
		return client.Profile{}, wire.Errorf(wire.InvalidRequest, "--address names a daemon that this command cannot start or stop").
			WithHint("use --profile")
	}
	return sh.findProfile()
}
