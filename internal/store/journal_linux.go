package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
	"golang.org/x/sys/unix"

	"intercom/internal/atomicfile"
)

// reserve is how much of a write-ahead file Badger uses before it begins the next: it begins one
// when this much of a memtable is full, and lets one more transaction in.
const reserve = memtableSize + memtableSize/2

// filesJournal syncs Badger's write-ahead files through descriptors of its own: one flush of the
// disk a commit, where Badger itself would also flush its empty value log. Badger maps these files,
// so each has its space reserved before Badger begins it: the empty file is made ahead under the
// name that Badger takes next. What is reserved behind the end of a file stays when it grows.
type filesJournal struct {
	db   *badger.DB
	dir  string
	id   uint64     // of cur
	cur  *os.File   // Badger appends to it
	next *os.File   // empty; nil if there was no space for it
	full []*os.File // written since the last sync, but not appended to any more
	dirt bool       // cur was written since the last sync
}

func newJournal(db *badger.DB, dir string) (_ journal, err error) {
	j := &filesJournal{db: db, dir: dir}
	ids, err := numbered(dir, memExt)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("no write-ahead file in %s", dir)
	}
	j.id = ids[len(ids)-1]
	if j.cur, err = os.OpenFile(j.path(j.id), os.O_RDWR, 0); err != nil {
		return nil, fmt.Errorf("find Badger's write-ahead file: %w", err)
	}
	if err = errors.Join(allocate(j.cur), j.prepare()); err != nil {
		return nil, errors.Join(err, j.close())
	}
	return j, nil
}

func (j *filesJournal) path(id uint64) string { return filepath.Join(j.dir, logName(id)) }

// prepare makes the file that Badger begins next.
func (j *filesJournal) prepare() error {
	name := j.path(j.id + 1)
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		if err = allocate(f); err == nil {
			j.next = f
			return atomicfile.SyncDir(j.dir)
		}
		err = errors.Join(err, f.Close(), os.Remove(name))
	}
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		err = fmt.Errorf("%w: no room for the next write-ahead file in %s: %w: hint: free %d MiB there", ErrDiskFull, j.dir, err, reserve>>20)
	}
	return err
}

func allocate(f *os.File) error {
	err := unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, reserve)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return nil // the watermark has to do
	}
	return err
}

func (j *filesJournal) write(txn *badger.Txn, ts uint64) error {
	if j.next == nil {
		if err := j.prepare(); err != nil {
			txn.Discard()
			return err
		}
	}
	if err := txn.CommitAt(ts, nil); err != nil {
		return err
	}
	// A transaction goes into one file whole: the next one if Badger began it, else this one.
	fi, err := j.next.Stat()
	if err != nil {
		return err
	}
	if fi.Size() > 0 {
		if j.dirt {
			j.full = append(j.full, j.cur)
		} else if err := j.cur.Close(); err != nil {
			return err
		}
		j.id, j.cur, j.next = j.id+1, j.next, nil
		// Without space it is tried again before the next write, which fails then, not this one.
		if err := j.prepare(); err != nil && !errors.Is(err, ErrDiskFull) {
			return err
		}
	}
	j.dirt = true
	return nil
}

func (j *filesJournal) sync() error {
	for len(j.full) > 0 {
		f := j.full[0]
		j.full = j.full[1:] // closed once, also if it cannot be synced
		if err := errors.Join(unix.Fdatasync(int(f.Fd())), f.Close()); err != nil {
			return err
		}
	}
	if !j.dirt {
		return nil
	}
	if err := unix.Fdatasync(int(j.cur.Fd())); err != nil {
		return err
	}
	j.dirt = false
	return nil
}

func (j *filesJournal) close() error {
	var errs []error
	for _, f := range append(j.full, j.cur, j.next) {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}
