package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"intercom/client"
)

// maxLog is the size in bytes at which a log begins anew.
const maxLog = 10 << 20

// LogFile is a log of bounded size: once it is full it begins anew, and some
// files before it stay. A line is never cut in two.
type LogFile struct {
	paths  []string // of the log and of those before it, the newest first
	max    int64
	attach func(*os.File) error

	mu   sync.Mutex
	file *os.File
	size int64
}

// OpenLogFile opens the log at paths[0], which others may write to meanwhile.
// After max bytes it is renamed to paths[1], and so on; what was at the last
// path is gone. attach is called with every file that it becomes; nil: nobody
// needs to know.
func OpenLogFile(paths []string, max int64, attach func(*os.File) error) (*LogFile, error) {
	if err := client.PrivateDir(filepath.Dir(paths[0])); err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	l := &LogFile{paths: paths, max: max, attach: attach}
	return l, l.open()
}

func (l *LogFile) open() error {
	f, err := os.OpenFile(l.paths[0], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	info, err := f.Stat()
	if err == nil && l.attach != nil {
		err = l.attach(f)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("open log: %w", err), f.Close())
	}
	if l.file != nil {
		_ = l.file.Close() // everything is in it
	}
	l.file, l.size = f, info.Size()
	return nil
}

// Write appends a line, which begins a new file where this one is full. A
// file that cannot be replaced grows on.
func (l *LogFile) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.size > 0 && l.size+int64(len(line)) > l.max {
		if err := l.rotate(); err != nil {
			fmt.Fprintf(l.file, "log not rotated: %v\n", err)
			l.size = 0 // tried again after as much again
		}
	}
	n, err := l.file.Write(line)
	l.size += int64(n)
	return n, err
}

// rotate makes the file the first of the older ones and opens a new one. Where
// somebody else did that already it only opens the new one.
func (l *LogFile) rotate() error {
	mine, err := l.file.Stat()
	if err != nil {
		return err
	}
	if there, err := os.Stat(l.paths[0]); err == nil && os.SameFile(mine, there) {
		for n := len(l.paths) - 1; n > 0; n-- {
			if err := os.Rename(l.paths[n-1], l.paths[n]); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return l.open()
}

// Close closes the file.
func (l *LogFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Close()
}
