package cli

import (
	"github.com/spf13/cobra"

	"intercom/client/wire"
)

func newChannelInfoCmd(sh *shell) *cobra.Command {
	var named string
	cmd := &cobra.Command{
		Use: "info [NAME]", Short: wire.Describe.Summary, Args: atMost(1),
		Long: `Show who is in a channel, the limits in force, and what happened in it since it
was joined: messages, refused packets by the reason, packets that are missing.
Without a name it is the current channel.`,
		Example:           `  intercom channel info ops --json`,
		ValidArgsFunction: completeFirst(sh, wire.CompleteChannels),
	}
	addRoomFlags(sh, cmd, &named, wire.CompleteChannels)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		name, err := channelArg(cmd, named, args)
		if err == nil && name == "" {
			name, err = sh.room("")
		}
		if err != nil {
			return err
		}
		reply, err := ask(cmd.Context(), sh, wire.Describe, wire.DescribeReq{Channel: name})
		if err != nil {
			return err
		}
		return sh.show(wire.Describe.Schema(), reply)
	}
	return cmd
}
