package expense

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"intercom/client/wire"
	"intercom/internal/app"
	"intercom/ledger/core"
	"intercom/ledger/event"
)

// RoleReq gives a key a role in a room with an owner, or takes it away.
type RoleReq struct {
	app.Channel
	Member  string   `json:"member,omitempty" arg:"member" required:"true" complete:"members" jsonschema:"key, 64 hex digits; of who has a role also the beginning of it, or the name"`
	Role    string   `json:"role,omitempty" arg:"role" enum:"admin,member,viewer,bot,owner" jsonschema:"admin, member, viewer (reads only), bot (a member within limits) or owner (in your place; with consent)"`
	Alias   string   `json:"alias,omitempty" jsonschema:"name among the room's members that the key speaks for; absent: as it was"`
	Until   string   `json:"until,omitempty" jsonschema:"last day of the role, as 2026-12-31, or a time, as 2026-12-31T18:00:00Z"`
	Types   []string `json:"types,omitempty" jsonschema:"event types that a bot may write; absent: all that a member may"`
	Max     []string `json:"max,omitempty" jsonschema:"most that one entry of a bot may come to, as '50 EUR', once for each currency that it may use; absent: any"`
	Consent string   `json:"consent,omitempty" jsonschema:"what the owner to be has signed, 128 hex digits: intercom channel consent prints it there"`
	Remove  bool     `json:"remove,omitempty" jsonschema:"take the role away: what the key wrote so far, as it is known here, goes on counting"`
	Reason  string   `json:"reason,omitempty" jsonschema:"why it is removed"`
}

// RoleReply says which role the key has now.
type RoleReply struct {
	Channel string     `json:"channel"`
	Key     event.Key  `json:"key"`
	Role    string     `json:"role" jsonschema:"none: it was removed"`
	Alias   string     `json:"alias,omitempty"`
	Until   *time.Time `json:"until,omitempty" jsonschema:"UTC"`
	Limits  *BotLimits `json:"limits,omitempty"`
	Changed bool       `json:"changed" jsonschema:"false: it was so before"`
}

// Table implements wire.Tabular.
func (r RoleReply) Table() wire.Table {
	var until any
	if r.Until != nil {
		until = *r.Until
	}
	return wire.Table{Columns: wire.Columns("key", "role", "alias", "until", "changed"), Rows: [][]any{{r.Key, r.Role, r.Alias, until, r.Changed}}}
}

var roleDef = wire.Def[RoleReq, RoleReply]{Spec: wire.Spec{
	Request: "expense_role", Reply: "expense_role", Scope: wire.ScopeAdmin,
	Summary: "Give somebody a role in a room that you own or govern, or take it away", Command: "expense role", Write: true,
}}

func decideRole(_ app.Reader, in RoleReq, c app.Call) ([]app.Draft, error) {
	if !c.Room.Owned {
		return nil, inOpenRoom(c)
	}
	k, m, err := whose(c, in.Member)
	if err != nil {
		return nil, err
	}
	if in.Remove == (in.Role != "") {
		return nil, wire.Errorf(wire.InvalidRequest, "say the role, or --remove").WithHint("intercom expense role MEMBER member")
	}
	switch {
	case !c.Role.Governs():
		return nil, forbidden(c, "roles are for the owner and admins of %s to give; yours is %s", c.Room.Name, c.Role)
	case m.Role == app.Owner:
		return nil, wire.Errorf(wire.Conflict, "%s owns %s", k.String()[:8], c.Room.Name)
	case c.Role != app.Owner && in.Role == roleOwner:
		return nil, forbidden(c, "only the owner of %s hands it over", c.Room.Name)
	case c.Role != app.Owner && (m.Role == app.Admin || in.Role == core.Admin):
		return nil, forbidden(c, "only the owner of %s makes or removes admins", c.Room.Name)
	}
	switch {
	case in.Remove:
		return removal(in, c, k, m)
	case in.Role == roleOwner:
		return handover(in, c, k)
	case in.Consent != "":
		return nil, wire.Errorf(wire.InvalidRequest, "consent is for the role owner")
	}
	b, err := grantOf(in, c, k, m)
	if err != nil {
		return nil, err
	}
	if m.Role.String() == b.Role && m.Alias == b.Alias && m.Until == b.Until && sameLimits(m.Limits, b.Limits) {
		return nil, nil
	}
	return []app.Draft{{Type: core.TypeAdd, Body: b}}, nil
}

// roleOwner is handed over, not given: there is one owner.
const roleOwner = "owner"

// forbidden is an error that says who has the right.
func forbidden(c app.Call, format string, args ...any) error {
	return wire.Errorf(wire.Forbidden, format, args...).WithHint("who may: intercom expense members --channel " + c.Room.Name)
}

func handover(in RoleReq, c app.Call, k event.Key) ([]app.Draft, error) {
	if in.Alias != "" || in.Until != "" || in.Types != nil || in.Max != nil {
		return nil, wire.Errorf(wire.InvalidRequest, "an owner has no alias given, no end and no limits")
	}
	hint := "on the machine of the owner to be: intercom channel consent NAME"
	if in.Consent == "" {
		return nil, wire.Errorf(wire.MissingField, "consent is missing: nobody is made an owner unasked").WithHint(hint)
	}
	sig, err := hex.DecodeString(strings.TrimSpace(in.Consent))
	b := &core.Owner{To: k, Consent: sig}
	if err != nil || b.Check() != nil || !b.Consented(c.Room.ID, c.Author) {
		return nil, wire.Errorf(wire.InvalidRequest, "consent: %s has not signed to take this room over from you", k.Short()).WithHint(hint)
	}
	return []app.Draft{{Type: core.TypeOwner, Body: b}}, nil
}

// whose returns the key that a text names, and what is known of it.
func whose(c app.Call, text string) (event.Key, app.RoomMember, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return event.Key{}, app.RoomMember{}, wire.Errorf(wire.MissingField, "member is missing")
	}
	if k, err := event.ParseKey(text); err == nil {
		m, _ := memberOf(c, k)
		return k, m, nil
	}
	found := slices.DeleteFunc(slices.Clone(c.Members()), func(m app.RoomMember) bool {
		return m.Alias != text && !(len(text) >= 4 && strings.HasPrefix(m.Key.String(), text))
	})
	switch len(found) {
	case 0:
		return event.Key{}, app.RoomMember{}, wire.Errorf(wire.NotFound, "nobody with a role in %s is called %.70q, or has a key that begins so", c.Room.Name, text).
			WithHint("who has no role yet is named by the whole key: `intercom id show` prints it there")
	case 1:
		return found[0].Key, found[0], nil
	}
	return event.Key{}, app.RoomMember{}, wire.Errorf(wire.Ambiguous, "%.70q names %d keys", text, len(found)).
		WithHint("intercom expense members --channel " + c.Room.Name)
}

func removal(in RoleReq, c app.Call, k event.Key, m app.RoomMember) ([]app.Draft, error) {
	if m.Role == app.NoRole {
		return nil, wire.Errorf(wire.NotFound, "%s has no role in %s", k.String()[:8], c.Room.Name)
	}
	b := &core.Remove{Key: k, Last: []core.Last{}, Reason: in.Reason}
	for _, h := range c.Heads(k) {
		b.Last = append(b.Last, core.Last{Instance: h.Instance, Seq: h.Seq})
	}
	slices.SortFunc(b.Last, func(x, y core.Last) int { return bytes.Compare(x.Instance[:], y.Instance[:]) })
	if err := b.Check(); err != nil {
		return nil, wire.Errorf(wire.InvalidRequest, "%v", err)
	}
	return []app.Draft{{Type: core.TypeRemove, Body: b}}, nil
}

func grantOf(in RoleReq, c app.Call, k event.Key, m app.RoomMember) (b *core.Add, err error) {
	b = &core.Add{Key: k, Role: in.Role, Alias: m.Alias}
	if in.Alias != "" {
		if b.Alias, err = aliasOf(in.Alias); err != nil {
			return nil, err
		}
	}
	if b.Until, err = lastInstant(in.Until, c.Now); err != nil {
		return nil, err
	}
	if in.Role != core.Bot && (in.Types != nil || in.Max != nil) {
		return nil, wire.Errorf(wire.InvalidRequest, "types and max are limits of a bot").WithHint("give the role bot")
	}
	l := app.Limits{Types: in.Types}
	if l.Max, err = Most("max", in.Max); err != nil {
		return nil, err
	}
	if f := core.LimitFields(l); len(f) > 0 {
		b.Limits = f
	}
	if err := b.Check(); err != nil {
		return nil, wire.Errorf(wire.InvalidRequest, "%v", err)
	}
	return b, nil
}

// lastInstant returns the last millisecond of a day in the zone of now, or of a
// time; 0 for none.
func lastInstant(text string, now time.Time) (int64, error) {
	if text == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if day, errDay := time.ParseInLocation(time.DateOnly, text, now.Location()); errDay == nil {
		t, err = day.AddDate(0, 0, 1).Add(-time.Millisecond), nil
	}
	if err != nil || t.Before(now) {
		return 0, wire.Errorf(wire.InvalidRequest, "until: %.70q is no day or time to come", text).WithHint("--until 2026-12-31, or 2026-12-31T18:00:00Z")
	}
	return t.UnixMilli(), nil
}

func sameLimits(l app.Limits, f core.Fields) bool {
	a, errA := event.Marshal(core.LimitFields(l))
	if f == nil {
		f = core.Fields{}
	}
	b, errB := event.Marshal(f)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

func replyRole(_ app.Reader, in RoleReq, events []*event.Signed, c app.Call) (RoleReply, error) {
	out := RoleReply{Channel: c.Room.Name, Changed: len(events) > 0, Role: app.NoRole.String()}
	var err error
	m := app.RoomMember{}
	switch {
	case in.Remove:
		var b core.Remove
		err = event.Unmarshal(events[0].Body, &b)
		out.Key = b.Key
		return out, err
	case len(events) > 0 && events[0].Type == core.TypeOwner:
		var b core.Owner
		err = event.Unmarshal(events[0].Body, &b)
		out.Key = b.To
		m, _ = memberOf(c, b.To)
	case len(events) > 0:
		var b core.Add
		err = event.Unmarshal(events[0].Body, &b)
		out.Key = b.Key
		m, _ = memberOf(c, b.Key)
	default:
		out.Key, m, err = whose(c, in.Member)
	}
	row := infoOf(m, true)
	out.Role, out.Alias, out.Until, out.Limits = m.Role.String(), m.Alias, row.Until, row.Limits
	return out, err
}
