//go:build unix

// Package private tells whether files and folders are this user's alone. On
// Windows everything is: rights are in access lists there, which have no mode
// bits, and what we look at is below the user's own folders.
package private

import (
	"io/fs"
	"os"
	"syscall"
)

// Owned reports whether this user owns the file or folder.
func Owned(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// Guarded reports whether this user owns the file or folder, and neither group
// nor others may write it.
func Guarded(info fs.FileInfo) bool { return Owned(info) && info.Mode().Perm()&0o022 == 0 }

// Exposed reports whether group or others have any right to it.
func Exposed(mode fs.FileMode) bool { return mode.Perm()&0o077 != 0 }
