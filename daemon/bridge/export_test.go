package bridge

import (
	"time"

	"intercom/client/wire"
)

// SourceOf is how guessers are told apart.
var SourceOf = sourceOf

// Guesses returns what notes a wrong token from an address.
func Guesses(pace time.Duration) func(remote string, now time.Time) time.Duration {
	g := &guesses{pace: pace}
	return func(remote string, now time.Time) time.Duration { return g.wrong(sourceOf(remote), now) }
}

// OwnRequests are the declarations of what the bridge answers by itself.
func OwnRequests() (all []wire.Spec) {
	for _, own := range ownRequests {
		all = append(all, own.Spec)
	}
	return all
}
