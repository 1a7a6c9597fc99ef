package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
)

// The results of a check, from good to bad.
const (
	resultOK      = "ok"
	resultWarning = "warning"
	resultFailure = "failure"
)

// finding is what a check found.
type finding struct {
	Check   string `json:"check"`
	Result  string `json:"result" jsonschema:"ok, warning or failure"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty" jsonschema:"the next step"`
}

func ok(format string, args ...any) finding {
	return finding{Result: resultOK, Message: fmt.Sprintf(format, args...)}
}

func warning(hint, format string, args ...any) finding {
	return finding{Result: resultWarning, Message: fmt.Sprintf(format, args...), Hint: hint}
}

func failure(hint, format string, args ...any) finding {
	return finding{Result: resultFailure, Message: fmt.Sprintf(format, args...), Hint: hint}
}

// diagnosis is what `doctor` prints.
type diagnosis struct {
	Profile string    `json:"profile"`
	Running bool      `json:"running" jsonschema:"a daemon answers; without one its checks are left out"`
	Worst   string    `json:"worst" jsonschema:"ok, warning or failure"`
	Checks  []finding `json:"checks"`
}

// Table returns a row for each check.
func (d diagnosis) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("check", "result", "message", "hint")}
	for _, f := range d.Checks {
		t.Rows = append(t.Rows, []any{f.Check, f.Result, f.Message, f.Hint})
	}
	return t
}

// Note counts what is wrong.
func (d diagnosis) Note() string {
	count := map[string]int{}
	for _, f := range d.Checks {
		count[f.Result]++
	}
	note := fmt.Sprintf("%d checks: %s, %s", len(d.Checks), number(count[resultFailure], resultFailure), number(count[resultWarning], resultWarning))
	if !d.Running {
		note += "; no daemon answers, so what only it knows was not checked"
	}
	return note
}

func number(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

// patient is what the checks look at, asked for once.
type patient struct {
	sh        *shell
	profile   client.Profile
	config    *client.Config // nil where configErr says why
	configErr error
	bridge    client.Bridge
	alive     bool // the process that wrote bridge runs
	held      bool // somebody has the store

	health  *wire.HealthReply // nil where no daemon answers; daemonErr says why
	version wire.VersionReply
	info    *wire.NodeInfo // nil while it is not ready
	stats   wire.StatsReply

	daemonErr error
}

// check looks at one thing; those of a daemon are left out without one.
type check struct {
	name   string
	daemon bool // needs one that is ready
	look   func(*patient) finding
}

var checks = []check{
	{"profile", false, checkFolders},
	{"key", false, checkKey},
	{"token", false, checkToken},
	{"configuration", false, checkConfig},
	{"runtime folder", false, checkRuntime},
	{"disk", false, checkDisk},
	{"clock", false, checkClock},
	{"limits", false, checkLimits},
	{"file watching", false, checkWatching},
	{"daemon", false, checkDaemon},
	{"version", false, checkVersion},
	{"port", false, checkPort},
	{"identity", true, checkIdentity},
	{"reachable", true, checkReachable},
	{"peers", true, checkPeers},
	{"rooms", true, checkRooms},
	{"names", true, checkNames},
	{"refused", true, checkRefused},
	{"hooks", true, checkHooks},
}

func newDoctorCmd(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Check the profile, its daemon and what they need",
		Long: `Look at the profile's files, its settings, the machine and the daemon, and say
for each check: ok, warning or failure, and the next step. It changes nothing,
and works without a daemon too.

Exit code 0 if nothing failed, warnings or not; 1 for a failure.`,
		Example: `  intercom doctor --jq '.checks[] | select(.result != "ok")'`,
		Args:    noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := sh.localProfile()
			if err != nil {
				return err
			}
			d := sh.diagnose(cmd.Context(), p)
			if err := sh.show(wire.SchemaName("doctor"), d); err != nil {
				return err
			}
			if d.Worst == resultFailure {
				return exitCode(wire.Internal.Exit())
			}
			return nil
		},
	}
}

// diagnose runs every check that has what it needs.
func (sh *shell) diagnose(ctx context.Context, profile client.Profile) diagnosis {
	p := sh.examine(ctx, profile)
	d := diagnosis{Profile: profile.Name, Running: p.health != nil, Worst: resultOK, Checks: []finding{}}
	for _, c := range checks {
		if c.daemon && p.info == nil {
			continue
		}
		f := c.look(p)
		f.Check = c.name
		d.Checks = append(d.Checks, f)
		if f.Result == resultFailure || f.Result == resultWarning && d.Worst == resultOK {
			d.Worst = f.Result
		}
	}
	return d
}

func (sh *shell) examine(ctx context.Context, profile client.Profile) *patient {
	p := &patient{sh: sh, profile: profile}
	p.config, p.configErr = profile.Config(nil, sh.Getenv)
	p.held = profile.Held()
	if b, err := profile.Bridge(); err == nil {
		p.bridge, p.alive = b, b.Alive()
	}
	health, err := ask(ctx, sh, wire.Health, wire.None{})
	if err != nil {
		p.daemonErr = err
		return p
	}
	p.health = &health
	if p.version, err = ask(ctx, sh, wire.Version, wire.None{}); err != nil {
		p.daemonErr = err
		return p
	}
	if !health.Ready {
		return p
	}
	info, err := ask(ctx, sh, wire.Info, wire.None{})
	if err == nil {
		p.stats, err = ask(ctx, sh, wire.Stats, wire.None{})
	}
	if err != nil {
		p.daemonErr = err
		return p
	}
	p.info = &info.Info
	return p
}

// said is an error of the layers below in one line, and the step it names.
func said(err error, fallback string) (message, hint string) {
	e := wire.Explain(wire.Internal, err, fallback)
	if is, found := errors.AsType[*wire.Error](err); found {
		e = is
	}
	if e.Hint == "" {
		e.Hint = fallback
	}
	return strings.ReplaceAll(e.Error(), "\n", " "), e.Hint
}
