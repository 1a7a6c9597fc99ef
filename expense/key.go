package expense

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"intercom/ledger/event"
)

// Rows are of these kinds:
//
//	e/<end>/<first>/<writer>/<seq><ID>  an entry: entryRow
//	o/<LAMPORT><ID>                     an entry of the open epoch: present
//	g/<end>/<first>                     how many entries stand and count there: tallyRow
//	v/<subject>/<descending>            a void of an entry: present
//	q/<subject>/<descending>            a replacement of an entry: present
//	s/<source>/<lamport><id>            an entry of a row of a file, or that restores another: present
//	a/<entry>/<author>/<descending>     what an author says of an entry: opinionRow
//	n/<descending>                      defaults of the room: present
//	s/r/<rule>/<day>/<lamport><id>      an entry that a rule added for a day: present
//	u/<author>/<descending>             a rule: present
//	w/<rule>/<descending>               a change of a rule: present
//	z/<rule>/<last day>/<descending>    a stop of a rule: present
//	l/<descending>                      a pinned plan: present
//	t/<currency>/<exp>                  amounts of the open epoch: tallyRow
//	b/<currency>/<exp>/<member>         a member's open balance: tallyRow
//	d/<currency>/<exp>/<member>         of it, what closes carried over: tallyRow
//	k/<close>                           a close, void or not: closeRow
//	c/<lamport, inverted><close>        a close that is not void: present
//	r/<close>/<reopen>                  a reopen of a close: present
//	p/<lamport, inverted><checkpoint>   a checkpoint: present
//	x/<lamport><id>                     what does not count: refusedRow
//	y/lost                              entries of the open epoch in conflict: tallyRow
//	y/refused                           rows of what does not count: tallyRow
//	m/<entry>                           who has to agree to an entry: gateRow
//	i/<member, hex>/<from><entry>       an entry that the member's silence agrees to: present
//	h/<currency>/<exp>                  amounts that wait for somebody to agree: tallyRow
//
// What is in capitals is bytes, all else text.
const (
	entryRows   = "e/"
	bucketRows  = "g/"
	totalRows   = "t/"
	balanceRows = "b/"
	closeRows   = "k/"
	validRows   = "c/"
	reopenRows  = "r/"
	pointRows   = "p/"
	refusedRows = "x/"
	voidRows    = "v/"
	replaceRows = "q/"
	sourceRows  = "s/"
	opinionRows = "a/"
	defaultRows = "n/"
	pinRows     = "l/"
	orderRows   = "o/"
	carriedRows = "d/"
	gateRows    = "m/"
	silenceRows = "i/"
	waitRows    = "h/"

	lostCount    = "y/lost"
	refusedCount = "y/refused"
	ruleRows     = "u/"
	versionRows  = "w/"
	stopRows     = "z/"

	occurrenceRows = sourceRows + "r/"
)

// rank is the place of a close in the order of (lamport, id), as text that
// sorts in this order.
type rank string

// open stands where no close is; it comes after every close.
const open rank = "~"

const lamportDigits = 16

func rankOf(lamport uint64, id event.ID) rank { return rank(fmt.Sprintf("%016x%s", lamport, id)) }

func (r rank) id() event.ID {
	var id event.ID
	// Only ranks that rankOf made are in keys.
	_, _ = hex.Decode(id[:], []byte(r[lamportDigits:]))
	return id
}

// idOrZero is id, zero of no rank.
func (r rank) idOrZero() (id event.ID) {
	if r != "" {
		id = r.id()
	}
	return id
}

func (r rank) lamport() uint64 {
	n, _ := strconv.ParseUint(string(r[:lamportDigits]), 16, 64)
	return n
}

func (r rank) compare(o rank) int { return cmp.Compare(r, o) }

// place says which closes an entry belongs to. First is the lowest valid close
// that includes it: its epoch. End is the lowest of those that do not carry:
// there the entry stops counting in the balance. First is never after end.
type place struct{ end, first rank }

var openPlace = place{open, open}

func (p place) String() string { return string(p.end) + "/" + string(p.first) }

func bucketKey(p place) string { return bucketRows + p.String() }

func parseBucket(key string) place {
	end, first, _ := strings.Cut(key[len(bucketRows):], "/")
	return place{rank(end), rank(first)}
}

// writer is an author's chain, as in keys.
type writer string

func writerOf(author event.Key, instance event.Instance) writer {
	return writer(author.String() + instance.String())
}

// spot is where an entry stands in its author's chain.
type spot struct {
	writer writer
	seq    uint64
	id     event.ID
}

func spotOf(e *event.Signed) spot { return spot{writerOf(e.Author, e.Instance), e.Seq, e.ID} }

func entryPrefix(p place) string { return entryRows + p.String() + "/" }

func entryKey(p place, s spot) string {
	return fmt.Sprintf("%s%s/%016x%s", entryPrefix(p), s.writer, s.seq, s.id[:])
}

func parseEntry(p place, key string) spot {
	w, rest, _ := strings.Cut(key[len(entryPrefix(p)):], "/")
	seq, _ := strconv.ParseUint(rest[:lamportDigits], 16, 64) // entryKey wrote it
	return spot{writer(w), seq, event.ID([]byte(rest[lamportDigits:]))}
}

// orderKey is of an entry of the open epoch, in the order of (lamport, id).
func orderKey(lamport uint64, id event.ID) string {
	return orderRows + string(binary.BigEndian.AppendUint64(nil, lamport)) + string(id[:])
}

func parseOrder(key string) event.ID { return event.ID([]byte(key[len(orderRows)+8:])) }

func gateKey(entry event.ID) string { return gateRows + entry.String() }

func silencePrefix(member string) string { return fmt.Sprintf("%s%x/", silenceRows, member) }

// silenceKey puts first what has waited longest.
func silenceKey(member string, from int64, entry event.ID) string {
	return silencePrefix(member) + string(rankOf(uint64(from), entry))
}

func parseSilence(key string) (from int64, entry event.ID) {
	r := tail(key)
	return int64(r.lamport()), r.id()
}

func waitKey(currency string, exp int) string {
	return waitRows + currency + "/" + strconv.Itoa(exp)
}

func totalKey(currency string, exp int) string {
	return totalRows + currency + "/" + strconv.Itoa(exp)
}

func memberKey(rows, currency string, exp int, member string) string {
	return rows + currency + "/" + strconv.Itoa(exp) + "/" + member
}

// parseUnit reads what follows the prefix of a total or a balance.
func parseUnit(rest string) (u Unit, member string) {
	currency, rest, _ := strings.Cut(rest, "/")
	exp, member, _ := strings.Cut(rest, "/")
	n, _ := strconv.Atoi(exp)
	return Unit{Currency: currency, Exp: n}, member
}

func closeKey(id event.ID) string { return closeRows + id.String() }

// validKey puts the latest close first, so that a walk can stop at one.
func validKey(r rank) string { return validRows + inverted(r) }

func parseValid(key string) rank { return parseInverted(key[len(validRows):]) }

// pointKey puts the latest checkpoint first.
func pointKey(r rank) string { return pointRows + inverted(r) }

func parsePoint(key string) rank { return parseInverted(key[len(pointRows):]) }

func inverted(r rank) string { return fmt.Sprintf("%016x%s", ^r.lamport(), r.id()) }

func parseInverted(text string) rank {
	r := rank(text)
	return rankOf(^r.lamport(), r.id())
}

func reopenPrefix(close event.ID) string { return reopenRows + close.String() + "/" }

func refusedKey(lamport uint64, id event.ID) string { return refusedRows + string(rankOf(lamport, id)) }

// voidPrefix is that of the voids of a subject, the highest first.
func voidPrefix(subject event.ID) string { return voidRows + subject.String() + "/" }

// replacePrefix is that of the replacements of a subject, the highest first.
func replacePrefix(subject event.ID) string { return replaceRows + subject.String() + "/" }

func replaceKey(subject event.ID, r rank) string { return replacePrefix(subject) + descending(r) }

func voidKey(subject event.ID, r rank) string { return voidPrefix(subject) + descending(r) }

// sources are the prefixes of the entries of which one counts, the lowest: of
// those of one row of a file, of those that restore one entry, and of those
// that a rule adds for one day.
func (fl flow) sources() (prefixes []string) {
	if s := fl.Source; s != nil {
		prefixes = append(prefixes, s.prefix())
	}
	if !fl.Restores.IsZero() {
		prefixes = append(prefixes, restorePrefix(fl.Restores))
	}
	if o := fl.Recur; o != nil {
		prefixes = append(prefixes, occurrencePrefix(o.Rule, o.Date))
	}
	return prefixes
}

// prefix is that of the entries of one row: of its item, where it has one.
func (s *Source) prefix() string {
	if !s.Item.IsZero() {
		return sourceRows + "i/" + s.Item.String() + "/"
	}
	return s.inFile()
}

func (s *Source) inFile() string {
	return fmt.Sprintf("%sf/%s/%016x/%x/", sourceRows, s.SHA256, s.Row, s.Format)
}

func restorePrefix(entry event.ID) string { return sourceRows + "e/" + entry.String() + "/" }

func opinionPrefix(entry event.ID) string { return opinionRows + entry.String() + "/" }

// opinionKey puts an author's latest opinion first.
func opinionKey(entry event.ID, author event.Key, r rank) string {
	return opinionPrefix(entry) + author.String() + "/" + descending(r)
}

// descending is a rank whose highest sorts first; inverted puts the higher ids
// of one lamport time last. It is its own opposite.
func descending(r rank) string {
	id := r.id()
	for i := range id {
		id[i] = ^id[i]
	}
	return string(rankOf(^r.lamport(), id))
}

// tail returns the rank at the end of a key.
func tail(key string) rank { return rank(key[len(key)-lamportDigits-2*len(event.ID{}):]) }

func defaultKey(r rank) string { return defaultRows + descending(r) }

func pinKey(r rank) string { return pinRows + descending(r) }

func ruleKey(author event.Key, r rank) string {
	return ruleRows + author.String() + "/" + descending(r)
}

func versionPrefix(rule event.ID) string { return versionRows + rule.String() + "/" }

func versionKey(rule event.ID, r rank) string { return versionPrefix(rule) + descending(r) }

func stopPrefix(rule event.ID) string { return stopRows + rule.String() + "/" }

func stopKey(rule event.ID, last string, r rank) string {
	return stopPrefix(rule) + last + "/" + descending(r)
}

func occurrencePrefix(rule event.ID, day string) string {
	return occurrenceRows + rule.String() + "/" + day + "/"
}
