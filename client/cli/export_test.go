package cli

import "github.com/spf13/cobra"

// Root returns the tree of commands.
func Root(env *Env) *cobra.Command { return newRootCmd(&shell{Env: env}) }

// Tree returns the commands that do something, without the help topics.
func Tree(env *Env) []*cobra.Command { return leaves(Root(env)) }

// Bars returns the names of the status bars.
func Bars() []string { return barNames }
