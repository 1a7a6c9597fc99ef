package cli

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
)

// request is a command that is made from the declaration of a request.
type request struct {
	sh     *shell
	spec   wire.Declared
	fields []*field
	room   *field // nil where the request has none
	key    string
	dryRun bool
	asOf   string

	local  func(ctx context.Context) (reply any, ok bool, err error)   // may answer without a daemon
	before func(ctx context.Context) error                             // may ask, or refuse
	more   func(ctx context.Context, first any) (reply any, err error) // asks for the rest of a reply; --timeout bounds each request
	print  func(reply any) error                                       // nil: the reply as a document
	after  func(reply any) error                                       // may set the exit code
}

// newAppCmds returns a command for each noun of the apps' requests.
func newAppCmds(sh *shell) []*cobra.Command {
	nouns := map[string]*cobra.Command{}
	var order []*cobra.Command
	for _, a := range sh.Apps {
		for _, spec := range a.Requests {
			noun, verb, ok := strings.Cut(spec.Command, " ")
			if !ok {
				continue // no command, or one that is written by hand
			}
			if nouns[noun] == nil {
				nouns[noun] = newNounCmd(noun, a.About)
				order = append(order, nouns[noun])
			}
			at := nouns[noun]
			if under, rest, ok := strings.Cut(verb, " "); ok {
				at, verb = subNoun(at, under), rest
			}
			at.AddCommand(newRequestCmd(sh, spec, verb))
		}
	}
	for _, noun := range order {
		for _, add := range beside[noun.Name()] {
			noun.AddCommand(add(sh))
		}
	}
	return order
}

// subNoun returns the command of a name that only has subcommands, below
// another.
func subNoun(noun *cobra.Command, name string) *cobra.Command {
	for _, cmd := range noun.Commands() {
		if cmd.Name() == name {
			return cmd
		}
	}
	cmd := newNounCmd(name, subNouns[name])
	noun.AddCommand(cmd)
	return cmd
}

// subNouns says what the nouns below nouns are about.
var subNouns = map[string]string{"recur": "Expenses that recur: rent on the first of each month"}

// send sends a request of an app that a command needs beside its own.
func (sh *shell) send(ctx context.Context, request string, in, out any, opts ...client.Opt) error {
	specs := sh.declared()
	i := slices.IndexFunc(specs, func(d wire.Declared) bool { return d.Request == request })
	if i < 0 {
		return wire.Errorf(wire.Unsupported, "no app here has %s", request)
	}
	return sh.do(ctx, specs[i].Spec, in, out, opts...)
}

func newRequestCmd(sh *shell, spec wire.Declared, verb string) *cobra.Command {
	r := &request{sh: sh, spec: spec, fields: fieldsOf(spec.In)}
	cmd := &cobra.Command{Use: verb, Short: spec.Summary}
	flags := cmd.Flags()
	flags.SortFlags = false
	for _, f := range r.fields {
		if f.arg != "" {
			cmd.Use += " [" + strings.ToUpper(f.arg) + "]"
		}
		f.add(flags)
		if f.flag != "" && len(f.choices) > 0 {
			sh.completeFlag(cmd, f.flag, cobra.FixedCompletions(f.choices, cobra.ShellCompDirectiveNoFileComp))
		}
		if f.flag == "room" || f.flag == "channel" {
			r.room, f.complete = f, wire.CompleteRooms
		}
	}
	r.completeFields(cmd)
	if r.room != nil {
		// Both names are accepted everywhere.
		other := map[string]string{"room": "channel", "channel": "room"}[r.room.flag]
		if flags.Lookup(other) == nil {
			flags.VarPF(r.room, other, "", "the same as --"+r.room.flag).Hidden = true
			complete(sh, cmd, other, wire.CompleteRooms)
		}
	}
	if spec.Spec.Write {
		addWriteFlags(cmd, &r.key, &r.dryRun)
		if strings.HasPrefix(spec.Command, "expense ") { // whose balance tells the state
			flags.StringVar(&r.asOf, "as-of", "", "write only if the room is still in this state: the first 8 digits or more of state in expense balance")
		}
	}
	positional := r.positional()
	cmd.Args = atMost(len(positional))
	if change, ok := odd[spec.Command]; ok {
		change(r, cmd)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		for i, arg := range args {
			f := positional[i]
			if f.raw != nil {
				return usage(cmd, "%s is given twice: %s and %q", f.arg, f.raw, arg)
			}
			if err := f.Set(arg); err != nil {
				return usage(cmd, "%s: %v", f.arg, err)
			}
		}
		return runRequest(cmd, r)
	}
	return cmd
}

func addWriteFlags(cmd *cobra.Command, key *string, dryRun *bool) {
	cmd.Flags().StringVar(key, "key", "", "repeat safely: a key used before in the room returns the first reply")
	addDryRunFlag(cmd, dryRun)
}

func addDryRunFlag(cmd *cobra.Command, dryRun *bool) {
	cmd.Flags().BoolVar(dryRun, "dry-run", false, "say what would happen, and change nothing")
}

// addLocalWrite adds the flag of a command that writes files of this machine.
func addLocalWrite(cmd *cobra.Command, dryRun *bool) {
	addDryRunFlag(cmd, dryRun)
	explainMore(cmd, "It changes files of this machine alone and asks no daemon: it takes no --key.")
}

// positional returns the fields that may be given without their flags.
func (r *request) positional() []*field {
	return slices.DeleteFunc(slices.Clone(r.fields), func(f *field) bool { return f.arg == "" })
}

func runRequest(cmd *cobra.Command, r *request) error {
	ctx := cmd.Context()
	if r.local != nil {
		if reply, ok, err := r.local(ctx); ok || err != nil {
			return r.finish(reply, err)
		}
	}
	in, err := r.input(cmd)
	if err != nil {
		return err
	}
	reply := reflect.New(r.spec.Out)
	if r.print == nil {
		// An output that cannot be made must not cost a write.
		if err := r.sh.printer.Options.Check(document(r.spec.Schema(), reply.Elem().Interface())); err != nil {
			return err
		}
	}
	if r.before != nil {
		if err := r.before(ctx); err != nil {
			return err
		}
	}
	err = r.sh.do(ctx, r.spec.Spec, in, reply.Interface(), client.Key(r.key), client.DryRun(r.dryRun), client.AsOf(r.asOf))
	whole := reply.Elem().Interface()
	if err == nil && r.more != nil {
		whole, err = r.more(ctx, whole)
	}
	return r.finish(whole, err)
}

// finish shows a reply and sets the exit code.
func (r *request) finish(reply any, err error) error {
	if err != nil {
		return err
	}
	if err := r.show(reply); err != nil || r.after == nil {
		return err
	}
	return r.after(reply)
}

func (r *request) show(reply any) error {
	if r.print != nil {
		return r.print(reply)
	}
	return r.sh.showWrite(r.spec.Schema(), reply, r.dryRun)
}

// input returns the fields to send. It reads standard input where a text is
// `-` and fills in the current channel.
func (r *request) input(cmd *cobra.Command) (json.RawMessage, error) {
	if err := r.readStdin(cmd); err != nil {
		return nil, err
	}
	if r.room != nil && !r.spec.Rooms && (r.room.raw == nil || string(r.room.raw) == `""`) {
		name, err := r.sh.room("")
		if err != nil {
			return nil, err
		}
		r.room.raw = quote(name)
	}
	return r.encode(cmd)
}

// encode returns the fields as they are now. It decodes them as the daemon
// will, so that a mistake is one of usage and not of a daemon.
func (r *request) encode(cmd *cobra.Command) (json.RawMessage, error) {
	values := map[string]json.RawMessage{}
	var missing []string
	for _, f := range r.fields {
		switch {
		case f.raw != nil:
			values[f.name] = f.raw
		case f.required:
			missing = append(missing, "--"+f.flag)
		case f.fallback != nil:
			values[f.name] = f.fallback
		}
	}
	if len(missing) > 0 {
		return nil, wire.Errorf(wire.MissingField, "%s missing: %s", plural(len(missing), "flag is", "flags are"), strings.Join(missing, ", ")).
			WithHint(cmd.CommandPath() + " --help")
	}
	in, err := json.Marshal(values)
	if err != nil {
		return nil, usage(cmd, "%v", err)
	}
	if err := json.Unmarshal(in, reflect.New(r.spec.In).Interface()); err != nil {
		return nil, badField(cmd, err)
	}
	return in, nil
}

// badField keeps what a type says of its own JSON.
func badField(cmd *cobra.Command, err error) error {
	if said, ok := errors.AsType[*wire.Error](err); ok {
		return said
	}
	return usage(cmd, "%v", err)
}

func (r *request) readStdin(cmd *cobra.Command) error {
	var read *field
	for _, f := range r.fields {
		if !f.stdin {
			continue
		}
		if read != nil {
			return usage(cmd, "only one of --%s and --%s can be read from standard input", read.flag, f.flag)
		}
		text, err := readText(r.sh.Stdin)
		if err != nil {
			return err
		}
		f.raw, read = quote(text), f
	}
	return nil
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
