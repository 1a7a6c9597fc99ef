package api

import (
	"context"
	"slices"
	"sync"

	"intercom/client/wire"
	"intercom/ledger/event"
)

// maxSent bounds how many keyed messages are remembered.
const maxSent = 1024

// sentKeys remembers the replies to messages that were sent with a key, so
// that a repeated key sends nothing again. Messages are not kept, and neither
// is this: it is forgotten when the daemon ends.
type sentKeys struct {
	mu    sync.Mutex
	byKey map[sentKey]*sentMessage
	order []sentKey // oldest first
}

type sentKey struct {
	room event.ID
	key  string
}

type sentMessage struct {
	message string
	done    chan struct{} // closed with reply and err
	reply   wire.SendReply
	err     error
}

// sending is a message on its way; it returns the reply.
type sending = func() (wire.SendReply, error)

// once begins to send, or returns the reply of the first message with the key,
// as soon as that has one. A key that sent another message is a conflict; one
// whose message was not sent is free again.
func (s *sentKeys) once(ctx context.Context, k sentKey, message []byte, begin func() (sending, error)) (sending, error) {
	if k.key == "" {
		return begin()
	}
	s.mu.Lock()
	if first, ok := s.byKey[k]; ok {
		s.mu.Unlock()
		if first.message != string(message) {
			return nil, wire.Errorf(wire.KeyConflict, "key %q sent another message", k.key).
				WithHint("use a new key for a new message")
		}
		return func() (wire.SendReply, error) {
			select {
			case <-first.done:
				return first.reply, first.err
			case <-ctx.Done():
				return wire.SendReply{}, ctx.Err()
			}
		}, nil
	}
	mine := &sentMessage{message: string(message), done: make(chan struct{})}
	s.keep(k, mine)
	s.mu.Unlock()
	wait, err := begin()
	if err != nil {
		s.settle(k, mine, wire.SendReply{}, err)
		return nil, err
	}
	return func() (wire.SendReply, error) {
		reply, err := wait()
		s.settle(k, mine, reply, err)
		return reply, err
	}, nil
}

func (s *sentKeys) keep(k sentKey, m *sentMessage) {
	if s.byKey == nil {
		s.byKey = map[sentKey]*sentMessage{}
	}
	if len(s.order) == maxSent {
		delete(s.byKey, s.order[0])
		s.order = s.order[1:]
	}
	s.byKey[k] = m
	s.order = append(s.order, k)
}

func (s *sentKeys) settle(k sentKey, m *sentMessage, reply wire.SendReply, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.reply, m.err = reply, err
	close(m.done)
	if err != nil && s.byKey[k] == m {
		delete(s.byKey, k)
		s.order = slices.DeleteFunc(s.order, func(o sentKey) bool { return o == k })
	}
}
