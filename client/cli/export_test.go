package cli

import "github.com/spf13/cobra"

// Tree returns the commands that do something, without the help topics.
func Tree(env *Env) []*cobra.Command {
	var leaves []*cobra.Command
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if !cmd.HasSubCommands() && cmd.Runnable() {
			leaves = append(leaves, cmd)
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(newRootCmd(&shell{Env: env}))
	return leaves
}
