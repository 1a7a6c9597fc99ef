package wire_test

import (
	"errors"
	"fmt"
	"testing"

	"intercom/client/wire"
)

func TestExplainMakesTheNextStepOfAnErrorItsHint(t *testing.T) {
	full := errors.New("store: disk full: hint: free 3 MiB there")
	for _, c := range []struct {
		name         string
		err          error
		reason, hint string
	}{
		{"none", errors.New("ledger: room not found"), "ledger: room not found", "list them"},
		{"at the end", full, "store: disk full", "free 3 MiB there"},
		{"behind a semicolon", errors.New("key file is open; hint: chmod 600 f"), "key file is open", "chmod 600 f"},
		{"the outer one's", fmt.Errorf("read-only: %w: hint: restart", full), "read-only: store: disk full", "restart"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := wire.Explain(wire.DiskFull, c.err, "list them")
			if got.Code != wire.DiskFull || got.Reason != c.reason || got.Hint != c.hint {
				t.Errorf("got %q, hint %q", got.Reason, got.Hint)
			}
		})
	}
}
