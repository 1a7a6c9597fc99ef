package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"

	"github.com/dgraph-io/badger/v4/y"
	"github.com/dgraph-io/ristretto/v2/z"
)

// logHeader is the size of what precedes the entries of a write-ahead file: the id of a key and an
// initial vector.
const logHeader = 20

// Badger ends the last entry of a transaction with this key and a timestamp, and this bit.
const endBit = 1 << 7

var endKey = []byte("!badger!txn")

// checkLogs finds damage in the write-ahead files. Badger reads a file up to the first entry that
// does not verify and forgets the rest, as it must after a crash in the midst of a commit. But a
// commit begins only when the one before is on disk: if two commits follow the bad entry, what was
// bad had been acknowledged.
func checkLogs(data string) error {
	names, err := filepath.Glob(filepath.Join(data, "*"+memExt))
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := checkLog(name); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(name), err)
		}
	}
	return nil
}

func checkLog(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil || fi.Size() == 0 {
		return err
	}
	if fi.Size() < logHeader {
		return fmt.Errorf("only %d bytes", fi.Size())
	}
	b, err := z.Mmap(f, false, fi.Size())
	if err != nil {
		return fmt.Errorf("map: %w", err)
	}
	bad := afterWhole(b)
	first := uint64(0)
	for at := bad; err == nil; {
		i := bytes.Index(b[at:], endKey)
		if i < 0 {
			break
		}
		at += i
		// Its header is always 5 bytes: all lengths are below 128.
		if e, ok := parseEntry(b[max(at-5, 0):]); ok && e.meta&endBit != 0 {
			ts, perr := strconv.ParseUint(string(e.value), 10, 64)
			switch {
			case perr != nil:
			case first == 0:
				first = ts
			case ts != first:
				err = fmt.Errorf("unreadable at byte %d, with commits behind it", bad)
			}
		}
		at += len(endKey)
	}
	return errors.Join(err, z.Munmap(b))
}

// afterWhole returns where the first entry that does not verify begins.
func afterWhole(b []byte) int {
	at := logHeader
	for {
		e, ok := parseEntry(b[at:])
		if !ok {
			return at
		}
		at += e.size
	}
}

type entry struct {
	meta  byte
	value []byte
	size  int
}

// parseEntry reads an entry: two bytes of marks, the lengths of key and value and a time as
// varints, key, value, and the CRC-32C of all that, big-endian.
func parseEntry(b []byte) (entry, bool) {
	if len(b) < 2 {
		return entry{}, false
	}
	at := 2
	var n [3]uint64
	for i := range n {
		v, size := binary.Uvarint(b[at:])
		if size <= 0 {
			return entry{}, false
		}
		n[i], at = v, at+size
	}
	const most = 1 << 30
	if n[0] == 0 || n[0] > most || n[1] > most || at+int(n[0]+n[1])+crc32.Size > len(b) {
		return entry{}, false
	}
	end := at + int(n[0]+n[1])
	sum := binary.BigEndian.Uint32(b[end:])
	if crc32.Checksum(b[:end], y.CastagnoliCrcTable) != sum {
		return entry{}, false
	}
	return entry{meta: b[0], value: b[end-int(n[1]) : end], size: end + crc32.Size}, true
}
