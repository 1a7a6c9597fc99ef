package out_test

import (
	"os"

	"intercom/client/cli/out"
	"intercom/client/wire"
)

type balance struct {
	Member string `json:"member"`
	Net    string `json:"net"`
}

type sheet struct {
	Currency string    `json:"currency"`
	Members  []balance `json:"members"`
}

// A command fills a Document; the options of the command line decide its form.
func ExampleDocument() {
	doc := out.Document{
		Schema: wire.SchemaName("expense balance"),
		Data:   sheet{"USD", []balance{{"alice", "15.00"}, {"bob", "-15.00"}}},
		Table: wire.Table{
			Columns: wire.Columns("member", ">net", "currency"),
			Rows:    [][]any{{"alice", "15.00", "USD"}, {"bob", "-15.00", "USD"}},
		},
	}
	for _, o := range []out.Options{{}, {Format: "json"}, {JQ: ".members[].net"}, {Format: "tsv", Fields: []string{"net"}}} {
		p := &out.Printer{Stdout: os.Stdout, Stderr: os.Stderr, Options: o}
		if err := p.Print(doc); err != nil {
			os.Exit(p.Error(err))
		}
	}
	// Output:
	// MEMBER     NET  CURRENCY
	// alice    15.00  USD
	// bob     -15.00  USD
	// {
	//   "schema": "intercom.expense.balance/v1",
	//   "currency": "USD",
	//   "members": [
	//     {
	//       "member": "alice",
	//       "net": "15.00"
	//     },
	//     {
	//       "member": "bob",
	//       "net": "-15.00"
	//     }
	//   ]
	// }
	// 15.00
	// -15.00
	// net
	// 15.00
	// -15.00
}
