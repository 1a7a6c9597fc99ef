package cli

import (
	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
	"intercom/ledger/event"
)

func newChannelCmd(sh *shell) *cobra.Command {
	return alone(newNounCmd("channel", "Join, make and choose channels",
		newChannelListCmd(sh), newChannelUseCmd(sh), newChannelJoinCmd(sh), newChannelLeaveCmd(sh),
		newChannelInfoCmd(sh), newChannelOpenCmd(sh), newChannelCreateCmd(sh), newChannelConsentCmd(sh)), "list")
}

func newChannelListCmd(sh *shell) *cobra.Command {
	var page wire.Page
	cmd := &cobra.Command{
		Use: "list", Short: wire.Channels.Summary, Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			reply, err := ask(cmd.Context(), sh, wire.Channels, wire.ChannelsReq{Page: page})
			if err != nil {
				return err
			}
			return sh.show(wire.Channels.Schema(), reply)
		},
	}
	addPageFlags(cmd, &page)
	return cmd
}

// currentChannel is what `channel use` prints.
type currentChannel struct {
	Channel string `json:"channel"`
}

// Table returns one row.
func (c currentChannel) Table() wire.Table {
	return wire.Table{Columns: wire.Columns("channel"), Rows: [][]any{{c.Channel}}}
}

func newChannelUseCmd(sh *shell) *cobra.Command {
	var named string
	var none, dryRun bool
	cmd := &cobra.Command{
		Use:   "use [NAME]",
		Short: "Choose the channel of commands that name none, or show it",
		Args:  atMost(1), ValidArgsFunction: completeFirst(sh, wire.CompleteChannels),
	}
	addRoomFlags(sh, cmd, &named, wire.CompleteChannels)
	cmd.Flags().BoolVar(&none, "none", false, "choose none")
	addLocalWrite(cmd, &dryRun)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		name, err := channelArg(cmd, named, args)
		if err != nil {
			return err
		}
		if none && name != "" {
			return usage(cmd, "--none and %q exclude each other", name)
		}
		if name == "" && (len(args) > 0 || cmd.Flags().Changed("channel") || cmd.Flags().Changed("room")) {
			return usage(cmd, "NAME is empty")
		}
		return runChannelUse(sh, name, none, dryRun)
	}
	return cmd
}

func runChannelUse(sh *shell, name string, none, dryRun bool) error {
	p, err := sh.findProfile()
	if err != nil {
		return err
	}
	switch {
	case none && dryRun:
		return sh.wouldBe("no channel is the current one")
	case none:
		return p.Set("channel", "")
	case name == "":
		if name, err = sh.room(""); err != nil {
			return err
		}
	default:
		if name, err = event.ChannelName(name); err != nil {
			return wire.Errorf(wire.InvalidRequest, "%v", err)
		}
		if dryRun {
			return sh.wouldBe(name + " is the current channel")
		}
		if err := p.Set("channel", name); err != nil {
			return err
		}
	}
	return sh.showText(wire.SchemaName("channel use"), currentChannel{name}, name)
}

// channelArg returns the channel named by argument or flag, empty for none.
func channelArg(cmd *cobra.Command, named string, args []string) (string, error) {
	if len(args) == 0 {
		return named, nil
	}
	if named != "" {
		return "", usage(cmd, "the channel is given twice: %q and %q", named, args[0])
	}
	return args[0], nil
}

func newChannelJoinCmd(sh *shell) *cobra.Command {
	var owner string
	cmd := newNamedCmd(sh, "join", wire.Join, func(name string) wire.JoinReq {
		return wire.JoinReq{Channel: name, Owner: owner}
	})
	cmd.Flags().StringVar(&owner, "owner", "", "key of the channel's owner, for a channel that has one")
	return cmd
}

func newChannelLeaveCmd(sh *shell) *cobra.Command {
	return newNamedCmd(sh, "leave", wire.Leave, func(name string) wire.ChannelReq { return wire.ChannelReq{Channel: name} })
}

func newChannelCreateCmd(sh *shell) *cobra.Command {
	cmd := newNamedCmd(sh, "create", wire.Create, func(name string) wire.CreateReq { return wire.CreateReq{Channel: name} })
	cmd.Long = `Make a channel that you own. What others write to its room counts only where you,
or an admin of yours, gave them a role: intercom expense role KEY member.
Whoever has the name and your key can read it. A channel that is there already
stays as it is.`
	return cmd
}

// newNamedCmd returns a command that sends a request of one channel.
func newNamedCmd[Req, Rep any](sh *shell, verb string, d wire.Def[Req, Rep], request func(name string) Req) *cobra.Command {
	var named, key string
	var dryRun bool
	cmd := &cobra.Command{Use: verb + " NAME", Short: d.Summary, Args: atMost(1), ValidArgsFunction: completeFirst(sh, wire.CompleteChannels)}
	addRoomFlags(sh, cmd, &named, wire.CompleteChannels)
	addWriteFlags(cmd, &key, &dryRun)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		name, err := channelArg(cmd, named, args)
		if err != nil {
			return err
		}
		if name == "" {
			return usage(cmd, "NAME is missing")
		}
		reply, err := ask(cmd.Context(), sh, d, request(name), client.Key(key), client.DryRun(dryRun))
		if err != nil {
			return err
		}
		return sh.showWrite(d.Schema(), reply, dryRun)
	}
	return cmd
}
