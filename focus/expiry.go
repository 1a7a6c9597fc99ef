package focus

import (
	"strconv"
	"strings"
	"time"

	"intercom/ledger/event"
)

const expired = ":expired:"

// expiry names the end of a session by time: another end, another name.
func expiry(session event.ID, end int64) string {
	return session.String() + expired + strconv.FormatInt(end, 10)
}

// Expired returns the session and the end by time that a timer's id names.
func Expired(id string) (session event.ID, end time.Time, ok bool) {
	hex, ms, ok := strings.Cut(id, expired)
	if !ok {
		return event.ID{}, time.Time{}, false
	}
	session, err := event.ParseID(hex)
	if err != nil {
		return event.ID{}, time.Time{}, false
	}
	at, err := strconv.ParseInt(ms, 10, 64)
	return session, event.Instant(at), err == nil
}
