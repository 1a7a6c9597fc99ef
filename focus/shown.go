package focus

import (
	"time"

	"intercom/client/wire"
	"intercom/ledger/event"
)

// The states of a room.
const (
	Idle    = "idle"
	Active  = "active"
	OnBreak = "break"  // of a cycle, or one that a host called
	Paused  = "paused" // by a host
	Ended   = "ended"
)

// Runs reports whether a session runs in a room of that state: it has begun
// and has not ended, whether its clock stands or not.
func Runs(status string) bool { return status == Active || status == OnBreak || status == Paused }

// What a reply carries at most, whatever strangers write.
const (
	shownPeople   = 100
	shownCheckins = 100
	shownLate     = 20
	shownNotes    = 20
	shownUpcoming = 10
	countedNotes  = 100
	clockAhead    = 5 * 60 * 1000 // ms
)

// The reasons for which a session has ended.
const (
	Manual = "manual" // by the host
	Timer  = "timer"  // by time
)

// Session is a room as its readers see it: the session that runs, else the
// last one, else an idle room. Times are UTC.
type Session struct {
	Room             string      `json:"room"`
	ID               event.ID    `json:"session,omitzero" jsonschema:"id of the session"`
	Host             event.Key   `json:"host,omitzero"`
	Goal             string      `json:"goal"`
	Status           string      `json:"status" jsonschema:"idle, active, break, paused or ended"`
	StartedAt        time.Time   `json:"startedAt,omitzero"`
	EndsAt           time.Time   `json:"endsAt,omitzero" jsonschema:"planned end, with extensions and pauses; while it pauses, where nobody resumes it"`
	EndedAt          time.Time   `json:"endedAt,omitzero"`
	EndedReason      string      `json:"endedReason,omitempty" jsonschema:"manual or timer"`
	Summary          string      `json:"summary,omitempty"`
	LastEventAt      time.Time   `json:"lastEventAt,omitzero" jsonschema:"absent where nothing is known of the room"`
	Participants     []event.Key `json:"participants" jsonschema:"who took part, the host first; in an idle room who waits; the first 100"`
	ParticipantCount int         `json:"participantCount" jsonschema:"of all participants"`
	Waiting          []event.Key `json:"waiting,omitempty" jsonschema:"who joined the next session, the first 100"`
	Checkins         []Said      `json:"checkins" jsonschema:"the latest 100, and the latest 20 that were late"`
	CheckinCount     int         `json:"checkinCount" jsonschema:"of all check-ins that count"`
	Notes            []Said      `json:"notes,omitempty" jsonschema:"the latest 20 check-ins of the last day that belong to no session"`
	NotesCount       int         `json:"notesCount" jsonschema:"how many there are, counted up to 100"`
	MoreNotes        bool        `json:"moreNotes,omitempty" jsonschema:"there are more than were counted"`
	Late             []LateAct   `json:"late,omitempty" jsonschema:"acts outside the session's time, which do not count; the latest 20"`
	LateCount        int         `json:"lateCount" jsonschema:"of all such acts and check-ins"`
	Stats            *Totals     `json:"stats,omitempty" jsonschema:"of an ended session"`
	Present          []event.Key `json:"present,omitempty" jsonschema:"participants who are there now, the first 100"`
	PresentCount     int         `json:"presentCount,omitempty" jsonschema:"of all who are there now"`
	Cohosts          []event.Key `json:"cohosts,omitempty" jsonschema:"who else has the rights of a host, the first 100"`
	Tags             []string    `json:"tags,omitempty"`
	Scheduled        bool        `json:"scheduled,omitempty" jsonschema:"it was scheduled and began by itself"`
	PausedAt         time.Time   `json:"pausedAt,omitzero" jsonschema:"since when it pauses, also in a break of its cycle"`
	PausedUntil      time.Time   `json:"pausedUntil,omitzero" jsonschema:"when the pause or break ends by itself"`
	Cycle            *Cycle      `json:"cycle,omitempty" jsonschema:"where the session is in its cycle of work and breaks"`
	PausedSeconds    int64       `json:"pausedSeconds,omitempty" jsonschema:"that the session has paused so far, breaks that were called included"`
	Away             bool        `json:"away,omitempty" jsonschema:"the asking peer takes part and pauses for himself"`
	AwayUntil        time.Time   `json:"awayUntil,omitzero" jsonschema:"when that pause ends by itself"`
	Upcoming         []Upcoming  `json:"upcoming,omitempty" jsonschema:"sessions that are scheduled for the next 24 hours, the first 10"`
	Joined           bool        `json:"joined" jsonschema:"whether the asking peer takes part"`
	Replicated       bool        `json:"replicated" jsonschema:"the room is replicated here; else only what is here already is shown"`
	RemainingSeconds int64       `json:"remainingSeconds"`
	PhaseSeconds     int64       `json:"phaseSeconds,omitempty" jsonschema:"until the break, pause or round of work that it is in ends, else until the session does"`
}

// Cycle is where a session is in its cycle.
type Cycle struct {
	WorkSeconds      int64     `json:"workSeconds"`
	BreakSeconds     int64     `json:"breakSeconds"`
	LongBreakSeconds int64     `json:"longBreakSeconds" jsonschema:"of the break after the last round"`
	Rounds           int       `json:"rounds"`
	Round            int       `json:"round,omitempty" jsonschema:"1 to rounds; the break behind a round has its number"`
	Phase            string    `json:"phase,omitempty" jsonschema:"work, break or long break; absent while the session does not run"`
	PhaseEndsAt      time.Time `json:"phaseEndsAt,omitzero"`
}

// Upcoming is a session that is scheduled.
type Upcoming struct {
	ID     event.ID  `json:"session" jsonschema:"its id"`
	Host   event.Key `json:"host"`
	Goal   string    `json:"goal"`
	Begins time.Time `json:"begins"`
	EndsAt time.Time `json:"endsAt"`
	Joined bool      `json:"joined" jsonschema:"whether the asking peer takes part"`
	Booked int       `json:"booked" jsonschema:"how many take part so far"`
}

// Said is a check-in.
type Said struct {
	Who  event.Key `json:"who"`
	At   time.Time `json:"at"`
	Text string    `json:"text"`
	Late bool      `json:"late,omitempty"`
	// Of a reader's own clock, so never part of what peers agree on.
	ClockAhead bool `json:"clockAhead,omitempty" jsonschema:"said at a time more than 5 minutes ahead of this clock"`
}

// LateAct is something that came too late, or too early, to count.
type LateAct struct {
	Who  event.Key `json:"who"`
	At   time.Time `json:"at"`
	What string    `json:"what" jsonschema:"join, leave, extend, pause, resume, break, done or end"`
}

// Totals are what an ended session was, worked out from its events.
type Totals struct {
	PlannedDurationMs int64 `json:"plannedDurationMs"`
	ActualDurationMs  int64 `json:"actualDurationMs"`
	WorkedMs          int64 `json:"workedMs,omitempty" jsonschema:"without pauses and breaks; absent where there were none"`
	ParticipantCount  int   `json:"participantCount"`
	CheckinCount      int   `json:"checkinCount"`
}

// Table implements wire.Tabular.
func (s Session) Table() wire.Table {
	return wire.Table{Columns: sessionColumns, Rows: [][]any{s.row()}}
}

// List implements wire.Listed: a session is one row.
func (s Session) List() string { return "" }

var sessionColumns = wire.Columns("room", "status", "goal", "host", ">participants", ">checkins", ">remaining", "ends_at")

func (s Session) row() []any {
	row := []any{s.Room, s.Status, s.Goal, nil, s.ParticipantCount, s.CheckinCount, nil, nil}
	if s.Host != (event.Key{}) {
		row[3], row[7] = s.Host, s.EndsAt
	}
	switch s.Status {
	case Active, OnBreak, Paused:
		row[6] = (time.Duration(s.RemainingSeconds) * time.Second).String()
	case Ended:
		row[7] = s.EndedAt
	}
	return row
}
