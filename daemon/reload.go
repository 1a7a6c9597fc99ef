package daemon

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"intercom/client"
	"intercom/client/wire"
)

// ofClients are the settings that commands read anew each time.
var ofClients = []string{"channel", "expense.me", "focus.day-start", "focus.freezes", "focus.goal", "focus.weekdays", "format"}

// ofWatch are those by which rooms are watched.
var ofWatch = []string{"expense.owe"}

const levelKey = "log-level"

// reloadOnHangup reads the configuration again at every SIGHUP until ctx ends.
func (d *Daemon) reloadOnHangup(ctx context.Context) error {
	for {
		select {
		case <-d.o.Hangup:
			d.reload(ctx)
		case <-ctx.Done():
			return nil
		}
	}
}

// reload applies what can change while the daemon runs, and says in the log
// what else is different now and needs a restart. A configuration that is not
// valid changes nothing.
func (d *Daemon) reload(ctx context.Context) {
	c, err := d.o.Reload()
	if err != nil {
		d.o.Log.Error("configuration not read again: nothing has changed", "error", err)
		return
	}
	var changed, restart []string
	for _, s := range client.Settings() {
		switch value := c.Get(s.Key); {
		case slices.Contains(ofClients, s.Key):
		case s.Key == levelKey:
			if before, err := d.setLevel(value); err == nil && before != value {
				changed = append(changed, s.Key+"="+value)
			}
		case slices.Contains(ofWatch, s.Key):
			if value != d.config.Load().Get(s.Key) {
				changed = append(changed, s.Key)
			}
		case value != d.o.Config.Get(s.Key):
			restart = append(restart, s.Key)
		}
	}
	d.config.Store(c)
	if d.hooks.Load() != nil { // else rooms are looked at when they are open
		if err := d.watchAll(); err != nil {
			d.o.Log.Error("rooms not watched", "error", err)
		}
	}
	// Also where only errors are logged: who sent the signal wants an answer.
	level := slog.LevelInfo
	if len(restart) > 0 {
		level = slog.LevelWarn
	}
	level = max(level, d.o.Level.Level())
	d.o.Log.Log(ctx, level, "configuration read again", "changed", list(changed), "needs_restart", list(restart))
}

func list(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, " ")
}

// setLevel logs from a level on and returns the level before; an empty one
// changes nothing.
func (d *Daemon) setLevel(level string) (before string, err error) {
	before = strings.ToLower(d.o.Level.Level().String())
	if level == "" {
		return before, nil
	}
	to, err := parseLevel(level)
	if err != nil {
		return before, wire.Errorf(wire.InvalidRequest, "%s", err.Error()).WithHint("debug, info, warn or error")
	}
	d.o.Level.Set(to)
	return before, nil
}
