package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// ErrOwnKey is for blocking oneself.
var ErrOwnKey = errors.New("that is this peer's own key")

// Block is whether a peer is refused by the user's word.
type Block struct {
	Key   event.Key
	On    bool
	Until time.Time // zero: for good; in whole milliseconds
}

type blockBody struct {
	Key   event.Key `cbor:"key"`
	On    bool      `cbor:"on"`
	Until uint64    `cbor:"until,omitempty"` // ms; absent: for good
}

func (b *blockBody) Check() error {
	if b.Until > 1<<62 || b.Until > 0 && !b.On {
		return fmt.Errorf("%w: until", event.ErrEncoding)
	}
	return nil
}

// blockRow is the state of one key in the self room.
type blockRow struct {
	_       struct{} `cbor:",toarray"`
	On      bool
	Until   uint64
	Lamport uint64
	ID      event.ID
}

// blockPrefix tells the rows of keys from those of rooms, which have no slash.
const blockPrefix = "block/"

func blockKey(k event.Key) string { return blockPrefix + k.String() }

func applyBlock(v app.View, e *event.Signed, m app.Meta, b *blockBody) {
	var now blockRow
	if v.Get(blockKey(b.Key), &now) && !later(m.Lamport, e.ID, now.Lamport, now.ID) {
		return
	}
	v.Put(blockKey(b.Key), &blockRow{On: b.On, Until: b.Until, Lamport: m.Lamport, ID: e.ID})
}

// later reports whether the first of two events comes after the second: by lamport, then by id.
func later(lamport uint64, id event.ID, otherLamport uint64, other event.ID) bool {
	return lamport > otherLamport || lamport == otherLamport && id.Compare(other) > 0
}

// SetBlock has a peer refused, or no longer, in a way that outlives restarts. It writes nothing where that is so
// already, and reports whether it did. Error: ErrOwnKey.
func (l *Ledger) SetBlock(ctx context.Context, b Block) (changed bool, err error) {
	if b.Key == l.self {
		return false, fmt.Errorf("block: %w", ErrOwnKey)
	}
	body := &blockBody{Key: b.Key, On: b.On}
	if b.On && !b.Until.IsZero() {
		body.Until = uint64(max(b.Until.UnixMilli(), 1))
	}
	room := l.selfRoom()
	done, err := room.Commit(ctx, Write{
		App: l.apps[0],
		Decide: func(rows app.Reader, _ app.Call) ([]app.Draft, error) {
			var now blockRow
			rows.Get(blockKey(b.Key), &now)
			if now.On == body.On && now.Until == body.Until {
				return nil, nil
			}
			return []app.Draft{{Type: "self.block", Body: body}}, nil
		},
		Reply: func(app.Reader, []*event.Signed, app.Call) ([]byte, error) { return nil, nil },
	})
	if err != nil {
		return false, fmt.Errorf("block %s: %w", b.Key, err)
	}
	return len(done.Events) > 0, nil
}

// Blocks returns the keys that are refused at now, in their order.
func (l *Ledger) Blocks(now time.Time) ([]Block, error) {
	var blocks []Block
	err := l.View(func(s *Snapshot) error {
		self := newSnapshot(s.log(event.SelfRoom(l.self)), selfName)
		self.Scan(blockPrefix, func(name string, decode func(any)) bool {
			var row blockRow
			decode(&row)
			k, err := event.ParseKey(strings.TrimPrefix(name, blockPrefix))
			if err != nil {
				self.log.fail(errors.Join(ErrDamaged, err))
				return true
			}
			b := Block{Key: k, On: row.On}
			if row.Until > 0 {
				b.Until = time.UnixMilli(int64(row.Until))
			}
			if b.On && (b.Until.IsZero() || now.Before(b.Until)) {
				blocks = append(blocks, b)
			}
			return true
		})
		return nil
	})
	return blocks, err
}
