package cli

import (
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"intercom/client/wire"
)

// maxRatesFile is what a request can carry beside its other fields.
const maxRatesFile = 1 << 20

// addRatesFile reads the rates of a file into the request.
func addRatesFile(r *request, cmd *cobra.Command) {
	var path string
	cmd.Flags().StringVar(&path, "rates", "", "file of rates for --in: lines of from,to,rate[,date], or P lines of hledger (- for standard input)")
	_ = cmd.MarkFlagFilename("rates")
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		if path == "" {
			return nil
		}
		in := r.sh.Stdin
		if path != "-" {
			f, err := os.Open(path)
			if err != nil {
				return wire.Errorf(wire.NotFound, "%v", err)
			}
			defer f.Close()
			in = f
		}
		text, err := io.ReadAll(io.LimitReader(in, maxRatesFile+1))
		if err != nil {
			return err
		}
		if len(text) > maxRatesFile {
			return wire.Errorf(wire.TooLarge, "%s has more than %d bytes", path, maxRatesFile)
		}
		at := slices.IndexFunc(r.fields, func(f *field) bool { return f.name == "rates" })
		r.fields[at].raw = quote(string(text))
		return nil
	}
}
