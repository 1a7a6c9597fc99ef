package focus

import (
	"encoding/binary"
	"slices"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// WhoReq asks who takes part in a room's session.
type WhoReq struct {
	app.InNamed
	wire.Page
}

// WhoReply is who takes part in the session that runs, else who took part in
// the last one, and who waits for the next.
type WhoReply struct {
	Room    string    `json:"room"`
	Session event.ID  `json:"session,omitzero"`
	Status  string    `json:"status" jsonschema:"idle, active, break, paused or ended"`
	Host    event.Key `json:"host,omitzero"`
	People  []Person  `json:"people"`
	wire.Next
}

// What a person does in a session.
const (
	Here    = "present"
	Gone    = "away" // he pauses for himself
	Left    = "left"
	Waiting = "waiting" // for the next session
	Booked  = "booked"  // the session has not begun
	Was     = "took part"
)

// Person is somebody who takes part.
type Person struct {
	Peer        event.Key `json:"peer"`
	Role        string    `json:"role,omitempty" jsonschema:"host or cohost"`
	State       string    `json:"state" jsonschema:"present, away, left, waiting, booked, or took part in a session that has ended"`
	Since       time.Time `json:"since"`
	Until       time.Time `json:"until,omitzero" jsonschema:"when he left, or comes back by himself"`
	Seconds     int64     `json:"seconds" jsonschema:"that he has worked so far: while there, without pauses and breaks"`
	IdleSeconds int64     `json:"idleSeconds,omitempty" jsonschema:"that he says he was idle"`
	Checkins    int       `json:"checkins"`
	Witnesses   int       `json:"witnesses" jsonschema:"others who saw him come and whom he saw before he went, by their signatures; counted up to 20"`
	Seen        time.Time `json:"seen,omitzero" jsonschema:"when a client of his last said that he is there; absent where none has within a minute, or his daemon is not connected"`
	Zone        int       `json:"tz,omitempty" jsonschema:"his offset in minutes east of UTC"`
}

// Table implements wire.Tabular.
func (w WhoReply) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("peer", "role", "state", "since", ">seconds", ">checkins", ">witnesses", "seen"), Rows: [][]any{}}
	for _, p := range w.People {
		t.Rows = append(t.Rows, []any{p.Peer, p.Role, p.State, p.Since, p.Seconds, p.Checkins, p.Witnesses, p.Seen})
	}
	return t
}

// List implements wire.Listed.
func (WhoReply) List() string { return "people" }

// Note implements wire.Noted.
func (w WhoReply) Note() string {
	if len(w.People) == 0 {
		return "nobody takes part in " + w.Room + " or waits; next: intercom focus start " + w.Room
	}
	return w.More()
}

var whoDef = wire.Def[WhoReq, WhoReply]{Spec: wire.Spec{
	Request: "focus_who", Reply: "focus_who", Scope: wire.ScopeRead,
	Summary: "Who takes part in a room's session, and how", Command: "focus who",
}}

func readWho(r app.Reader, in WhoReq, c app.Call) (WhoReply, error) {
	now := c.Now.UnixMilli()
	l := present(r, now)
	s := l.shown(c.Author, now)
	out := WhoReply{Room: c.Room.Name, Status: Idle, People: []Person{}}
	runs := s != nil
	if !runs {
		s = last(r, now)
	}
	people := []Person{}
	if s != nil {
		out.Session, out.Status, out.Host = s.id, s.status(now), s.host
		for _, m := range s.members {
			people = append(people, s.person(m, now))
		}
	}
	if !runs {
		waiting := l.pending(now)
		for _, key := range authors(waiting) {
			i := slices.IndexFunc(waiting, func(w stand) bool { return w.Author == key })
			// Who took part and waits again is named once for each.
			people = append(people, Person{Peer: key, State: Waiting, Since: event.Instant(waiting[i].ts), Zone: waiting[i].TZ})
		}
	}
	slices.SortStableFunc(people, func(a, b Person) int { return slices.Compare([]byte(a.place()), []byte(b.place())) })
	page, next, err := wire.Cut(in.Page, people, Person.place)
	if err != nil {
		return WhoReply{}, err
	}
	mayAct := acting(c)
	for i := range page {
		if m := page[i]; m.State != Waiting && i < shownPeople {
			page[i].Witnesses = s.witnesses(r, m.Peer)
		}
		if m := page[i]; m.State == Here && c.Seen != nil && mayAct(m.Peer) {
			page[i].Seen = c.Seen(m.Peer).UTC()
		}
	}
	out.People, out.Next = page, next
	return out, nil
}

// acting returns who may write in the room as it stands now.
func acting(c app.Call) func(event.Key) bool {
	if !c.Room.Owned {
		return func(event.Key) bool { return true }
	}
	may := map[event.Key]bool{}
	for _, m := range c.Members() {
		may[m.Key] = m.Role >= app.Bot
	}
	return func(k event.Key) bool { return may[k] }
}

// place orders people by the time since when they are in.
func (p Person) place() string {
	b := binary.BigEndian.AppendUint64(nil, uint64(p.Since.UnixMilli()))
	return string(append(b, p.Peer[:]...)) + p.State
}

func (s *session) person(m *member, now int64) Person {
	p := Person{Peer: m.key, State: Here, Since: event.Instant(m.since), Checkins: m.checkins, Zone: m.tz}
	switch {
	case m.key == s.host:
		p.Role = "host"
	case s.mayLead(m.key):
		p.Role = "cohost"
	}
	switch {
	case !m.in:
		p.State, p.Until = Left, event.Instant(m.left)
	case now >= s.end:
		p.State = Was
	case !s.active(now):
		p.State = Booked
	case !m.present(now):
		p.State, p.Until = Gone, event.Instant(m.away.to)
	}
	so := common(m.stays, until(s.work(), now))
	if now >= s.end {
		so = s.spent(m)
	}
	p.Seconds = so / 1000
	if m.done != nil {
		p.IdleSeconds = min(m.done.Idle, common(m.stays, s.work())/1000)
	}
	return p
}

// until returns the parts of spans before a time.
func until(all []span, before int64) (out []span) {
	for _, p := range all {
		if p.to = min(p.to, before); p.from < p.to {
			out = append(out, p)
		}
	}
	return out
}
