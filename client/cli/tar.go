package cli

import (
	"fmt"
	"time"
)

// tarBlock is the unit of an archive in bytes.
const tarBlock = 512

// tarEntry returns a file of a tar archive, in the ustar format (POSIX.1-1988).
// The name must have less than 100 bytes. The standard library's package would
// make every command of the client larger by a hundred kilobytes.
func tarEntry(name string, data []byte, at time.Time) []byte {
	head := make([]byte, tarBlock)
	copy(head[0:99], name)
	octal := func(from, width int, n int64) { copy(head[from:], fmt.Sprintf("%0*o", width, n)) }
	octal(100, 7, 0o600)
	octal(108, 7, 0) // user and group
	octal(116, 7, 0)
	octal(124, 11, int64(len(data)))
	octal(136, 11, at.Unix())
	copy(head[148:156], "        ") // what the checksum counts in its own place
	head[156] = '0'                 // a regular file
	copy(head[257:], "ustar\x0000")
	sum := 0
	for _, b := range head {
		sum += int(b)
	}
	copy(head[148:], fmt.Sprintf("%06o\x00 ", sum))
	entry := append(head, data...)
	return append(entry, make([]byte, (tarBlock-len(data)%tarBlock)%tarBlock)...)
}
