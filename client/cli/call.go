package cli

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"intercom/client/cli/out"
)

func newCallCmd(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "call [JSON|-]",
		Short: "Send any request of the bridge and print its reply",
		Long: `Send one JSON object with a "type" to the daemon and print its reply as JSON.
Without an argument, or with -, the request is read from standard input.`,
		Example: `  intercom call '{"type":"info"}' --jq .info.listen[0]
  intercom schema --format table`,
		Args: atMost(1), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && sh.StdinTTY {
				return usage(cmd, "JSON is missing")
			}
			text := "-"
			if len(args) == 1 {
				text = args[0]
			}
			return runCall(cmd, sh, text)
		},
	}
}

func runCall(cmd *cobra.Command, sh *shell, text string) error {
	if text == "-" {
		var err error
		if text, err = readText(sh.Stdin); err != nil {
			return err
		}
	}
	c, err := sh.dial()
	if err != nil {
		return err
	}
	ctx, cancel := sh.within(cmd.Context())
	defer cancel()
	reply, err := c.Raw(ctx, json.RawMessage(text))
	if err != nil {
		return err
	}
	sh.preferJSON()
	return sh.printer.Print(out.Document{Data: reply})
}

// preferJSON prints JSON where no format was asked for: the data has no rows
// that a person would want.
func (sh *shell) preferJSON() {
	o := &sh.printer.Options
	if o.Format == "" && o.JQ == "" && o.Template == "" {
		o.Format = "json"
	}
}
