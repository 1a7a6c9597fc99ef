package expense

import (
	"errors"
	"fmt"
	"time"

	"intercom/ledger/event"
)

// Limits of the bodies. They are part of the format and never shrink.
const (
	MaxNames    = 1000 // of a list of names in a body
	MaxNote     = 4096 // bytes of a note or a reason
	maxTags     = 16
	maxLabel    = 128 // bytes of a category, a tag, a label, a file name
	maxFiles    = 16
	maxTargets  = 64
	maxFileSize = event.MaxInteger
)

// The types of events.
const (
	typeAdd        = "expense.add"
	typeReplace    = "expense.replace"
	typeVoid       = "expense.void"
	typeConfirm    = "expense.confirm"
	typeDispute    = "expense.dispute"
	typePayment    = "payment.add"
	typeDefaults   = "expense.defaults"
	typePlan       = "settle.plan"
	typeClose      = "room.close"
	typeReopen     = "room.reopen"
	typeCheckpoint = "room.checkpoint"
)

// The kinds of splits. The shares are in the entry; the kind says how the
// author came to them.
const (
	SplitEqual   = "equal"
	SplitExact   = "exact"
	SplitPercent = "percent"
	SplitShares  = "shares"
)

// Part is a member's part of an entry, in minor units.
type Part struct {
	_      struct{} `cbor:",toarray"`
	Name   string
	Amount int64
}

// Split says what the author divided by.
type Split struct {
	Kind string `cbor:"kind"`
	// The numbers are the kind's inputs: 1 where the split is equal, minor
	// units where it is exact, 1/10000 of a percent, shares.
	Of []Part `cbor:"of"`
}

// File is an attachment; its bytes travel elsewhere.
type File struct {
	_      struct{} `cbor:",toarray"`
	SHA256 event.ID
	Size   int64 // bytes
	Name   string
}

// Rate is the same amount in another currency.
type Rate struct {
	_        struct{} `cbor:",toarray"`
	Currency string
	Exp      int
	Amount   int64
}

// Source is where an imported entry was read.
type Source struct {
	Format string   `cbor:"format"`
	SHA256 event.ID `cbor:"sha256"` // of the file
	Row    int64    `cbor:"row"`
	Item   event.ID `cbor:"item,omitzero"` // what tells the row from all others of the format, in whatever file
}

// Add is an expense. It counts only if the payers and the shares each add up
// to the amount; readers check that and never divide again.
type Add struct {
	Amount      int64       `cbor:"amount"` // minor units, not 0
	Currency    string      `cbor:"currency"`
	Exp         int         `cbor:"exp"`
	Date        string      `cbor:"date"` // YYYY-MM-DD
	Payers      []Part      `cbor:"payers"`
	Split       Split       `cbor:"split"`
	Shares      []Part      `cbor:"shares"`
	Note        string      `cbor:"note,omitempty"`
	Category    string      `cbor:"category,omitempty"`
	Tags        []string    `cbor:"tags,omitempty"`
	Attachments []File      `cbor:"attachments,omitempty"`
	Rate        *Rate       `cbor:"rate,omitempty"`
	For         string      `cbor:"for,omitempty"` // the member in whose name it was written
	Source      *Source     `cbor:"source,omitempty"`
	Restores    event.ID    `cbor:"restores,omitzero"` // the void entry that it writes anew
	Recur       *Occurrence `cbor:"recur,omitempty"`   // what asked for it
}

// Replace puts another expense in the place of its targets.
type Replace struct {
	Targets []event.ID `cbor:"targets"`
	Add
}

// Void takes an entry out.
type Void struct {
	Target event.ID `cbor:"target"`
	Reason string   `cbor:"reason,omitempty"`
}

// Confirm agrees to an entry.
type Confirm struct {
	Target event.ID `cbor:"target"`
	Reason string   `cbor:"reason,omitempty"`
}

// Dispute objects to an entry.
type Dispute struct {
	Target event.ID `cbor:"target"`
	Reason string   `cbor:"reason,omitempty"`
}

// Payment is money that one member gave another.
type Payment struct {
	From     string   `cbor:"from"`
	To       string   `cbor:"to"`
	Amount   int64    `cbor:"amount"`
	Currency string   `cbor:"currency"`
	Exp      int      `cbor:"exp"`
	Date     string   `cbor:"date"`
	Note     string   `cbor:"note,omitempty"`
	Tx       string   `cbor:"tx,omitempty"`
	Source   *Source  `cbor:"source,omitempty"`
	Restores event.ID `cbor:"restores,omitzero"`
}

// Line is one transfer of a pinned plan.
type Line struct {
	_        struct{} `cbor:",toarray"`
	From     string
	To       string
	Amount   int64
	Currency string
	Exp      int
}

// Pinned is a settlement plan that a member fixed.
type Pinned struct {
	Lines []Line   `cbor:"lines"`
	State event.ID `cbor:"state"` // hash of the balances it settles
}

// Check implements event.Body.
func (b *Add) Check() error {
	files := error(nil)
	if len(b.Attachments) > maxFiles {
		files = fmt.Errorf("expense: %d attachments, at most %d", len(b.Attachments), maxFiles)
	}
	for _, f := range b.Attachments {
		files = errors.Join(files, between("size", f.Size, 0, maxFileSize), bounded("file name", f.Name, maxLabel))
	}
	return errors.Join(
		checkAmount(b.Amount, b.Currency, b.Exp), checkDate(b.Date),
		checkParts("payers", b.Payers, b.Amount), checkParts("shares", b.Shares, b.Amount), b.Split.check(),
		bounded("note", b.Note, MaxNote), bounded("category", b.Category, maxLabel), checkTags(b.Tags), files,
		b.Rate.check(), optionalName(b.For), b.Source.check(), b.Recur.check())
}

// Check implements event.Body.
func (b *Replace) Check() error { return errors.Join(checkTargets(b.Targets), b.Add.Check()) }

// Check implements event.Body.
func (b *Void) Check() error {
	return errors.Join(named(b.Target), bounded("reason", b.Reason, MaxNote))
}

// Check implements event.Body.
func (b *Confirm) Check() error {
	return errors.Join(named(b.Target), bounded("reason", b.Reason, MaxNote))
}

// Check implements event.Body.
func (b *Dispute) Check() error {
	return errors.Join(named(b.Target), bounded("reason", b.Reason, MaxNote))
}

// Check implements event.Body.
func (b *Payment) Check() error {
	if b.From == b.To {
		return errors.New("expense: a payment of a member to the same member")
	}
	return errors.Join(checkName(b.From), checkName(b.To), checkAmount(b.Amount, b.Currency, b.Exp),
		checkDate(b.Date), bounded("note", b.Note, MaxNote), bounded("tx", b.Tx, maxLabel), b.Source.check())
}

// Check implements event.Body.
func (b *Pinned) Check() error {
	if len(b.Lines) > MaxNames {
		return fmt.Errorf("expense: %d lines, at most %d", len(b.Lines), MaxNames)
	}
	for _, l := range b.Lines {
		err := errors.Join(checkName(l.From), checkName(l.To), checkAmount(l.Amount, l.Currency, l.Exp))
		switch {
		case err != nil:
			return err
		case l.Amount < 0 || l.From == l.To:
			return errors.New("expense: a line that pays nobody")
		}
	}
	return named(b.State)
}

func (s *Split) check() error {
	switch s.Kind {
	case SplitEqual, SplitExact, SplitPercent, SplitShares:
		return checkNames("split", s.Of)
	}
	return fmt.Errorf("expense: split of kind %.16q", s.Kind)
}

func (r *Rate) check() error {
	if r == nil {
		return nil
	}
	return checkAmount(r.Amount, r.Currency, r.Exp)
}

func (s *Source) check() error {
	if s == nil {
		return nil
	}
	return errors.Join(named(s.SHA256), bounded("format", s.Format, maxLabel), between("row", s.Row, 0, event.MaxInteger))
}

func checkDate(s string) error {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return fmt.Errorf("expense: date %.16q is not YYYY-MM-DD", s)
	}
	return nil
}
