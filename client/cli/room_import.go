package cli

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
)

// How an encrypted file begins, and what then says that it is for a passphrase.
const (
	sealedMark = "age-encryption.org/v1\n"
	secretMark = "-> scrypt "
)

// runRoomImport gives the daemon the file of a room, piece by piece.
func runRoomImport(cmd *cobra.Command, sh *shell, o importOptions, source *bufio.Reader, name string) error {
	for _, flag := range []string{"from-format", "currency", "member", "weight", "skip-unclear"} {
		if cmd.Flags().Changed(flag) {
			return usage(cmd, "--%s is for files of other programs: this is an encrypted one of a room", flag)
		}
	}
	in := wire.RoomImportReq{Channel: o.channel}
	if start, _ := source.Peek(len(sealedMark) + len(secretMark)); strings.HasSuffix(string(start), secretMark) {
		if o.file == "-" && o.secret == "-" {
			return usage(cmd, "standard input cannot be both FILE and --passphrase-file")
		}
		var err error
		if in.Passphrase, err = sh.filePassphrase(cmd, o.secret, false); err != nil {
			return err
		}
	} else if o.secret != "" {
		return usage(cmd, "the file is for keys: it takes no passphrase")
	}
	hash := sha256.New()
	rep, err := sh.readRoom(cmd, io.TeeReader(source, hash), in, o.dryRun, "reading "+name)
	if err != nil {
		return repeatable(err)
	}
	done := importedFile{
		Channel: rep.Channel, File: name, Format: formatRoom, Entries: rep.Events, Added: rep.Added, Duplicates: rep.Known, Room: &rep,
		Columns: []importedColumn{}, Members: []importedMember{}, Unclear: []importedRow{}, Notes: []importedRow{},
	}
	if rep.Whole {
		done.SHA256 = hex.EncodeToString(hash.Sum(nil))
	}
	if err := sh.showWrite(wire.SchemaName("expense import"), done, o.dryRun); err != nil {
		return err
	}
	switch {
	case !rep.Whole:
		return wire.Errorf(wire.Partial, "%s is not whole: %s", name, rep.Problem).WithHint("get it again and repeat: nothing is added twice")
	case rep.Refused > 0:
		return wire.Errorf(wire.Partial, "%s: %s refused", name, count(rep.Refused, "event was", "events were")).
			WithHint("--json lists them with the reasons")
	}
	return nil
}

// readRoom sends a file; --timeout bounds each piece.
func (sh *shell) readRoom(cmd *cobra.Command, file io.Reader, in wire.RoomImportReq, dry bool, doing string) (wire.RoomImportReply, error) {
	progress := sh.printer.Progress(doing)
	defer progress.End()
	piece := make([]byte, wire.MaxPiece)
	for {
		n, err := io.ReadFull(file, piece)
		in.Last = err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !in.Last {
			return wire.RoomImportReply{}, err
		}
		in.Data = base64.StdEncoding.EncodeToString(piece[:n])
		rep, err := ask(cmd.Context(), sh, wire.RoomImport, in, client.DryRun(dry))
		if err != nil || rep.File == "" {
			return rep, err
		}
		if in.Last {
			return rep, wire.Errorf(wire.Incompatible, "the daemon waits for more of a file that has ended")
		}
		progress.Set(fmt.Sprintf("%s: %d events", doing, rep.Events))
		in = wire.RoomImportReq{File: rep.File}
	}
}

// roomNote says what became of a room's file.
func (f importedFile) roomNote() string {
	note := fmt.Sprintf("%s: %s of %s, %d added, %d there already, %d refused",
		f.File, count(f.Entries, "event", "events"), f.Channel, f.Added, f.Duplicates, f.Room.Refused)
	kind := "an open room: who knows its name can read it and write to it"
	if f.Room.Owner != "" {
		kind = "the room of owner " + f.Room.Owner
	}
	if f.Room.Joined {
		note += "\n" + f.Channel + " is joined: " + kind
	}
	return note
}
