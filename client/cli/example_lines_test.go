package cli_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"intercom/client/cli"
)

// commandLines returns the command lines of ours in a line of shell: what
// follows the word intercom up to a sign that ends a command.
func commandLines(line string) [][]string {
	var all [][]string
	var args []string
	inside := false
	end := func() {
		if inside {
			all = append(all, args)
		}
		args, inside = nil, false
	}
	for _, word := range shellWords(line) {
		switch {
		case word.sign:
			end()
		case inside:
			args = append(args, word.text)
		case word.text == "intercom":
			inside = true
		}
	}
	end()
	return all
}

type shellWord struct {
	text string
	sign bool // it ends a command
}

// shellWords splits a line at blanks outside of quotes, and at signs.
func shellWords(line string) []shellWord {
	var words []shellWord
	var word strings.Builder
	quote, begun := rune(0), false
	flush := func() {
		if begun {
			words = append(words, shellWord{text: word.String()})
		}
		word.Reset()
		begun = false
	}
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case r == ' ':
			flush()
		case strings.ContainsRune("|;&<>()", r):
			flush()
			words = append(words, shellWord{text: string(r), sign: true})
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	flush()
	return words
}

// parse fails unless args are a command line of the tree: a command, its flags
// with values that they take, and as many arguments as it takes.
func parse(root *cobra.Command, args []string) error {
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	if cmd.Args != nil {
		return cmd.Args(cmd, cmd.Flags().Args())
	}
	return nil
}

// TestExamplesAreCommandLines reads the examples and the long texts of all
// commands. Each stands in two spaces, so that it can be told from the text.
func TestExamplesAreCommandLines(t *testing.T) {
	root := cli.Root(newWorld(t).Env)
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for line := range strings.SplitSeq(cmd.Example+"\n"+cmd.Long, "\n") {
			if line != "" && !strings.HasPrefix(line, "  ") && strings.Contains("\n"+cmd.Example+"\n", "\n"+line+"\n") {
				t.Errorf("%s: the example is not set in: %q", cmd.CommandPath(), line)
			}
			if !strings.HasPrefix(line, "  ") {
				continue
			}
			line, _, _ = strings.Cut(line, "     ") // what it does, beside it
			for _, args := range commandLines(line) {
				if err := parse(cli.Root(newWorld(t).Env), args); err != nil {
					t.Errorf("%s: %s: %v", cmd.CommandPath(), line, err)
				}
			}
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(root)
}

var (
	codeBlock = regexp.MustCompile("(?s)```.*?```")
	codeSpan  = regexp.MustCompile("`([^`]+)`")
)

// TestCommandsNamedInTheSkillExist looks at what the page names within its
// sentences; cmd runs what it shows.
func TestCommandsNamedInTheSkillExist(t *testing.T) {
	page, err := os.ReadFile("skill.md")
	if err != nil {
		t.Fatal(err)
	}
	env := newWorld(t).Env
	nouns := map[string]bool{}
	for _, cmd := range cli.Root(env).Commands() {
		nouns[cmd.Name()] = true
	}
	named := 0
	for _, span := range codeSpan.FindAllStringSubmatch(codeBlock.ReplaceAllString(string(page), ""), -1) {
		words := strings.Fields(strings.TrimPrefix(span[1], "intercom "))
		if len(words) == 0 || !nouns[words[0]] || len(words) == 1 && words[0] == span[1] {
			continue // no command, or a bare word
		}
		named++
		cmd, rest, err := cli.Root(env).Find(words)
		if err == nil {
			err = cmd.ParseFlags(rest)
		}
		if err == nil && cmd.HasSubCommands() && len(cmd.Flags().Args()) > 0 {
			err = fmt.Errorf("%s has no such command", cmd.CommandPath())
		}
		if err != nil {
			t.Errorf("`%s`: %v", span[1], err)
		}
	}
	if named < 10 {
		t.Errorf("%d commands are named: the test does not see them", named)
	}
}
