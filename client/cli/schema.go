package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"intercom/client/wire"
)

func newSchemaCmd(sh *shell) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schema [COMMAND|REQUEST|PUSH]",
		Short: wire.Schema.Summary,
		Long: `Describe in JSON Schema what commands take and print, requests of the bridge
with their replies, and the frames that the daemon pushes: all, those of a
command, or one by its type. No daemon is needed.`,
		Example: `  intercom schema expense balance --jq '.commands[0].out.properties | keys'
  intercom schema focus_event --jq '.pushes[0].fields'
  intercom schema --format table`,
	}
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		return schemaNames(cmd.Root(), sh.declared(), args), cobra.ShellCompDirectiveNoFileComp
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return runSchema(sh, cmd.Root(), strings.Join(args, " "))
	}
	return cmd
}

// schemaNames returns what may follow the words of a name.
func schemaNames(root *cobra.Command, requests []wire.Declared, words []string) []string {
	var names []string
	if len(words) == 0 {
		for _, d := range requests {
			names = append(names, d.Request)
		}
		for _, p := range wire.Pushes() {
			names = append(names, p.Type)
		}
	}
	if on, rest, err := root.Find(words); err == nil && len(rest) == 0 {
		for _, sub := range on.Commands() {
			if sub.IsAvailableCommand() {
				names = append(names, sub.Name())
			}
		}
	}
	return names
}

// schemas is what `schema` prints.
type schemas struct {
	wire.SchemaReply
	Commands []commandSchema `json:"commands"`
}

// List returns the rows: what was asked for by its name is one of them.
func (s schemas) List() string {
	switch {
	case len(s.Requests) > 0:
		return "requests"
	case len(s.Pushes) > 0:
		return "pushes"
	}
	return "commands"
}

// Table returns a row for each request, for each push, and for each command
// that is more or less than one request.
func (s schemas) Table() wire.Table {
	t := s.SchemaReply.Table()
	sent := map[string]bool{}
	for _, r := range s.Requests {
		sent[r.Command] = true
	}
	for _, p := range s.Pushes {
		t.Rows = append(t.Rows, []any{"", p.Push, "", "", p.Summary})
	}
	for _, c := range s.Commands {
		if !sent[c.Command] {
			t.Rows = append(t.Rows, []any{"", "", "", c.Command, c.Summary})
		}
	}
	return t
}

// declared returns every request that this program knows.
func (sh *shell) declared() []wire.Declared {
	all := wire.Base()
	for _, a := range sh.Apps {
		all = append(all, a.Requests...)
	}
	return all
}

func runSchema(sh *shell, root *cobra.Command, name string) error {
	s := schemas{SchemaReply: wire.SchemaReply{Requests: []wire.RequestSchema{}, Pushes: []wire.PushSchema{}}, Commands: []commandSchema{}}
	named := func(request, command string) bool {
		return name == "" || name == request || name == command || strings.HasPrefix(command, name+" ")
	}
	for _, d := range sh.declared() {
		if !named(d.Request, d.Command) {
			continue
		}
		described, err := d.Describe()
		if err != nil {
			return err
		}
		s.Requests = append(s.Requests, described)
	}
	for _, p := range wire.Pushes() {
		if !named(p.Type, "") {
			continue
		}
		described, err := p.Describe()
		if err != nil {
			return err
		}
		s.Pushes = append(s.Pushes, described)
	}
	documents := sh.documents()
	for _, cmd := range leaves(root) {
		path := pathOf(cmd)
		if !named("", path) {
			continue
		}
		described, err := describeCommand(cmd, path, documents[path])
		if err != nil {
			return err
		}
		s.Commands = append(s.Commands, described)
	}
	if len(s.Requests)+len(s.Pushes)+len(s.Commands) == 0 {
		return wire.Errorf(wire.NotFound, "no request, push or command is called %q", name).
			WithHint("intercom schema --format table")
	}
	sh.preferJSON()
	return sh.show(wire.Schema.Schema(), s)
}

// leaves returns the commands that do something, in order of the tree, without
// the pages of help.
func leaves(cmd *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	if !cmd.HasSubCommands() && cmd.Runnable() {
		all = append(all, cmd)
	}
	for _, sub := range cmd.Commands() {
		all = append(all, leaves(sub)...)
	}
	return all
}

// pathOf returns the words of a command behind the program's name.
func pathOf(cmd *cobra.Command) string {
	return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
}
