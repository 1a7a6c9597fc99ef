package expense

import (
	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// The eventTypes of an expense_event.
const (
	pushAdd    = "expense_add"
	pushClear  = "expense_clear"
	pushReopen = "expense_reopen"
)

// AddPush is pushed for an expense.
type AddPush struct {
	Entry Entry `json:"entry" jsonschema:"as expense list shows it"`
}

// ReopenPush is pushed where a close became void.
type ReopenPush struct {
	Close event.ID `json:"close" jsonschema:"id of the close"`
}

// pushes tells of expenses, closes and reopens that have an effect.
func pushes(r app.Reader, h app.Happened) []app.Push {
	if h.Event == nil {
		return nil
	}
	push := app.Push{Type: wire.PushExpense}
	switch h.Event.Type {
	case typeAdd:
		e, ok := entryOf(h.Event)
		if !ok || !Counts(r, h.Event) {
			return nil
		}
		e.ClockAhead = e.At.After(h.Now.Add(clockSkew))
		push.Kind, push.Body = pushAdd, AddPush{e}
	case typeClose:
		if !Counts(r, h.Event) {
			return nil
		}
		push.Kind = pushClear
	case typeReopen:
		var b Reopen
		if event.DecodeBody(h.Event.Body, &b) != nil || !r.Get(reopenPrefix(b.Close)+h.Event.ID.String(), new(presentRow)) {
			return nil
		}
		push.Kind, push.Body = pushReopen, ReopenPush(b)
	default:
		return nil
	}
	return []app.Push{push}
}
