package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/fb"
	"github.com/dgraph-io/badger/v4/pb"
	"github.com/dgraph-io/badger/v4/y"
	"google.golang.org/protobuf/proto"
)

// Badger takes a folder without a manifest for a new one and deletes the tables it does not know,
// ends the process over a damaged table index, and ends a scan early at a damaged block. So a
// folder is looked through before Badger sees it, and the blocks after, by verifyBlocks.

// checkFolder says what is wrong with the database in data, if it can be seen without reading the
// rows.
func checkFolder(data string) error {
	known, whole, err := readManifest(data)
	if err != nil {
		return err
	}
	tables, err := numbered(data, tableExt)
	if err != nil {
		return err
	}
	for _, id := range tables {
		// A crash leaves tables that the manifest does not have yet; a manifest whose end is lost
		// would leave them too, and Badger would delete what it knows nothing of.
		if _, ok := known[id]; !ok && !whole {
			return fmt.Errorf("the end of MANIFEST is unreadable and %s is not in the rest", tableName(id))
		}
	}
	for id := range known {
		if err := checkTable(filepath.Join(data, tableName(id)), false); err != nil {
			return fmt.Errorf("%s: %w", tableName(id), err)
		}
	}
	return checkLogs(data)
}

// numbered returns the numbers of the files in dir that Badger named with a number and ext, in
// ascending order.
func numbered(dir, ext string) ([]uint64, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*"+ext))
	if err != nil {
		return nil, err
	}
	var ids []uint64
	for _, name := range names {
		id, err := strconv.ParseUint(strings.TrimSuffix(filepath.Base(name), ext), 10, 32)
		if err != nil {
			return nil, fmt.Errorf("a file with an odd name: %s", name)
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids, nil
}

// listed returns the tables that the manifest has, in ascending order; none where it cannot be
// read, which checkFolder tells.
func listed(data string) []uint64 {
	known, _, _ := readManifest(data)
	return slices.Sorted(maps.Keys(known))
}

func tableName(id uint64) string { return fmt.Sprintf("%06d%s", id, tableExt) }
func logName(id uint64) string   { return fmt.Sprintf("%05d%s", id, memExt) }

// readManifest returns the tables of the database and whether the list was read to its end.
func readManifest(data string) (known map[uint64]badger.TableManifest, whole bool, err error) {
	f, err := os.Open(filepath.Join(data, badger.ManifestFilename))
	if errors.Is(err, os.ErrNotExist) {
		names, err := os.ReadDir(data)
		if err == nil && len(names) > 0 && !onlyFresh(names) {
			err = errors.New("no MANIFEST beside the data")
		}
		if errors.Is(err, os.ErrNotExist) {
			err = nil
		}
		return nil, true, err
	}
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	m, end, err := badger.ReplayManifestFile(f, 0, badger.DefaultOptions(data).WithLogger(nil))
	if err != nil {
		return nil, false, fmt.Errorf("MANIFEST: %w", err)
	}
	fi, err := f.Stat()
	return m.Tables, err == nil && fi.Size() == end, err
}

// onlyFresh says whether names are what a crash in the first Open leaves before the manifest.
func onlyFresh(names []os.DirEntry) bool {
	for _, n := range names {
		if n.Name() != "MANIFEST-REWRITE" {
			return false
		}
	}
	return true
}

// verifyBlocks reads the tables that the manifest had before the store was opened. A damaged one ends reading
// and writing: Badger would leave out rows without a word.
func (s *Store) verifyBlocks(data string, tables []uint64) {
	defer close(s.verified)
	for _, id := range tables {
		select {
		case <-s.closing:
			return
		default:
		}
		path := filepath.Join(data, tableName(id))
		err := checkTable(path, true)
		if err == nil {
			continue
		}
		// Badger empties and removes a table that it has compacted.
		if fi, serr := os.Stat(path); errors.Is(serr, os.ErrNotExist) || serr == nil && fi.Size() == 0 {
			continue
		}
		err = corrupt(data, fmt.Errorf("%s: %w", tableName(id), err))
		s.log.Error("store is damaged", "dir", s.dir, "error", err)
		s.broken.Store(&err)
		s.damaged.Store(&err)
		return
	}
}

// checkTable verifies the index of the table at path and, if blocks is set, each block. Layout:
// blocks, index, its length, its checksum, the length of that; all lengths 4 bytes, big-endian.
func checkTable(path string, blocks bool) (err error) {
	defer func() {
		if p := recover(); p != nil { // the index is followed by generated code that checks no bounds
			err = fmt.Errorf("index: %v", p)
		}
	}()
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	end := fi.Size()
	take := func(n int64) ([]byte, error) {
		if n < 0 || n > end {
			return nil, errors.New("a length is wrong")
		}
		end -= n
		b := make([]byte, n)
		_, err := f.ReadAt(b, end)
		return b, err
	}
	sum, err := takeSized(take)
	if err != nil {
		return err
	}
	index, err := takeSized(take)
	if err != nil {
		return err
	}
	if len(index) == 0 {
		return errors.New("no index")
	}
	if err := verify(index, sum); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	if !blocks {
		return nil
	}
	table, at := fb.GetRootAsTableIndex(index, 0), fb.BlockOffset{}
	for i := range table.OffsetsLength() {
		if !table.Offsets(&at, i) || int64(at.Offset())+int64(at.Len()) > end {
			return fmt.Errorf("block %d lies outside", i)
		}
		b := make([]byte, at.Len())
		if _, err := f.ReadAt(b, int64(at.Offset())); err != nil {
			return err
		}
		if err := checkBlock(b); err != nil {
			return fmt.Errorf("block %d: %w", i, err)
		}
	}
	return nil
}

// checkBlock verifies a block. It ends in its checksum and the length of that.
func checkBlock(b []byte) error {
	sum, err := takeSized(func(n int64) ([]byte, error) {
		if n < 0 || n > int64(len(b)) {
			return nil, errors.New("a length is wrong")
		}
		part := b[int64(len(b))-n:]
		b = b[:int64(len(b))-n]
		return part, nil
	})
	if err != nil {
		return err
	}
	return verify(b, sum)
}

// takeSized takes a length from the end of something and then so many bytes before it.
func takeSized(take func(n int64) ([]byte, error)) ([]byte, error) {
	n, err := take(4)
	if err != nil {
		return nil, err
	}
	return take(int64(binary.BigEndian.Uint32(n)))
}

func verify(data, sum []byte) error {
	var want pb.Checksum
	if err := proto.Unmarshal(sum, &want); err != nil {
		return errors.New("checksum unreadable")
	}
	if _, known := pb.Checksum_Algorithm_name[int32(want.Algo)]; !known {
		return errors.New("checksum of an unknown kind")
	}
	return y.VerifyChecksum(data, &want)
}
