package cli

import "github.com/spf13/cobra"

func newEnsureCmd(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use:               "ensure [-- FLAG...]",
		Short:             "Start the daemon unless it runs, silently",
		Example:           `  intercom ensure && intercom send ops 'backup is done'`,
		ValidArgsFunction: cobra.NoFileCompletions,
		Args:              daemonFlags,
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := runUp(cmd.Context(), sh, sh.startWithin(cmd), args)
			return err
		},
	}
}
