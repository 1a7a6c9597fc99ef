package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"
)

// addClearQuestion asks before a room's expenses are put away.
func addClearQuestion(r *request, cmd *cobra.Command) {
	var yes bool
	addYesFlag(cmd, &yes)
	r.before = func(ctx context.Context) error {
		if r.dryRun {
			return nil
		}
		var room string
		if err := json.Unmarshal(r.room.raw, &room); err != nil {
			return err
		}
		return r.sh.confirm(ctx, yes, fmt.Sprintf("Clear the expenses of %s for everybody? They come back with: intercom expense reopen.", room))
	}
}
