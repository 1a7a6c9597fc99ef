package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"intercom/focus"
)

// sheetPage is how many rows of a document are asked for at once.
const sheetPage = 1000

// addFocusExport prints a document as its pieces come. --format is the
// document's own, and so are --json and INTERCOM_FORMAT where they name a
// format that it has. --jq, --template and --fields show the reply.
func addFocusExport(r *request, cmd *cobra.Command) {
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := r.chooseFormat(cmd); err != nil {
			return err
		}
		if r.sh.printer.Options.Raw {
			r.field("raw").raw = []byte("true")
		}
		if textOf(r.field("format")) != "expense" {
			return nil
		}
		return r.fromSettings(map[string]string{"payer": "expense.me"})
	}
	r.local = func(ctx context.Context) (any, bool, error) {
		limit, after := r.field("limit"), r.field("after")
		if o := r.sh.printer.Options; o.JQ != "" || o.Template != "" || len(o.Fields) > 0 {
			return nil, false, nil
		}
		whole := limit.raw == nil && after.raw == nil
		r.print = func(any) error { return nil } // it was printed by pieces
		if whole {
			limit.raw = strconv.AppendInt(nil, sheetPage, 10)
		}
		in, err := r.input(cmd)
		for err == nil {
			var piece focus.ExportReply
			if err = r.sh.do(ctx, r.spec.Spec, in, &piece); err != nil {
				break
			}
			data := piece.Data
			if r.sh.printer.Terminal.Tty {
				data = strings.ReplaceAll(data, "\r\n", "\n")
			}
			if err = r.sh.printer.Text(data); err != nil || piece.Next.Next == "" {
				break
			}
			if !whole {
				r.sh.printer.Note(piece.More())
				break
			}
			after.raw = quote(piece.Next.Next)
			in, err = r.encode(cmd)
		}
		return nil, true, err
	}
}

// fromSettings fills fields that are not given from the settings.
func (r *request) fromSettings(settings map[string]string) error {
	c, err := r.sh.config()
	if err != nil {
		return err
	}
	for name, key := range settings {
		if f := r.field(name); f.raw == nil && c.Get(key) != "" {
			f.raw = quote(c.Get(key))
		}
	}
	return nil
}

// settled takes fields that are not given from settings.
func settled(settings map[string]string) func(*request, *cobra.Command) {
	return func(r *request, cmd *cobra.Command) {
		cmd.PreRunE = func(*cobra.Command, []string) error { return r.fromSettings(settings) }
	}
}
