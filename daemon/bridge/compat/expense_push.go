package compat

import (
	"strconv"
	"time"

	"intercom/expense"
	"intercom/ledger/event"
)

const expenseApp = "expense_split_v1"

type expenseAddMessage struct {
	App   string       `json:"app"`
	Type  string       `json:"type"`
	Event expenseEvent `json:"event"`
}

type expenseClearMessage struct {
	App  string `json:"app"`
	Type string `json:"type"`
	TS   int64  `json:"ts"`
	By   string `json:"by"`
}

// ExpenseFrames returns what the original pushes when an event of the expense
// app happens: for an expense or a close of another peer the message that
// carried it, for own ones nothing. An event that does not count, or of which
// the original knows nothing, is pushed to nobody.
func (s Shapes) ExpenseFrames(h Happening) ([]Frame, error) {
	if h.Local || !expense.Counts(h.Reader, h.Event) {
		return nil, nil
	}
	message := s.expenseMessage(h.Event)
	if message == nil {
		return nil, nil
	}
	f, err := eventMessage(h, message)
	if err != nil {
		return nil, err
	}
	return []Frame{f}, nil
}

// expenseMessage returns what the original's peers tell each other of an
// event, nil where it has nothing for it. Who acts is the signer.
func (s Shapes) expenseMessage(e *event.Signed) any {
	switch e.Type {
	case "expense.add":
		var b expense.Add
		if event.DecodeBody(e.Body, &b) == nil {
			return expenseAddMessage{App: expenseApp, Type: "expense_add", Event: s.expenseEvent(entryOf(e, b))}
		}
	case "room.close":
		var b expense.Close
		if event.DecodeBody(e.Body, &b) != nil || !b.Keep.IsZero() {
			return nil // some entries stay, so it clears nothing
		}
		return expenseClearMessage{App: expenseApp, Type: "expense_clear", TS: e.TS, By: s.address(e.Author)}
	}
	return nil
}

// entryOf returns of an expense what the original shows.
func entryOf(e *event.Signed, b expense.Add) expense.Entry {
	out := expense.Entry{
		ID: e.ID, By: e.Author, At: time.UnixMilli(e.TS), Payer: b.Payers[0].Name, Note: b.Note,
		Money: expense.Money{Minor: strconv.FormatInt(b.Amount, 10)}, Unit: expense.Unit{Currency: b.Currency, Exp: b.Exp},
	}
	for _, p := range b.Split.Of {
		out.Split = append(out.Split, p.Name)
	}
	return out
}
