package expense

import (
	"cmp"
	"slices"
	"strings"

	"intercom/client/wire"
	"intercom/internal/app"
)

// What statistics are made by.
const (
	ByMember   = "member"
	ByCategory = "category"
	ByMonth    = "month"
	ByTag      = "tag"
)

// StatsReq asks what was spent.
type StatsReq struct {
	app.Channel
	By   string `json:"by,omitempty" enum:"member,category,month,tag" jsonschema:"member, category, month or tag; member if absent"`
	From string `json:"from,omitempty" jsonschema:"only entries from this day on, YYYY-MM-DD"`
	To   string `json:"to,omitempty" jsonschema:"only entries up to this day, YYYY-MM-DD"`
}

// Stats is what was spent, payments among members left out.
type Stats struct {
	Channel string    `json:"channel"`
	Joined  bool      `json:"joined" jsonschema:"the room is replicated here; else only what is here already is shown"`
	By      string    `json:"by"`
	Rows    []StatRow `json:"rows" jsonschema:"by currency; by name within it, members by what they paid"`
	Totals  []Total   `json:"totals" jsonschema:"sums of the entries; with tags, an entry of several is in several rows"`
}

// StatRow is what one member, category, month or tag comes to in one currency.
type StatRow struct {
	Name    string `json:"name" jsonschema:"empty: entries without one"`
	Entries int64  `json:"entries"`
	Unit
	Money         // what was spent; of a member, what he paid
	Share  *Money `json:"share,omitempty" jsonschema:"of a member: his shares"`
	Part   string `json:"part" jsonschema:"of the total of the currency, in percent, one decimal; empty where the total is not above 0"`
	amount Sum
	share  Sum
}

// List implements wire.Listed.
func (Stats) List() string { return "rows" }

// Table implements wire.Tabular.
func (s Stats) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("name", ">entries", ">spent", ">share", "currency", ">percent"), Rows: [][]any{}}
	for _, r := range s.Rows {
		var share any
		if r.Share != nil {
			share = r.Share.Amount
		}
		t.Rows = append(t.Rows, []any{r.Name, r.Entries, r.Amount, share, r.Currency, r.Part})
	}
	return t
}

// Note implements wire.Noted.
func (s Stats) Note() string {
	var notes []string
	for _, t := range s.Totals {
		notes = append(notes, plural(t.Entries, "expense", "expenses")+", "+t.Amount+" "+t.Currency+" in all")
	}
	if len(s.Totals) == 0 {
		notes = append(notes, "no expenses in "+s.Channel)
	}
	if !s.Joined {
		notes = append(notes, notJoined(app.Room{Name: s.Channel}))
	}
	return strings.Join(notes, "\n")
}

var statsDef = wire.Def[StatsReq, Stats]{Spec: wire.Spec{
	Request: "expense_stats", Reply: "expense_stats", Scope: wire.ScopeRead,
	Summary: "Show what was spent, by member, category, month or tag", Command: "expense stats",
}}

type statKey struct {
	Unit
	name string
}

func readStats(r app.Reader, in StatsReq, c app.Call) (Stats, error) {
	out := Stats{Channel: c.Room.Name, Joined: c.Room.Joined, By: in.By, Rows: []StatRow{}, Totals: []Total{}}
	switch in.By {
	case "":
		out.By = ByMember
	case ByMember, ByCategory, ByMonth, ByTag:
	default:
		return out, wire.Errorf(wire.InvalidRequest, "by: %.40q is not member, category, month or tag", in.By)
	}
	p, err := periodOf(in.From, in.To)
	if err != nil {
		return out, err
	}
	rows := map[statKey]StatRow{}
	totals := map[Unit]tallyRow{}
	eachFlow(r, func(at place, fl flow) {
		b := &fl.Add
		if at.first != open || fl.payment || !p.has(b.Date) {
			return
		}
		u := Unit{b.Currency, b.Exp}
		t := totals[u]
		totals[u] = tallyRow{Sum: t.Sum.Add(b.Amount), Count: t.Count + 1}
		for name, part := range b.stats(out.By) {
			k := statKey{u, name}
			row := rows[k]
			row.Entries++
			row.amount, row.share = row.amount.Add(part[0]), row.share.Add(part[1])
			rows[k] = row
		}
	})
	for k, row := range rows {
		row.Name, row.Unit, row.Money = k.name, k.Unit, moneyOf(row.amount, k.Exp)
		if out.By == ByMember {
			share := moneyOf(row.share, k.Exp)
			row.Share = &share
		}
		row.Part = percent(row.amount, totals[k.Unit].Sum)
		out.Rows = append(out.Rows, row)
	}
	slices.SortFunc(out.Rows, func(a, b StatRow) int {
		most := 0
		if out.By == ByMember {
			most = b.amount.Cmp(a.amount)
		}
		return cmp.Or(a.Unit.compare(b.Unit), most, cmp.Compare(a.Name, b.Name))
	})
	out.Totals = accounts{totals: totals}.sheetTotals()
	return out, nil
}

// stats returns what an entry adds to each name: spent or paid, and shared.
func (b *Add) stats(by string) map[string][2]int64 {
	switch by {
	case ByCategory:
		return map[string][2]int64{b.Category: {b.Amount}}
	case ByMonth:
		return map[string][2]int64{b.Date[:len("2026-03")]: {b.Amount}}
	case ByTag:
		of := map[string][2]int64{}
		for _, t := range b.Tags {
			of[t] = [2]int64{b.Amount}
		}
		if len(of) == 0 {
			of[""] = [2]int64{b.Amount}
		}
		return of
	}
	of := map[string][2]int64{}
	for _, p := range b.Payers {
		part := of[p.Name]
		part[0] += p.Amount
		of[p.Name] = part
	}
	for _, s := range b.Shares {
		part := of[s.Name]
		part[1] += s.Amount
		of[s.Name] = part
	}
	return of
}

// percent is 100 part / whole with one decimal, rounded to the nearest.
func percent(part, whole Sum) string {
	if whole.Sign() <= 0 {
		return ""
	}
	x := ratOf(part)
	x.Quo(x.Mul(x, scale(2)), ratOf(whole))
	return x.FloatString(1)
}
