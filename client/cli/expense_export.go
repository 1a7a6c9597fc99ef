package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"intercom/expense"
)

// addExportFile prints the document itself: --format is the document's own, and
// so are --json and INTERCOM_FORMAT where they name a format that it has. --jq,
// --template and --fields still show the whole reply.
func addExportFile(r *request, cmd *cobra.Command) {
	cmd.Example = `  intercom expense export --channel trip --format csv --what entries > trip.csv`
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		at := slices.IndexFunc(r.fields, func(f *field) bool { return f.flag == "format" })
		format, asked := r.fields[at], r.sh.flags.json
		switch fallback := r.sh.printer.Options.Default; {
		case asked && format.raw != nil && string(format.raw) != `"json"`:
			return usage(cmd, "--json and --format %s exclude each other", strings.Trim(format.String(), `"`))
		case asked:
			format.raw = quote("json")
		case format.raw == nil && slices.Contains(format.choices, fallback):
			format.raw = quote(fallback)
		}
		return nil
	}
	r.print = func(reply any) error {
		o := r.sh.printer.Options
		if o.JQ != "" || o.Template != "" || len(o.Fields) > 0 {
			return r.sh.show(r.spec.Schema(), reply)
		}
		return r.sh.printer.Text(reply.(expense.ExportReply).Data + "\n")
	}
}
