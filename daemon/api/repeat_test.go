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
		wait, err := s.once(t.Context(), sentKey{key: key}, []byte(message), func() (sending, error) {
			sent++
			reply := wire.SendReply{ID: fmt.Sprint(sent)}
			return func() (wire.SendReply, error) { return reply, nil }, nil
		})
		if err != nil {
			return wire.SendReply{}, err
		}
		return wait()
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

func TestAKeyWhoseMessageWasNotSentIsFreeAgain(t *testing.T) {
	var s sentKeys
	k := sentKey{key: "k"}
	wait, err := s.once(t.Context(), k, []byte("m"), func() (sending, error) {
		return func() (wire.SendReply, error) { return wire.SendReply{}, errors.New("not now") }, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wait(); err == nil {
		t.Fatal("it was sent")
	}
	sent := false
	if _, err := s.once(t.Context(), k, []byte("m"), func() (sending, error) { sent = true; return nil, nil }); err != nil || !sent {
		t.Errorf("sent again: %t, %v", sent, err)
	}
}

func TestARepeatedKeyWaitsForTheFirst(t *testing.T) {
	var s sentKeys
	k, replied := sentKey{key: "k"}, make(chan wire.SendReply, 1)
	first, err := s.once(t.Context(), k, []byte("m"), func() (sending, error) {
		return func() (wire.SendReply, error) { return <-replied, nil }, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.once(t.Context(), k, []byte("m"), nil)
	if err != nil {
		t.Fatal(err)
	}
	replied <- wire.SendReply{ID: "1"}
	if _, err := first(); err != nil {
		t.Fatal(err)
	}
	if reply, err := second(); err != nil || reply.ID != "1" {
		t.Errorf("the repetition got %+v, %v", reply, err)
	}
}
