package daemon

import (
	"context"
	"log/slog"
)

// bridgeLog returns the logger of the bridge. With sc-bridge-debug it logs
// what is for debugging at any level that is set.
func bridgeLog(o Options) *slog.Logger {
	if !o.Config.Switch("sc-bridge-debug") {
		return o.Log
	}
	return slog.New(raised{o.Log.Handler()})
}

// raised logs records for debugging as others.
type raised struct{ slog.Handler }

// Enabled implements slog.Handler.
func (raised) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler.
func (h raised) Handle(ctx context.Context, r slog.Record) error {
	r.Level = max(r.Level, slog.LevelInfo)
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h raised) WithAttrs(attrs []slog.Attr) slog.Handler { return raised{h.Handler.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (h raised) WithGroup(name string) slog.Handler { return raised{h.Handler.WithGroup(name)} }
