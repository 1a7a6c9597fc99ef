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

// entryHeader is the most an entry has before its key.
const entryHeader = 22

// Badger ends the last entry of a transaction with this key and a timestamp, and this bit.
const endBit = 1 << 7

var endKey = []byte("!badger!txn")

// checkLogs finds damage in the write-ahead files. Badger reads a file up to the first entry that
// does not verify and forgets the rest, as it must after a crash in the midst of a commit. But a
// commit begins only when the one before is on disk: if two commits follow the bad entry, there or
// in later files, what was bad had been acknowledged.
func checkLogs(data string) error {
	ids, err := numbered(data, memExt)
	if err != nil {
		return err
	}
	var c logCheck
	for _, id := range ids {
		if err := c.file(filepath.Join(data, logName(id))); err != nil {
			return fmt.Errorf("%s: %w", logName(id), err)
		}
	}
	return nil
}

// logCheck goes through the files in the order they were written.
type logCheck struct {
	bad   string // where the first bad entry is
	first uint64 // the timestamp of the first commit behind it
}

func (c *logCheck) file(path string) error {
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
	return errors.Join(c.entries(filepath.Base(path), b), z.Munmap(b))
}

func (c *logCheck) entries(name string, b []byte) error {
	at := logHeader
	if c.bad == "" {
		at = afterWhole(b)
		// Badger keeps what follows the last entry zero, for the length of a header.
		clean := len(bytes.Trim(b[at:min(at+entryHeader, len(b))], "\x00")) == 0
		if clean && !bytes.Contains(b[at:], endKey) {
			return nil
		}
		c.bad = fmt.Sprintf("%s at byte %d", name, at)
	}
	for {
		i := bytes.Index(b[at:], endKey)
		if i < 0 {
			return nil
		}
		at += i
		// Its header is always 5 bytes: all lengths are below 128.
		if e, ok := parseEntry(b[max(at-5, 0):]); ok && e.meta&endBit != 0 {
			ts, err := strconv.ParseUint(string(e.value), 10, 64)
			switch {
			case err != nil:
			case c.first == 0:
				c.first = ts
			case ts != c.first:
				return fmt.Errorf("commits behind an unreadable entry, %s", c.bad)
			}
		}
		at += len(endKey)
	}
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
