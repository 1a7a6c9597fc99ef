package cli

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"intercom/client"
	"intercom/client/wire"
	"intercom/expense"
	"intercom/expense/exchange"
	"intercom/ledger/event"
)

// Bounds of one request, well below the daemon's.
const (
	maxBatch      = 500
	maxBatchBytes = 512 << 10
)

// sender sends records in requests of bounded size.
type sender struct {
	sh                *shell
	room, key         string
	requests          int
	added, duplicates int
}

// file adds what a file holds. A file of several requests is first tried
// without being written, so that one that is refused leaves nothing half done.
func (s *sender) file(ctx context.Context, file *exchange.File, dryRun bool) error {
	progress := s.sh.printer.Progress("importing " + count(len(file.Records), "entry", "entries"))
	defer progress.End()
	var batches [][]expense.ImportEntry
	size := 0
	for _, r := range file.Records {
		e := importEntry(r)
		if e.Source == nil {
			e.Source = &expense.Origin{Format: file.Format, SHA256: event.ID(file.SHA256), Row: int64(r.Row), Item: event.ID(r.Item)}
		}
		n := sizeOf(e)
		if last := len(batches) - 1; last < 0 || len(batches[last]) == maxBatch || size+n > maxBatchBytes {
			batches, size = append(batches, nil), 0
		}
		size += n
		batches[len(batches)-1] = append(batches[len(batches)-1], e)
	}
	rounds := []bool{dryRun}
	if len(batches) > 1 && !dryRun {
		rounds = []bool{true, false}
	}
	for _, dry := range rounds {
		s.added, s.duplicates, s.requests = 0, 0, 0
		first := 0
		for _, b := range batches {
			if _, err := s.send(ctx, b, dry); err != nil {
				return atRow(err, file.Records[first:])
			}
			first += len(b)
		}
	}
	return nil
}

// atRow names the line of the file where the daemon names the entry of a
// request.
func atRow(err error, records []exchange.Record) error {
	refused, ok := errors.AsType[*wire.Error](err)
	if !ok {
		return err
	}
	head, rest, found := strings.Cut(refused.Reason, ": ")
	number, isEntry := strings.CutPrefix(head, "entry ")
	n, bad := strconv.Atoi(number)
	if !found || !isEntry || bad != nil || n < 1 || n > len(records) {
		return err
	}
	moved := *refused
	moved.Reason = fmt.Sprintf("line %d: %s", records[n-1].Row, rest)
	return &moved
}

// send sends one request.
func (s *sender) send(ctx context.Context, entries []expense.ImportEntry, dryRun bool) (expense.ImportReply, error) {
	s.requests++
	key := ""
	if s.key != "" && !dryRun {
		key = fmt.Sprintf("%s-%d", s.key, s.requests)
	}
	in := expense.ImportReq{Entries: entries}
	in.Channel.Channel = s.room
	reply, err := ask(ctx, s.sh, expense.Import, in, client.Key(key), client.DryRun(dryRun))
	s.added += reply.Added
	s.duplicates += reply.Duplicates
	return reply, err
}

// sizeOf is about what an entry takes in a request, in bytes.
func sizeOf(e expense.ImportEntry) int {
	n := 480 + 2*len(e.Note) + 2*len(e.Category)
	for _, t := range e.Tags {
		n += 2*len(t) + 4
	}
	for _, f := range e.Files {
		n += 2*len(f.Name) + 140
	}
	for _, p := range e.Payers {
		n += 2*len(p.Member) + 60
	}
	for _, p := range e.Shares {
		n += 2*len(p.Member) + 60
	}
	for _, p := range e.Inputs {
		n += 2*len(p.Member) + 60
	}
	return n
}

// importEntry is a record as it is sent.
func importEntry(r exchange.Record) expense.ImportEntry {
	e := expense.ImportEntry{
		Type: string(r.Kind), Date: r.Date, Amount: amountOf(r.Amount, r.Exp), Currency: r.Currency, Exp: &r.Exp,
		Kind: r.Split, Note: r.Note, Category: r.Category, Tags: r.Tags, For: r.For,
	}
	for _, p := range r.Payers {
		e.Payers = append(e.Payers, expense.ImportPart{Member: p.Name, Amount: amountOf(p.Amount, r.Exp)})
	}
	exp := map[string]int{exchange.Exact: r.Exp, exchange.Percent: 4}[r.Split]
	for _, o := range r.Of {
		e.Inputs = append(e.Inputs, expense.Input{Member: o.Name, N: expense.FormatAmount(o.Amount, exp)})
	}
	if r.Split != exchange.Exact { // there they are the inputs
		for _, s := range r.Shares {
			e.Shares = append(e.Shares, expense.ImportPart{Member: s.Name, Amount: amountOf(s.Amount, r.Exp)})
		}
	}
	if r.Rate != nil {
		e.Rate = &expense.ImportRate{Amount: amountOf(r.Rate.Amount, r.Rate.Exp), Currency: r.Rate.Currency, Exp: &r.Rate.Exp}
	}
	for _, f := range r.Files {
		a := expense.Attachment{Size: f.Size, Name: f.Name}
		_, _ = hex.Decode(a.SHA256[:], []byte(f.SHA256)) // 64 digits, as the reader saw
		e.Files = append(e.Files, a)
	}
	if r.Key != "" {
		e.Source = keySource(r.Key)
	}
	return e
}

func amountOf(v int64, exp int) expense.Amount {
	return expense.Amount(`"` + expense.FormatAmount(v, exp) + `"`)
}
