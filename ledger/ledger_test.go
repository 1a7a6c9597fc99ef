package ledger_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"intercom/internal/app"
	"intercom/internal/store"
	"intercom/ledger"
	"intercom/ledger/event"
)

// noteBody is the body of the one event of the test app.
type noteBody struct {
	Text string `cbor:"text"`
}

func (b *noteBody) Check() error {
	if len(b.Text) > 100 {
		return fmt.Errorf("text of %d bytes", len(b.Text))
	}
	return nil
}

// notes is an app that lists texts and counts them by author.
func notes() *app.App {
	return &app.App{
		Name: "notes", Version: "1",
		Kinds: []app.Kind{app.KindOf[noteBody]("note.add")},
		Apply: func(v app.View, e *event.Signed, m app.Meta, body event.Body) {
			row, count := "n/"+e.ID.String(), "c/"+e.Author.String()
			var n int
			v.Get(count, &n)
			if had := v.Get(row, new(string)); m.Duplicate {
				if had {
					v.Del(row)
					v.Put(count, n-1)
				}
				return
			}
			v.Put(row, body.(*noteBody).Text)
			v.Put(count, n+1)
		},
	}
}

// peer is a ledger with a store of its own.
type peer struct {
	*ledger.Ledger
	app   *app.App
	store *store.Store
	key   ed25519.PrivateKey
	dir   string
}

func testKey(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func newPeer(t testing.TB, n byte) *peer { return openPeer(t, n, t.TempDir(), "here") }

func openPeer(t testing.TB, n byte, dir, place string) *peer {
	t.Helper()
	return openWith(t, n, dir, place, ledger.Quotas{})
}

func openPeerQuota(t testing.TB, n byte, q ledger.Quotas) *peer {
	t.Helper()
	return openWith(t, n, t.TempDir(), "here", q)
}

func openWith(t testing.TB, n byte, dir, place string, q ledger.Quotas) *peer {
	t.Helper()
	s, err := store.Open(store.Options{Dir: dir, MinFree: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	p := &peer{app: notes(), store: s, key: testKey(n), dir: dir}
	seed := sha256.Sum256(append([]byte(place), n))
	p.Ledger, err = ledger.Open(t.Context(), ledger.Options{
		Store: s, Key: p.key, Apps: []*app.App{p.app}, Place: []byte(place), Now: time.Now, Quotas: q,
		Rand: readerOf(rand.NewChaCha8(seed)), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func readerOf(r *rand.ChaCha8) io.Reader { return r }

func (p *peer) room(t testing.TB, name string) *ledger.Room {
	t.Helper()
	r, err := p.Room(name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// write adds notes to a room in one commit.
func (p *peer) write(ctx context.Context, r *ledger.Room, key string, texts ...string) (ledger.Committed, error) {
	return r.Commit(ctx, ledger.Write{
		App: p.app, Key: key, Body: []byte(fmt.Sprint(texts)),
		Decide: func(app.Reader, app.Call) ([]app.Draft, error) {
			var drafts []app.Draft
			for _, text := range texts {
				drafts = append(drafts, app.Draft{Type: "note.add", Body: &noteBody{Text: text}})
			}
			return drafts, nil
		},
		Reply: func(_ app.Reader, events []*event.Signed, _ app.Call) ([]byte, error) {
			return fmt.Appendf(nil, "%d written", len(events)), nil
		},
	})
}

func (p *peer) mustWrite(t testing.TB, r *ledger.Room, texts ...string) []*event.Signed {
	t.Helper()
	done, err := p.write(t.Context(), r, "", texts...)
	if err != nil {
		t.Fatal(err)
	}
	return done.Events
}

// state returns what two peers compare: the hash of the state and of the set.
func (p *peer) state(t testing.TB, name string) (state, set [32]byte) {
	t.Helper()
	r := p.room(t, name)
	if err := p.View(func(s *ledger.Snapshot) error {
		state, set = s.StateHash(r, p.app), s.Info(r).SetHash
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return state, set
}

func (p *peer) info(t testing.TB, name string) (info ledger.Info) {
	t.Helper()
	r := p.room(t, name)
	if err := p.View(func(s *ledger.Snapshot) error { info = s.Info(r); return nil }); err != nil {
		t.Fatal(err)
	}
	return info
}

func TestCommitIsFoldedAndSurvivesAReopen(t *testing.T) {
	dir := t.TempDir()
	p := openPeer(t, 1, dir, "here")
	p.mustWrite(t, p.room(t, "trip"), "a", "b")
	before, _ := p.state(t, "trip")
	p.store.Close()
	p = openPeer(t, 1, dir, "here")
	after, _ := p.state(t, "trip")
	if before != after || p.info(t, "trip").Events != 2 {
		t.Fatalf("state changed over a reopen: %x, then %x", before, after)
	}
	events := p.mustWrite(t, p.room(t, "trip"), "c")
	if events[0].Seq != 2 {
		t.Errorf("chain went on at seq %d, want 2", events[0].Seq)
	}
}

func TestIngestGivesTheWritersState(t *testing.T) {
	a, b := newPeer(t, 1), newPeer(t, 2)
	events := a.mustWrite(t, a.room(t, "trip"), "x", "y", "z")
	missing, err := b.room(t, "trip").Ingest(t.Context(), events)
	if err != nil || len(missing) > 0 {
		t.Fatal(missing, err)
	}
	sa, ha := a.state(t, "trip")
	sb, hb := b.state(t, "trip")
	if sa != sb || ha != hb {
		t.Fatal("states differ after the same events")
	}
}

func TestEventsWaitForTheirCauses(t *testing.T) {
	a, b, c := newPeer(t, 1), newPeer(t, 2), newPeer(t, 3)
	first := a.mustWrite(t, a.room(t, "trip"), "x")
	if _, err := b.room(t, "trip").Ingest(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	second := b.mustWrite(t, b.room(t, "trip"), "y") // names x
	if _, err := c.room(t, "trip").Ingest(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if info := c.info(t, "trip"); info.Events != 1 || info.Waiting != 1 {
		t.Fatalf("an event without its cause: %+v", info)
	}
	if _, err := c.room(t, "trip").Ingest(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	sb, hb := b.state(t, "trip")
	if sc, hc := c.state(t, "trip"); sc != sb || hc != hb || c.info(t, "trip").Waiting != 0 {
		t.Fatal("state differs after the cause came")
	}
}

func TestKeyRepeatsTheFirstReplyAndRefusesAnother(t *testing.T) {
	p := newPeer(t, 1)
	r := p.room(t, "trip")
	if _, err := p.write(t.Context(), r, "k", "a", "b"); err != nil {
		t.Fatal(err)
	}
	again, err := p.write(t.Context(), r, "k", "a", "b")
	if err != nil || !again.Repeated || string(again.Reply) != "2 written" {
		t.Fatal(again, err)
	}
	if _, err := p.write(t.Context(), r, "k", "other"); err == nil {
		t.Fatal("one key served two requests")
	}
	if n := p.info(t, "trip").Events; n != 2 {
		t.Errorf("%d events, want 2", n)
	}
}

func TestCopiedStoreWritesAsANewInstance(t *testing.T) {
	dir := t.TempDir()
	p := openPeer(t, 1, dir, "here")
	first := p.mustWrite(t, p.room(t, "trip"), "a")[0]
	p.store.Close()
	p = openPeer(t, 1, dir, "elsewhere")
	second := p.mustWrite(t, p.room(t, "trip"), "b")[0]
	if first.Instance == second.Instance || second.Seq != 0 {
		t.Fatal("a store in another place continued the chain")
	}
}
