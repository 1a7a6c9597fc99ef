package expense

import (
	"slices"
	"strings"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// opinions are what members say of an entry, each his latest.
type opinions struct {
	confirmed, disputed []event.Key
	names               []string // in whose those are who confirmed
}

func opinionsOf(r app.Reader, entries []standing) map[event.ID]opinions {
	said := map[event.ID]opinions{}
	for _, s := range entries {
		if s.Said {
			gather(r, opinionPrefix(s.id), said)
		}
	}
	return said
}

// gather reads the opinions below a prefix; an author's latest comes first.
func gather(r app.Reader, prefix string, into map[event.ID]opinions) {
	last := ""
	r.Scan(prefix, func(key string, decode func(any)) bool {
		entry, rest, _ := strings.Cut(key[len(opinionRows):], "/")
		author, _, _ := strings.Cut(rest, "/")
		if last == entry+author {
			return true
		}
		last = entry + author
		id, err := event.ParseID(entry)
		by, errBy := event.ParseKey(author)
		if err != nil || errBy != nil {
			return true // never: the fold wrote them
		}
		var row opinionRow
		decode(&row)
		o := into[id]
		if row.Dispute {
			o.disputed = append(o.disputed, by)
		} else {
			o.confirmed, o.names = append(o.confirmed, by), append(o.names, row.Name)
		}
		into[id] = o
		return true
	})
}

// judge fills in what other events make of an entry.
func (e *Entry) judge(r app.Reader, signed *event.Signed, out bool, said opinions) {
	e.Confirmed, e.Disputed = said.confirmed, said.disputed
	switch {
	case out:
		e.Status = statusOf(r, signed)
		e.await(r, signed)
	case len(said.disputed) > 0:
		e.Status = StatusDisputed
	case e.Type == EntryPayment && !slices.Contains(said.names, receiverOf(signed)):
		e.Status = StatusUnconfirmed
	default:
		e.Status = StatusCounts
	}
}

// await says who has to agree to an entry that waits, and from when on his
// silence does.
func (e *Entry) await(r app.Reader, signed *event.Signed) {
	var g gateRow
	if e.Status != StatusPending || !r.Get(gateKey(e.ID), &g) {
		return
	}
	fl, _ := flowOf(signed)
	e.Missing, _ = g.missing(fl)
	if g.From > 0 {
		from := event.Instant(g.From)
		e.SilentFrom = &from
	}
}
