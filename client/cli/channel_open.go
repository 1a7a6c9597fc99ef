package cli

import (
	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
)

func newChannelOpenCmd(sh *shell) *cobra.Command {
	var in wire.OpenReq
	var key string
	var dryRun bool
	cmd := &cobra.Command{
		Use: "open NAME", Short: wire.Open.Summary, Args: atMost(1),
		Long: `Ask the peers in the entry channel, or in --via, to open a channel. A peer whose
sidechannel-allow-remote-open is off ignores it; one whose sidechannel-auto-join
is on joins the channel. Join it here with: intercom channel join`,
		Example:           `  intercom channel open ops`,
		ValidArgsFunction: completeFirst(sh, wire.CompleteChannels),
	}
	addRoomFlags(sh, cmd, &in.Channel, wire.CompleteChannels)
	cmd.Flags().StringVar(&in.Via, "via", "", "channel to ask in, instead of the entry channel")
	complete(sh, cmd, "via", wire.CompleteChannels)
	addWriteFlags(cmd, &key, &dryRun)
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		if in.Channel, err = channelArg(cmd, in.Channel, args); err != nil {
			return err
		}
		if in.Channel == "" {
			return usage(cmd, "NAME is missing")
		}
		reply, err := ask(cmd.Context(), sh, wire.Open, in, client.Key(key), client.DryRun(dryRun))
		if err != nil {
			return err
		}
		return sh.showWrite(wire.Open.Schema(), reply, dryRun)
	}
	return cmd
}
