package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"intercom/client/wire"
)

// line is a line of the input that is not empty, or what is wrong with it.
type line struct {
	number int // from 1; 0: reading failed
	text   []byte
	err    error
}

// readLines sends the lines of in, each as soon as it is there, and closes the
// channel behind the last. A read of standard input cannot be interrupted: it
// may outlive ctx until the process ends.
func readLines(ctx context.Context, in io.Reader) <-chan line {
	lines := make(chan line)
	go func() {
		defer close(lines)
		r := bufio.NewReaderSize(in, 64<<10)
		for number := 1; ; number++ {
			l, err := readLine(r)
			l.number = number
			if err != nil && !errors.Is(err, io.EOF) {
				l = line{err: fmt.Errorf("read requests: %w", err)}
			}
			if l.err != nil || len(l.text) > 0 {
				select {
				case lines <- l:
				case <-ctx.Done():
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	return lines
}

// readLine reads a line and takes blanks from its ends. One that is too long
// is read to its end but not kept.
func readLine(r *bufio.Reader) (line, error) {
	var text []byte
	long := false
	for {
		part, err := r.ReadSlice('\n')
		if long = long || len(text)+len(part) > wire.MaxRequest+1; !long {
			text = append(text, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		l := line{text: bytes.TrimSpace(text)}
		switch {
		case long:
			l = line{err: wire.Errorf(wire.TooLarge, "the request has more than %d bytes", wire.MaxRequest)}
		case !utf8.Valid(text):
			l = line{err: wire.Errorf(wire.InvalidUTF8, "the request is not UTF-8")}
		}
		return l, err
	}
}
