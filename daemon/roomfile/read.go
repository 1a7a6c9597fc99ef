package roomfile

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"intercom/ledger"
	"intercom/ledger/event"
)

// Reader reads a file in the order in which it was written.
type Reader struct {
	head   Head
	sealed *bufio.Reader // opened: the compressed stream
	frames *bufio.Reader
	events uint64
	done   bool
}

// bounded fails with err where more than left bytes are read.
type bounded struct {
	r    io.Reader
	left int64
	err  error
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, b.err
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// NewReader opens a file with what its reader has and reads which room it is.
// Errors: ErrReader, ErrFormat, ErrNewer, ErrCut.
func NewReader(r io.Reader, with age.Identity) (*Reader, error) {
	in := &bounded{r: r, left: MaxHeader, err: fmt.Errorf("%w: a header of more than %d bytes", ErrFormat, MaxHeader)}
	sealed, err := age.Decrypt(in, with)
	if other, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return nil, fmt.Errorf("%w: %w", ErrReader, other)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	in.left = maxSealed
	in.err = fmt.Errorf("%w: more than %d bytes", ErrFormat, int64(maxSealed))
	f := &Reader{sealed: bufio.NewReader(sealed)}
	packed, err := gzip.NewReader(f.sealed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCut, err)
	}
	packed.Multistream(false)
	f.frames = bufio.NewReader(&bounded{r: packed, left: maxPlain, err: fmt.Errorf("%w: unpacked more than %d bytes", ErrFormat, int64(maxPlain))})
	if err := f.frame(&f.head); err != nil {
		return nil, err
	}
	switch h := f.head; {
	case h.Version > version:
		return nil, fmt.Errorf("%w: %d", ErrNewer, h.Version)
	case h.Version < 1, h.Class == event.Owned && len(h.Owner) != len(event.Key{}), h.Class == event.Open && len(h.Owner) != 0:
		return nil, fmt.Errorf("%w: its head names no room", ErrFormat)
	}
	return f, nil
}

// Head says which room the file holds.
func (r *Reader) Head() Head { return r.head }

// frame reads one frame, strictly. A stream that ends or breaks is cut.
func (r *Reader) frame(v any) error {
	err := ledger.ReadFrame(r.frames, v)
	switch {
	case err == nil, errors.Is(err, ErrFormat):
		return err
	case errors.Is(err, ledger.ErrRefused):
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return fmt.Errorf("%w: %w", ErrCut, err)
}

// Next returns the next events, at most 8 MiB of them, which nobody has judged
// yet. It returns io.EOF once the whole file was read, and its end says so.
// Errors: ErrFormat, ErrCut.
func (r *Reader) Next() ([]event.Bytes, error) {
	if r.done {
		return nil, io.EOF
	}
	var p part
	if err := r.frame(&p); err != nil {
		return nil, err
	}
	if len(p.Events) > 0 {
		r.events += uint64(len(p.Events))
		return p.Events, nil
	}
	var e end
	if err := r.frame(&e); err != nil {
		return nil, err
	}
	if e.Events != r.events {
		return nil, fmt.Errorf("%w: it has %d events and says %d", ErrFormat, r.events, e.Events)
	}
	for _, stream := range []*bufio.Reader{r.frames, r.sealed} {
		switch _, err := stream.ReadByte(); {
		case err == nil:
			return nil, fmt.Errorf("%w: something follows its end", ErrFormat)
		case err != io.EOF:
			return nil, fmt.Errorf("%w: %w", ErrCut, err)
		}
	}
	r.done = true
	return nil, io.EOF
}
