package cli

import (
	"github.com/spf13/cobra"

	"intercom/client/wire"
)

func newChannelConsentCmd(sh *shell) *cobra.Command {
	var named string
	cmd := &cobra.Command{
		Use: "consent NAME", Short: wire.Consent.Summary, Args: atMost(1),
		Long: `Sign that you take a channel over from its present owner, who hands it over with
what this prints: intercom expense role KEY owner --consent CONSENT. It is good for
this channel, this owner and your key alone, and changes nothing by itself.`,
		ValidArgsFunction: completeFirst(sh, wire.CompleteChannels),
	}
	addRoomFlags(sh, cmd, &named, wire.CompleteChannels)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		name, err := channelArg(cmd, named, args)
		if err != nil {
			return err
		}
		if name == "" {
			return usage(cmd, "NAME is missing")
		}
		reply, err := ask(cmd.Context(), sh, wire.Consent, wire.ConsentReq{Channel: name})
		if err != nil {
			return err
		}
		return sh.show(wire.Consent.Schema(), reply)
	}
	return cmd
}
