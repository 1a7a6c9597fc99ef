package cli

import (
	"context"
	"encoding/json"
	"time"

	"github.com/spf13/cobra"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app"
)

// newExpenseWatchCmd shows balances as they change.
func newExpenseWatchCmd(sh *shell) *cobra.Command {
	var room, since string
	var count int
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Show the balances again whenever something happens to them",
		Long: `Show the balances of a room, and again whenever an entry comes or changes.
In a format for programs it prints what happens instead, one event a line, as
intercom events --follow --type expense_event does.`,
		Example: `  intercom expense watch --channel trip
  intercom expense watch --channel trip --format jsonl | jq .eventType`,
		Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
	}
	f := cmd.Flags()
	f.StringVar(&room, "channel", "", "name of the room; the current channel if absent")
	f.StringVar(&room, "room", "", "the same as --channel")
	f.Lookup("room").Hidden = true
	f.StringVar(&since, "since", "", "with --format jsonl: a cursor, a time, how long ago, or start")
	f.IntVarP(&count, "count", "n", 0, "end after so many events; 0 never")
	complete(sh, cmd, "channel", wire.CompleteRooms)
	complete(sh, cmd, "room", wire.CompleteRooms)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if count < 0 {
			return usage(cmd, "--count %d is negative", count)
		}
		name, err := sh.room(room)
		if err != nil {
			return err
		}
		o := eventsOptions{filter: wire.Filter{Types: []string{wire.PushExpense}, Channels: []string{name}}, follow: true, count: count}
		if o.filter.Since, err = sh.since(since); err != nil {
			return usage(cmd, "%v", err)
		}
		if cmd.Flags().Changed("timeout") {
			o.within = sh.flags.timeout
		}
		switch {
		case !sh.printer.Options.Human():
			return runFollow(cmd.Context(), sh, o)
		case since != "":
			return usage(cmd, "--since goes with --format jsonl: balances are those of now")
		}
		return runExpenseWatch(cmd.Context(), sh, name, o)
	}
	return cmd
}

// runExpenseWatch prints the balances, and again whenever an event has changed
// them. It follows from before the first answer on, so nothing is missed.
func runExpenseWatch(ctx context.Context, sh *shell, room string, o eventsOptions) error {
	o.filter.Since = sh.Now().UTC().Format(time.RFC3339)
	var shown string
	show := func() error {
		sheet, err := ask(ctx, sh, expense.Balances, expense.BalanceReq{Channel: app.Channel{Channel: room}})
		if err != nil {
			return err
		}
		text, err := json.Marshal(sheet)
		if err != nil || string(text) == shown {
			return err
		}
		shown = string(text)
		return sh.show(expense.Balances.Schema(), sheet)
	}
	if err := show(); err != nil {
		return err
	}
	left := o.count
	return sh.follow(ctx, o.filter, o.within, func(wire.Push) (bool, error) {
		err := show()
		left--
		return left == 0, err
	})
}
