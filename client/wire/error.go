package wire

import (
	"errors"
	"fmt"
	"strings"
)

// Code names a kind of error for programs. Codes are stable: they only grow.
type Code string

// The codes of errors. The comment is the exit code of the command line.
const (
	Internal         Code = "internal"           // 1
	InvalidRequest   Code = "invalid_request"    // 2
	InvalidAmount    Code = "invalid_amount"     // 2
	InvalidJSON      Code = "invalid_json"       // 2
	InvalidUTF8      Code = "invalid_utf8"       // 2
	MissingField     Code = "missing_field"      // 2
	UnknownType      Code = "unknown_type"       // 2
	TooLarge         Code = "too_large"          // 2
	NoChannel        Code = "no_channel"         // 2
	Unsupported      Code = "unsupported"        // 2
	InvalidInvite    Code = "invalid_invite"     // 2
	InvalidWelcome   Code = "invalid_welcome"    // 2
	Partial          Code = "partial"            // 3
	Unauthorized     Code = "unauthorized"       // 4
	Forbidden        Code = "forbidden"          // 4
	NotFound         Code = "not_found"          // 5
	Conflict         Code = "conflict"           // 6
	KeyConflict      Code = "key_conflict"       // 6
	AlreadyActive    Code = "already_active"     // 6
	NotActive        Code = "not_active"         // 6
	NotHost          Code = "not_host"           // 6
	PortBusy         Code = "port_busy"          // 6
	Ambiguous        Code = "ambiguous_name"     // 6
	KeyFileExposed   Code = "key_file_exposed"   // 6
	Corrupt          Code = "corrupt"            // 6
	Timeout          Code = "timeout"            // 7
	Unavailable      Code = "unavailable"        // 7
	Starting         Code = "starting"           // 7
	DiskFull         Code = "disk_full"          // 7
	ReadOnly         Code = "read_only"          // 7
	QuotaExceeded    Code = "quota_exceeded"     // 7
	DaemonNotRunning Code = "daemon_not_running" // 10
	Locked           Code = "locked"             // 11
	Incompatible     Code = "incompatible"       // 12
	NewerFormat      Code = "newer_format"       // 12
)

var exits = map[Code]int{
	Internal:       1,
	InvalidRequest: 2, InvalidAmount: 2, InvalidJSON: 2, InvalidUTF8: 2, MissingField: 2,
	UnknownType: 2, TooLarge: 2, NoChannel: 2, Unsupported: 2, InvalidInvite: 2, InvalidWelcome: 2,
	Partial:      3,
	Unauthorized: 4, Forbidden: 4,
	NotFound: 5,
	Conflict: 6, KeyConflict: 6, AlreadyActive: 6, NotActive: 6, NotHost: 6, PortBusy: 6,
	Ambiguous: 6, KeyFileExposed: 6, Corrupt: 6,
	Timeout: 7, Unavailable: 7, Starting: 7, DiskFull: 7, ReadOnly: 7, QuotaExceeded: 7,
	DaemonNotRunning: 10,
	Locked:           11,
	Incompatible:     12, NewerFormat: 12,
}

// Exit returns the exit code of the command line for c; 1 for unknown codes.
func (c Code) Exit() int {
	if exit, ok := exits[c]; ok {
		return exit
	}
	return 1
}

// Codes returns every code with its exit code.
func Codes() map[Code]int {
	all := make(map[Code]int, len(exits))
	for c, exit := range exits {
		all[c] = exit
	}
	return all
}

// Error is a failed request: what failed and why (Reason), what to do next
// (Hint), and the kind for programs (Code).
type Error struct {
	Code   Code   `json:"code"`
	Reason string `json:"reason"`
	Hint   string `json:"hint,omitempty"`
	Text   string `json:"error,omitempty"` // the original protocol's text, where it has one
}

// Errorf returns an Error with a reason.
func Errorf(c Code, format string, args ...any) *Error {
	return &Error{Code: c, Reason: fmt.Sprintf(format, args...)}
}

// Explain returns err under a code. The packages below know no Error: theirs say
// the next step behind "hint: ", which becomes the hint; else it is fallback.
func Explain(c Code, err error, fallback string) *Error {
	const mark = "hint: "
	reason, _, found := strings.Cut(err.Error(), mark)
	e := &Error{Code: c, Reason: strings.TrimRight(reason, ";,: \n"), Hint: fallback}
	if found {
		// Where one error wraps another, the outer one says last what to do.
		e.Hint = err.Error()[strings.LastIndex(err.Error(), mark)+len(mark):]
	}
	return e
}

// WithHint returns e with the next step to take.
func (e *Error) WithHint(hint string) *Error {
	with := *e
	with.Hint = hint
	return &with
}

// Error returns the reason, else the original's text.
func (e *Error) Error() string {
	if e.Reason != "" {
		return e.Reason
	}
	return e.Text
}

// Is makes errors.Is match any Error of the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Reason == ""
}

// AsError returns err as an Error; one without a code becomes Internal.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Code: Internal, Reason: err.Error()}
}
