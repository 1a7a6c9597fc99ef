package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"intercom/client/wire"
	"intercom/daemon/hook"
	"intercom/internal/store"
	"intercom/ledger"
)

// hookRows keeps what is noted of each hook in the daemon's store.
type hookRows struct{ store *store.Store }

const hookLetter = 'h'

func hookKey(name string) []byte { return append([]byte{hookLetter}, name...) }

// Load implements hook.Rows.
func (r hookRows) Load(name string) (row []byte, err error) {
	err = r.store.View(func(s store.Reader) error {
		row, err = s.Get(hookKey(name))
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return row, err
}

// Save implements hook.Rows.
func (r hookRows) Save(ctx context.Context, name string, row []byte) error {
	return r.store.Update(ctx, func(tx *store.Tx) error {
		tx.Put(hookKey(name), row)
		return nil
	})
}

// newHooks makes what runs the hooks of the profile.
func (d *Daemon) newHooks() *hook.Runner {
	j := d.journal.Load()
	dir := d.o.Config.Get("hooks")
	if dir == "" {
		dir = d.o.Profile.HooksDir()
	}
	return hook.New(hook.Options{
		Dir: dir, Head: j.Durable, Changed: j.Changed, Entries: d.hookEntries,
		Rows: hookRows{d.store}, Env: d.hookEnv(), Now: d.o.Now, Log: d.o.Log,
	})
}

// hookEnv is the daemon's environment without secrets, and with its profile.
func (d *Daemon) hookEnv() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "INTERCOM_SC_BRIDGE_TOKEN=") || strings.HasPrefix(v, "NOTIFY_SOCKET=")
	})
	return append(env, "INTERCOM_PROFILE="+d.o.Profile.Name)
}

// hookBatch is how many entries the hooks read at once.
const hookBatch = 64

// hookEntries returns the next entries of the journal for the hooks: without
// the messages that repeat events of rooms.
func (d *Daemon) hookEntries(from uint64) (all []hook.Entry, err error) {
	err = d.ledger.View(func(s *ledger.Snapshot) error {
		s.Entries(max(from, s.Journal().Oldest), func(e ledger.Entry) bool {
			out := hook.Entry{N: e.N, At: e.At, Late: late(e)}
			if e.Passed != nil {
				out.At, out.Missed, out.Late = e.Passed.Due, e.Passed.Missed, false
			}
			if !out.Late {
				for _, f := range d.show(s, e).frames {
					if !wire.Echo(f.JSON) {
						json := withMembers(f.JSON, member{"cursor", fmt.Sprintf("r:%d", e.N)})
						out.Frames = append(out.Frames, hook.Frame{Type: f.Type, Kind: f.Kind, Channel: f.Channel, JSON: json, Env: f.Env})
					}
				}
			}
			all = append(all, out)
			return len(all) < hookBatch
		})
		return nil
	})
	return all, err
}

// hooksInfo is what health tells of the hooks.
func (d *Daemon) hooksInfo() *wire.HooksInfo {
	h := d.hooks.Load()
	if h == nil {
		return nil
	}
	r := h.Report()
	info := &wire.HooksInfo{
		Run: r.Counts[hook.Ran], Failed: r.Counts[hook.Failed], TimedOut: r.Counts[hook.TimedOut],
		Missed: r.Counts[hook.Missed], Interrupted: r.Counts[hook.Interrupted], Last: map[string]wire.HookRun{},
	}
	for outcome, l := range r.Last {
		info.Last[outcome] = wire.HookRun{Hook: l.Hook, Cursor: l.Cursor, At: l.At.UTC(), Detail: l.Detail}
	}
	return info
}
