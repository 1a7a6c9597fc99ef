package store

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

const (
	memExt       = ".mem"
	memtableSize = 8 << 20

	// MaxKey and MaxValue are the longest key and value Put takes, in bytes.
	MaxKey   = 32 << 10
	MaxValue = 1<<20 - 1
)

// badgerOptions keeps the anonymous memory small. Tables are neither compressed nor encrypted, so
// blocks and indexes are read from the mapped file and need no cache. All values stay in the tree:
// the value log holds nothing and needs no collection. Syncing is the journal's work.
func badgerOptions(dir string, log *slog.Logger) badger.Options {
	return badger.DefaultOptions(dir).
		WithLogger(badgerLog{log}).
		WithBypassLockGuard(true). // the folder above is locked
		WithSyncWrites(false).
		WithMetricsEnabled(false).
		WithDetectConflicts(false). // there is one writer
		WithNumVersionsToKeep(1).
		WithMemTableSize(memtableSize).
		WithNumMemtables(2).
		WithNumCompactors(2).
		WithNumLevelZeroTables(3).
		WithNumLevelZeroTablesStall(8).
		WithNumGoroutines(2).
		WithCompression(options.None).
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		WithChecksumVerificationMode(options.OnBlockRead).
		WithValueThreshold(MaxValue + 1).
		WithValueLogFileSize(1 << 20)
}

// openBadger turns what Badger says, or panics with, about a damaged folder into ErrCorrupt.
func openBadger(dir string, log *slog.Logger) (db *badger.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = corrupt(dir, fmt.Errorf("%v", p))
		}
	}()
	// The store gives the timestamps itself: a transaction of Badger's own would make every new
	// reader wait for the commit under way.
	db, err = badger.OpenManaged(badgerOptions(dir, log))
	if err != nil {
		return nil, corrupt(dir, err)
	}
	return db, nil
}

func corrupt(dir string, cause error) error {
	return fmt.Errorf("%w: %s: %w: hint: restore the folder from a backup, or move it away to start empty", ErrCorrupt, dir, cause)
}

// badgerLog passes Badger's log on. Its progress reports are debugging matter here.
type badgerLog struct{ log *slog.Logger }

func (l badgerLog) Errorf(f string, a ...any)   { l.put(slog.LevelError, f, a) }
func (l badgerLog) Warningf(f string, a ...any) { l.put(slog.LevelWarn, f, a) }
func (l badgerLog) Infof(f string, a ...any)    { l.put(slog.LevelDebug, f, a) }
func (l badgerLog) Debugf(string, ...any)       {} // several lines a commit

func (l badgerLog) put(level slog.Level, f string, a []any) {
	// Badger's interface has no context to hand on.
	if ctx := context.TODO(); l.log.Enabled(ctx, level) {
		l.log.Log(ctx, level, "badger", "text", strings.TrimSpace(fmt.Sprintf(f, a...)))
	}
}

// reserved says whether key belongs to Badger or to this package.
func reserved(key []byte) bool {
	return len(key) > 0 && key[0] == '!' && (bytes.HasPrefix(key, []byte("!badger!")) || bytes.HasPrefix(key, []byte("!store!")))
}
