package focus

import (
	"cmp"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// CheckInReq says how it goes. One of the three texts is needed; status and
// message are other names of text.
type CheckInReq struct {
	app.InNamed
	Text    string `json:"text,omitempty" short:"t" jsonschema:"how it goes, cut at 240 characters"`
	Status  string `json:"status,omitempty" cli:"-" jsonschema:"another name of text"`
	Message string `json:"message,omitempty" cli:"-" jsonschema:"another name of text"`
}

// CheckInReply is the session that the check-in joined, or the room that keeps
// it.
type CheckInReply struct{ Session }

// Note implements wire.Noted.
func (c CheckInReply) Note() string {
	if Runs(c.Status) {
		return ""
	}
	return "no session is running: the check-in is kept with the room and joins nothing"
}

var checkInDef = wire.Def[CheckInReq, CheckInReply]{Spec: wire.Spec{
	Request: "focus_checkin", Reply: "focus_checked_in", Scope: wire.ScopeFocus,
	Summary: "Say how it goes, and so take part in the session", Command: "focus checkin", Write: true,
}}

func decideCheckIn(r app.Reader, in CheckInReq, c app.Call) ([]app.Draft, error) {
	b := &CheckIn{Text: cmp.Or(cut(in.Text), cut(in.Status), cut(in.Message))}
	if b.Text == "" {
		return nil, wire.Errorf(wire.MissingField, "status is required: a check-in says how it goes").
			WithHint("intercom focus checkin " + c.Room.Name + ` --text "half done"`)
	}
	now := c.Now.UnixMilli()
	if s := present(r, now).shown(c.Author, now); s != nil {
		b.Session = s.id
	}
	return []app.Draft{{Type: typeCheckIn, Body: b}}, nil
}

func replyCheckIn(r app.Reader, _ CheckInReq, events []*event.Signed, c app.Call) (CheckInReply, error) {
	return CheckInReply{showAfter(r, events, c)}, nil
}
