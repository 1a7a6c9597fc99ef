package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"intercom/expense"
)

// addShowDefaults asks for what is only shown by a request that writes nothing,
// so that a token that may only read is enough for it.
func addShowDefaults(r *request, cmd *cobra.Command) {
	cmd.PreRunE = func(*cobra.Command, []string) error {
		changes := slices.ContainsFunc(r.fields, func(f *field) bool { return f != r.room && f.raw != nil })
		if changes || r.key != "" || r.dryRun {
			return nil
		}
		command := r.spec.Command
		r.spec = expense.ShowDefaults.Declared()
		r.spec.Command = command
		return nil
	}
}
