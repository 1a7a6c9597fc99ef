package expense

import (
	"strings"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// opinions are what members say of an entry, each his latest.
type opinions struct {
	confirmed, disputed []event.Key
	aliases             []string // of those who confirmed
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
			o.confirmed, o.aliases = append(o.confirmed, by), append(o.aliases, row.Alias)
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
	case len(said.disputed) > 0:
		e.Status = StatusDisputed
	case e.Type == EntryPayment && !said.receipt(e.By, e.Split[0]):
		e.Status = StatusUnconfirmed
	default:
		e.Status = StatusCounts
	}
}

// receipt reports whether a payment to a member is confirmed: by who speaks for
// the member, or, where names belong to nobody, by somebody else than its
// author.
func (o opinions) receipt(author event.Key, to string) bool {
	for i, by := range o.confirmed {
		if alias := o.aliases[i]; alias == to || alias == "" && by != author {
			return true
		}
	}
	return false
}
