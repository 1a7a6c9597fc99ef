package focus

import (
	"intercom/internal/app"
	"intercom/ledger/event"
)

// namedSessions is how many sessions completion looks at, the last first.
const namedSessions = 20

// sessionNames returns the ids of sessions, for completion.
func sessionNames(r app.Reader) (ids []string) {
	lastSessions(r, func(id event.ID) { ids = append(ids, id.String()) })
	return ids
}

// participantNames returns the keys of who took part lately, for completion.
func participantNames(r app.Reader) (keys []string) {
	seen := map[event.Key]bool{}
	lastSessions(r, func(id event.ID) {
		s := around(r, id)
		if s == nil {
			return
		}
		for _, m := range s.members {
			if !seen[m.key] && len(keys) < shownPeople {
				seen[m.key] = true
				keys = append(keys, m.key.String())
			}
		}
	})
	return keys
}

func lastSessions(r app.Reader, f func(id event.ID)) {
	n := 0
	r.Scan(sessionRows, func(key string, _ func(any)) bool {
		f(parseTime(key).id)
		n++
		return n < namedSessions
	})
}
