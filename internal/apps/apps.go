// Package apps lists the apps that every program here knows. A further app is
// one more line.
package apps

import (
	"intercom/expense"
	"intercom/focus"
	"intercom/internal/app"
)

// All returns the apps in order of their names.
func All() []*app.App { return []*app.App{expense.App(), focus.App()} }
