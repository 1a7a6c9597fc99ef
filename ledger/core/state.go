package core

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// Fact is an event of Kinds whose author had the right to write it by what is
// in its causal past, whatever was learned of the author since.
type Fact struct {
	ID      event.ID
	Lamport uint64
	Writer
	Body event.Body
}

// Writer is the author of an event and its place in the author's chain. TS is
// in ms since 1970 UTC, by the author's clock.
type Writer struct {
	Author   event.Key
	Instance event.Instance
	Seq      uint64
	TS       int64
}

// Errors that say why an event does not count in a room with an owner.
var (
	ErrNoRole  = errors.New("core: the author has no role in the room")
	ErrRemoved = errors.New("core: the author was removed from the room")
	ErrExpired = errors.New("core: the role of the author has expired")
	ErrRight   = errors.New("core: not within the role of the author")
	ErrLimit   = errors.New("core: beyond the limits of the bot")
	ErrOther   = errors.New("core: not of this room")
)

// State is who governs a room with an owner and who may write to it: a
// function of the set of its facts, and of the graph that they stand in.
//
// The role of an event's author is read from the event's causal past, so it
// never changes, with two exceptions that reach back: a removal (what a writer
// wrote beyond the event that the removal names does not count, whoever had
// not heard of it yet), and a handover that loses to a concurrent one.
type State struct {
	room      event.ID
	before    func(x, y event.ID) bool
	facts     map[event.ID]*Fact
	creates   []*Fact
	handovers map[event.Key][]*Fact // by who hands over, as the next ones by the key concerned
	grants    map[event.Key][]*Fact // member.add
	removals  map[event.Key][]*Fact
	claims    map[event.Key][]*Fact
	changes   []*Fact // of the policy

	line  []tenure          // owners, first to last; made when asked for
	valid map[event.ID]bool // facts that were judged; rests on line
}

// tenure is an owner, and what made the key so: one of creates, or a handover.
type tenure struct {
	owner event.Key
	by    *Fact // nil for the first owner
}

// NewState returns the state of a room without facts. before tells whether x
// is in the causal past of y; both are facts.
func NewState(room event.ID, before func(x, y event.ID) bool) *State {
	return &State{
		room: room, before: before, facts: map[event.ID]*Fact{}, valid: map[event.ID]bool{},
		handovers: map[event.Key][]*Fact{}, grants: map[event.Key][]*Fact{},
		removals: map[event.Key][]*Fact{}, claims: map[event.Key][]*Fact{},
	}
}

// Add takes a fact in. Facts may come in any order; one that is here already
// changes nothing.
func (s *State) Add(f *Fact) {
	if s.facts[f.ID] != nil {
		return
	}
	s.facts[f.ID], s.line = f, nil
	clear(s.valid)
	switch b := f.Body.(type) {
	case *Create:
		s.creates = append(s.creates, f)
	case *Owner:
		s.handovers[f.Author] = append(s.handovers[f.Author], f)
	case *Add:
		s.grants[b.Key] = append(s.grants[b.Key], f)
	case *Remove:
		s.removals[b.Key] = append(s.removals[b.Key], f)
	case *Claim:
		s.claims[f.Author] = append(s.claims[f.Author], f)
	case *Fields:
		s.changes = append(s.changes, f)
	}
}

// Accepts returns nil if an event, given as the fact that it would be, is one.
func (s *State) Accepts(f *Fact, past func(event.ID) bool) error {
	least := app.Viewer
	switch b := f.Body.(type) {
	case *Create:
		if len(b.Nonce) > 0 || b.Owner != f.Author || event.ChannelID(event.Owned, b.Name, b.Owner[:], nil) != s.room {
			return fmt.Errorf("%w: its name and owner are those of another", ErrOther)
		}
		return nil
	case *Owner:
		if least = app.Owner; !b.Consented(s.room, f.Author) {
			return fmt.Errorf("%w: the new owner has not signed", ErrRight)
		}
	case *Add:
		if least = app.Admin; b.Role == Admin {
			least = app.Owner
		}
	case *Remove, *Fields:
		least = app.Admin
	case *Claim:
	default:
		return fmt.Errorf("%w: no room has such events yet", ErrOther)
	}
	if role := s.most(f.Author, past); role < least {
		return Right{Role: role, why: ErrNoRole}.refusal(least)
	}
	return nil
}

// most returns the greatest role that a key ever had by what is in the past.
// It never changes: what was learned of the key since is left to Valid.
func (s *State) most(k event.Key, past func(event.ID) bool) app.Role {
	v := view{s, past}
	if len(s.creates) > 0 && s.creates[0].Author == k && v.since(nil) && !v.gaveUp(k, nil) {
		return app.Owner
	}
	role := app.NoRole
	for _, from := range s.handovers {
		for _, h := range from {
			switch {
			case !past(h.ID):
			case h.Body.(*Owner).To == k && !v.gaveUp(k, h):
				return app.Owner
			case h.Author == k:
				role = app.Admin
			}
		}
	}
	for _, g := range s.grants[k] {
		if past(g.ID) {
			role = max(role, grantOf(g).role)
		}
	}
	return role
}

// owners returns the line of owners. Of the handovers by one owner in one
// tenure, which none of them knew of another, the lowest (lamport, id) holds.
func (s *State) owners() []tenure {
	if s.line != nil || len(s.creates) == 0 {
		return s.line
	}
	line := []tenure{{owner: s.creates[0].Author}}
	for {
		last := line[len(line)-1]
		var next *Fact
		for _, h := range s.handovers[last.owner] {
			if (last.by == nil || s.before(last.by.ID, h.ID)) && (next == nil || h.compare(next) < 0) {
				next = h
			}
		}
		if next == nil {
			s.line = line
			return line
		}
		line = append(line, tenure{next.Body.(*Owner).To, next})
	}
}

// Owner returns the present owner; zero before anything is known.
func (s *State) Owner() event.Key {
	line := s.owners()
	if len(line) == 0 {
		return event.Key{}
	}
	return line[len(line)-1].owner
}

// Contested reports whether a fact is a handover beside another one: then it may
// change the rights of authors who did not know of it.
func (s *State) Contested(f *Fact) bool {
	_, hands := f.Body.(*Owner)
	return hands && len(s.handovers[f.Author]) > 1
}

// Has reports whether an event is a fact.
func (s *State) Has(id event.ID) bool { return s.facts[id] != nil }

// Valid reports whether a fact holds, by all facts that are here.
func (s *State) Valid(id event.ID) bool {
	f := s.facts[id]
	return f != nil && s.holds(f)
}

// holds judges each fact once.
func (s *State) holds(f *Fact) bool {
	if v, ok := s.valid[f.ID]; ok {
		return v
	}
	v := s.judge(f)
	s.valid[f.ID] = v
	return v
}

func (s *State) judge(f *Fact) bool {
	switch f.Body.(type) {
	case *Create:
		return true
	case *Owner:
		return slices.ContainsFunc(s.owners(), func(t tenure) bool { return t.by == f })
	}
	at := s.at(f)
	if _, ok := f.Body.(*Claim); ok {
		return at.right(f.Writer).Role >= app.Viewer
	}
	rank, ok := at.governs(f.Writer)
	if !ok || at.cut(f.Writer, rank) {
		return false
	}
	if b, ok := f.Body.(*Add); ok && rank < int(app.Owner) {
		// Of admins the owner decides.
		_, governs := at.governs(Writer{Author: b.Key, TS: f.TS})
		return b.Role != Admin && !governs
	}
	return true
}

func (f *Fact) compare(o *Fact) int {
	return cmp.Or(cmp.Compare(f.Lamport, o.Lamport), f.ID.Compare(o.ID))
}
