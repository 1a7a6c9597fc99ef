// Package apps lists the apps that every program here knows. A further app is
// one more name in each list.
package apps

import (
	"intercom/expense"
	"intercom/focus"
	"intercom/internal/app"
)

// Commands returns what may be asked of the apps, in the same order, without
// the code behind it.
func Commands() []app.Commands { return []app.Commands{expense.Commands(), focus.Commands()} }

// All returns the apps in order of their names.
func All() []*app.App { return []*app.App{expense.App(), focus.App()} }
