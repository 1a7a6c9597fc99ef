package ledger

import "errors"

var (
	// ErrDamaged reports rows of the own store that do not decode.
	ErrDamaged = errors.New("ledger: damaged store")
	// ErrRefused reports events that a peer should not have sent; the error
	// says what is wrong with them. Nothing of the range is kept.
	ErrRefused = errors.New("ledger: refused")
	// ErrKeyConflict reports an idempotency key that was used for another request.
	ErrKeyConflict = errors.New("ledger: key was used for another request")
	// ErrNotJoined reports a room that is not replicated here.
	ErrNotJoined = errors.New("ledger: room not joined")
	// ErrNotFound reports a room that is not known here.
	ErrNotFound = errors.New("ledger: room not found")
	// ErrAmbiguous reports a name that several rooms have.
	ErrAmbiguous = errors.New("ledger: several rooms have the name")
	// ErrForbidden reports an event that would not count: its author has no
	// right to it.
	ErrForbidden = errors.New("ledger: not allowed")
	// ErrPrivate reports a room that a file cannot carry to others.
	ErrPrivate = errors.New("ledger: private room")
	// ErrQuota reports a room that has reached its size limit.
	ErrQuota = errors.New("ledger: quota exceeded")

	errDryRun = errors.New("ledger: dry run")
)
