package api

import (
	"errors"
	"fmt"
	"testing"

	"intercom/client/wire"
)

func TestAKeySendsOneMessageOnce(t *testing.T) {
	var s sentKeys
	sent := 0
	send := func(key, message string) (wire.SendReply, error) {
		return s.once(sentKey{key: key}, message, func() (wire.SendReply, error) {
			sent++
			return wire.SendReply{ID: fmt.Sprint(sent)}, nil
		})
	}
	first, _ := send("k", "hello")
	again, err := send("k", "hello")
	if err != nil || again != first || sent != 1 {
		t.Fatalf("repeated: %+v after %+v, %d sent, %v", again, first, sent, err)
	}
	if _, err := send("k", "other"); !errors.Is(err, &wire.Error{Code: wire.KeyConflict}) {
		t.Errorf("another message under the key: %v", err)
	}
	send("", "hello")
	send("", "hello")
	if sent != 3 {
		t.Errorf("%d sent, want 3: messages without a key are all sent", sent)
	}
	for n := range 2 * maxSent {
		send(fmt.Sprint(n), "m")
	}
	if len(s.byKey) != maxSent || len(s.order) != maxSent {
		t.Errorf("%d keys remembered, at most %d", len(s.byKey), maxSent)
	}
}
