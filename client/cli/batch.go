package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/cli/out"
	"intercom/client/wire"
)

type batchOptions struct {
	file      string // empty: standard input
	keepGoing bool
	prefix    string // of the keys; empty: none
	dryRun    bool
}

func newBatchCmd(sh *shell) *cobra.Command {
	var o batchOptions
	cmd := &cobra.Command{
		Use:   "batch [FILE|-]",
		Short: "Send many requests over one connection",
		Long: `Send requests, one JSON object a line, over one connection and print the replies
in the same order, one a line. Empty lines are skipped. Each reply is written as
soon as it is there, so that a program can talk with batch through two pipes.

The first request that fails ends it: each is sent when the one before is done.
The failure is the last line, with the number of its line in the input, and its
exit code is that of batch. With --keep-going requests do not wait for replies,
failures are lines among the others, and the exit code is 3 when some failed.

With --key-prefix every request that changes something gets a key of its own,
made from the prefix and the number of the line. Then a lost connection is taken
up again, and the same input can be repeated after exit code 7: what was done is
not done twice.`,
		Example: `  intercom batch requests.jsonl --key-prefix import-7
  seq 3 | jq -c '{type:"send",channel:"ops",message:"line \(.)"}' | intercom batch --keep-going`,
		Args: atMost(1),
	}
	f := cmd.Flags()
	f.BoolVar(&o.keepGoing, "keep-going", false, "go on after a failure, and send without waiting for replies")
	f.StringVar(&o.prefix, "key-prefix", "", "give each line that changes something the key PREFIX-LINE")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what would happen, and change nothing")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 1 && args[0] != "-":
			o.file = args[0]
		case len(args) == 0 && sh.StdinTTY:
			return usage(cmd, "FILE is missing")
		}
		return runBatch(cmd.Context(), sh, o)
	}
	return cmd
}

// maxInFlight bounds the requests that wait for replies.
const maxInFlight = 64

func runBatch(ctx context.Context, sh *shell, o batchOptions) error {
	in := sh.Stdin
	if o.file != "" {
		f, err := os.Open(o.file)
		if err != nil {
			return wire.Errorf(wire.NotFound, "%v", err)
		}
		defer f.Close()
		in = f
	}
	c, err := sh.dial()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b := &batch{sh: sh, client: c, printer: *sh.printer, batchOptions: o, requests: sh.declared(), room: 1}
	if o := &b.printer.Options; o.Format == "" && o.JQ == "" && o.Template == "" {
		o.Format = "json" // but errors stay for people, where nothing was asked for
	}
	if o.keepGoing {
		b.room = maxInFlight
	}
	if err := b.connect(ctx); err != nil {
		return err
	}
	if !sh.StdinTTY && !sh.Terminal.Tty { // else the lines themselves show it
		b.progress = b.printer.Progress("sending")
		defer b.progress.End()
	}
	return b.run(ctx, readLines(ctx, in))
}

// batch is one run. One goroutine owns it.
type batch struct {
	batchOptions
	sh       *shell
	client   *client.Client
	printer  out.Printer // of the replies
	requests []wire.Declared
	pipe     *client.Pipe
	progress *out.Progress
	room     int // requests that may be in flight

	flight       []*flight // in the order of the lines
	done, failed int
	first        error // that failed
}

func (b *batch) run(ctx context.Context, lines <-chan line) error {
	defer func() {
		for _, f := range b.flight {
			f.cancel()
		}
	}()
	for lines != nil || len(b.flight) > 0 {
		var next <-chan line
		if len(b.flight) < b.room {
			next = lines
		}
		var head <-chan client.Answer
		if len(b.flight) > 0 {
			head = b.flight[0].reply
		}
		select {
		case l, ok := <-next:
			if !ok {
				lines = nil
			} else if l.err != nil && l.number == 0 {
				return l.err
			} else {
				b.send(ctx, l)
			}
		case a := <-head:
			if err := b.take(ctx, a); errors.Is(err, out.ErrReaderGone) {
				return nil
			} else if err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return b.result()
}

// take prints the answer of the oldest request, or sends it again.
func (b *batch) take(ctx context.Context, a client.Answer) error {
	f := b.flight[0]
	if f.again(a) {
		f.keep(a)
		return b.resume(ctx)
	}
	b.flight = b.flight[1:]
	f.cancel()
	b.done++
	if b.progress != nil {
		b.progress.Set(fmt.Sprintf("%d done, %d failed", b.done, b.failed))
	}
	if a.Err == nil {
		return b.print(a.Frame)
	}
	b.failed++
	if b.first == nil {
		b.first = atLine(f.line, a.Err)
	}
	if err := b.print(failedLine(f.line, a)); err != nil {
		return err
	}
	if !b.keepGoing {
		return b.first
	}
	if lost(a) && f.pipe == b.pipe {
		return b.resume(ctx)
	}
	return nil
}

func (b *batch) print(frame json.RawMessage) error {
	return b.printer.Line(out.Document{Data: frame})
}

// result is an error where some or all of the requests failed.
func (b *batch) result() error {
	switch {
	case b.failed == 0:
		return nil
	case b.failed == b.done:
		return b.first
	}
	return wire.Errorf(wire.Partial, "%d of %d requests failed; the first: %v", b.failed, b.done, b.first)
}

// atLine says where in the input an error is.
func atLine(number int, err error) error {
	e := *wire.AsError(err)
	e.Reason = wire.Errorf(e.Code, "line %d: %v", number, &e).Reason
	return &e
}

// failedLine returns the line of the output for a request that failed: the
// daemon's own words where it said some.
func failedLine(number int, a client.Answer) json.RawMessage {
	var said map[string]json.RawMessage
	if a.Frame == nil || json.Unmarshal(a.Frame, &said) != nil {
		e := wire.AsError(a.Err)
		b, err := json.Marshal(struct {
			Line   int       `json:"line"`
			Type   string    `json:"type"`
			Error  string    `json:"error"`
			Code   wire.Code `json:"code"`
			Reason string    `json:"reason"`
			Hint   string    `json:"hint,omitempty"`
		}{number, "error", e.Error(), e.Code, e.Error(), e.Hint})
		if err == nil {
			return b
		}
	}
	head, err := json.Marshal(map[string]int{"line": number})
	if err != nil {
		return a.Frame
	}
	return append(append(head[:len(head)-1:len(head)-1], ','), a.Frame[1:]...)
}

// connect makes the pipe, within --timeout.
func (b *batch) connect(ctx context.Context) error {
	ctx, cancel := b.sh.within(ctx)
	defer cancel()
	pipe, err := b.client.Pipe(ctx)
	if err == nil {
		b.pipe = pipe
	}
	return err
}

// reconnect waits until a daemon is ready, for as long as --timeout.
func (b *batch) reconnect(ctx context.Context) error {
	ctx, cancel := b.sh.within(ctx)
	defer cancel()
	if _, err := b.sh.awaitReady(ctx, nil); err != nil {
		return err
	}
	return b.connect(ctx)
}
