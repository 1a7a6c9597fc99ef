package expense

import (
	"slices"

	"intercom/client/wire"
	"intercom/internal/app"
)

// kinds lists every type of the app, also those whose events the fold leaves
// alone, so that malformed ones are told apart.
var kinds = []app.Kind{
	app.KindOf[Add](typeAdd),
	app.KindOf[Replace](typeReplace),
	app.KindOf[Void](typeVoid),
	app.KindOf[Confirm](typeConfirm),
	app.KindOf[Dispute](typeDispute),
	app.KindOf[Payment](typePayment),
	app.KindOf[Pinned](typePlan),
	app.KindOf[Close](typeClose),
	app.KindOf[Reopen](typeReopen),
	app.KindOf[Checkpoint](typeCheckpoint),
}

// App returns the app. Its requests share the plans that were computed last.
func App() *app.App {
	plans := new(planner)
	return &app.App{
		Name: "expense", Version: "1", About: "Share expenses and settle up",
		Kinds: slices.Clone(kinds),
		Apply: apply,
		Requests: []app.Request{
			addRequest(), listRequest(), balanceRequest(plans), settleRequest(plans),
			clearRequest(), reopenRequest(), persistRequest(), restoreRequest(), exportRequest(plans),
		},
		Names:  map[string]func(app.Reader) []string{wire.CompleteMembers: memberNames},
		Pushes: pushes,
	}
}
