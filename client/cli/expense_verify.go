package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/internal/app"
)

// addVerifyParts asks for a full check part by part, so that the daemon never
// works long at one request, and says by the exit code what was found.
func addVerifyParts(r *request, _ *cobra.Command) {
	r.after = func(reply any) error {
		switch v := reply.(expense.Verification); {
		case v.FlawCount > 0:
			return wire.Errorf(wire.Corrupt, "%d events of %s are not what their authors signed", v.FlawCount, v.Channel).
				WithHint("intercom doctor")
		case len(v.Conflicts) > 0:
			return wire.Errorf(wire.Conflict, "%d changes of entries of %s lost against others", len(v.Conflicts), v.Channel).
				WithHint("intercom expense edit, or void, the entry that stands; intercom expense list --all shows all")
		}
		return nil
	}
	r.more = func(ctx context.Context, first any) (any, error) {
		v := first.(expense.Verification)
		if v.Next == "" {
			return v, nil
		}
		progress := r.sh.printer.Progress("checking")
		defer progress.End()
		for v.Next != "" {
			progress.Set(fmt.Sprintf("%d of %d events checked", v.Checked, v.Events))
			part, err := ask(ctx, r.sh, expense.Verify, expense.VerifyReq{
				Channel: app.Channel{Channel: v.Channel}, Full: true, After: v.Next,
			})
			if err != nil {
				return nil, err
			}
			v.Checked, v.Signed, v.Chained = v.Checked+part.Checked, v.Signed+part.Signed, v.Chained+part.Chained
			v.Flaws, v.FlawCount, v.Next = append(v.Flaws, part.Flaws...), v.FlawCount+part.FlawCount, part.Next
		}
		return v, nil
	}
}
