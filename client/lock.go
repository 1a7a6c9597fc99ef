package client

import (
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// lockName is the file in StoreDir that a daemon locks before it opens the
// store, long before it writes BridgeFile.
const lockName = "lock"

// Held reports whether a process holds the profile's store: a daemon that
// starts, runs or ends. It never makes the file.
func (p Profile) Held() bool {
	l := flock.New(filepath.Join(p.StoreDir(), lockName), flock.SetFlag(os.O_RDONLY))
	defer l.Close()
	got, err := l.TryLock()
	return err == nil && !got
}
