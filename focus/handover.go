package focus

import (
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// HandoverReq makes another the host. Who had a host's rights
// keeps them.
type HandoverReq struct {
	app.InNamed
	To     string `json:"to,omitempty" required:"true" complete:"participants" jsonschema:"key of a participant, or its beginning; the whole key of anybody"`
	Cohost bool   `json:"cohost,omitempty" jsonschema:"give a host's rights and stay the host"`
}

// HandoverReply is the session with its host.
type HandoverReply struct{ Session }

var handoverDef = wire.Def[HandoverReq, HandoverReply]{Spec: wire.Spec{
	Request: "focus_handover", Reply: "focus_handed_over", Scope: wire.ScopeFocus,
	Summary: "Make another the host of your session, or a co-host", Command: "focus handover", Write: true,
}}

func decideHandover(r app.Reader, in HandoverReq, c app.Call) ([]app.Draft, error) {
	s, err := hosting(r, c, "hand over", false)
	if err != nil {
		return nil, err
	}
	to, err := s.participant(in.To, c)
	if err != nil {
		return nil, err
	}
	switch {
	case to == s.host:
		return nil, wire.Errorf(wire.Conflict, "%s is the host already", to).WithHint("intercom focus who " + c.Room.Name)
	case in.Cohost && s.mayLead(to):
		return nil, wire.Errorf(wire.Conflict, "%s is a co-host already", to).WithHint("intercom focus who " + c.Room.Name)
	case in.Cohost:
		return []app.Draft{{Type: typeCohost, Body: &Cohost{Session: s.id, To: to}}}, nil
	}
	return []app.Draft{{Type: typeHandover, Body: &Handover{Session: s.id, To: to}}}, nil
}

// participant returns the member whose key a text begins, or the key that it
// is.
func (s *session) participant(text string, c app.Call) (found event.Key, err error) {
	who := "intercom focus who " + c.Room.Name
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return found, wire.Errorf(wire.MissingField, "to is required: the key of a participant").WithHint(who)
	}
	if key, err := event.ParseKey(text); err == nil {
		return key, nil
	}
	n := 0
	for _, m := range s.members {
		if strings.HasPrefix(m.key.String(), text) {
			found, n = m.key, n+1
		}
	}
	switch n {
	case 0:
		return found, wire.Errorf(wire.NotFound, "nobody whose key begins with %.64q takes part", text).WithHint(who)
	case 1:
		return found, nil
	}
	return found, wire.Errorf(wire.Ambiguous, "%d participants have keys that begin with %.64q", n, text).WithHint(who)
}

func replyHandover(r app.Reader, _ HandoverReq, events []*event.Signed, c app.Call) (HandoverReply, error) {
	return HandoverReply{showAfter(r, events, c)}, nil
}
