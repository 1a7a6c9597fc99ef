package ledger

import (
	"testing"
	"time"

	"intercom/ledger/event"
)

func TestASlowPeerKeepsNobodyElseWaiting(t *testing.T) {
	s, r := newSyncer(), new(Room)
	slow, other := event.Key{1}, event.Key{2}
	now := time.Unix(0, 0)
	s.want(r, slow)
	s.want(r, other)
	if w, _, ok := s.take(now); !ok || w.peer != slow {
		t.Fatalf("the first wish is not the first: %v %v", w.peer, ok)
	}
	if _, wait, ok := s.take(now); ok || wait != aloneFor {
		t.Fatalf("the room has two exchanges at once, or the next waits %v", wait)
	}
	if w, _, ok := s.take(now.Add(aloneFor)); !ok || w.peer != other {
		t.Fatal("the other peer waits for the slow one")
	}
	s.want(r, slow)
	if _, wait, ok := s.take(now.Add(time.Hour)); ok || wait != forever {
		t.Fatal("a peer is asked twice at once for one room")
	}
}

func TestOnePeerTakesFewOfTheExchanges(t *testing.T) {
	s := newSyncer()
	for range exchangesAtOnce {
		s.want(new(Room), event.Key{1})
		s.want(&Room{name: "not empty, so that pointers differ"}, event.Key{1})
	}
	n := 0
	for {
		if _, _, ok := s.take(time.Unix(0, 0)); !ok {
			break
		}
		n++
	}
	if n != exchangesOfPeer {
		t.Errorf("%d exchanges with one peer at once, want %d", n, exchangesOfPeer)
	}
}

func TestAFailedExchangeIsTriedAgainForAWhile(t *testing.T) {
	s, r := newSyncer(), new(Room)
	s.want(r, event.Key{1})
	now := time.Unix(0, 0)
	for n := range retries + 1 {
		w, _, ok := s.take(now)
		if !ok {
			t.Fatalf("try %d did not come", n)
		}
		s.done(w, true, now)
		if _, wait, ok := s.take(now); ok || n < retries && wait != retryFirst<<n {
			t.Fatalf("after try %d the next comes in %v", n, wait)
		} else if n < retries {
			now = now.Add(wait)
		}
	}
	if _, wait, ok := s.take(now.Add(time.Hour)); ok || wait != forever {
		t.Error("it is tried on and on")
	}
	s.want(r, event.Key{1})
	if w, _, ok := s.take(now); !ok || w.failed != 0 {
		t.Error("a new wish is not new")
	}
}
