package cli

import (
	"time"

	"github.com/spf13/cobra"

	"intercom/focus"
)

// startsHere is settled for commands with --at: a time of day is that of this
// terminal, and the daemon may be in another zone.
func startsHere(ahead bool) func(*request, *cobra.Command) {
	return func(r *request, cmd *cobra.Command) {
		cmd.PreRunE = func(*cobra.Command, []string) error {
			if at := r.field("at"); textOf(at) != "" && !at.stdin {
				t, err := focus.Moment(textOf(at), r.sh.Now().In(r.sh.Zone), ahead)
				if err != nil {
					return err
				}
				at.raw = quote(t.Format(time.RFC3339Nano))
			}
			return r.fromSettings(map[string]string{"dayStart": "focus.day-start"})
		}
	}
}
