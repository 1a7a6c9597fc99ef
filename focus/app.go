// Package focus is FocusRoom: timed sessions in rooms, who takes part in them
// and how they go. It is pure: it decides on events, folds them and reads the
// outcome, and knows no disk, network or clock.
//
// The rows of its fold are facts, one for each event, which follow from the
// event and its causal past alone. Everything else (when a session ends, who
// takes part, what counts) is worked out from the facts at the time of a
// read, so peers with the same events agree, in whatever order they came.
package focus

import (
	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

const (
	typeStart    = "focus.start"
	typeSchedule = "focus.schedule"
	typeJoin     = "focus.join"
	typeLeave    = "focus.leave"
	typePause    = "focus.pause"
	typeResume   = "focus.resume"
	typeBreak    = "focus.break"
	typeCheckIn  = "focus.checkin"
	typeExtend   = "focus.extend"
	typeEnd      = "focus.end"
	typeDone     = "focus.done"
	typeHandover = "focus.handover"
	typeCohost   = "focus.cohost"
)

// completeParticipants is the kind of names of those who took part lately.
const completeParticipants = "participants"

// kinds lists every type of the app.
func kinds() []app.Kind {
	return []app.Kind{
		app.KindOf[Start](typeStart),
		app.KindOf[Join](typeJoin),
		app.KindOf[Leave](typeLeave),
		app.KindOf[Pause](typePause),
		app.KindOf[Resume](typeResume),
		app.KindOf[Break](typeBreak),
		app.KindOf[CheckIn](typeCheckIn),
		app.KindOf[Extend](typeExtend),
		app.KindOf[End](typeEnd),
		app.KindOf[Done](typeDone),
		app.KindOf[Handover](typeHandover),
		app.KindOf[Cohost](typeCohost),
		app.KindOf[Schedule](typeSchedule),
	}
}

// bodyOf returns the body of an event of the app; false if it is none, or not
// well formed.
func bodyOf(e *event.Signed) (event.Body, bool) {
	for _, k := range kinds() {
		if k.Type == e.Type {
			body := k.New()
			return body, e.Epoch == 0 && event.DecodeBody(e.Body, body) == nil
		}
	}
	return nil, false
}

// Commands returns what may be asked of the app.
func Commands() app.Commands {
	return app.Commands{About: "Focus together in timed sprints", Requests: []wire.Declared{
		startDef.Declared(), joinDef.Declared(), leaveDef.Declared(), checkInDef.Declared(), extendDef.Declared(),
		pauseDef.Declared(), resumeDef.Declared(), breakDef.Declared(), endDef.Declared(), handoverDef.Declared(), scheduleDef.Declared(),
		doneDef.Declared(), whoDef.Declared(), statusDef.Declared(), roomsDef.Declared(), streaksDef.Declared(), statsDef.Declared(),
		reportDef.Declared(), exportDef.Declared(),
	}}
}

// App returns the app.
func App() *app.App {
	return &app.App{
		Name: "focus", Version: "2",
		Kinds: kinds(),
		Apply: apply,
		Requests: []app.Request{
			app.Write(startDef, decideStart, replyStart),
			app.Write(joinDef, decideJoin, replyJoin),
			app.Write(leaveDef, decideLeave, replyLeave),
			app.Write(checkInDef, decideCheckIn, replyCheckIn),
			app.Write(extendDef, decideExtend, replyExtend),
			app.Write(pauseDef, decidePause, replyPause),
			app.Write(resumeDef, decideResume, replyResume),
			app.Write(breakDef, decideBreak, replyBreak),
			app.Write(endDef, decideEnd, replyEnd),
			app.Write(handoverDef, decideHandover, replyHandover),
			app.Write(scheduleDef, decideSchedule, replySchedule),
			app.Write(doneDef, decideDone, replyDone),
			app.Read(whoDef, readWho),
			app.ReadRooms(statusDef, readStatus),
			app.ReadRooms(roomsDef, readRooms),
			app.ReadRooms(streaksDef, readStreaks),
			app.ReadRooms(statsDef, readStats),
			app.ReadRooms(reportDef, readReport),
			app.ReadRooms(exportDef, readExport),
		},
		Timers: timers, Pushes: pushes, Notice: notice, Attendance: attendance(),
		Names: map[string]func(app.Reader) []string{
			wire.CompleteSessions: sessionNames, completeParticipants: participantNames,
		},
	}
}
