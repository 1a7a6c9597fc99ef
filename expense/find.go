package expense

import (
	"cmp"
	"slices"
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// held is an entry with its event.
type held struct {
	*event.Signed
	standing
}

// mostAlike bounds the events that are looked at for the start of an id.
const mostAlike = 100

// findEntry returns the entry of a room that an id or its start names.
func findEntry(r app.Reader, prefix, room string) (held, error) {
	prefix = strings.ToLower(strings.TrimSpace(prefix))
	switch {
	case prefix == "":
		return held{}, wire.Errorf(wire.MissingField, "entry is missing").WithHint("intercom expense list --channel " + room)
	case strings.Trim(prefix, "0123456789abcdef") != "":
		return held{}, wire.Errorf(wire.InvalidRequest, "entry: %.70q is no id", prefix).WithHint("give hex digits from: intercom expense list")
	}
	var ids []event.ID
	if id, err := event.ParseID(prefix); err == nil {
		ids = []event.ID{id}
	} else {
		looked := 0
		r.IDs(prefix, func(id event.ID) bool {
			if looked++; looked > mostAlike {
				ids = append(ids, event.ID{}, event.ID{}) // among so many are several
			} else if _, ok := hold(r, id); ok {
				ids = append(ids, id)
			}
			return len(ids) < 2
		})
	}
	if len(ids) > 1 {
		return held{}, wire.Errorf(wire.Ambiguous, "several entries begin with %s", prefix).WithHint("give more digits")
	}
	for _, id := range ids {
		if h, ok := hold(r, id); ok {
			return h, nil
		}
	}
	return held{}, wire.Errorf(wire.NotFound, "%s has no entry %.64s", room, prefix).WithHint("intercom expense list --all --channel " + room)
}

// hold returns an entry that stands; false if it does not.
func hold(r app.Reader, id event.ID) (h held, ok bool) {
	if h.Signed, ok = r.Event(id); !ok || !isEntry(r, h.Signed) {
		return h, false
	}
	h.standing, ok = find(r, spotOf(h.Signed))
	return h, ok
}

// shown returns an entry as it is shown.
func (h held) shown(r app.Reader) Entry {
	one := []standing{h.standing}
	var late map[event.ID]bool
	if h.place == openPlace {
		late = findLate(r, one)
	}
	return shownAs(r, one, late)[0]
}

// shownOf returns the entry of an event that was just written; what stands
// nowhere, a repeated key, is shown by its body alone.
func shownOf(r app.Reader, e *event.Signed) Entry {
	if h, ok := hold(r, e.ID); ok {
		return h.shown(r)
	}
	entry, _ := entryOf(e)
	return entry
}

// mostChanges bounds how many entries are followed from one that was replaced.
const mostChanges = 1000

// current returns the entries that stand in the place of one, itself if it is
// neither void nor replaced: several where changes made apart are in conflict,
// the one that counts first. None stands for a void one.
func current(r app.Reader, h held) (alive []held) {
	if first, ok := hold(r, twin(r, h.Signed)); ok {
		h = first // what two devices added for one day of a rule is one thing
	}
	seen := map[event.ID]bool{h.Signed.ID: true}
	for todo := []held{h}; len(todo) > 0; todo = todo[1:] {
		at := todo[0]
		subject := subjectOf(at.Signed)
		if isVoid(r, subject) {
			continue
		}
		next := replacements(r, subject)
		if len(next) == 0 {
			alive = append(alive, at)
		}
		for _, id := range next {
			if n, ok := hold(r, id); ok && !seen[id] && len(seen) < mostChanges {
				seen[id] = true
				todo = append(todo, n)
			}
		}
	}
	slices.SortStableFunc(alive, func(a, b held) int {
		switch {
		case a.Out && !b.Out:
			return 1
		case b.Out && !a.Out:
			return -1
		}
		return cmp.Or(-cmp.Compare(a.Lamport, b.Lamport), -a.Signed.ID.Compare(b.Signed.ID))
	})
	return alive
}

// replacements returns what replaces a subject, the highest first.
func replacements(r app.Reader, subject event.ID) (ids []event.ID) {
	r.Scan(replacePrefix(subject), func(key string, _ func(any)) bool {
		ids = append(ids, rank(descending(tail(key))).id())
		return len(ids) < mostChanges
	})
	return ids
}

// changeable returns the entry that a request means and what stands in its
// place now, which may be changed.
func changeable(r app.Reader, prefix, room string) (alive []held, err error) {
	h, err := findEntry(r, prefix, room)
	if err != nil {
		return nil, err
	}
	if alive = current(r, h); len(alive) == 0 {
		return nil, wire.Errorf(wire.Conflict, "entry %s is void", h.Signed.ID.Short()).
			WithHint("intercom expense void " + h.Signed.ID.Short() + " --undo --channel " + room)
	}
	return alive, alive[0].notClosed(room)
}

// notClosed refuses a change of what was settled: the room would count the new
// entry and no longer the old one.
func (h held) notClosed(room string) error {
	if h.end == open {
		return nil
	}
	id := h.end.id().Short()
	return wire.Errorf(wire.Conflict, "entry %s is cleared since the close %s", h.Signed.ID.Short(), id).
		WithHint("intercom expense reopen " + id + " --channel " + room)
}

// mostNames bounds the ids that complete.
const mostNames = 1000

// entryNames returns the ids of the open entries that count, the latest first.
func entryNames(r app.Reader) (ids []string) {
	all, _ := openStanding(r)
	slices.Reverse(all)
	for _, s := range all {
		if (!s.Out || s.Gate == waits) && len(ids) < mostNames {
			ids = append(ids, s.id.Short())
		}
	}
	return ids
}
