package expense

import (
	"slices"
	"strings"
	"time"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// openings returns what the balances of the open epoch begin with, an entry of
// each currency: the sums of the entries that closes carried over. With the
// open entries they add up to the balances. It costs what the members cost.
func openings(r app.Reader) []Entry {
	var last rank
	var entries int64
	for p, n := range carriedPlaces(r) {
		last = max(last, p.first)
		entries += n
	}
	e, ok := r.Event(last.idOrZero())
	if !ok {
		return nil
	}
	var all []Entry
	amounts := []Sum{} // of each
	r.Scan(carriedRows, func(key string, decode func(any)) bool {
		var row tallyRow
		decode(&row)
		u, member := parseUnit(key[len(carriedRows):])
		sign := row.Sum.Sign()
		if sign == 0 {
			return true
		}
		n := len(all) - 1
		if n < 0 || all[n].Unit != u {
			n++
			amounts = append(amounts, Sum{})
			all = append(all, Entry{
				ID: e.ID, Type: EntryOpening, Status: StatusCounts, Date: event.Instant(e.TS).UTC().Format(time.DateOnly),
				Unit: u, Kind: SplitExact, Note: "carried over from " + plural(entries, "entry", "entries") + " before the close",
				By: e.Author, At: event.Instant(e.TS),
			})
		}
		if sign > 0 {
			all[n].Payers = append(all[n].Payers, MemberMoney{Member: member, Money: moneyOf(row.Sum, u.Exp)})
			amounts[n] = amounts[n].Plus(row.Sum)
			return true
		}
		owes := moneyOf(row.Sum.Neg(), u.Exp)
		all[n].Split = append(all[n].Split, member)
		all[n].Shares = append(all[n].Shares, MemberMoney{Member: member, Money: owes})
		all[n].Inputs = append(all[n].Inputs, Input{Member: member, N: owes.Amount})
		return true
	})
	for i := range all { // what is owed is owed to somebody: both lists have members
		all[i].Payer, all[i].Money = all[i].Payers[0].Member, moneyOf(amounts[i], all[i].Exp)
	}
	return all
}

// carriedPlaces returns where entries of closed epochs stand that still count
// in the balances, and how many count there.
func carriedPlaces(r app.Reader) map[place]int64 {
	all := map[place]int64{}
	r.Scan(bucketRows+string(open)+"/", func(key string, decode func(any)) bool {
		var row tallyRow
		decode(&row)
		if p := parseBucket(key); p.first != open && row.Count > 0 {
			all[p] = row.Count
		}
		return true
	})
	return all
}

// withOpenings puts the openings before entries.
func withOpenings(r app.Reader, entries []Entry) []Entry {
	return slices.Insert(entries, 0, openings(r)...)
}

// openingNote says that some of the entries shown are openings.
func openingNote(list []Entry) string {
	var units []string
	for _, e := range list {
		units = append(units, e.Amount+" "+e.Currency)
	}
	if len(units) == 0 {
		return ""
	}
	return list[0].Note + " " + list[0].ID.Short() + ": " + strings.Join(units, ", ")
}
