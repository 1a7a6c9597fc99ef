package client

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrExposed reports a folder that another user owns or may write.
var ErrExposed = errors.New("folder is not ours alone")

// PrivateDir makes a folder of mode 0700, and those above it where they are
// missing. A folder that is there already must be ours and closed to the
// writing of others, else ErrExposed: another user could have made it first.
func PrivateDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return checkPrivate(dir)
}

func checkPrivate(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if info.Mode()&os.ModeSymlink != 0 {
		if info, err = os.Stat(dir); err != nil {
			return err
		}
	}
	if !info.IsDir() || !ours(info) || writable(info.Mode()) {
		return fmt.Errorf("%w: %s", ErrExposed, dir)
	}
	return nil
}

// writeFile replaces a file of mode 0600 whole: a reader sees the old content
// or the new, also after a crash.
func writeFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
