package daemon

import (
	"intercom/client/wire"
	"intercom/daemon/metrics"
	"intercom/ledger"
)

// measure reads the daemon's figures. What is not there yet while the daemon
// starts is left out.
func (d *Daemon) measure(p *metrics.Page) error {
	h, v := d.health(), d.o.Version
	p.Info("intercom_build_info", "Version of the daemon.", "version", v.Version, "revision", v.Revision)
	p.State("intercom_status", "1 for the state that the daemon is in.", "status", h.Status,
		wire.HealthStarting, wire.HealthReady, wire.HealthReadOnly, wire.HealthStopping)
	p.Runtime(d.started)
	d.measureBridge(p)
	d.measureStore(p)
	s := d.services.Load()
	if s == nil {
		return nil
	}
	p.Gauge("intercom_peers", "Connected peers.", float64(len(s.Node.Peers())))
	p.Counters("intercom_node_total", "What the node did with frames, streams and peers, by name.", "what", signed(s.Node.Stats()))
	p.Counters("intercom_channel_packets_total", "Messages of channels, by what became of them: accepted, sent, or the check that they failed.",
		"outcome", s.Topics.Stats())
	p.Counters("intercom_ledger_total", "What became of events and exchanges with peers, by name.", "what", s.Ledger.Stats())
	return d.measureRooms(p, s.Ledger)
}

func (d *Daemon) measureBridge(p *metrics.Page) {
	b := d.bridge.Stats()
	p.Gauge("intercom_bridge_sessions", "Open connections of clients.", float64(b.Sessions))
	p.Gauge("intercom_bridge_sessions_authenticated", "Open connections that have proved who they are.", float64(b.Authenticated))
	for _, c := range []struct {
		name, help string
		n          uint64
	}{
		{"accepted", "Connections upgraded to WebSocket.", b.Accepted},
		{"refused", "Connections and pages refused: full, user, host, origin or token.", b.Refused},
		{"requests", "Frames answered.", b.Requests},
		{"failed", "Frames answered with an error.", b.Failed},
		{"forbidden", "Frames that their token does not allow.", b.Forbidden},
		{"wrong_tokens", "Wrong tokens shown.", b.WrongTokens},
		{"pushed", "Pushes queued, once for each client.", b.Pushed},
		{"too_slow", "Connections closed since the client did not read.", b.TooSlow},
	} {
		p.Counter("intercom_bridge_"+c.name+"_total", c.help, float64(c.n))
	}
	p.Histograms("intercom_bridge_request_duration_seconds", "Time from a request's frame to its reply, by type.", "request", d.bridge.Took())
}

func (d *Daemon) measureStore(p *metrics.Page) {
	st := d.store.Stats()
	readOnly := 0.0
	if st.ReadOnly != nil {
		readOnly = 1
	}
	p.Gauge("intercom_store_read_only", "1 while nothing can be written: the disk is full or failed.", readOnly)
	p.Gauge("intercom_store_free_bytes", "Bytes free on the disk of the store.", float64(st.Free))
	p.Gauge("intercom_store_min_free_bytes", "Bytes free below which nothing is written.", float64(st.MinFree))
	p.Counter("intercom_store_commits_total", "Groups of writes made durable.", float64(st.Commits))
	p.Counter("intercom_store_updates_total", "Writes made durable.", float64(st.Updates))
	p.Counter("intercom_store_written_bytes_total", "Bytes written, without overhead.", float64(st.Bytes))
	p.Histogram("intercom_store_sync_duration_seconds", "Time that the disk took to make a group durable.", st.SyncTook)
}

func (d *Daemon) measureRooms(p *metrics.Page, l *ledger.Ledger) error {
	var rooms, joined, incomplete, events, waiting, skipped float64
	err := l.View(func(s *ledger.Snapshot) error {
		for _, r := range l.Rooms() {
			info := s.Info(r)
			rooms++
			events += float64(info.Events)
			waiting += float64(info.Waiting)
			skipped += float64(info.Skipped)
			if info.Joined {
				joined++
			}
			if info.Incomplete {
				incomplete++
			}
		}
		return nil
	})
	p.Gauge("intercom_rooms", "Rooms that are joined or have events.", rooms)
	p.Gauge("intercom_rooms_joined", "Joined rooms.", joined)
	p.Gauge("intercom_rooms_incomplete", "Rooms that a size limit kept events out of.", incomplete)
	p.Gauge("intercom_events", "Events stored, of all rooms.", events)
	p.Gauge("intercom_events_waiting", "Stored events that wait for a cause.", waiting)
	p.Gauge("intercom_events_not_counted", "Stored events that break a rule or repeat a key.", skipped)
	return err
}

func signed(counts map[string]uint64) map[string]int64 {
	out := make(map[string]int64, len(counts))
	for name, n := range counts {
		out[name] = int64(n)
	}
	return out
}
