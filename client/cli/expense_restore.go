package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
)

// addReplaceQuestion asks before what came after a checkpoint is put away.
func addReplaceQuestion(r *request, cmd *cobra.Command) {
	var yes bool
	addYesFlag(cmd, &yes)
	given := func(name string) bool {
		i := slices.IndexFunc(r.fields, func(f *field) bool { return f.name == name })
		return string(r.fields[i].raw) == "true"
	}
	r.before = func(ctx context.Context) error {
		if r.dryRun || given("sim") || !given("replace") {
			return nil
		}
		var room string
		if err := json.Unmarshal(r.room.raw, &room); err != nil {
			return err
		}
		return r.sh.confirm(ctx, yes, fmt.Sprintf("Close for everybody what came to %s after the checkpoint? It comes back with: intercom expense reopen.", room))
	}
}
