// Command intercomd is the daemon of a peer: see intercomd --help.
package main

import (
	"context"
	"os"

	"intercom/daemon"
)

func main() { os.Exit(daemon.Main(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }
