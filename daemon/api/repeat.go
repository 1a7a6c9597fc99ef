package api

import (
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
	byKey map[sentKey]sentMessage
	order []sentKey // oldest first
}

type sentKey struct {
	room event.ID
	key  string
}

type sentMessage struct {
	message string
	reply   wire.SendReply
}

// once returns the first reply of a key, or sends. A key that sent another
// message is a conflict. Calls with keys run one at a time.
func (s *sentKeys) once(k sentKey, message string, send func() (wire.SendReply, error)) (wire.SendReply, error) {
	if k.key == "" {
		return send()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if first, ok := s.byKey[k]; ok {
		if first.message != message {
			return wire.SendReply{}, wire.Errorf(wire.KeyConflict, "key %q sent another message", k.key).
				WithHint("use a new key for a new message")
		}
		return first.reply, nil
	}
	reply, err := send()
	if err != nil {
		return reply, err
	}
	if s.byKey == nil {
		s.byKey = map[sentKey]sentMessage{}
	}
	if len(s.order) == maxSent {
		delete(s.byKey, s.order[0])
		s.order = s.order[1:]
	}
	s.byKey[k] = sentMessage{message, reply}
	s.order = append(s.order, k)
	return reply, nil
}
