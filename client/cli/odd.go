package cli

import (
	"bufio"
	"context"
	"strings"

	"github.com/spf13/cobra"

	"intercom/client/wire"
)

// odd changes the commands that are more than their declaration.
var odd = map[string]func(r *request, cmd *cobra.Command){
	"expense add":      func(r *request, cmd *cobra.Command) { addEntryFlags(r, cmd); addEntryLines(r, cmd) },
	"expense balance":  addBalanceFlags,
	"expense clear":    addClearQuestion,
	"expense defaults": addShowDefaults,
	"expense edit":     addEntryFlags,
	"expense export":   addExportFile,
	"expense restore":  addReplaceQuestion,
	"expense settle":   addPin,
	"expense verify":   addVerifyParts,
	"focus export":     addFocusExport,
	"focus join":       settled(map[string]string{"dayStart": "focus.day-start"}),
	"focus schedule":   startsHere(true),
	"focus start":      startsHere(false),
	"focus stats":      settled(map[string]string{"goal": "focus.goal"}),
	"focus status": func(r *request, cmd *cobra.Command) {
		addFocusExit(r, cmd)
		settled(map[string]string{"goal": "focus.goal"})(r, cmd)
	},
	"focus streaks": settled(map[string]string{"weekdays": "focus.weekdays", "freezes": "focus.freezes"}),
}

// beside are the commands of a noun that are no single request.
var beside = map[string][]func(*shell) *cobra.Command{
	"expense": {newExpenseImportCmd, newExpenseWatchCmd},
	"focus":   {newFocusRunCmd, newFocusWatchCmd},
}

// confirm asks the question at a terminal unless yes. Where nobody can answer
// it names the flag instead.
func (sh *shell) confirm(ctx context.Context, yes bool, question string) error {
	if yes {
		return nil
	}
	if !sh.Asks {
		return wire.Errorf(wire.InvalidRequest, "nobody can confirm it: pass --yes").WithHint("the same command with --yes")
	}
	sh.printer.Prompt(question + " [y/N] ")
	answer := make(chan string, 1)
	// A read of a terminal cannot be ended; the process ends with it instead.
	go func() {
		line, _ := bufio.NewReader(sh.Stdin).ReadString('\n') // the end is no answer
		answer <- line
	}()
	select {
	case line := <-answer:
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "y", "yes":
			return nil
		}
		return wire.Errorf(wire.Conflict, "not confirmed: nothing was changed")
	case <-ctx.Done():
		return ctx.Err()
	}
}
