//go:build !windows

package identity

import (
	"errors"
	"io/fs"
	"os"
)

// exposed tells whether group or others have any right to a file.
func exposed(mode fs.FileMode) bool { return mode.Perm()&0o077 != 0 }

// syncDir puts a folder's list of names on disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
