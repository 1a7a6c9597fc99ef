package store

import "os"

// SpoilLog has f synced in place of the write-ahead file that Badger appends to.
func (s *Store) SpoilLog(f *os.File) error {
	j := s.wal.(*filesJournal)
	old := j.cur
	j.cur = f
	return old.Close()
}

// SpoilFull adds f to the files that Badger has filled since the last sync.
func (s *Store) SpoilFull(f *os.File) {
	j := s.wal.(*filesJournal)
	j.full = append(j.full, f)
}

// Reserve is the space that each write-ahead file is to hold, in bytes.
const Reserve = reserve
