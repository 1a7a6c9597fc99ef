package cli

import (
	"github.com/spf13/cobra"

	"intercom/focus"
)

// exitIdle is the exit code of `focus status --exit-code` while nobody
// focuses.
const exitIdle exitCode = 20

// addFocusExit lets scripts and status bars ask without reading the output.
func addFocusExit(r *request, cmd *cobra.Command) {
	var ask bool
	cmd.Flags().BoolVar(&ask, "exit-code", false, "end with 0 while a session runs (without ROOM: one that you are in), with 20 while none does")
	r.after = func(reply any) error {
		if !ask || focusing(reply.(focus.StatusReply), r.room.raw != nil) {
			return nil
		}
		return exitIdle
	}
}

func focusing(s focus.StatusReply, named bool) bool {
	for _, room := range s.Rooms {
		if room.Status == focus.Active && (named || room.Joined) {
			return true
		}
	}
	return false
}
