package cli

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"intercom/client/wire"
	"intercom/internal/atomicfile"
)

const formatRoom = "room"

// roomFile is the encrypted file of a room that is to be written.
type roomFile struct {
	to      string // empty, -: standard output
	readers []string
	secret  string // file with the passphrase
}

func (o *roomFile) add(sh *shell, cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.to, "to", "", "new file of --format room; standard output if absent")
	f.StringArrayVar(&o.readers, "for", nil, "key of a peer that may open the file of --format room, 64 hex digits; may be repeated")
	f.StringVar(&o.secret, "passphrase-file", "", "in place of --for: file with a passphrase that opens it, - for standard input (default "+passphraseVar+", else it is asked for)")
	complete(sh, cmd, "for", wire.CompletePeers)
}

func (o roomFile) given() bool { return o.to != "" || len(o.readers) > 0 || o.secret != "" }

// exportRoom writes the file of a room as the daemon makes it, piece by piece.
func (r *request) exportRoom(ctx context.Context, cmd *cobra.Command, o roomFile) error {
	p := r.sh.printer.Options
	switch {
	case p.JQ != "" || p.Template != "" || len(p.Fields) > 0:
		return usage(cmd, "--format room is encrypted: it has no fields to show")
	case (o.to == "" || o.to == "-") && r.sh.printer.Terminal.Tty:
		return usage(cmd, "--format room is no text for a terminal: name a file with --to, or pipe it")
	case len(o.readers) > 0 && o.secret != "":
		return usage(cmd, "--for and --passphrase-file exclude each other")
	}
	room, err := r.sh.room(textOf(r.room))
	if err != nil {
		return err
	}
	if _, err := os.Lstat(o.to); o.to != "" && o.to != "-" && err == nil { // before anything is asked
		return exportExists(o.to)
	}
	in := wire.RoomExportReq{Channel: room, For: o.readers}
	if len(o.readers) == 0 {
		if in.Passphrase, err = r.sh.filePassphrase(cmd, o.secret, true); err != nil {
			return err
		}
	}
	var done wire.RoomExportReply
	fill := func(w io.Writer) (err error) { done, err = r.sh.writeRoom(ctx, w, in); return err }
	if o.to == "" || o.to == "-" {
		if err := fill(dataWriter(r.sh.printer.Data)); err != nil {
			return err
		}
		o.to = "FILE"
	} else if err := atomicfile.CreateFrom(o.to, 0o600, fill); errors.Is(err, fs.ErrExist) {
		return exportExists(o.to)
	} else if err != nil {
		return err
	}
	r.sh.printer.Note(fmt.Sprintf("%d events of %s; whoever it is for reads it with: intercom expense import %s", done.Events, done.Channel, o.to))
	return nil
}

func exportExists(file string) error {
	return wire.Errorf(wire.Conflict, "%s is there already", file).WithHint("choose another name, or remove it: no file is replaced")
}

type dataWriter func([]byte) error

func (w dataWriter) Write(b []byte) (int, error) { return len(b), w(b) }

// writeRoom asks for the pieces of a file; --timeout bounds each.
func (sh *shell) writeRoom(ctx context.Context, w io.Writer, in wire.RoomExportReq) (wire.RoomExportReply, error) {
	progress := sh.printer.Progress("writing " + in.Channel)
	defer progress.End()
	for {
		rep, err := ask(ctx, sh, wire.RoomExport, in)
		if err != nil {
			return rep, err
		}
		data, err := base64.StdEncoding.DecodeString(rep.Data)
		if err != nil {
			return rep, wire.Errorf(wire.Incompatible, "the daemon's room_exported cannot be read: %v", err)
		}
		if _, err := w.Write(data); err != nil || rep.File == "" {
			return rep, err
		}
		progress.Set(fmt.Sprintf("writing %s: %d events", rep.Channel, rep.Events))
		in = wire.RoomExportReq{File: rep.File}
	}
}

// filePassphrase returns the passphrase of a room's file, which is not empty.
func (sh *shell) filePassphrase(cmd *cobra.Command, file string, fresh bool) (string, error) {
	if file == "" && sh.Getenv(passphraseVar) == "" && !sh.Asks {
		if fresh {
			return "", usage(cmd, "say who may open the file: --for KEY, or a passphrase with --passphrase-file or %s", passphraseVar)
		}
		return "", usage(cmd, "the file asks for a passphrase: give --passphrase-file or %s", passphraseVar)
	}
	text, err := sh.passphrase(cmd, keystoreOptions{passphraseFile: file}, fresh)
	if err == nil && len(text) == 0 {
		err = usage(cmd, "the passphrase is empty")
	}
	return string(text), err
}
