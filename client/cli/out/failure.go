package out

import (
	"errors"
	"fmt"

	"intercom/client/wire"
)

// failure is an error on standard error in machine formats.
type failure struct {
	Error failureBody `json:"error"`
}

type failureBody struct {
	Code    wire.Code `json:"code"`
	Message string    `json:"message"`
	Hint    string    `json:"hint,omitempty"`
	Exit    int       `json:"exit"`
}

// Error prints err on standard error, for people as `intercom: what (code)`
// and `hint: next step`, for programs as one JSON object on one line, and
// returns the exit code. It prints nothing and returns 0 for nil and for
// ErrReaderGone.
func (p *Printer) Error(err error) (exit int) {
	if err == nil || errors.Is(err, ErrReaderGone) {
		return 0
	}
	p.progress.End()
	e := wire.AsError(err)
	exit = e.Code.Exit()
	if p.Options.Human() {
		fmt.Fprintf(p.Stderr, "intercom: %s (%s)\n", safe(err.Error(), ""), safe(string(e.Code), ""))
		if e.Hint != "" {
			fmt.Fprintf(p.Stderr, "hint: %s\n", safe(e.Hint, ""))
		}
		return exit
	}
	b, err := encode(failure{failureBody{e.Code, e.Error(), e.Hint, exit}})
	if err != nil {
		b = []byte(`{"error":{"code":"internal","message":"error cannot be shown","exit":1}}`)
	}
	fmt.Fprintf(p.Stderr, "%s\n", b)
	return exit
}
