package expense

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"time"
)

// document writes a sheet. A plain one counts in no currency but XXX, of
// two decimals, as the original's rooms did: its plan is written as the
// original wrote it. Others name the currency of each amount.
type document struct {
	Sheet
	plain bool
}

func documentOf(s Sheet) document {
	original := Unit{Currency: DefaultCurrency, Exp: usualExponent}
	plain := true
	for _, t := range s.Totals {
		plain = plain && t.Unit == original
	}
	for _, b := range s.Balances {
		plain = plain && b.Unit == original
	}
	return document{s, plain}
}

func (s document) planText() string {
	lines := []string{
		"InterSplit Settlement Export", "channel: " + oneLine(s.Channel),
		"events: " + plainNumber(s.Entries), "total: " + s.totalText(), "settlements:",
	}
	for _, t := range s.Transfers {
		lines = append(lines, "- "+oneLine(t.From)+" -> "+oneLine(t.To)+": "+s.amountText(t.Money, t.Unit))
	}
	if len(s.Transfers) == 0 {
		lines = append(lines, "- none")
	}
	return strings.Join(lines, "\n")
}

func (s document) totalText() string {
	if len(s.Totals) == 0 {
		return FormatAmount(0, usualExponent)
	}
	totals := make([]string, len(s.Totals))
	for i, t := range s.Totals {
		totals[i] = s.amountText(t.Money, t.Unit)
	}
	return strings.Join(totals, ", ")
}

func (s document) amountText(m Money, u Unit) string {
	if s.plain {
		return m.Amount
	}
	return m.Amount + " " + u.Currency
}

func (s document) planCSV() string {
	rows := [][]string{{"from", "to", "amount"}}
	for _, t := range s.Transfers {
		rows = append(rows, []string{cell(t.From), cell(t.To), t.Amount})
	}
	if !s.plain {
		rows[0] = append(rows[0], "currency")
		for i, t := range s.Transfers {
			rows[i+1] = append(rows[i+1], t.Currency)
		}
	}
	return delimited(rows)
}

func (s document) planJSON() string {
	if !s.plain {
		return indented(struct {
			Channel     string          `json:"channel"`
			EventCount  int64           `json:"eventCount"`
			Totals      []Total         `json:"totals"`
			Balances    []MemberBalance `json:"balances"`
			Settlements []MemberPayment `json:"settlements"`
		}{s.Channel, s.Entries, s.Totals, s.Balances, s.Transfers})
	}
	// Cents are JSON numbers there; as digits they stay exact beyond 2^53.
	type balance struct {
		Member string      `json:"member"`
		Cents  json.Number `json:"cents"`
	}
	type settlement struct {
		From        string      `json:"from"`
		To          string      `json:"to"`
		AmountCents json.Number `json:"amountCents"`
	}
	doc := struct {
		Channel     string       `json:"channel"`
		EventCount  int64        `json:"eventCount"`
		TotalCents  json.Number  `json:"totalCents"`
		Balances    []balance    `json:"balances"`
		Settlements []settlement `json:"settlements"`
	}{Channel: s.Channel, EventCount: s.Entries, TotalCents: "0", Balances: []balance{}, Settlements: []settlement{}}
	for _, t := range s.Totals {
		doc.TotalCents = json.Number(t.Minor)
	}
	for _, b := range s.Balances {
		doc.Balances = append(doc.Balances, balance{b.Member, json.Number(b.Minor)})
	}
	for _, t := range s.Transfers {
		doc.Settlements = append(doc.Settlements, settlement{t.From, t.To, json.Number(t.Minor)})
	}
	return indented(doc)
}

func (s document) balancesText() string {
	lines := []string{"channel: " + oneLine(s.Channel)}
	for _, b := range s.Balances {
		amount := b.Amount
		if b.Minor != "0" && amount[0] != '-' {
			amount = "+" + amount
		}
		lines = append(lines, oneLine(b.Member)+": "+amount+" "+b.Currency)
	}
	return strings.Join(lines, "\n")
}

func (s document) balancesCSV() string {
	rows := [][]string{{"member", "amount", "currency"}}
	for _, b := range s.Balances {
		rows = append(rows, []string{cell(b.Member), b.Amount, b.Currency})
	}
	return delimited(rows)
}

func entriesText(channel string, entries []Entry) string {
	lines := []string{"channel: " + oneLine(channel), "entries: " + plainNumber(int64(len(entries)))}
	for _, e := range entries {
		line := e.Date + " " + e.payers() + " paid " + e.Amount + " " + e.Currency + " for " + strings.Join(e.Split, ", ")
		if e.Note != "" {
			line += ": " + e.Note
		}
		lines = append(lines, oneLine(line))
	}
	return strings.Join(lines, "\n")
}

func entriesCSV(entries []Entry) string {
	rows := [][]string{{"date", "payer", "amount", "currency", "split", "note", "by", "at", "id"}}
	for _, e := range entries {
		rows = append(rows, []string{
			e.Date, cell(e.payers()), e.Amount, e.Currency, cell(strings.Join(e.Split, ",")), cell(e.Note),
			e.By.String(), e.At.Format(time.RFC3339), e.ID.String(),
		})
	}
	return delimited(rows)
}

// cell guards a text that a spreadsheet would run as a formula.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// delimited writes CSV (RFC 4180), lines ended by LF, the last by nothing.
func delimited(rows [][]string) string {
	var b bytes.Buffer
	// A buffer takes everything, so there is no error to look at.
	_ = csv.NewWriter(&b).WriteAll(rows)
	return strings.TrimSuffix(b.String(), "\n")
}

// indented writes JSON as JSON.stringify(v, null, 2) does.
func indented(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	_ = e.Encode(v) // of our own types, which JSON holds
	return strings.TrimSuffix(b.String(), "\n")
}

// oneLine shows characters that would break or reorder a line as a
// replacement character: names and notes come from other peers.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if misleads(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}
