//go:build !windows

package client

import (
	"io/fs"
	"os"
	"syscall"
)

// ours tells whether this user owns the file.
func ours(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}

// writable tells whether group or others may write.
func writable(mode fs.FileMode) bool { return mode.Perm()&0o022 != 0 }
