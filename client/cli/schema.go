package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"intercom/client/wire"
)

func newSchemaCmd(sh *shell) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schema [COMMAND|REQUEST]",
		Short: wire.Schema.Summary,
		Long: `Describe requests of the bridge and their replies in JSON Schema: all, those of
a command, or one by its type. No daemon is needed.`,
		Example: `  intercom schema expense balance --jq '.requests[0].out.properties | keys'
  intercom schema --format table`,
	}
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var names []string
		for _, d := range sh.declared() {
			names = append(names, d.Request)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return runSchema(sh, strings.Join(args, " ")) }
	return cmd
}

// declared returns every request that this program knows.
func (sh *shell) declared() []wire.Declared {
	all := wire.Base()
	for _, a := range sh.Apps {
		for _, r := range a.Requests {
			all = append(all, wire.Declared{Spec: r.Spec, In: r.In, Out: r.Out})
		}
	}
	return all
}

func runSchema(sh *shell, name string) error {
	reply := wire.SchemaReply{Requests: []wire.RequestSchema{}}
	for _, d := range sh.declared() {
		if name != "" && name != d.Request && name != d.Command && !strings.HasPrefix(d.Command, name+" ") {
			continue
		}
		s, err := d.Describe()
		if err != nil {
			return err
		}
		reply.Requests = append(reply.Requests, s)
	}
	if len(reply.Requests) == 0 {
		return wire.Errorf(wire.NotFound, "no request and no command with one is called %q", name).
			WithHint("intercom schema --format table")
	}
	sh.preferJSON()
	return sh.show(wire.Schema.Schema(), reply)
}
