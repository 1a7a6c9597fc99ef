package client

import (
	"errors"
	"fmt"
	"os"

	"intercom/internal/private"
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
	if !info.IsDir() || !private.Guarded(info) {
		return fmt.Errorf("%w: %s", ErrExposed, dir)
	}
	return nil
}
