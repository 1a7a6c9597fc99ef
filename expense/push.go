package expense

import (
	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// The eventTypes of an expense_event.
const (
	pushAdd      = "expense_add"
	pushPay      = "expense_pay"
	pushReplace  = "expense_replace"
	pushVoid     = "expense_void"
	pushConfirm  = "expense_confirm"
	pushDispute  = "expense_dispute"
	pushDefaults = "expense_defaults"
	pushClear    = "expense_clear"
	pushReopen   = "expense_reopen"
	pushPin      = "expense_pin"
)

// AddPush is pushed for an expense, a payment and a replacement.
type AddPush struct {
	Entry Entry `json:"entry" jsonschema:"as expense list shows it"`
}

// ChangePush is pushed for what is said of an entry: a void, a confirmation, a
// dispute.
type ChangePush struct {
	Entry  Entry  `json:"entry" jsonschema:"as expense list shows it, after the change"`
	Reason string `json:"reason,omitempty"`
}

// ReopenPush is pushed where a close became void.
type ReopenPush struct {
	Close event.ID `json:"close" jsonschema:"id of the close"`
}

// pushes tells of the events that have an effect, and of states.
func (p *planner) pushes(r app.Reader, h app.Happened) []app.Push {
	if h.Event == nil {
		return p.statePushes(r, h.Due.ID)
	}
	if !Counts(r, h.Event) {
		return nil
	}
	push := app.Push{Type: wire.PushExpense}
	switch h.Event.Type {
	case typeAdd, typePayment, typeReplace:
		e := shownOf(r, h.Event)
		e.ClockAhead = e.At.After(h.Now.Add(clockSkew))
		push.Kind = map[string]string{typeAdd: pushAdd, typePayment: pushPay, typeReplace: pushReplace}[h.Event.Type]
		push.Body = AddPush{e}
	case typeVoid, typeConfirm, typeDispute:
		change := said(h.Event)
		target, ok := r.Event(change.Entry)
		if !ok {
			return nil
		}
		push.Kind = map[string]string{typeVoid: pushVoid, typeConfirm: pushConfirm, typeDispute: pushDispute}[h.Event.Type]
		push.Body = ChangePush{shownOf(r, target), change.Text}
	case typeDefaults:
		push.Kind = pushDefaults
	case typePlan:
		push.Kind = pushPin
	case typeClose:
		push.Kind = pushClear
	case typeReopen:
		var b Reopen
		if event.Unmarshal(h.Event.Body, &b) != nil {
			return nil
		}
		push.Kind, push.Body = pushReopen, ReopenPush(b)
	}
	return []app.Push{push}
}
