package expense

import (
	"crypto/sha256"
	"strings"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// subject returns what the voids and replacements of an entry are kept under:
// for what a rule added for a day they are of that day, whoever added it, so
// all of it is void or replaced together; else the entry's id.
func (fl flow) subject(e *event.Signed) event.ID {
	if fl.Recur == nil || e.Type != typeAdd {
		return e.ID
	}
	return sha256.Sum256([]byte("recur\x00" + fl.Recur.Rule.String() + fl.Recur.Date))
}

func subjectOf(e *event.Signed) event.ID {
	if e.Type != typeAdd {
		return e.ID
	}
	fl, _ := flowOf(e)
	return fl.subject(e)
}

// subjectBy is subjectOf an id.
func subjectBy(r app.Reader, id event.ID) event.ID {
	if e, ok := r.Event(id); ok {
		return subjectOf(e)
	}
	return id
}

// twin returns the entry that stands for what a rule added for a day, of
// several the first; zero for another entry.
func twin(r app.Reader, e *event.Signed) event.ID {
	if e.Type != typeAdd {
		return event.ID{}
	}
	fl, _ := flowOf(e)
	if fl.Recur == nil {
		return event.ID{}
	}
	return firstOf(r, occurrencePrefix(fl.Recur.Rule, fl.Recur.Date))
}

// recur folds an expense.recur.
func (f *fold) recur(e *event.Signed, m app.Meta, b *Recur) reason {
	key := ruleKey(e.Author, rankOf(m.Lamport, e.ID))
	if !b.Rule.IsZero() {
		rule, ok := ruleEvent(f, b.Rule, m.Past)
		if !ok {
			return noRule
		}
		if !mayReplace(m.Role, e.Author, rule.Author) {
			return notRuler
		}
		key = versionKey(b.Rule, rankOf(m.Lamport, e.ID))
	}
	if m.Duplicate {
		f.Del(key)
	} else {
		f.Put(key, presentRow{})
	}
	return counts
}

// occurs says why an author may not add what a rule asks for.
func (f *fold) occurs(e *event.Signed, m app.Meta, o *Occurrence) reason {
	rule, ok := ruleEvent(f, o.Rule, m.Past)
	switch {
	case !ok:
		return noRule
	case !mayReplace(m.Role, e.Author, rule.Author):
		return notRuler // who adds first would else take the day
	}
	return counts
}

// ruleEvent returns the first event of a rule that the author of an event knew.
func ruleEvent(r app.Reader, id event.ID, past func(event.ID) bool) (*event.Signed, bool) {
	var b Recur
	if !past(id) || !wellFormed(r, id, typeRecur, &b) || !b.Rule.IsZero() {
		return nil, false
	}
	return r.Event(id)
}

// stop folds an expense.stop. Of several the one with the earliest day counts;
// what the rule added for the days between that and the one before is judged
// anew.
func (f *fold) stop(e *event.Signed, m app.Meta, b *Stop) reason {
	rule, ok := ruleEvent(f, b.Rule, m.Past)
	if !ok {
		return noRule
	}
	if !mayVoid(m.Role, e.Author, rule.Author) {
		return notRuler
	}
	before := lastOf(f, b.Rule)
	if key := stopKey(b.Rule, b.Last, rankOf(m.Lamport, e.ID)); m.Duplicate {
		f.Del(key)
	} else {
		f.Put(key, presentRow{})
	}
	after := lastOf(f, b.Rule)
	for _, id := range firstAfter(f, b.Rule, min(before, after), max(before, after)) {
		f.judge(id)
	}
	return counts
}

// never is where a rule ends that nobody stopped; it comes after every day.
const never = "~"

// lastOf returns the last day of a rule that counts, never if it is not
// stopped.
func lastOf(r app.Reader, rule event.ID) (last string) {
	last = never
	prefix := stopPrefix(rule)
	r.Scan(prefix, func(key string, _ func(any)) bool {
		last, _, _ = strings.Cut(key[len(prefix):], "/")
		return false
	})
	return last
}

// firstAfter returns what stands for the days of a rule after one, up to
// another.
func firstAfter(r app.Reader, rule event.ID, after, to string) (ids []event.ID) {
	if after == to {
		return nil
	}
	prefix, seen := occurrenceRows+rule.String()+"/", ""
	r.ScanFrom(prefix, prefix+after+never, func(key string, _ func(any)) bool {
		day, _, _ := strings.Cut(key[len(prefix):], "/")
		if day <= to && day != seen {
			seen = day
			ids = append(ids, tail(key).id())
		}
		return day <= to
	})
	return ids
}
