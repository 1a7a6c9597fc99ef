package cli

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/expense/exchange"
	"intercom/ledger/event"
)

// keyFormat is the source of entries that are repeated safely by a key.
const keyFormat = "key"

// keySource makes a key what tells an entry apart, for everybody in the room.
func keySource(key string) *expense.Origin {
	return &expense.Origin{Format: keyFormat, SHA256: event.ID(sha256.Sum256([]byte(key)))}
}

// addedLine answers a line.
type addedLine struct {
	Line      int       `json:"line"`
	Entry     *event.ID `json:"entry,omitempty"`
	Duplicate bool      `json:"duplicate,omitempty"`
	DryRun    bool      `json:"dryRun,omitempty"`
}

// addEntryLines lets `expense add --from -` add a stream of entries.
func addEntryLines(r *request, cmd *cobra.Command) {
	var from string
	cmd.Flags().StringVar(&from, "from", "", "add the entries of a stream of JSON lines (- for standard input), and answer each with a line")
	inherited := r.local
	r.local = func(ctx context.Context) (any, bool, error) {
		switch {
		case from == "" && inherited != nil:
			return inherited(ctx)
		case from == "":
			return nil, false, nil
		case from != "-":
			return nil, true, usage(cmd, "--from takes - for standard input; a file is read by: intercom expense import FILE")
		}
		named := ""
		for _, f := range r.fields {
			switch {
			case f.raw == nil:
			case f == r.room:
				if err := json.Unmarshal(f.raw, &named); err != nil {
					return nil, true, err
				}
			default:
				return nil, true, usage(cmd, "--from - takes the entries from the lines: leave out --%s", f.flag)
			}
		}
		room, err := r.sh.room(named)
		if err != nil {
			return nil, true, err
		}
		r.print = func(any) error { return nil } // every line was answered
		l := entryLines{sender: sender{sh: r.sh, room: room}, prefix: r.key, dryRun: r.dryRun}
		return nil, true, l.run(ctx, r.sh.Stdin) // --timeout bounds each request
	}
}

// entryLines adds the lines of a stream. Lines that are there together go in
// one request; a line that comes alone is answered before the next. While a
// request is on its way the next one is read, but not sent: it might have to
// stay away.
type entryLines struct {
	sender
	prefix  string // of the keys of lines; empty: none
	dryRun  bool
	sending chan error // of the request on its way; nil: none

	lines []int // of what waits
	wait  []expense.ImportEntry
	size  int
}

// maxLine bounds a line in bytes.
const maxLine = 256 << 10

func (l *entryLines) run(ctx context.Context, stdin io.Reader) error {
	in := bufio.NewReaderSize(untilDone{ctx, stdin}, maxLine)
	for number := 1; ; number++ {
		text, err := in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return errors.Join(l.finish(ctx), wire.Errorf(wire.TooLarge, "line %d has more than %d bytes", number, maxLine))
		case err != nil && !errors.Is(err, io.EOF):
			return errors.Join(l.finish(ctx), err)
		}
		if len(strings.TrimSpace(string(text))) > 0 {
			if refused := l.take(number, text); refused != nil {
				// What stands before it is added and answered, as if it had come alone.
				if err := l.finish(ctx); err != nil {
					return err
				}
				return refused
			}
		}
		// What has come already goes together.
		send := l.flush
		switch {
		case in.Buffered() == 0 || err != nil:
			send = l.finish
		case len(l.wait) < maxBatch && l.size <= maxBatchBytes:
			continue
		}
		if err := send(ctx); err != nil {
			return err
		}
		if err != nil {
			return nil
		}
	}
}

// take reads a line.
func (l *entryLines) take(number int, text []byte) error {
	file, err := exchange.Read(strings.NewReader(string(text)), exchange.Options{
		Format: exchange.Lines, Exponent: expense.Exponent, Name: expense.Name, Today: time.Now().Format(time.DateOnly),
	})
	if refused, ok := errors.AsType[*exchange.Error](err); ok {
		return wire.Errorf(wire.InvalidRequest, "line %d: %s", number, refused.Problems[0].What).WithHint("lines above it were added; go on with this one")
	}
	if err != nil {
		return err
	}
	for _, r := range file.Records { // none, if it does not count
		e := importEntry(r)
		if e.Source == nil && l.prefix != "" {
			e.Source = keySource(fmt.Sprintf("%s-%d", l.prefix, number))
		}
		l.lines, l.wait, l.size = append(l.lines, number), append(l.wait, e), l.size+sizeOf(e)
	}
	return nil
}

// flush begins to send what waits, when the request before it is answered.
func (l *entryLines) flush(ctx context.Context) error {
	if err := l.answered(); err != nil || len(l.wait) == 0 {
		return err
	}
	lines, wait, sending := l.lines, l.wait, make(chan error, 1)
	l.lines, l.wait, l.size, l.sending = nil, nil, 0, sending
	go func() { sending <- l.request(ctx, lines, wait) }()
	return nil
}

// finish sends what waits and returns when all of it is answered.
func (l *entryLines) finish(ctx context.Context) error {
	if err := l.flush(ctx); err != nil {
		return err
	}
	return l.answered()
}

// answered waits for the request on its way.
func (l *entryLines) answered() error {
	if l.sending == nil {
		return nil
	}
	err := <-l.sending
	l.sending = nil
	return err
}

// request sends entries and answers their lines.
func (l *entryLines) request(ctx context.Context, lines []int, entries []expense.ImportEntry) error {
	reply, err := l.send(ctx, entries, l.dryRun)
	if err != nil {
		refused := *wire.AsError(err)
		refused.Reason = fmt.Sprintf("lines %d to %d: %s", lines[0], lines[len(lines)-1], refused.Reason)
		return &refused
	}
	var b strings.Builder
	for i, result := range reply.Results {
		answer := addedLine{Line: lines[i], Duplicate: result.Duplicate, DryRun: l.dryRun}
		if !l.dryRun || result.Duplicate {
			answer.Entry = &result.Entry
		}
		text, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		b.Write(text)
		b.WriteByte('\n')
	}
	return l.sh.printer.Text(b.String())
}
