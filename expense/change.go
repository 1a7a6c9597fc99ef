package expense

import (
	"intercom/internal/app"
	"intercom/ledger/event"
)

// add folds an expense.add.
func (f *fold) add(e *event.Signed, m app.Meta, b *Add) reason {
	if !b.Split.names(b.Shares) {
		return badSplit
	}
	return f.record(e, m, flow{Add: *b})
}

// pay folds a payment.add. Who speaks for its recipient confirms it by writing
// it.
func (f *fold) pay(e *event.Signed, m app.Meta, b *Payment) reason {
	why := f.record(e, m, flow{Add: b.entry(), payment: true})
	if why == counts && m.Alias != "" && m.Alias == receiverOf(e) {
		f.hear(e, m, e, false)
	}
	return why
}

// record puts in an entry that replaces none. Of the entries of one row of a
// file, of those that restore one entry, and of those that a rule adds for one
// day, the lowest counts.
func (f *fold) record(e *event.Signed, m app.Meta, fl flow) reason {
	if !fl.Restores.IsZero() {
		if _, ok := entryEvent(f, fl.Restores, m.Past); !ok {
			return noEntry
		}
	}
	if fl.Recur != nil {
		if why := f.occurs(e, m, fl.Recur); why != counts {
			return why
		}
	}
	if m.Duplicate {
		f.drop(e, fl)
	} else {
		f.enter(e, m, fl)
	}
	prefixes := fl.sources()
	for _, prefix := range prefixes {
		key, before := prefix+string(rankOf(m.Lamport, e.ID)), firstOf(f, prefix)
		if m.Duplicate {
			f.Del(key)
		} else {
			f.Put(key, presentRow{})
		}
		if len(prefixes) == 1 && fl.Recur == nil && !m.Duplicate && before.IsZero() {
			break // the first, and new: nobody can have named it yet
		}
		f.judge(before)
		f.judge(firstOf(f, prefix))
		f.judge(e.ID)
	}
	f.holdBack(e, m, fl)
	return counts
}

// replace folds an expense.replace: its targets are dead, and of the
// replacements of an entry the highest counts.
func (f *fold) replace(e *event.Signed, m app.Meta, b *Replace) reason {
	if !b.Split.names(b.Shares) {
		return badSplit
	}
	r := rankOf(m.Lamport, e.ID)
	touched := []event.ID{e.ID}
	subjects := make([]event.ID, len(b.Targets))
	for i, t := range b.Targets {
		target, ok := entryEvent(f, t, m.Past)
		if !ok {
			return noEntry
		}
		if !mayReplace(m.Role, e.Author, target.Author) {
			return notAuthor
		}
		subjects[i] = subjectOf(target)
		touched = append(touched, t, twin(f, target))
	}
	if m.Duplicate {
		f.drop(e, flow{Add: b.Add})
	} else {
		f.enter(e, m, flow{Add: b.Add})
	}
	for _, s := range subjects {
		touched = append(touched, topOf(f, replacePrefix(s)))
		if m.Duplicate {
			f.Del(replaceKey(s, r))
		} else {
			f.Put(replaceKey(s, r), presentRow{})
		}
		touched = append(touched, topOf(f, replacePrefix(s)))
	}
	for _, id := range touched {
		f.judge(id)
	}
	f.holdBack(e, m, flow{Add: b.Add})
	return counts
}

// void folds an expense.void: its target is dead, and what replaces the target
// does not count.
func (f *fold) void(e *event.Signed, m app.Meta, b *Void) reason {
	target, ok := entryEvent(f, b.Target, m.Past)
	if !ok {
		return noEntry
	}
	if !mayVoid(m.Role, e.Author, target.Author) {
		return notAuthor
	}
	subject := subjectOf(target)
	key := voidKey(subject, rankOf(m.Lamport, e.ID))
	if m.Duplicate {
		f.Del(key)
	} else {
		f.Put(key, presentRow{})
	}
	f.judge(b.Target)
	f.judge(twin(f, target))
	f.judge(topOf(f, replacePrefix(subject)))
	return counts
}

type opinionRow struct {
	_       struct{} `cbor:",toarray"`
	Dispute bool
	Name    string // the member in whose name it is, empty: nobody's
}

// opine folds an expense.confirm or an expense.dispute. Of an author's opinions
// on an entry the highest counts.
func (f *fold) opine(e *event.Signed, m app.Meta, target event.ID, dispute bool) reason {
	about, ok := entryEvent(f, target, m.Past)
	if !ok {
		return noEntry
	}
	f.hear(e, m, about, dispute)
	return counts
}

func (f *fold) hear(e *event.Signed, m app.Meta, about *event.Signed, dispute bool) {
	key := opinionKey(about.ID, e.Author, rankOf(m.Lamport, e.ID))
	if m.Duplicate {
		f.Del(key)
	} else {
		f.Put(key, opinionRow{Dispute: dispute, Name: inWhoseName(e, m, about)})
	}
	h, ok := hold(f, about.ID)
	if !ok {
		return
	}
	if said := !firstOf(f, opinionPrefix(about.ID)).IsZero(); said != h.Said {
		h.Said = said
		f.Put(h.key(), h.entryRow)
	}
	f.weighWord(about.ID, e.Author)
}

// inWhoseName returns the member in whose name the author of an event has an
// opinion of an entry. A payment is for its other party to confirm: in an open
// room, where names belong to nobody, and where nobody speaks for that party,
// anybody but the payment's author does so.
func inWhoseName(e *event.Signed, m app.Meta, about *event.Signed) string {
	to := receiverOf(about)
	switch {
	case to == "" || m.Alias == to:
		return m.Alias
	case e.Author != about.Author && (m.Speaks == nil || !m.Speaks(to)):
		return to
	}
	return ""
}

// receiverOf returns whom a payment costs something: its receiver, unless the
// amount is below zero. It is empty of an expense.
func receiverOf(e *event.Signed) string {
	var b Payment
	switch {
	case e.Type != typePayment || event.Unmarshal(e.Body, &b) != nil:
		return ""
	case b.Amount < 0:
		return b.From
	}
	return b.To
}

// usual folds an expense.defaults.
func (f *fold) usual(e *event.Signed, m app.Meta) reason {
	if key := defaultKey(rankOf(m.Lamport, e.ID)); m.Duplicate {
		f.Del(key)
	} else {
		f.Put(key, presentRow{})
	}
	return counts
}

// entryEvent returns the event of an entry that the author of an event knew.
func entryEvent(r app.Reader, id event.ID, past func(event.ID) bool) (*event.Signed, bool) {
	if !past(id) {
		return nil, false
	}
	e, ok := r.Event(id)
	return e, ok && isEntry(r, e)
}

// isEntry reports whether an event is an entry that keeps the rules of its
// type. What it turned out to be later is not asked.
func isEntry(r app.Reader, e *event.Signed) bool {
	switch e.Type {
	case typeAdd:
		return wellFormed(r, e.ID, e.Type, new(Add))
	case typeReplace:
		return wellFormed(r, e.ID, e.Type, new(Replace))
	case typePayment:
		return wellFormed(r, e.ID, e.Type, new(Payment))
	}
	return false
}

// firstOf returns the id at the end of the first key with a prefix, zero if
// there is none.
func firstOf(r app.Reader, prefix string) (id event.ID) {
	r.Scan(prefix, func(key string, _ func(any)) bool {
		id = tail(key).id()
		return false
	})
	return id
}

// topOf is firstOf for keys that end in descending ranks: the highest.
func topOf(r app.Reader, prefix string) (id event.ID) {
	r.Scan(prefix, func(key string, _ func(any)) bool {
		id = rank(descending(tail(key))).id()
		return false
	})
	return id
}

func isVoid(r app.Reader, subject event.ID) bool { return !topOf(r, voidPrefix(subject)).IsZero() }

// judge works out anew whether an entry counts.
func (f *fold) judge(id event.ID) {
	e, ok := f.Event(id)
	if !ok {
		return // zero
	}
	fl, _ := flowOf(e)
	s, ok := find(f, spotOf(e))
	if !ok {
		return // a duplicate, or refused
	}
	status := statusOf(f, e)
	was := s.entryRow
	s.Out, s.Lost = status != StatusCounts, status == StatusConflict
	s.Gate = map[string]gate{StatusPending: waits, StatusDenied: denied}[status]
	if s.entryRow == was {
		return
	}
	f.Put(s.key(), s.entryRow)
	if s.Lost != was.Lost {
		f.lose(standing{s.place, s.spot, was}, -1)
		f.lose(s, 1)
	}
	if s.Gate != was.Gate {
		f.await(standing{s.place, s.spot, was}, -1)
		f.await(s, 1)
	}
	if s.Out == was.Out {
		return
	}
	out := s.Out
	sign := int64(1)
	if out {
		sign = -1
	}
	f.weigh(s.place, sign, fl)
}

// statusOf returns the status of an entry as far as it decides whether the
// entry counts: StatusCounts, or why it does not.
func statusOf(r app.Reader, e *event.Signed) string {
	status := changedTo(r, e)
	if status != StatusCounts {
		return status
	}
	switch gateOf(r, e) {
	case waits:
		return StatusPending
	case denied:
		return StatusDenied
	}
	return StatusCounts
}

// changedTo is statusOf as far as other entries, and voids, decide it.
func changedTo(r app.Reader, e *event.Signed) string {
	fl, _ := flowOf(e)
	switch subject := fl.subject(e); {
	case isVoid(r, subject):
		return StatusVoid
	case !topOf(r, replacePrefix(subject)).IsZero():
		return StatusReplaced
	case e.Type == typeReplace:
		var b Replace
		if event.Unmarshal(e.Body, &b) != nil {
			return StatusConflict // never: the entry was folded
		}
		for _, t := range b.Targets {
			if t = subjectBy(r, t); isVoid(r, t) || topOf(r, replacePrefix(t)) != e.ID {
				return StatusConflict
			}
		}
		return StatusCounts
	}
	for _, prefix := range fl.sources() {
		if firstOf(r, prefix) != e.ID {
			return StatusDuplicate
		}
	}
	if o := fl.Recur; o != nil && o.Date > lastOf(r, o.Rule) {
		return StatusStopped
	}
	return StatusCounts
}
