package bridge_test

import "testing"

func TestAnAudienceIsWhoFollowsOrGetsPushes(t *testing.T) {
	s := stream(t, nil)
	check := func(what string, follows, listens bool) {
		t.Helper()
		if f, l := s.Audience("team"); f != follows || l != listens {
			t.Errorf("%s: follows %v, listens %v", what, f, l)
		}
	}
	check("nobody", false, false)
	s.stranger(t)
	check("one without a proof", false, false)
	other := s.local(t)
	other.ask(`{"type":"subscribe","channel":"another"}`)
	check("one that wants to hear of another channel", false, false)
	other.ask(`{"type":"subscribe","channel":"team"}`)
	check("one that wants to hear of this one", false, true)
	other.ask(`{"type":"events"}`)
	check("one that follows", true, false)
	s.local(t).ask(`{"type":"ping"}`)
	check("both", true, true)
}
