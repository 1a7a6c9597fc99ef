package p2p

import (
	"log"
	"log/slog"

	"github.com/libp2p/go-libp2p/gologshim"
)

// LibraryLog sends what libp2p and the libraries below it log to h instead of standard error; those below, which know no
// levels, at debug. It holds for the whole process, since they have one log, and works only before the first New: for
// main to call.
func LibraryLog(h slog.Handler) {
	gologshim.SetDefaultHandler(h)
	log.SetFlags(0)
	log.SetOutput(slog.NewLogLogger(h, slog.LevelDebug).Writer())
}
