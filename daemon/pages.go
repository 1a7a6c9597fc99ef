package daemon

import (
	"io"
	"net/http"
	"net/http/pprof"

	"intercom/client/wire"
	"intercom/daemon/bridge"
	"intercom/daemon/metrics"
)

// pages are what the bridge's listeners answer over HTTP, from the time that
// they listen. The first two are for whatever watches processes on this
// machine and tell nothing but the state; the rest is the owner's.
func (d *Daemon) pages() map[string]bridge.Page {
	page := func(f http.HandlerFunc) bridge.Page { return bridge.Page{Scope: wire.ScopeAdmin, Handler: f} }
	return map[string]bridge.Page{
		"/healthz":             {Open: true, Handler: http.HandlerFunc(healthz)},
		"/readyz":              {Open: true, Handler: http.HandlerFunc(d.readyz)},
		"/metrics":             {Scope: wire.ScopeRead, Handler: http.HandlerFunc(d.metrics)},
		"/debug/pprof/":        page(pprof.Index), // and goroutine, heap and the others by name
		"/debug/pprof/cmdline": page(pprof.Cmdline),
		"/debug/pprof/profile": page(pprof.Profile),
		"/debug/pprof/trace":   page(pprof.Trace),
		"/debug/pprof/symbol":  page(pprof.Symbol),
	}
}

const plainText = "text/plain; charset=utf-8"

// healthz tells that the process answers.
func healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", plainText)
	io.WriteString(w, "ok\n")
}

// readyz tells whether requests are answered, writes too: 200 and `ready`, or
// 503 and the state that keeps it from it.
func (d *Daemon) readyz(w http.ResponseWriter, _ *http.Request) {
	h := d.health()
	w.Header().Set("Content-Type", plainText)
	if h.Status != wire.HealthReady {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	io.WriteString(w, h.Status+"\n")
}

func (d *Daemon) metrics(w http.ResponseWriter, _ *http.Request) {
	var p metrics.Page
	if err := d.measure(&p); err != nil {
		d.o.Log.Error("metrics not read", "error", err)
		http.Error(w, "metrics cannot be read", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", metrics.ContentType)
	p.WriteTo(w) // who has gone needs no answer
}
