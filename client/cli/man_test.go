package cli_test

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manPage returns the manual page of a command; see man(7). It has no date and
// no version, so it changes with the command alone.
func manPage(cmd *cobra.Command) string {
	name := manName(cmd)
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"\" \"Intercom\"\n.nh\n.ad l\n", strings.ToUpper(manText(name)))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", manText(name), manText(cmd.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n%s\n", manText(synopsis(cmd)))
	b.WriteString(".SH DESCRIPTION\n")
	if cmd.Long == "" {
		manBlock(&b, cmd.Short+".")
	} else {
		manBlock(&b, cmd.Long)
	}
	manFlags(&b, "OPTIONS", cmd.LocalNonPersistentFlags())
	if cmd.HasParent() {
		b.WriteString(".PP\nThe options that all commands have are in \\fBintercom\\fR(1).\n")
	} else {
		manFlags(&b, "OPTIONS OF ALL COMMANDS", cmd.PersistentFlags())
	}
	if cmd.Example != "" {
		b.WriteString(".SH EXAMPLES\n")
		manBlock(&b, cmd.Example)
	}
	b.WriteString(".SH EXIT STATUS\n0 if done; \\fBintercom help exit\\-codes\\fR lists the others.\n")
	manSeeAlso(&b, cmd)
	return b.String()
}

func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

func synopsis(cmd *cobra.Command) string {
	use := cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		return strings.TrimSuffix(use, " [flags]") + " [command]"
	}
	return use
}

func manFlags(b *strings.Builder, title string, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		if title != "" {
			fmt.Fprintf(b, ".SH %s\n", title)
			title = ""
		}
		value, usage := pflag.UnquoteUsage(f)
		b.WriteString(".TP\n")
		if f.Shorthand != "" {
			fmt.Fprintf(b, "\\fB\\-%s\\fR, ", f.Shorthand)
		}
		fmt.Fprintf(b, "\\fB\\-\\-%s\\fR", manText(f.Name))
		if value != "" {
			fmt.Fprintf(b, " \\fI%s\\fR", manText(value))
		}
		if d := f.DefValue; d != "" && d != "false" && d != "0" && d != "[]" && !strings.Contains(usage, "(default") {
			usage += " (default " + d + ")"
		}
		fmt.Fprintf(b, "\n%s\n", manText(usage))
	})
}

func manSeeAlso(b *strings.Builder, cmd *cobra.Command) {
	var others []string
	if cmd.HasParent() {
		others = append(others, manName(cmd.Parent()))
	}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			others = append(others, manName(sub))
		}
	}
	for i, name := range others {
		others[i] = "\\fB" + manText(name) + "\\fR(1)"
	}
	if len(others) > 0 {
		fmt.Fprintf(b, ".SH SEE ALSO\n%s\n", strings.Join(others, ",\n"))
	}
}

// manBlock writes paragraphs; lines that are set in are left as they are.
func manBlock(b *strings.Builder, text string) {
	asIs := false
	for line := range strings.SplitSeq(text, "\n") {
		if inset := strings.HasPrefix(line, "  ") || asIs && line == ""; inset != asIs {
			asIs = inset
			b.WriteString(map[bool]string{true: ".PP\n.nf\n", false: ".fi\n"}[inset])
		}
		switch {
		case line == "" && !asIs:
			b.WriteString(".PP\n")
		default:
			b.WriteString(manText(line) + "\n")
		}
	}
	if asIs {
		b.WriteString(".fi\n")
	}
}

// manText escapes what a formatter would take for its own.
func manText(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}
