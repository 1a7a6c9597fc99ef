package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
)

// completeWithin is how long a person waits for names after pressing TAB.
const completeWithin = 150 * time.Millisecond

type completion = func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective)

// names asks the daemon for names. Whatever fails, there are none: a shell has
// no place for an error.
func (sh *shell) names(ctx context.Context, kind, prefix string) []string {
	c, err := sh.dial()
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, completeWithin)
	defer cancel()
	reply, err := client.Call(ctx, c, wire.Complete, wire.CompleteReq{Kind: kind, Prefix: prefix})
	if err != nil {
		return nil
	}
	return reply.Values
}

// complete completes a flag with the daemon's names of a kind.
func complete(sh *shell, cmd *cobra.Command, flag, kind string) {
	// It fails for flags that do not exist or have a completion: see its tests.
	_ = cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
		return sh.names(cmd.Context(), kind, prefix), cobra.ShellCompDirectiveNoFileComp
	})
}

// completeFirst completes the first positional argument, completeAll all.
func completeFirst(sh *shell, kind string) completion {
	all := completeAll(sh, kind)
	return func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return all(cmd, args, prefix)
	}
}

func completeAll(sh *shell, kind string) completion {
	return func(cmd *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
		return sh.names(cmd.Context(), kind, prefix), cobra.ShellCompDirectiveNoFileComp
	}
}
