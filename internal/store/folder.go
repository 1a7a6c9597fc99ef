package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"

	"intercom/internal/atomicfile"
)

const (
	dataDir     = "badger"
	lockFile    = "lock"
	versionFile = "VERSION"

	// format is the version of what this package writes. A change that an older program would
	// misread takes the next number. A format before is read as it is.
	//	2: records of events without what their keys say, short places and entries of the journal
	format = 2
)

type folderLock struct{ f *flock.Flock }

func lockFolder(dir string) (*folderLock, error) {
	f := flock.New(filepath.Join(dir, lockFile), flock.SetPermissions(0o600))
	switch ok, err := f.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("lock: %w", err)
	case !ok:
		return nil, fmt.Errorf("%w: hint: stop the daemon that uses this folder, or choose another profile", ErrLocked)
	}
	return &folderLock{f}, nil
}

func (l *folderLock) release() error { return l.f.Close() }

// checkVersion reads the version file beside the database, before anything touches the database,
// and writes it where there is no database yet, or one of a format before.
func checkVersion(dir, data string) error {
	path := filepath.Join(dir, versionFile)
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if _, err := os.Stat(data); err == nil {
			return fmt.Errorf("%w: no file %s beside the data: hint: restore the folder from a backup", ErrCorrupt, versionFile)
		}
		return writeVersion(path)
	case err != nil:
		return err
	}
	v, err := strconv.Atoi(strings.TrimSpace(string(text)))
	switch {
	case err != nil || v < 1:
		return fmt.Errorf("%w: %s does not hold a version: hint: restore the folder from a backup", ErrCorrupt, path)
	case v > format:
		return fmt.Errorf("%w (format %d, this one reads %d): hint: upgrade this program", ErrNewer, v, format)
	case v < format:
		return writeVersion(path)
	}
	return nil
}

func writeVersion(path string) error {
	return atomicfile.Replace(path, []byte(strconv.Itoa(format)+"\n"), 0o600)
}

// sweep removes write-ahead files without content. A crash between making, or emptying, such a
// file and the next step leaves one, and Badger refuses to open a folder that has one.
func sweep(data string) error {
	names, err := filepath.Glob(filepath.Join(data, "*"+memExt))
	if err != nil {
		return err
	}
	for _, name := range names {
		if fi, err := os.Stat(name); err == nil && fi.Size() == 0 {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}
