package cli

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
)

type sendOptions struct {
	channel string
	message string
	stdin   bool
	key     string
	dryRun  bool
}

func newSendCmd(sh *shell) *cobra.Command {
	var o sendOptions
	cmd := &cobra.Command{
		Use:   "send CHANNEL [MESSAGE|-]",
		Short: wire.Send.Summary,
		Long: `Send a text to everybody in a channel. Without a message, or with -, the text
is read from standard input. What is no text is sent with: intercom call`,
		Example: `  intercom send ops 'deploy is done'
  git log -1 | intercom send ops`,
		ValidArgsFunction: completeFirst(sh, wire.CompleteChannels),
	}
	addRoomFlags(sh, cmd, &o.channel, wire.CompleteChannels)
	addWriteFlags(cmd, &o.key, &o.dryRun)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if o.channel == "" {
			if len(args) == 0 {
				return usage(cmd, "CHANNEL is missing")
			}
			o.channel, args = args[0], args[1:]
		}
		if len(args) > 1 {
			return usage(cmd, "the message is more than one argument: put it into quotes")
		}
		if o.stdin = len(args) == 0 || args[0] == "-"; !o.stdin {
			o.message = args[0]
		} else if len(args) == 0 && sh.StdinTTY {
			return usage(cmd, "MESSAGE is missing")
		}
		return runSend(cmd, sh, o)
	}
	return cmd
}

func runSend(cmd *cobra.Command, sh *shell, o sendOptions) error {
	if o.stdin {
		text, err := readText(sh.Stdin)
		if err != nil {
			return err
		}
		if text == "" {
			return usage(cmd, "standard input is empty: there is no message")
		}
		o.message = text
	}
	message, err := json.Marshal(o.message)
	if err != nil {
		return err
	}
	reply, err := ask(cmd.Context(), sh, wire.Send, wire.SendReq{Channel: o.channel, Message: message},
		client.Key(o.key), client.DryRun(o.dryRun))
	if err != nil {
		return err
	}
	return sh.showWrite(wire.Send.Schema(), reply, o.dryRun)
}

// addRoomFlags adds --channel, and --room which means the same.
func addRoomFlags(sh *shell, cmd *cobra.Command, to *string, kind string) {
	cmd.Flags().StringVar(to, "channel", "", "name of the channel")
	cmd.Flags().StringVar(to, "room", "", "the same as --channel")
	cmd.Flags().Lookup("room").Hidden = true
	complete(sh, cmd, "channel", kind)
	complete(sh, cmd, "room", kind)
}
