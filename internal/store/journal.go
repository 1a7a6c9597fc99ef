package store

import "github.com/dgraph-io/badger/v4"

// journal brings transactions to the disk.
type journal interface {
	// write hands txn to Badger with timestamp ts. It is durable only after sync. ErrDiskFull
	// means that nothing was written and a later call may succeed.
	write(txn *badger.Txn, ts uint64) error
	// sync returns when all that was written is on disk. Nothing was, if nothing was written.
	sync() error
	// close lets go of Badger's files; Badger is still open.
	close() error
}
