package focus

import (
	"strconv"
	"strings"

	"intercom/ledger/event"
)

const expired = ":expired:"

// expiry names the end of a session by time: another end, another name.
func expiry(session event.ID, end int64) string {
	return session.String() + expired + strconv.FormatInt(end, 10)
}

// Expired returns the session whose end by time a timer's id names.
func Expired(id string) (session event.ID, ok bool) {
	hex, _, ok := strings.Cut(id, expired)
	if !ok {
		return event.ID{}, false
	}
	session, err := event.ParseID(hex)
	return session, err == nil
}
