package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"syscall"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

const (
	memExt       = ".mem" // write-ahead files
	tableExt     = ".sst"
	memtableSize = 4 << 20
	tableSize    = memtableSize / 2 // Badger builds in buffers of twice that, and pools up to eight: a memtable has to fit

	// MaxKey and MaxValue are the longest key and value Put takes, in bytes.
	MaxKey   = 32 << 10
	MaxValue = 1<<19 - 1
)

// badgerOptions keeps the anonymous memory small. Tables are neither compressed nor encrypted, so
// blocks and indexes are read from the mapped file and need no cache. All values stay in the tree:
// the value log holds nothing and needs no collection. Syncing is the journal's work.
func badgerOptions(dir string, log badgerLog) badger.Options {
	o := badger.DefaultOptions(dir).
		WithLogger(log).
		WithBypassLockGuard(true). // the folder above is locked
		WithSyncWrites(false).
		WithMetricsEnabled(false).
		WithDetectConflicts(false). // there is one writer
		WithNumVersionsToKeep(1).
		WithMemTableSize(memtableSize).
		WithBaseTableSize(tableSize).
		WithNumMemtables(2).
		WithNumCompactors(2).
		WithNumLevelZeroTables(5).
		WithNumLevelZeroTablesStall(2 * behindTables).
		WithNumGoroutines(2).
		WithCompression(options.None).
		WithBlockSize(8 << 10). // each begins with a whole key, and is named by one
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		WithChecksumVerificationMode(options.OnBlockRead).
		WithValueThreshold(MaxValue + 1).
		WithValueLogFileSize(1 << 20).
		WithCompactL0OnClose(true) // else old versions of rows stay on disk
	o.TableSizeMultiplier = 1 // the buffers would grow with the tables of lower levels
	return o
}

// behindTables is how many first-level tables may wait for compaction. Badger itself would wait in
// the midst of a commit, on a full disk for ever; so the store waits before it, and Badger's own
// bound leaves room for the memtables under way.
const behindTables = 8

// openBadger turns what Badger says, or panics with, about a damaged folder into ErrCorrupt.
func openBadger(dir string, log *slog.Logger, g *guard) (db *badger.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = corrupt(dir, fmt.Errorf("%v", p))
		}
	}()
	if err := checkFolder(dir); err != nil {
		return nil, corrupt(dir, err)
	}
	// The store gives the timestamps itself: a transaction of Badger's own would make every new
	// reader wait for the commit under way.
	db, err = badger.OpenManaged(badgerOptions(dir, badgerLog{log, g}))
	if err != nil {
		return nil, corrupt(dir, err)
	}
	return db, nil
}

func corrupt(dir string, cause error) error {
	// Missing rights or descriptors are not damage. A missing file is.
	if errno := syscall.Errno(0); errors.As(cause, &errno) && !errors.Is(cause, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", dir, cause)
	}
	return fmt.Errorf("%w: %s: %w: hint: restore the folder from a backup, or move it away to start empty", ErrCorrupt, dir, cause)
}

// badgerLog passes Badger's log on. Its progress reports are debugging matter here.
type badgerLog struct {
	log   *slog.Logger
	guard *guard
}

func (l badgerLog) Errorf(f string, a ...any)   { put(l.log.Error, f, a) }
func (l badgerLog) Warningf(f string, a ...any) { put(l.log.Warn, f, a) }
func (l badgerLog) Infof(f string, a ...any)    { put(l.log.Debug, f, a) }

// Debugf drops the several lines of a commit. One it uses: a compaction says it just before it
// writes a table, in the goroutine that then would die of a full disk, so there it is held up.
func (l badgerLog) Debugf(f string, _ ...any) {
	if strings.HasPrefix(f, tableReady) {
		l.guard.wait(l.log)
	}
}

const tableReady = "[%d] LOG Compact. Added "

func put(to func(msg string, args ...any), f string, a []any) {
	to("badger", "text", strings.TrimSpace(fmt.Sprintf(f, a...)))
}

// reserved says whether key belongs to Badger or to this package.
func reserved(key []byte) bool {
	return len(key) > 0 && key[0] == '!' && (bytes.HasPrefix(key, []byte("!badger!")) || bytes.HasPrefix(key, []byte("!store!")))
}
