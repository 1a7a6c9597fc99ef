package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"intercom/client/wire"
	"intercom/expense"
)

// addBalanceFile lets balances be read of exported entries, without a daemon.
func addBalanceFile(r *request, cmd *cobra.Command) {
	var from string
	cmd.Flags().StringVar(&from, "from", "", "sum up a file of exported entries instead of a room (jsonl; - for standard input)")
	_ = cmd.MarkFlagFilename("from", "jsonl")
	r.local = func(ctx context.Context) (any, bool, error) {
		if from == "" {
			return nil, false, nil
		}
		for _, f := range r.fields {
			if f.raw != nil {
				return nil, true, usage(cmd, "--from %s is a file of its own: leave out --%s", from, f.flag)
			}
		}
		ctx, cancel := r.sh.within(ctx)
		defer cancel()
		sheet, err := coldBalance(ctx, r.sh.Stdin, from)
		if err != nil {
			return nil, true, err
		}
		reply, err := r.more(ctx, sheet) // who I am
		return reply, true, err
	}
}

func coldBalance(ctx context.Context, stdin io.Reader, from string) (expense.Sheet, error) {
	in, name := stdin, "standard input"
	if from != "-" {
		f, err := os.Open(from)
		if err != nil {
			return expense.Sheet{}, wire.Errorf(wire.NotFound, "%v", err)
		}
		defer f.Close()
		in, name = f, filepath.Base(from)
	}
	var c expense.Cold
	if err := c.Read(untilDone{ctx, in}); err != nil {
		if ctx.Err() != nil {
			return expense.Sheet{}, ctx.Err()
		}
		refused := *wire.AsError(err)
		refused.Reason = name + ": " + refused.Reason
		return expense.Sheet{}, &refused
	}
	return c.Sheet(name), nil
}

// untilDone ends a read between two pieces when its context has ended.
type untilDone struct {
	ctx context.Context
	io.Reader
}

func (r untilDone) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
