package cli

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"time"

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
		if r.room.raw != nil {
			return nil, true, usage(cmd, "--from %s is a file of its own: leave out --%s", from, r.room.flag)
		}
		if from == "-" && cmd.Flag("rates").Value.String() == "-" {
			return nil, true, usage(cmd, "--from and --rates cannot both be standard input")
		}
		in, err := r.asked()
		if err != nil {
			return nil, true, err
		}
		ctx, cancel := r.sh.within(ctx)
		defer cancel()
		sheet, err := coldBalance(ctx, r.sh.Stdin, from, in)
		if err != nil {
			return nil, true, err
		}
		reply, err := r.more(ctx, sheet) // who I am
		return reply, true, err
	}
}

// asked returns what the flags say of balances.
func (r *request) asked() (in expense.BalanceReq, err error) {
	body := map[string]json.RawMessage{}
	for _, f := range r.fields {
		if f.raw != nil {
			body[f.name] = f.raw
		}
	}
	b, err := json.Marshal(body)
	if err == nil {
		err = json.Unmarshal(b, &in)
	}
	return in, err
}

func coldBalance(ctx context.Context, stdin io.Reader, from string, asked expense.BalanceReq) (expense.Sheet, error) {
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
	if err := c.Ask(asked, time.Now()); err != nil {
		return expense.Sheet{}, err
	}
	if err := c.Read(untilDone{ctx, in}); err != nil {
		if ctx.Err() != nil {
			return expense.Sheet{}, ctx.Err()
		}
		refused := *wire.AsError(explain(err))
		refused.Reason = name + ": " + refused.Reason
		return expense.Sheet{}, &refused
	}
	return c.Sheet(name)
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
