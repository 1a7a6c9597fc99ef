package ledger

import (
	"bufio"
	"context"
	"fmt"
	"time"

	"intercom/ledger/event"
)

// patience is how long one frame may take to be written or read.
const patience = 30 * time.Second

// batch sizes of an answer: small enough that taking one in does not keep
// local commands waiting.
const (
	batchEvents = 256
	batchBytes  = 256 << 10
)

// Serve answers a peer's questions on a stream until it ends. The error wraps
// ErrRefused where the peer is to blame. It closes the stream.
func (l *Ledger) Serve(ctx context.Context, peer event.Key, s Stream) error {
	defer s.Close()
	stop := context.AfterFunc(ctx, func() { s.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	in := bufio.NewReader(s)
	for {
		if err := s.SetDeadline(time.Now().Add(patience)); err != nil {
			return err
		}
		var q question
		if err := readFrame(in, maxQuestion, &q); err != nil {
			return err
		}
		if err := l.answer(s, peer, q); err != nil {
			return fmt.Errorf("answer %s: %w", peer, err)
		}
	}
}

func (l *Ledger) answer(s Stream, peer event.Key, q question) error {
	r := l.ByID(q.Room)
	switch q.Op {
	case askHeads:
		a, err := l.heads(r, q.Set)
		if err != nil {
			return err
		}
		if a.State == roomDiffers && len(q.Set) == 32 {
			l.sync.differs(r, peer, [32]byte(q.Set))
		}
		return writeFrame(s, a)
	case askEvents:
		if len(q.Wants) > maxWants {
			return fmt.Errorf("%w: %d wants, at most %d", ErrRefused, len(q.Wants), maxWants)
		}
		return l.send(s, r, q.Wants)
	}
	return fmt.Errorf("%w: question %d", ErrRefused, q.Op)
}

// shared reports whether peers may ask for the room.
func (s *Snapshot) shared(r *Room) bool {
	return r != nil && r.class <= event.Owned && s.Joined(r)
}

func (l *Ledger) heads(r *Room, theirs []byte) (a headsAnswer, err error) {
	err = l.View(func(s *Snapshot) error {
		if !s.shared(r) {
			return nil
		}
		set := s.Info(r).SetHash
		if a.State = roomSame; string(set[:]) == string(theirs) {
			return nil
		}
		a.State = roomDiffers
		prefix := key(kChain, r.id)
		log := s.log(r.id)
		log.scan(prefix, nil, func(_, v []byte) bool {
			var c chainRow
			if err := event.Unmarshal(v, &c); err != nil {
				log.fail(fmt.Errorf("%w: %w", ErrDamaged, err))
			}
			a.Heads = append(a.Heads, head{Author: c.Author, Instance: c.Instance, Seq: c.Seq, ID: c.Head})
			return len(a.Heads) < maxHeads
		})
		return nil
	})
	return a, err
}

// send streams what leads to the wanted heads, causes first. Each snapshot of
// the store lasts one batch, however slow the peer reads.
func (l *Ledger) send(s Stream, r *Room, wants []want) error {
	for {
		batch, rest, err := l.batch(r, wants)
		if err != nil {
			return err
		}
		if err := s.SetDeadline(time.Now().Add(patience)); err != nil {
			return err
		}
		if err := writeFrame(s, &eventsAnswer{Events: batch}); err != nil || len(batch) == 0 {
			return err
		}
		wants = rest
	}
}

func (l *Ledger) batch(r *Room, wants []want) (batch []event.Bytes, rest []want, err error) {
	err = l.View(func(s *Snapshot) error {
		if !s.shared(r) {
			return nil
		}
		b := newBatch(s.log(r.id), wants)
		b.fill()
		batch, rest = b.events, b.rest(wants)
		return nil
	})
	return batch, rest, err
}

// batch collects events for one frame. It ends each chain on an event whose
// signature was checked here, since the receiver proves the rest by it.
type batch struct {
	log    *log
	merger *merger
	events []event.Bytes
	bytes  int
	sent   map[uint32]*stored // last event by chain
}

func newBatch(l *log, wants []want) *batch {
	var runs []run
	for _, w := range wants {
		if p, ok := l.find(w.Head); ok {
			for _, r := range l.runs(p, w.From) {
				runs = join(runs, r)
			}
		}
	}
	return &batch{log: l, merger: l.merge(runs), sent: map[uint32]*stored{}}
}

// join adds a run. Branches stand on one chain: it is sent once.
func join(runs []run, r run) []run {
	for i, o := range runs {
		if o.chain == r.chain {
			runs[i].from, runs[i].to = min(o.from, r.from), max(o.to, r.to)
			return runs
		}
	}
	return append(runs, r)
}

func (b *batch) add(s *stored, c *cursor) {
	b.events = append(b.events, s.Encode())
	b.bytes += len(s.Raw)
	b.sent[c.chain] = s
}

func (b *batch) fill() {
	cursors := map[uint32]*cursor{}
	for len(b.events) < batchEvents && b.bytes < batchBytes {
		s, c := b.merger.next()
		if s == nil {
			break
		}
		cursors[c.chain] = c
		b.add(s, c)
	}
	for n, last := range b.sent {
		if last.proof == proofVerified {
			continue
		}
		b.merger.drain(cursors[n], func(s *stored) bool {
			b.add(s, cursors[n])
			return s.proof != proofVerified && b.bytes < maxAnswer/2
		})
	}
}

// rest returns what is wanted after this batch.
func (b *batch) rest(wants []want) []want {
	rest := make([]want, 0, len(wants))
	for _, w := range wants {
		p, ok := b.log.find(w.Head)
		if !ok {
			continue
		}
		for _, r := range b.log.runs(p, w.From) {
			if s, ok := b.sent[r.chain]; ok && s.Seq+1 > w.From {
				w.From = s.Seq + 1
			}
		}
		if w.From <= p.seq {
			rest = append(rest, w)
		}
	}
	return rest
}
