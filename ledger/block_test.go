package ledger_test

import (
	"errors"
	"testing"
	"time"

	"intercom/ledger"
	"intercom/ledger/event"
)

// block sets a block and reports whether that was a change.
func block(t *testing.T, p *peer, b ledger.Block) bool {
	t.Helper()
	changed, err := p.SetBlock(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

func blocks(t *testing.T, p *peer, now time.Time) []ledger.Block {
	t.Helper()
	all, err := p.Blocks(now)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestBlocksOutliveARestartAndTheLatestHolds(t *testing.T) {
	dir := t.TempDir()
	p := openPeer(t, 1, dir, "here")
	x, y, z := event.Key{1}, event.Key{2}, event.Key{3}
	until := time.UnixMilli(2_000_000_000_000)
	block(t, p, ledger.Block{Key: x, On: true})
	block(t, p, ledger.Block{Key: y, On: true, Until: until})
	block(t, p, ledger.Block{Key: z, On: true})
	block(t, p, ledger.Block{Key: z})
	if block(t, p, ledger.Block{Key: x, On: true}) || block(t, p, ledger.Block{Key: z}) {
		t.Error("what holds already is written again")
	}
	if err := p.store.Close(); err != nil {
		t.Fatal(err)
	}
	p = openPeer(t, 1, dir, "here")
	if all := blocks(t, p, until.Add(-time.Millisecond)); len(all) != 2 || all[0].Key != x || !all[0].Until.IsZero() || !all[1].Until.Equal(until) {
		t.Errorf("before the end of one: %v", all)
	}
	if all := blocks(t, p, until); len(all) != 1 || all[0].Key != x {
		t.Errorf("after it: %v", all)
	}
	if rooms, err := p.Joined(); err != nil || len(rooms) != 0 {
		t.Errorf("blocks are taken for rooms: %v, %v", rooms, err)
	}
}

func TestNobodyBlocksHimself(t *testing.T) {
	p := newPeer(t, 1)
	if _, err := p.SetBlock(t.Context(), ledger.Block{Key: p.Self(), On: true}); !errors.Is(err, ledger.ErrOwnKey) {
		t.Errorf("%v, want ErrOwnKey", err)
	}
}
