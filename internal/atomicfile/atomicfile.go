// Package atomicfile writes files whole: who reads one sees the old
// content or the new, also after a crash, and what was written is on disk
// before a function returns.
//
// A temporary file has a name with a dot in front until it takes its place. A
// crash may leave one.
package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace writes the file of a path, in a folder that is there already. A file
// of that name is replaced.
func Replace(path string, data []byte, mode fs.FileMode) error {
	return write(path, bytesOf(data), mode, os.Rename)
}

// Create is like Replace, but never replaces a file: of two that write at once
// one wins, and the other gets fs.ErrExist.
func Create(path string, data []byte, mode fs.FileMode) error {
	return CreateFrom(path, mode, bytesOf(data))
}

// CreateFrom is Create of what fill writes. Where fill fails there is no file.
func CreateFrom(path string, mode fs.FileMode, fill func(w io.Writer) error) error {
	return write(path, fill, mode, placer(os.Link))
}

func bytesOf(data []byte) func(io.Writer) error {
	return func(w io.Writer) error { _, err := w.Write(data); return err }
}

func write(path string, fill func(io.Writer) error, mode fs.FileMode, place func(from, to string) error) error {
	dir, base := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	f, err := os.CreateTemp(dir, "."+base+".tmp-*") // mode 0600
	if err != nil {
		return err
	}
	temp := f.Name()
	err = fill(f)
	if mode != 0o600 {
		err = errors.Join(err, f.Chmod(mode))
	}
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = place(temp, path)
	}
	if removed := os.Remove(temp); !errors.Is(removed, fs.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	if err != nil {
		return err
	}
	return SyncDir(dir)
}

// placer gives a file its name by a hard link, which, unlike a rename, fails
// if the name is taken.
func placer(link func(from, to string) error) func(from, to string) error {
	return func(from, to string) error {
		err := link(from, to)
		if err == nil {
			return nil
		}
		// Whatever else failed, the file system may have no links: then look and
		// rename, which leaves a moment between the two.
		switch _, looked := os.Lstat(to); {
		case errors.Is(looked, fs.ErrNotExist):
			return os.Rename(from, to)
		case looked != nil:
			return looked
		}
		return fs.ErrExist
	}
}
