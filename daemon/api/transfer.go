package api

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"intercom/client/wire"
)

// Bounds of the files that travel in pieces.
const (
	maxTransfers  = 4
	transferWaits = time.Minute // for the next piece
)

// transfer is a file on its way, of which pieces are asked for or sent one
// after the other.
type transfer interface {
	// close gives up what is not done.
	close()
}

// transfers are the files on their way. The zero value is ready.
type transfers struct {
	mu     sync.Mutex
	all    map[string]transfer
	timers map[string]*time.Timer
}

// take takes out the file of a handle, so that nobody else has it meanwhile.
func (t *transfers) take(handle string) (transfer, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f, ok := t.all[handle]
	if !ok {
		return nil, wire.Errorf(wire.NotFound, "no file is on its way under that name").
			WithHint("begin again: a file whose next piece does not come for a minute is given up")
	}
	t.timers[handle].Stop()
	delete(t.all, handle)
	delete(t.timers, handle)
	return f, nil
}

// keep keeps a file until its next piece, and returns its handle.
func (t *transfers) keep(f transfer) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) >= maxTransfers {
		f.close()
		return "", wire.Errorf(wire.Unavailable, "%d files are on their way already", maxTransfers).WithHint("try again when they are done, or in a minute")
	}
	if t.all == nil {
		t.all, t.timers = map[string]transfer{}, map[string]*time.Timer{}
	}
	handle := rand.Text()
	t.all[handle] = f
	t.timers[handle] = time.AfterFunc(transferWaits, func() {
		if f, err := t.take(handle); err == nil {
			f.close()
		}
	})
	return handle, nil
}

// close gives up all files.
func (t *transfers) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for handle, f := range t.all {
		t.timers[handle].Stop()
		f.close()
	}
	t.all, t.timers = nil, nil
}

// scrypt lets one key be made of a passphrase at a time: it takes much memory.
var scrypt = make(chan struct{}, 1)

func alone(ctx context.Context, f func() error) error {
	select {
	case scrypt <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-scrypt }()
	return f()
}
