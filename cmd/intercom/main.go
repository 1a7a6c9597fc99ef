// Command intercom is the client of a daemon, intercomd: see intercom --help.
package main

import (
	"context"
	"os"

	"intercom/client/cli"
)

func main() { os.Exit(cli.Main(context.Background(), os.Args[1:], cli.OS())) }
