package cli

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"intercom/client/wire"
	"intercom/expense"
)

// addEntryFlags lets an amount below zero stand for income, and files for their
// hashes: the files themselves stay where they are.
func addEntryFlags(r *request, cmd *cobra.Command) {
	var files []string
	cmd.Flags().StringArrayVar(&files, "attach", nil, "note the hash, size and name of a file, such as the bill; may be repeated")
	r.sh.completeFlag(cmd, "attach", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveDefault
	})
	cmd.PreRunE = func(*cobra.Command, []string) error {
		if amount := r.field("amount"); strings.HasPrefix(string(amount.raw), `"-`) {
			amount.raw = json.RawMessage(`"` + string(amount.raw[2:]))
			r.field("income").raw = json.RawMessage("true")
		}
		if files == nil {
			return nil
		}
		var list []expense.Attachment
		for _, path := range files {
			a, err := attachment(path)
			if err != nil {
				return err
			}
			list = append(list, a)
		}
		raw, err := json.Marshal(list)
		r.field("attachments").raw = raw
		return err
	}
}

// field returns the field of that name, which the request has.
func (r *request) field(name string) *field {
	for _, f := range r.fields {
		if f.name == name {
			return f
		}
	}
	panic("no field " + name)
}

// attachment reads a regular file; a device or a pipe may have no end, and
// would keep even opening it from being interrupted.
func attachment(path string) (a expense.Attachment, err error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return a, wire.Errorf(wire.InvalidRequest, "attach: %s is no regular file", path).WithHint("save it as a file first")
	}
	f, err := os.Open(path)
	if err != nil {
		return a, wire.Errorf(wire.InvalidRequest, "attach: %v", err)
	}
	defer f.Close()
	h := sha256.New()
	if a.Size, err = io.Copy(h, f); err != nil {
		return a, wire.Errorf(wire.InvalidRequest, "attach: %v", fmt.Errorf("read %s: %w", path, err))
	}
	a.SHA256, a.Name = [32]byte(h.Sum(nil)), filepath.Base(path)
	return a, nil
}
