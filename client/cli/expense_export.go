package cli

import (
	"github.com/spf13/cobra"

	"intercom/expense"
)

// addExportFile prints the document itself. --format is the document's own;
// --json, --jq and --template still show the whole reply.
func addExportFile(r *request, cmd *cobra.Command) {
	cmd.Example = `  intercom expense export --channel trip --format csv --what entries > trip.csv`
	r.print = func(reply any) error {
		o := r.sh.printer.Options
		if o.Format != "" || o.JQ != "" || o.Template != "" || len(o.Fields) > 0 {
			return r.sh.show(r.spec.Schema(), reply)
		}
		return r.sh.printer.Text(reply.(expense.ExportReply).Data + "\n")
	}
}
