package cli

import (
	"context"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/cli/out"
	"intercom/client/wire"
)

// shell is what the commands of one run share: the world, the flags that all
// of them have, and what is made from these when first needed.
type shell struct {
	*Env
	completes bool // a shell asks what could come next
	flags     globalFlags
	printer   *out.Printer
	client    *client.Client

	profile client.Profile // made by findProfile
	decides atomic.Bool    // the command decides what a signal means
}

type globalFlags struct {
	profile, address string
	tokenFile        string
	format           string
	json             bool
	options          out.Options
	timeout          time.Duration
	color            string
	noPager          bool
}

func (f *globalFlags) add(cmd *cobra.Command) {
	p := cmd.PersistentFlags()
	p.StringVar(&f.profile, "profile", "", "profile to use (default the one chosen by profile use)")
	p.StringVar(&f.address, "address", "", "host:port of a daemon's bridge, instead of the profile's own daemon")
	p.StringVar(&f.tokenFile, "token-file", "", "file with the token for that daemon (default INTERCOM_SC_BRIDGE_TOKEN, else that of the profile)")
	p.StringVar(&f.format, "format", "", "print "+strings.Join(out.Formats(), ", ")+" (default table)")
	p.BoolVar(&f.json, "json", false, "short for --format json")
	p.StringSliceVar(&f.options.Fields, "fields", nil, "columns or keys to print, separated by commas")
	p.StringVar(&f.options.JQ, "jq", "", "print the results of a jq expression over the JSON document")
	p.StringVar(&f.options.Template, "template", "", "print a Go text/template over the JSON document")
	p.BoolVar(&f.options.Raw, "raw", false, "in csv, do not guard cells that a spreadsheet would run")
	p.DurationVar(&f.timeout, "timeout", 30*time.Second, "give up after this time; 0 never")
	p.StringVar(&f.color, "color", "auto", "colour: "+strings.Join(out.Colors(), ", "))
	p.BoolVar(&f.noPager, "no-pager", false, "do not show long tables with INTERCOM_PAGER, PAGER or less")
}

// prepare reads the flags that all commands have; it runs before each.
func (sh *shell) prepare(cmd *cobra.Command, _ []string) error {
	if strings.HasPrefix(cmd.Name(), cobra.ShellCompRequestCmd) {
		return nil // the flags are in its arguments and not read yet
	}
	o := sh.flags.options
	o.Format = sh.flags.format
	if sh.flags.json {
		if o.Format != "" && o.Format != "json" {
			return usage(cmd, "--json and --format %s exclude each other", o.Format)
		}
		o.Format = "json"
	}
	if err := checkAddress("--address", sh.flags.address); err != nil {
		return err
	}
	if sh.flags.timeout < 0 {
		return usage(cmd, "--timeout %s is negative", sh.flags.timeout)
	}
	if !slices.Contains(out.Colors(), sh.flags.color) {
		return usage(cmd, "--color: %q is not one of %s", sh.flags.color, strings.Join(out.Colors(), ", "))
	}
	o.Default = sh.Getenv("INTERCOM_FORMAT")
	if o.Default == "" && o.Format == "" {
		o.Default = sh.configuredFormat()
	}
	sh.printer = &out.Printer{Stdout: sh.Stdout, Stderr: sh.Stderr, Options: o, Zone: sh.Zone,
		Terminal: sh.Terminal.WithColor(sh.flags.color), Redraws: sh.Redraws, Page: sh.pageWith(sh.flags.noPager)}
	return o.Validate()
}

// configuredFormat is empty where the settings cannot be read: who needs them
// for more will say why, and `config set` must be able to repair them.
func (sh *shell) configuredFormat() string {
	c, err := sh.config()
	if err != nil {
		return ""
	}
	return c.Get("format")
}

func (sh *shell) findProfile() (client.Profile, error) {
	if sh.profile.Name != "" {
		return sh.profile, nil
	}
	p, err := client.FindProfile(sh.flags.profile, sh.Getenv)
	if err != nil {
		return client.Profile{}, err
	}
	sh.profile = p
	return p, nil
}

func (sh *shell) config() (*client.Config, error) {
	p, err := sh.findProfile()
	if err != nil {
		return nil, err
	}
	return p.Config(nil, sh.Getenv)
}

// dial returns the client of the daemon; it connects at the first call.
func (sh *shell) dial() (*client.Client, error) {
	if sh.client != nil {
		return sh.client, nil
	}
	p, err := sh.findProfile()
	if err != nil {
		return nil, err
	}
	address := sh.flags.address
	if address == "" {
		address = sh.Getenv("INTERCOM_ADDRESS")
		if err := checkAddress("INTERCOM_ADDRESS", address); err != nil {
			return nil, err
		}
	}
	token := sh.Getenv("INTERCOM_SC_BRIDGE_TOKEN")
	if sh.flags.tokenFile != "" {
		if token, err = client.ReadToken(sh.flags.tokenFile); err != nil {
			return nil, err
		}
	}
	sh.client = &client.Client{Profile: p, Address: address, Token: token}
	return sh.client, nil
}

func (sh *shell) close() {
	if sh.client != nil {
		_ = sh.client.Close() // what was asked was answered or failed already
	}
}

func checkAddress(source, address string) error {
	if address == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return wire.Errorf(wire.InvalidRequest, "%s: %q is not HOST:PORT", source, address).WithHint("like 127.0.0.1:49222")
	}
	return nil
}

// within bounds ctx by --timeout.
func (sh *shell) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if sh.flags.timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, sh.flags.timeout)
}

// do sends a request, which has the time of --timeout. It is as client.Do.
func (sh *shell) do(ctx context.Context, s wire.Spec, in, out any, opts ...client.Opt) error {
	c, err := sh.dial()
	if err != nil {
		return err
	}
	ctx, cancel := sh.within(ctx)
	defer cancel()
	return c.Do(ctx, s, in, out, opts...)
}

// ask sends a declared request and returns its reply.
func ask[Req, Rep any](ctx context.Context, sh *shell, d wire.Def[Req, Rep], in Req, opts ...client.Opt) (reply Rep, err error) {
	err = sh.do(ctx, d.Spec, in, &reply, opts...)
	return reply, err
}

// show prints the reply of a command.
func (sh *shell) show(schema string, reply any) error {
	return sh.printer.Print(document(schema, reply))
}

// undo begins the line of a note that names the command to take a write back.
const undo = "undo: "

// showWrite prints the reply of a command that writes. A dry run wrote nothing
// that could be undone.
func (sh *shell) showWrite(schema string, reply any, dryRun bool) error {
	d := document(schema, reply)
	if dryRun {
		lines := []string{"dry run: nothing was changed"}
		for line := range strings.Lines(d.Note) {
			if !strings.HasPrefix(line, undo) {
				lines = append(lines, "without --dry-run: "+strings.TrimSpace(line))
			}
		}
		d.Note = strings.Join(lines, "\n")
	}
	return sh.printer.Print(d)
}

// wouldBe tells of a dry run that has nothing to print.
func (sh *shell) wouldBe(what string) error {
	sh.printer.Note("dry run: nothing was changed\nwithout --dry-run: " + what)
	return nil
}

func document(schema string, reply any) out.Document {
	d := out.Document{Schema: schema, Data: reply}
	if t, ok := reply.(wire.Tabular); ok {
		d.Table = t.Table()
	}
	if n, ok := reply.(wire.Noted); ok {
		d.Note = n.Note()
	}
	return d
}

// showText prints one value bare, for $(...), unless a format was asked for.
func (sh *shell) showText(schema string, reply any, text string) error {
	o := sh.printer.Options
	if o.Format == "" && (o.Default == "" || o.Default == "table") && o.JQ == "" && o.Template == "" && len(o.Fields) == 0 {
		return sh.printer.Text(text + "\n")
	}
	return sh.show(schema, reply)
}

// room returns the room that was named, else the current channel.
func (sh *shell) room(named string) (string, error) {
	if named != "" {
		return named, nil
	}
	c, err := sh.config()
	if err != nil {
		return "", err
	}
	if current := c.Get("channel"); current != "" {
		return current, nil
	}
	return "", wire.Errorf(wire.NoChannel, "no channel is named and there is no current one").
		WithHint("intercom channel use NAME")
}
