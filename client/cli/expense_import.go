package cli

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
	"intercom/expense"
	"intercom/expense/exchange"
	"intercom/ledger/event"
)

type importOptions struct {
	file    string // "-": standard input
	channel string
	members []string // OLD=NEW
	weights []string // NAME=N
	skip    bool
	key     string
	dryRun  bool
	read    exchange.Options
}

func newExpenseImportCmd(sh *shell) *cobra.Command {
	o := importOptions{read: exchange.Options{Exponent: expense.Exponent, Name: expense.Name}}
	cmd := &cobra.Command{
		Use:   "import FILE|-",
		Short: "Add the entries of another program's file, once",
		Long: `Read a file of Splitwise (CSV, in any language), spliit (CSV or JSON),
ihatemoney, Cospend, or entries as JSON lines, and add what it holds to a room.

The whole file is read and checked first; a file that is malformed is refused
with its lines, and nothing of it is added. What is in the room already, added
by whomever, is not added again. Rows that would have to be guessed end the
import too: --skip-unclear leaves them out. --dry-run shows how the file is
read: columns, members, what would be added.`,
		Args: atMost(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault // a file
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	addRoomFlags(sh, cmd, &o.channel, wire.CompleteRooms)
	f.StringVar(&o.read.Format, "from-format", "", "what the file is: "+strings.Join(exchange.Readable(), ", ")+"; found by its content if absent")
	f.StringVar(&o.read.Currency, "currency", "", "currency of rows that name none, or only a sign such as $")
	f.StringArrayVar(&o.members, "member", nil, "take a member of the file for one here, OLD=NEW; may be repeated")
	f.StringArrayVar(&o.weights, "weight", nil, "weight of a member where the file does not tell it, NAME=N; may be repeated")
	f.BoolVar(&o.skip, "skip-unclear", false, "leave out the rows that would have to be guessed")
	addWriteFlags(cmd, &o.key, &o.dryRun)
	_ = cmd.RegisterFlagCompletionFunc("from-format", cobra.FixedCompletions(exchange.Readable(), cobra.ShellCompDirectiveNoFileComp))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usage(cmd, "FILE is missing")
		}
		o.file = args[0]
		var err error
		if o.read.Rename, err = pairs(cmd, "member", o.members); err != nil {
			return err
		}
		if o.read.Weights, err = pairs(cmd, "weight", o.weights); err != nil {
			return err
		}
		return runExpenseImport(cmd, sh, o)
	}
	return cmd
}

// pairs reads A=B. A may have an equals sign.
func pairs(cmd *cobra.Command, flag string, list []string) (map[string]string, error) {
	out := map[string]string{}
	for _, text := range list {
		i := strings.LastIndexByte(text, '=')
		if i < 1 || i == len(text)-1 {
			return nil, usage(cmd, "--%s %q is not NAME=VALUE", flag, text)
		}
		out[text[:i]] = text[i+1:]
	}
	return out, nil
}

// importedFile is what became of a file.
type importedFile struct {
	Channel    string           `json:"channel"`
	File       string           `json:"file"`
	Format     string           `json:"format"`
	SHA256     string           `json:"sha256"`
	Entries    int              `json:"entries" jsonschema:"that the file holds"`
	Payments   int              `json:"payments" jsonschema:"those of them that are payments"`
	Added      int              `json:"added"`
	Duplicates int              `json:"duplicates" jsonschema:"entries that were in the room already"`
	Columns    []importedColumn `json:"columns"`
	Members    []importedMember `json:"members"`
	Unclear    []importedRow    `json:"unclear" jsonschema:"rows that are left out: they would have to be guessed"`
	Notes      []importedRow    `json:"notes" jsonschema:"rows that are taken in a way that may surprise"`
}

type importedColumn struct {
	As string `json:"as" jsonschema:"its header in the file"`
	Is string `json:"is" jsonschema:"what it is taken for; empty: it is not read"`
}

type importedMember struct {
	As   string `json:"as" jsonschema:"in the file"`
	Name string `json:"name" jsonschema:"here"`
}

type importedRow struct {
	Line int    `json:"line"`
	What string `json:"what"`
}

// Table implements wire.Tabular.
func (f importedFile) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("what", "in the file", "here"), Rows: [][]any{}}
	for _, c := range f.Columns {
		is := c.Is
		if is == "" {
			is = "(not read)"
		}
		if !strings.HasPrefix(is, "member ") {
			t.Rows = append(t.Rows, []any{"column", c.As, is})
		}
	}
	for _, m := range f.Members {
		t.Rows = append(t.Rows, []any{"member", m.As, m.Name})
	}
	for _, r := range f.Notes {
		t.Rows = append(t.Rows, []any{"note", fmt.Sprintf("line %d", r.Line), r.What})
	}
	for _, r := range f.Unclear {
		t.Rows = append(t.Rows, []any{"left out", fmt.Sprintf("line %d", r.Line), r.What})
	}
	return t
}

// Note implements wire.Noted.
func (f importedFile) Note() string {
	note := fmt.Sprintf("%s: %s of %s, %d added, %d there already", f.File, count(f.Entries, "entry", "entries"), f.Format, f.Added, f.Duplicates)
	if len(f.Unclear) > 0 {
		note += ", " + count(len(f.Unclear), "row", "rows") + " left out"
	}
	return note
}

func count(n int, one, many string) string { return fmt.Sprintf("%d %s", n, plural(n, one, many)) }

func runExpenseImport(cmd *cobra.Command, sh *shell, o importOptions) error {
	room, err := sh.room(o.channel)
	if err != nil {
		return err
	}
	// An output that cannot be made must not cost a write.
	if err := sh.printer.Options.Check(document(wire.SchemaName("expense import"), importedFile{})); err != nil {
		return err
	}
	ctx := cmd.Context() // --timeout bounds each request: a file may be long
	file, name, err := readExchange(ctx, sh, o)
	if err != nil {
		return err
	}
	done := importedFile{
		Channel: room, File: name, Format: file.Format, SHA256: hex.EncodeToString(file.SHA256[:]), Entries: len(file.Records),
		Columns: []importedColumn{}, Members: []importedMember{}, Unclear: importedRows(file.Unclear), Notes: importedRows(file.Notes),
	}
	for _, c := range file.Columns {
		done.Columns = append(done.Columns, importedColumn(c))
	}
	for _, m := range file.Members {
		done.Members = append(done.Members, importedMember(m))
	}
	for _, r := range file.Records {
		if r.Kind == exchange.Payment {
			done.Payments++
		}
	}
	if len(file.Unclear) > 0 && !o.skip && !o.dryRun {
		return unclear(name, file.Unclear)
	}
	s := sender{sh: sh, room: room, key: o.key}
	if err := s.file(ctx, file, o.dryRun); err != nil {
		return err
	}
	done.Added, done.Duplicates = s.added, s.duplicates
	return sh.showWrite(wire.SchemaName("expense import"), done, o.dryRun)
}

func importedRows(list []exchange.Problem) []importedRow {
	out := []importedRow{}
	for _, p := range list {
		out = append(out, importedRow(p))
	}
	return out
}

// unclear refuses a file whose rows would have to be guessed.
func unclear(name string, rows []exchange.Problem) error {
	const listed = 20
	lines := make([]string, 0, listed+1)
	for i, r := range rows {
		if i == listed {
			lines = append(lines, fmt.Sprintf("and %d more", len(rows)-listed))
			break
		}
		lines = append(lines, r.String())
	}
	return wire.Errorf(wire.InvalidRequest, "%s: %s would have to be guessed: %s", name, count(len(rows), "row", "rows"), strings.Join(lines, "; ")).
		WithHint("nothing was imported; --skip-unclear leaves them out")
}

// readExchange reads and checks the whole file.
func readExchange(ctx context.Context, sh *shell, o importOptions) (*exchange.File, string, error) {
	in, name := sh.Stdin, "standard input"
	if o.file != "-" {
		f, err := os.Open(o.file)
		if err != nil {
			return nil, "", wire.Errorf(wire.NotFound, "%v", err)
		}
		defer f.Close()
		in, name = f, filepath.Base(o.file)
	}
	progress := sh.printer.Progress("reading " + name)
	defer progress.End()
	o.read.Today = time.Now().Format(time.DateOnly)
	file, err := exchange.Read(untilDone{ctx, io.LimitReader(in, exchange.MaxFile+1)}, o.read)
	if refused, ok := errors.AsType[*exchange.Error](err); ok {
		what := "the file is refused as a whole"
		if refused.Format != "" {
			what = refused.Format + " file refused as a whole"
		}
		return nil, "", wire.Errorf(wire.InvalidRequest, "%s: %s: %s", name, what, refused).WithHint("nothing was imported; mend the file and repeat")
	}
	if err != nil {
		return nil, "", err
	}
	return file, name, nil
}

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
			e.Source = &expense.Origin{Format: file.Format, SHA256: event.ID(file.SHA256), Row: int64(r.Row)}
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
	c, err := s.sh.dial()
	if err != nil {
		return expense.ImportReply{}, err
	}
	s.requests++
	key := ""
	if s.key != "" && !dryRun {
		key = fmt.Sprintf("%s-%d", s.key, s.requests)
	}
	in := expense.ImportReq{Entries: entries}
	ctx, cancel := s.sh.within(ctx)
	defer cancel()
	in.Channel.Channel = s.room
	reply, err := client.Call(ctx, c, expense.Import, in, client.Key(key), client.DryRun(dryRun))
	s.added += reply.Added
	s.duplicates += reply.Duplicates
	return reply, err
}

// sizeOf is about what an entry takes in a request, in bytes.
func sizeOf(e expense.ImportEntry) int {
	n := 400 + 2*len(e.Note) + 2*len(e.Category)
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
