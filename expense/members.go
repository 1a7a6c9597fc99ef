package expense

import (
	"cmp"
	"slices"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/event"
)

// MembersReq asks who is in a room.
type MembersReq struct{ app.Channel }

// MembersReply lists the names that the room's entries use, and the keys that
// have a role or claim a name.
type MembersReply struct {
	Channel string       `json:"channel"`
	Joined  bool         `json:"joined" jsonschema:"the room is replicated here; else only what is here already is shown"`
	Role    string       `json:"role" jsonschema:"your role: owner, admin, member, viewer, bot or none"`
	Members []MemberInfo `json:"members" jsonschema:"by name, those without one last; a name that several claim has a row for each"`
}

// MemberInfo is a name, a key, or both.
type MemberInfo struct {
	Member string     `json:"member" jsonschema:"name; empty: a key that speaks for none"`
	Used   bool       `json:"used" jsonschema:"open entries name it"`
	Key    *event.Key `json:"key,omitempty" jsonschema:"who speaks for it or claims it; absent: nobody, so any member may use it"`
	Claim  string     `json:"claim,omitempty" jsonschema:"bound, contested (several claim it, so it is nobody's) or asked (an admin has to confirm it)"`
	Role   string     `json:"role,omitempty" jsonschema:"owner, admin, member, viewer or bot; absent in an open room"`
	Until  *time.Time `json:"until,omitempty" jsonschema:"when the role ends, UTC"`
	Limits *BotLimits `json:"limits,omitempty" jsonschema:"of a bot"`
}

// BotLimits bound each event of a bot.
type BotLimits struct {
	Types []string `json:"types,omitempty" jsonschema:"event types that it may write; absent: all that a member may"`
	Max   []string `json:"max,omitempty" jsonschema:"most that an event may move, by currency; absent: any amount"`
}

// List implements wire.Listed.
func (MembersReply) List() string { return "members" }

// Table implements wire.Tabular.
func (r MembersReply) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("member", "used", "role", "claim", "until", "key"), Rows: [][]any{}}
	for _, m := range r.Members {
		row := []any{m.Member, m.Used, m.Role, m.Claim, nil, nil}
		if m.Until != nil {
			row[4] = *m.Until
		}
		if m.Key != nil {
			row[5] = *m.Key
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Note implements wire.Noted.
func (r MembersReply) Note() string {
	switch {
	case !r.Joined:
		return notJoined(app.Room{Name: r.Channel})
	case len(r.Members) == 0:
		return "no expense of " + r.Channel + " names anybody, and nobody claims a name"
	}
	return ""
}

var membersDef = wire.Def[MembersReq, MembersReply]{Spec: wire.Spec{
	Request: "expense_members", Reply: "expense_members", Scope: wire.ScopeRead,
	Summary: "List the members of a room, who speaks for them, and their roles", Command: "expense members",
}}

func readMembers(r app.Reader, _ MembersReq, c app.Call) (MembersReply, error) {
	out := MembersReply{Channel: c.Room.Name, Joined: c.Room.Joined, Role: c.Role.String(), Members: []MemberInfo{}}
	free := map[string]bool{}
	for _, name := range memberNames(r) {
		free[name] = true
	}
	used := func(name string) bool { _, ok := free[name]; return ok }
	for _, m := range c.Members() {
		if m.Role == app.Equal && m.Alias == "" && m.Claims == "" {
			continue
		}
		row := infoOf(m, c.Room.Owned)
		row.Used = used(row.Member)
		out.Members = append(out.Members, row)
		if used(m.Alias) {
			free[m.Alias] = false
		}
		if used(m.Claims) {
			free[m.Claims] = false
		}
		if m.Alias != "" && m.Claims != "" {
			asked := infoOf(app.RoomMember{Key: m.Key, Role: m.Role, Claims: m.Claims}, c.Room.Owned)
			asked.Used = used(m.Claims)
			out.Members = append(out.Members, asked)
		}
	}
	for name, unclaimed := range free {
		if unclaimed {
			out.Members = append(out.Members, MemberInfo{Member: name, Used: true})
		}
	}
	slices.SortStableFunc(out.Members, func(a, b MemberInfo) int {
		if (a.Member == "") != (b.Member == "") {
			return cmp.Compare(b.Member, a.Member)
		}
		return cmp.Compare(a.Member, b.Member)
	})
	return out, nil
}

func infoOf(m app.RoomMember, owned bool) MemberInfo {
	row := MemberInfo{Member: m.Alias, Key: &m.Key, Claim: claimBound}
	switch {
	case m.Alias != "":
	case m.Claims == "":
		row.Claim = ""
	case owned:
		row.Member, row.Claim = m.Claims, claimAsked
	default:
		row.Member, row.Claim = m.Claims, claimContested
	}
	if !owned {
		return row
	}
	row.Role = m.Role.String()
	if m.Until > 0 {
		t := event.Instant(m.Until)
		row.Until = &t
	}
	if m.Role == app.Bot && (m.Limits.Types != nil || m.Limits.Max != nil) {
		row.Limits = &BotLimits{Types: m.Limits.Types}
		for _, a := range m.Limits.Max {
			row.Limits.Max = append(row.Limits.Max, FormatAmount(a.Minor, a.Exp)+" "+a.Currency)
		}
	}
	return row
}
