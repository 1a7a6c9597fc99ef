package cli

import (
	"github.com/spf13/cobra"

	"intercom/client/wire"
)

func newWaitCmd(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "wait",
		Short: "Wait until the daemon is ready",
		Long: `Wait until a daemon runs and is ready, 30 seconds if --timeout says nothing.
Exit code 7 if it is not ready by then.`,
		Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := sh.within(cmd.Context())
			defer cancel()
			h, err := sh.awaitReady(ctx, nil)
			if err != nil {
				return err
			}
			return sh.show(wire.Health.Schema(), h)
		},
	}
}
