package bridge

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"intercom/client"
	"intercom/client/wire"
)

// limitRows are the rows of the table of limits in docs/bridge.md.
func limitRows() []string {
	l := Limits{}.orDefault()
	row := func(what string, limit any, then string) string {
		return fmt.Sprintf("| %s | %v | %s |", what, limit, then)
	}
	return []string{
		row("a frame", fmt.Sprintf("%d bytes", wire.MaxRequest), "close code 1009, before it is read"),
		row("a frame before authentication", fmt.Sprintf("%d bytes", maxStranger), "close code 1009, before it is read"),
		row("a reply", fmt.Sprintf("%d bytes", wire.MaxReply), "our clients refuse it; page it with `limit`"),
		row("from the head of a frame to its end", l.Frame, "close code 1008"),
		row("fields of a frame", maxFields, "error `too_large`"),
		row("nesting of a frame", maxDepth, "error `too_large`"),
		row("wrong tokens on a connection", maxTokens, "close code 1008"),
		row("wrong tokens of a source, over all its connections", fmt.Sprintf("%d, then one in %v", freeGuesses, l.Guess), fmt.Sprintf("the answer waits, at most %v; a right token never does", mostLate*l.Guess)),
		row("frames before authentication", maxUnproved, "close code 1008"),
		row("from connection to upgrade", l.Handshake, "the connection is closed"),
		row("from upgrade to authentication", l.Unproved, "close code 1008"),
		row("the head of an HTTP request", fmt.Sprintf("%d bytes", maxHeader), "HTTP 431"),
		row("connections", l.Sessions, "HTTP 503"),
		row("of these, not authenticated", l.Strangers, "HTTP 503"),
		row("of these, with scoped tokens", l.Scoped, "HTTP 503, or error `unavailable`"),
		row("bytes that wait for a client that does not read", l.Queue, "its requests wait; where pushes wait, close code 1013"),
		row("from the head of a frame to a client until it has it", l.Write, "the connection is closed"),
		row("the same, to a client that follows the stream", l.Follow, "the connection is closed"),
		row("bytes of the stream that wait for a client", maxFed, "the rest stays in the journal"),
		row("requests of a connection that have begun", maxBegun, "the next ones wait"),
		row("`deadlineMs`", maxDeadline.Milliseconds(), "error `invalid_request`"),
		row("a filter", fmt.Sprintf("%d bytes", maxFilter), "error `too_large`"),
		row("channels of `subscribe`", maxSubscriptions, "error `too_large`"),
		row("scoped tokens of a profile", client.MaxTokens, "`token add` fails with `quota_exceeded`"),
		row("between the end of a token and that of its silent connections", recheck, "close code 1008"),
	}
}

func TestTheDocumentedLimitsAreThoseInForce(t *testing.T) {
	page, err := os.ReadFile("../../docs/bridge.md")
	if err != nil {
		t.Fatal(err)
	}
	table := "| what | limit | beyond it |\n|---|---|---|\n" + strings.Join(limitRows(), "\n") + "\n"
	if !strings.Contains(string(page), table) {
		t.Errorf("docs/bridge.md must have this table:\n%s", table)
	}
}
