package cli

import (
	"github.com/spf13/cobra"

	"intercom/client/wire"
)

// Groups of commands in the help.
const (
	groupApps     = "apps"
	groupChannels = "channels"
	groupDaemon   = "daemon"
	groupTools    = "tools"
)

const rootLong = `Intercom lets peers talk, focus and share expenses without a server.
A daemon in the background holds your rooms; these commands talk to it.

First steps:
  intercom up                                     start the daemon
  intercom focus start ship-room --minutes 25     a sprint that others can join
  intercom channel use trip                       the room of the next commands
  intercom expense add --payer alice --amount 30 --split alice,bob
  intercom expense balance`

// newRootCmd returns the tree of commands.
func newRootCmd(sh *shell) *cobra.Command {
	root := &cobra.Command{
		Use:           "intercom",
		Short:         "Talk, focus and share expenses with peers, without a server",
		Long:          rootLong,
		Args:          unknownCommand,
		RunE:          help,
		Version:       wire.Build().Version,
		SilenceErrors: true, SilenceUsage: true,
		PersistentPreRunE:          sh.prepare,
		CompletionOptions:          cobra.CompletionOptions{DisableDefaultCmd: true},
		SuggestionsMinimumDistance: 2,
	}
	root.SetIn(sh.Stdin)
	root.SetOut(sh.Stdout)
	root.SetErr(sh.Stderr)
	root.SetFlagErrorFunc(badFlag)
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	sh.flags.add(root)
	root.AddGroup(
		&cobra.Group{ID: groupApps, Title: "Apps:"},
		&cobra.Group{ID: groupChannels, Title: "Channels:"},
		&cobra.Group{ID: groupDaemon, Title: "Daemon and profile:"},
		&cobra.Group{ID: groupTools, Title: "For scripts and programs:"},
	)
	addGroup(root, groupApps, newAppCmds(sh)...)
	addGroup(root, groupChannels, newSendCmd(sh), newListenCmd(sh), newEventsCmd(sh), newChannelCmd(sh))
	addGroup(root, groupDaemon, newUpCmd(sh), newDownCmd(sh), newStatusCmd(sh), newWaitCmd(sh), newEnsureCmd(sh), newLogsCmd(sh),
		newDoctorCmd(sh), newBugreportCmd(sh),
		newIDCmd(sh), newProfileCmd(sh), newConfigCmd(sh), newTokenCmd(sh), newPeersCmd(sh))
	addGroup(root, groupTools, newCallCmd(sh), newBatchCmd(sh), newSchemaCmd(sh), newSkillCmd(sh), newVersionCmd(sh), newCompletionCmd(sh))
	root.AddCommand(newTopicCmds()...)
	root.SetHelpCommandGroupID(groupTools)
	root.InitDefaultHelpCmd()
	if asked, _, err := root.Find([]string{"help"}); err == nil {
		asked.Run, asked.RunE = nil, helpOn
		asked.ValidArgsFunction = completeHelp
	}
	completeRest(sh, root)
	addExamples(root)
	return root
}

func addGroup(root *cobra.Command, id string, cmds ...*cobra.Command) {
	for _, cmd := range cmds {
		cmd.GroupID = id
		root.AddCommand(cmd)
	}
}

// newNounCmd returns a command that only has subcommands.
func newNounCmd(use, short string, cmds ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: unknownCommand, RunE: help, SuggestionsMinimumDistance: 2}
	cmd.AddCommand(cmds...)
	return cmd
}

// alone makes a command that only has subcommands do what one of them does where
// none is named.
func alone(cmd *cobra.Command, verb string) *cobra.Command {
	for _, sub := range cmd.Commands() {
		if sub.Name() == verb {
			cmd.RunE = sub.RunE
			cmd.Flags().AddFlagSet(sub.Flags())
			explainMore(cmd, "Alone it is short for: intercom "+cmd.Name()+" "+verb)
		}
	}
	return cmd
}

// explainMore adds a paragraph to the help of a command.
func explainMore(cmd *cobra.Command, text string) {
	if cmd.Long == "" {
		cmd.Long = cmd.Short + "."
	}
	cmd.Long += "\n\n" + text
}

// helpOn shows the page that the arguments name.
func helpOn(cmd *cobra.Command, args []string) error {
	on, rest, err := cmd.Root().Find(args)
	if err != nil {
		return usage(cmd, "%v", err)
	}
	if err := unknownCommand(on, rest); err != nil {
		return err
	}
	on.InitDefaultHelpFlag()
	return on.Help()
}

func help(cmd *cobra.Command, _ []string) error { return cmd.Help() }
