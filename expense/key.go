package expense

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"intercom/ledger/event"
)

// Rows are of nine kinds:
//
//	e/<end>/<first>/<writer>/<seq><id>  an entry that counts: entryRow
//	g/<end>/<first>                     how many entries stand there: tallyRow
//	t/<currency>/<exp>                  amounts of the open epoch: tallyRow
//	b/<currency>/<exp>/<member>         a member's open balance: tallyRow
//	k/<close>                           a close, void or not: closeRow
//	c/<lamport, inverted><close>        a close that is not void: present
//	r/<close>/<reopen>                  a reopen of a close: present
//	p/<lamport, inverted><checkpoint>   a checkpoint: present
//	x/<lamport><id>                     what does not count: refusedRow
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
	return fmt.Sprintf("%s%s/%016x%s", entryPrefix(p), s.writer, s.seq, s.id)
}

func parseEntry(p place, key string) spot {
	w, rest, _ := strings.Cut(key[len(entryPrefix(p)):], "/")
	r := rank(rest) // a number and an id, as in a rank
	return spot{writer(w), r.lamport(), r.id()}
}

func totalKey(currency string, exp int) string {
	return totalRows + currency + "/" + strconv.Itoa(exp)
}

func balanceKey(currency string, exp int, member string) string {
	return balanceRows + currency + "/" + strconv.Itoa(exp) + "/" + member
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
