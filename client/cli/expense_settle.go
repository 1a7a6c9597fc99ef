package cli

import (
	"github.com/spf13/cobra"

	"intercom/expense"
)

// addPin lets the plan be fixed: the same fields, sent as another request.
func addPin(r *request, cmd *cobra.Command) {
	var pin bool
	cmd.Flags().BoolVar(&pin, "pin", false, "fix this plan for everybody: payments tick its lines off, other entries make a new one")
	addWriteFlags(cmd, &r.key, &r.dryRun)
	for _, name := range []string{"key", "dry-run"} {
		f := cmd.Flags().Lookup(name)
		f.Usage = "with --pin: " + f.Usage
	}
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		if !pin {
			if r.key != "" || r.dryRun {
				return usage(cmd, "--key and --dry-run go with --pin: without it nothing is written")
			}
			return nil
		}
		command := r.spec.Command
		r.spec = expense.PinPlan.Declared()
		r.spec.Command = command
		return nil
	}
}
