package ledger

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"intercom/internal/app"
)

// Turn records what states of an app in the room are now, all of them. Each
// that is another than it was when it was told last becomes a transition of
// the journal, in the same transaction, so it is told once over restarts and
// crashes too. first is whether the room is looked at for the first time
// since the states are asked for: those that are Quiet are then no news where
// nothing is known of them. told counts the transitions.
func (r *Room) Turn(ctx context.Context, a *app.App, states []app.State, first bool) (told int, err error) {
	_, err = r.update(ctx, func(w *work) error {
		told = 0
		known := w.log.states(r, a)
		for _, s := range states {
			was, ok := known[s.ID]
			delete(known, s.ID)
			if ok && was == s.Value {
				continue
			}
			w.tx.Put(stateKey(r, a, s.ID), []byte(s.Value))
			if s.Value == "" || s.Quiet && first && !ok {
				continue
			}
			w.pass(r, a, app.Due{ID: s.Due, At: w.l.now()}, false)
			told++
		}
		for id := range known {
			w.tx.Delete(stateKey(r, a, id))
		}
		return w.err
	}, true)
	if err != nil {
		return 0, fmt.Errorf("record states of %s: %w", r.Name(), err)
	}
	return told, nil
}

// Turned reports whether Turn would change anything.
func (s *Snapshot) Turned(r *Room, a *app.App, states []app.State) bool {
	known := s.log(r.id).states(r, a)
	for _, now := range states {
		if was, ok := known[now.ID]; !ok || was != now.Value {
			return true
		}
	}
	return len(known) != len(states)
}

// states returns what the states of an app were when they were told last.
func (l *log) states(r *Room, a *app.App) map[string]string {
	known := map[string]string{}
	prefix := stateKey(r, a, "")
	l.scan(prefix, nil, func(k, v []byte) bool {
		known[string(bytes.TrimPrefix(k, prefix))] = strings.Clone(string(v))
		return true
	})
	return known
}

func stateKey(r *Room, a *app.App, id string) []byte {
	return key(kState, r.id, []byte(a.Name), []byte{0}, []byte(id))
}
