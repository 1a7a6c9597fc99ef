package p2p

import (
	"log/slog"

	"github.com/libp2p/go-libp2p/gologshim"
)

// LibraryLog sends what libp2p itself logs to h instead of standard error. It holds for the whole process, since the
// library has one log, and works only before the first New: for main to call.
func LibraryLog(h slog.Handler) { gologshim.SetDefaultHandler(h) }
