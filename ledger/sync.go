package ledger

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"intercom/ledger/event"
)

// Run takes in what peers announce and compares rooms with them until ctx
// ends. round is how often each room is compared with a peer although nothing
// was announced.
func (l *Ledger) Run(ctx context.Context, round time.Duration) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return l.takeIn(ctx) })
	for range exchangesAtOnce {
		g.Go(func() error { return l.exchanges(ctx) })
	}
	g.Go(func() error { return l.rounds(ctx, round) })
	if err := g.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func (l *Ledger) rounds(ctx context.Context, every time.Duration) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		rooms, err := l.Joined()
		if err != nil {
			l.log.Warn("rooms not compared", "error", err)
			continue
		}
		for _, r := range rooms {
			if peers := l.network().Peers(r.id); len(peers) > 0 {
				l.sync.want(r, peers[n%len(peers)])
			}
		}
	}
}

// takeIn stores announced events, many in one commit when many came.
func (l *Ledger) takeIn(ctx context.Context) error {
	held := newHeld()
	for {
		var first arrival
		select {
		case <-ctx.Done():
			return ctx.Err()
		case first = <-l.sync.arrived:
		}
		byRoom := map[*Room][]arrival{first.room: {first}}
	more:
		for range batchEvents {
			select {
			case a := <-l.sync.arrived:
				byRoom[a.room] = append(byRoom[a.room], a)
			default:
				break more
			}
		}
		for r, arrivals := range byRoom {
			if err := l.takeInRoom(ctx, r, arrivals, held); err != nil {
				return err
			}
		}
	}
}

// takeInRoom stores arrivals, whose signatures were checked when they came,
// and then whatever was held for them.
func (l *Ledger) takeInRoom(ctx context.Context, r *Room, arrivals []arrival, held *held) error {
	for len(arrivals) > 0 {
		events := make([]*event.Signed, len(arrivals))
		from := make(map[event.ID]event.Key, len(arrivals))
		for i, a := range arrivals {
			events[i], from[a.event.ID] = a.event, a.from
		}
		t, err := r.ingest(ctx, events, nil)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, ErrRefused) && len(arrivals) > 1 {
			// One of several is bad: find it, so that it costs only its sender.
			for i := range arrivals {
				if err := l.takeInRoom(ctx, r, arrivals[i:i+1], held); err != nil {
					return err
				}
			}
			return nil
		}
		if err != nil {
			l.complain(arrivals[0].from, r, err)
			return nil
		}
		early := make(map[event.ID]bool, len(t.missing))
		for _, e := range t.missing {
			early[e.ID] = true
			held.keep(arrival{room: r, from: from[e.ID], event: e})
			l.sync.want(r, from[e.ID])
		}
		arrivals = nil
		for _, e := range events {
			if !early[e.ID] {
				arrivals = append(arrivals, held.after(e.ID)...)
			}
		}
	}
	return nil
}

// complain counts what a peer did wrong, or logs what went wrong here.
func (l *Ledger) complain(peer event.Key, r *Room, err error) {
	if errors.Is(err, ErrRefused) {
		l.network().Strike(peer, err)
		return
	}
	l.log.Warn("events not stored", "room", r.Name(), "peer", peer.String(), "error", err)
}

func (l *Ledger) exchanges(ctx context.Context) error {
	for {
		x, wait, ok := l.sync.take(time.Now())
		if !ok {
			timer := time.NewTimer(wait)
			select {
			case <-ctx.Done():
			case <-l.sync.wake:
			case <-timer.C:
			}
			timer.Stop()
			if ctx.Err() != nil {
				return ctx.Err()
			}
			continue
		}
		err := l.exchange(ctx, x.exchange)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		// A peer that is at fault is not asked again until it shows up anew. One
		// that is not there may be about to come: topics hear of it first.
		refused := errors.Is(err, ErrRefused)
		l.sync.done(x, err != nil && !refused, time.Now())
		if err != nil {
			l.stats.add("exchanges_failed", 1)
		}
		switch {
		case refused:
			l.network().Strike(x.peer, err)
		case err != nil:
			l.log.Info("room not compared", "room", x.room.Name(), "peer", x.peer.String(), "error", err)
		}
	}
}

// exchange fetches what the peer has and this store lacks.
func (l *Ledger) exchange(ctx context.Context, x exchange) error {
	if used, err := l.used(x.room); err != nil || !used {
		return err
	}
	s, err := l.network().Open(ctx, x.peer)
	if err != nil {
		return err
	}
	defer s.Close()
	stop := context.AfterFunc(ctx, func() { s.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	f := fetcher{l: l, x: x, r: x.room, s: s, in: bufio.NewReader(s)}
	wants, err := f.wants()
	for len(wants) > 0 && err == nil {
		n := min(len(wants), maxWants)
		err = f.fetch(ctx, wants[:n])
		wants = wants[n:]
	}
	if f.news {
		l.passOn(x)
	}
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// passOnTo is how many peers are asked for more after an exchange brought
// news. The question shows them that there is news here.
const passOnTo = 8

// passOn compares the room with those who come next in the order of the keys,
// so that each daemon turns to others.
func (l *Ledger) passOn(x exchange) {
	peers := slices.DeleteFunc(l.network().Peers(x.room.id), func(k event.Key) bool { return k == x.peer })
	slices.SortFunc(peers, func(a, b event.Key) int { return bytes.Compare(a[:], b[:]) })
	next, _ := slices.BinarySearchFunc(peers, l.self, func(k, self event.Key) int { return bytes.Compare(k[:], self[:]) })
	for n := range min(passOnTo, len(peers)) {
		l.sync.want(x.room, peers[(next+n)%len(peers)])
	}
}

// fetcher asks one peer for one room.
type fetcher struct {
	l     *Ledger
	x     exchange
	r     *Room
	s     Stream
	in    *bufio.Reader
	known int  // events that it was sent although they were here
	news  bool // others were not
}

// What a peer may send in vain: forks are sent from their start, and others
// may have brought the same meanwhile.
const (
	knownAlways = 1024
	knownTimes  = 4 // of the events that are here
)

var errEnough = errors.New("ledger: the quota is used up")

// useful refuses a peer that sends without end what is here already, and
// stops at the first event over a quota.
func (f *fetcher) useful(t taken, of int) error {
	if t.known+len(t.missing)+len(t.over) < of {
		f.news = true
		f.l.sync.progress(f.x, time.Now())
	}
	if len(t.over) > 0 {
		return errEnough
	}
	if f.known += t.known + len(t.missing); f.known <= knownAlways {
		return nil
	}
	var here uint64
	err := f.l.View(func(s *Snapshot) error { here = s.Info(f.r).Events; return nil })
	if err == nil && uint64(f.known) > knownAlways+knownTimes*here {
		err = fmt.Errorf("%w: %d events that lead nowhere", ErrRefused, f.known)
	}
	return err
}

// wants asks for the peer's heads and returns what is missing here.
func (f *fetcher) wants() (wants []want, err error) {
	var set [32]byte
	if err := f.l.View(func(s *Snapshot) error { set = s.Info(f.r).SetHash; return nil }); err != nil {
		return nil, err
	}
	if err := f.ask(question{Op: askHeads, Room: f.r.id, Set: set[:]}); err != nil {
		return nil, err
	}
	var a headsAnswer
	if err := readFrame(f.in, maxAnswer, &a); err != nil || a.State != roomDiffers {
		return nil, err
	}
	if len(a.Heads) > maxHeads {
		return nil, fmt.Errorf("%w: %d heads, at most %d", ErrRefused, len(a.Heads), maxHeads)
	}
	err = f.l.View(func(s *Snapshot) error {
		log := s.log(f.r.id)
		for _, h := range a.Heads {
			if _, ok := log.find(h.ID); ok || f.l.full(log, h.Author) {
				continue
			}
			w := want{Author: h.Author, Instance: h.Instance, Head: h.ID}
			if c, ok := log.ownChain(h.Author, h.Instance); ok && c.Seq < h.Seq {
				w.From = c.Seq + 1
			} // else a fork: the whole branch, what is here is skipped
			wants = append(wants, w)
		}
		return nil
	})
	return wants, err
}

// full reports whether nothing more of an author is taken into the room.
func (l *Ledger) full(log *log, author event.Key) bool {
	var u usageRow
	return author != l.self && log.row(key(kUsage, log.room, author[:]), &u) &&
		(u.Events >= l.quotas.AuthorEvents || u.Bytes+event.MaxSize > l.quotas.AuthorBytes)
}

func (f *fetcher) ask(q question) error {
	if err := f.s.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	return writeFrame(f.s, &q)
}

// fetch takes in what leads to the wanted heads. Where a chain does not fit
// on what is here, it forked earlier: it is fetched from the start.
func (f *fetcher) fetch(ctx context.Context, wants []want) error {
	forked, err := f.round(ctx, wants)
	if err != nil || len(forked) == 0 {
		return err
	}
	var again []want
	for _, w := range wants {
		if w.From > 0 && forked[w.Author] {
			w.From = 0
			again = append(again, w)
		}
	}
	if len(again) > 0 {
		_, err = f.round(ctx, again)
	}
	return err
}

func (f *fetcher) round(ctx context.Context, wants []want) (forked map[event.Key]bool, err error) {
	if err := f.ask(question{Op: askEvents, Room: f.r.id, Wants: wants}); err != nil {
		return nil, err
	}
	forked = map[event.Key]bool{}
	for {
		if err := f.s.SetDeadline(time.Now().Add(patience)); err != nil {
			return nil, err
		}
		var a eventsAnswer
		if err := readFrame(f.in, maxAnswer, &a); err != nil || len(a.Events) == 0 {
			return forked, err
		}
		events := make([]*event.Signed, len(a.Events))
		for i, b := range a.Events {
			e, err := event.Decode(b)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", ErrRefused, err)
			}
			events[i] = &e
		}
		t, err := f.r.take(ctx, events)
		if err == nil {
			err = f.useful(t, len(events))
		}
		if err != nil {
			return nil, err
		}
		for _, e := range t.missing {
			forked[e.Author] = true
		}
	}
}
