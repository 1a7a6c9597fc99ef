package cli

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"intercom/client/wire"
	"intercom/expense"
	"intercom/expense/exchange"
)

type importOptions struct {
	file    string // "-": standard input
	channel string
	members []string // OLD=NEW
	weights []string // NAME=N
	skip    bool
	key     string
	dryRun  bool
	secret  string // file with the passphrase
	read    exchange.Options
}

func newExpenseImportCmd(sh *shell) *cobra.Command {
	o := importOptions{read: exchange.Options{Exponent: expense.Exponent, Name: expense.Name}}
	cmd := &cobra.Command{
		Use:   "import FILE|-",
		Short: "Add the entries of another program's file, once, or take in the file of a room",
		Long: `Read a file of Splitwise (CSV, in any language), spliit (CSV or JSON),
ihatemoney, Cospend, or entries as JSON lines, and add what it holds to a room.

The whole file is read and checked first; a file that is malformed is refused
with its lines, and nothing of it is added. What is in the room already, added
by whomever, is not added again. Rows that would have to be guessed end the
import too: --skip-unclear leaves them out. --dry-run shows how the file is
read: columns, members, what would be added.

The encrypted file of a room (intercom expense export --format room) is known by
its content too. It goes into its own room, which is joined: each of its events
is checked as if it came from a peer, and those that are here already are not
added again. --channel says which room it must be of. A passphrase is taken
from --passphrase-file, INTERCOM_PASSPHRASE or the terminal.`,
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
	f.StringVar(&o.secret, "passphrase-file", "", "file with the passphrase of a room's file, - for standard input (default "+passphraseVar+", else it is asked for)")
	f.BoolVar(&o.skip, "skip-unclear", false, "leave out the rows that would have to be guessed")
	addWriteFlags(cmd, &o.key, &o.dryRun)
	sh.completeFlag(cmd, "from-format", cobra.FixedCompletions(exchange.Readable(), cobra.ShellCompDirectiveNoFileComp))
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

func runExpenseImport(cmd *cobra.Command, sh *shell, o importOptions) error {
	// An output that cannot be made must not cost a write.
	if err := sh.printer.Options.Check(document(wire.SchemaName("expense import"), importedFile{})); err != nil {
		return err
	}
	ctx := cmd.Context() // --timeout bounds each request: a file may be long
	in, name := sh.Stdin, "standard input"
	if o.file != "-" {
		f, err := os.Open(o.file)
		if err != nil {
			return wire.Errorf(wire.NotFound, "%v", err)
		}
		defer f.Close()
		in, name = f, filepath.Base(o.file)
	}
	source := bufio.NewReader(untilDone{ctx, in})
	if start, _ := source.Peek(len(sealedMark)); string(start) == sealedMark {
		return runRoomImport(cmd, sh, o, source, name)
	}
	room, err := sh.room(o.channel)
	if err != nil {
		return err
	}
	file, err := readExchange(sh, o, source, name)
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
		return repeatable(err)
	}
	done.Added, done.Duplicates = s.added, s.duplicates
	return sh.showWrite(wire.SchemaName("expense import"), done, o.dryRun)
}

// repeatable says of an import that was broken off that repeating it is enough,
// with a key or without one.
func repeatable(err error) error {
	e, ok := errors.AsType[*wire.Error](err)
	if !ok || e.Code != wire.Unavailable && e.Code != wire.Timeout {
		return err
	}
	return e.WithHint("repeat the import as it is: what is in the room already is not added again")
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
func readExchange(sh *shell, o importOptions, in io.Reader, name string) (*exchange.File, error) {
	progress := sh.printer.Progress("reading " + name)
	defer progress.End()
	o.read.Today = time.Now().Format(time.DateOnly)
	file, err := exchange.Read(io.LimitReader(in, exchange.MaxFile+1), o.read)
	if refused, ok := errors.AsType[*exchange.Error](err); ok {
		what := "the file is refused as a whole"
		if refused.Format != "" {
			what = refused.Format + " file refused as a whole"
		}
		return nil, wire.Errorf(wire.InvalidRequest, "%s: %s: %s", name, what, refused).WithHint("nothing was imported; mend the file and repeat")
	}
	return file, err
}
