package cli

import (
	"reflect"

	"github.com/spf13/cobra"

	"intercom/client/wire"
)

// addPageFlags adds the flags of a long reply as they are on commands that are
// made from declarations.
func addPageFlags(cmd *cobra.Command, page *wire.Page) {
	usage := map[string]string{}
	for _, f := range wire.Fields(reflect.TypeFor[wire.Page]()) {
		usage[f.JSON] = f.Tag.Get("jsonschema")
	}
	cmd.Flags().IntVar(&page.Limit, "limit", 0, usage["limit"])
	cmd.Flags().StringVar(&page.After, "after", "", usage["after"])
}
