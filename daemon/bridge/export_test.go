package bridge

import "time"

// SourceOf is how guessers are told apart.
var SourceOf = sourceOf

// Guesses returns what notes a wrong token from an address.
func Guesses(pace time.Duration) func(remote string, now time.Time) time.Duration {
	g := &guesses{pace: pace}
	return func(remote string, now time.Time) time.Duration { return g.wrong(sourceOf(remote), now) }
}
