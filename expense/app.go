package expense

import (
	"intercom/client/wire"
	"intercom/internal/app"
)

// kinds lists every type of the app, also those whose events the fold leaves
// alone, so that malformed ones are told apart.
func kinds() []app.Kind {
	return []app.Kind{
		app.KindOf[Add](typeAdd),
		app.KindOf[Replace](typeReplace),
		app.KindOf[Void](typeVoid),
		app.KindOf[Confirm](typeConfirm),
		app.KindOf[Dispute](typeDispute),
		app.KindOf[Payment](typePayment),
		app.KindOf[Defaults](typeDefaults),
		app.KindOf[Recur](typeRecur),
		app.KindOf[Stop](typeStop),
		app.KindOf[Pinned](typePlan),
		app.KindOf[Close](typeClose).For(app.Admin),
		app.KindOf[Reopen](typeReopen).For(app.Admin),
		app.KindOf[Checkpoint](typeCheckpoint),
	}
}

// Commands returns what may be asked of the app.
func Commands() app.Commands {
	return app.Commands{About: "Share expenses and settle up", Requests: []wire.Declared{
		membersDef.Declared(), claimDef.Declared(), roleDef.Declared(), policyDef.Declared(),
		addDef.Declared(), listDef.Declared(), Balances.Declared(), settleDef.Declared(), PinPlan.Declared(), statsDef.Declared(), Verify.Declared(), showDef.Declared(),
		payDef.Declared(), editDef.Declared(), voidDef.Declared(), confirmDef.Declared(), disputeDef.Declared(),
		defaultsDef.Declared(), ShowDefaults.Declared(),
		recurAddDef.Declared(), recurListDef.Declared(), recurEditDef.Declared(), recurStopDef.Declared(), recurRunDef.Declared(),
		clearDef.Declared(), reopenDef.Declared(), persistDef.Declared(), restoreDef.Declared(), exportDef.Declared(), Import.Declared(),
	}}
}

// App returns the app. Its requests share the plans that were computed last.
func App() *app.App {
	plans := new(planner)
	return &app.App{
		Name: "expense", Version: "3",
		Kinds: kinds(),
		Apply: apply,
		Requests: []app.Request{
			app.Read(membersDef, readMembers),
			app.Write(claimDef, decideClaim, replyClaim),
			app.Write(roleDef, decideRole, replyRole),
			app.Write(policyDef, decidePolicy, replyPolicy),
			app.Write(addDef, decideAdd, replyAdd),
			app.Read(listDef, readList),
			app.Read(Balances, plans.readBalance),
			app.Read(settleDef, plans.readSettle),
			app.Write(PinPlan, plans.decidePin, plans.replyPin),
			app.Read(statsDef, readStats),
			app.Read(Verify, readVerify),
			app.Read(showDef, readShow),
			app.Write(payDef, decidePay, replyPay),
			app.Write(editDef, decideEdit, replyEdit),
			app.Write(voidDef, decideVoid, replyVoid),
			app.Write(confirmDef, decideConfirm, replyConfirm),
			app.Write(disputeDef, decideDispute, replyDispute),
			app.Write(defaultsDef, decideDefaults, replyDefaults),
			app.Read(ShowDefaults, readDefaults),
			app.Write(recurAddDef, decideRecurAdd, replyRecurAdd),
			app.Read(recurListDef, readRecurList),
			app.Write(recurEditDef, decideRecurEdit, replyRecurEdit),
			app.Write(recurStopDef, decideRecurStop, replyRecurStop),
			app.Write(recurRunDef, decideRecurRun, replyRecurRun),
			app.Write(clearDef, decideClear, replyClear),
			app.Write(reopenDef, decideReopen, replyReopen),
			app.Write(persistDef, decidePersist, replyPersist),
			app.Write(restoreDef, decideRestore, replyRestore),
			app.Read(exportDef, plans.readExport),
			app.Write(Import, decideImport, replyImport),
		},
		Names: map[string]func(app.Reader) []string{
			wire.CompleteMembers: memberNames, wire.CompleteCloses: closeIDs, wire.CompleteCheckpoints: pointIDs,
			wire.CompleteEntries: entryNames, wire.CompleteRules: ruleNames,
		},
		Within: within,
		Pushes: plans.pushes, States: plans.states,
		Chore: &app.Chore{Types: []string{typeRecur, typeStop}, Next: nextRecurring, Do: decideRecurring},
	}
}
