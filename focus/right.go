package focus

import (
	"intercom/internal/app"
	"intercom/ledger/event"
)

// grantRow says that the event of its key gave the rights of a host. It stays
// also where the event turns out to repeat a key: a right only grows, and what
// follows from it must not depend on which of two events counts.
type grantRow struct {
	_ struct{} `cbor:",toarray"`
}

// entitled reports whether author had the rights of a host in the causal past
// of an event: he wrote the start, or somebody who had them gave them to him.
func entitled(r app.Reader, m app.Meta, start *event.Signed, author event.Key) bool {
	if start.Author == author {
		return true
	}
	found := false
	r.Scan(grantPrefix(start.ID, author), func(key string, _ func(any)) bool {
		found = m.Past(parsePlace(key).id) // the row was made in the past of its event
		return !found
	})
	return found
}

// keepGrant notes a grant that counts, unless its receiver had the right
// already: then it gives nothing.
func keepGrant(v app.View, e *event.Signed, m app.Meta, body event.Body) {
	session, to := event.ID{}, event.Key{}
	switch b := body.(type) {
	case *Handover:
		session, to = b.Session, b.To
	case *Cohost:
		session, to = b.Session, b.To
	}
	if start, _, ok := startOf(v, session); ok && !entitled(v, m, start, to) {
		v.Put(grantKey(session, to, m.Lamport, e.ID), grantRow{})
	}
}

// rights works out who hosts and who may act for him, in the order in which
// they came to it.
func (s *session) rights() {
	s.host, s.hosts = s.Author, []event.Key{s.Author}
	s.leads = map[event.Key]bool{s.Author: true}
	for i := range s.facts { // the lowest (lamport, id) first
		f := &s.facts[i]
		if f.Kind != factHandover && f.Kind != factCohost {
			continue
		}
		to := event.Key(f.To)
		if f.Kind == factHandover {
			s.host = to
		}
		if !s.leads[to] {
			s.leads[to] = true
			s.hosts = append(s.hosts, to)
		}
	}
}
