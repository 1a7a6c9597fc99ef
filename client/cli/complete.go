package cli

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"intercom/client"
	"intercom/client/cli/out"
	"intercom/client/wire"
)

type completion = func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective)

// names asks the daemon for names. Whatever fails, there are none: a shell has
// no place for an error. It shows names as they are, and an escaped one would be
// another, so what could control the terminal is left out.
func (sh *shell) names(ctx context.Context, in wire.CompleteReq) []string {
	c, err := sh.dial()
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, sh.NamesWithin)
	defer cancel()
	reply, err := client.Call(ctx, c, wire.Complete, in)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(reply.Values, func(name string) bool { return !out.Printable(name) })
}

// completeFlag completes a flag where a shell asks for that: nothing else pays
// for it, and cobra keeps what it is told for ever.
func (sh *shell) completeFlag(cmd *cobra.Command, flag string, f completion) {
	if sh.completes {
		_ = cmd.RegisterFlagCompletionFunc(flag, f) // fails for flags that do not exist or have a completion: see its tests
	}
}

// complete completes a flag with the daemon's names of a kind.
func complete(sh *shell, cmd *cobra.Command, flag, kind string) {
	sh.completeFlag(cmd, flag, func(cmd *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
		return sh.names(cmd.Context(), wire.CompleteReq{Kind: kind, Prefix: prefix}), cobra.ShellCompDirectiveNoFileComp
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
		return sh.names(cmd.Context(), wire.CompleteReq{Kind: kind, Prefix: prefix}), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFields completes the fields of a request that have names: as flags,
// and where they stand without one.
func (r *request) completeFields(cmd *cobra.Command) {
	for _, f := range r.fields {
		if f.flag != "" && f.complete != "" {
			r.sh.completeFlag(cmd, f.flag, func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
				if f.form() == formList {
					return r.listFor(cmd, f, args, prefix), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
				}
				return r.namesFor(cmd, f, args, prefix), cobra.ShellCompDirectiveNoFileComp
			})
		}
	}
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
		var names []string
		if positional := r.positional(); len(args) < len(positional) {
			names = r.namesFor(cmd, positional[len(args)], args, prefix)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// namesFor returns the names that complete a field, those of the room that the
// request is about.
func (r *request) namesFor(cmd *cobra.Command, f *field, args []string, prefix string) []string {
	if f.complete == "" {
		return nil
	}
	in := wire.CompleteReq{Kind: f.complete, Prefix: prefix}
	if f != r.room && r.room != nil {
		for i, p := range r.positional() {
			if p == r.room && i < len(args) && r.room.raw == nil {
				r.room.raw = quote(args[i])
			}
		}
		var named string
		_ = json.Unmarshal(r.room.raw, &named) // none, or quoted by Set
		in.Channel, _ = r.sh.room(named)       // none: names of all rooms
	}
	return r.sh.names(cmd.Context(), in)
}

// listFor completes the last name of a list, by none that is in it already.
func (r *request) listFor(cmd *cobra.Command, f *field, args []string, prefix string) (lists []string) {
	at := strings.LastIndex(prefix, ",") + 1
	before := strings.Split(prefix[:at], ",")
	for _, name := range r.namesFor(cmd, f, args, prefix[at:]) {
		if !slices.Contains(before, name) {
			lists = append(lists, prefix[:at]+name)
		}
	}
	return lists
}

// completeHelp completes the commands and pages that help can be asked for.
func completeHelp(cmd *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
	if on, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
		for _, sub := range on.Commands() {
			if sub.IsAvailableCommand() || sub.IsAdditionalHelpTopicCommand() {
				names = append(names, sub.Name()+"\t"+sub.Short)
			}
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeRest completes the flags that all commands have, and keeps files from
// being proposed where none is meant.
func completeRest(sh *shell, root *cobra.Command) {
	if !sh.completes {
		return
	}
	sh.completeFlag(root, "color", cobra.FixedCompletions(out.Colors(), cobra.ShellCompDirectiveNoFileComp))
	sh.completeFlag(root, "format", cobra.FixedCompletions(out.Formats(), cobra.ShellCompDirectiveNoFileComp))
	sh.completeFlag(root, "profile", func(cmd *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
		return sh.completeProfiles(cmd, nil, prefix)
	})
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			sh.completeFlag(cmd, f.Name, cobra.NoFileCompletions) // which changes none that is there
		})
		if cmd.HasParent() && !cmd.HasSubCommands() && cmd.ValidArgs == nil && cmd.ValidArgsFunction == nil && cmd.Name() != "import" {
			cmd.ValidArgsFunction = cobra.NoFileCompletions
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(root)
}
