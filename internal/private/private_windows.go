package private

import "io/fs"

// Owned is true.
func Owned(fs.FileInfo) bool { return true }

// Guarded is true.
func Guarded(fs.FileInfo) bool { return true }

// Exposed is false.
func Exposed(fs.FileMode) bool { return false }
