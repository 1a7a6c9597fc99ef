package bridge

import (
	"time"

	"intercom/internal/latency"
)

// other is where requests of a type that nobody declared are counted.
const other = "unknown"

// newTook returns a histogram for each type of request, so that counting never
// waits and strangers cannot make the list grow.
func newTook(routes map[string]Route) map[string]*latency.Histogram {
	took := map[string]*latency.Histogram{other: {}}
	for name := range routes {
		took[name] = &latency.Histogram{}
	}
	for name := range ownRequests {
		took[name] = &latency.Histogram{}
	}
	return took
}

// count notes how long a request took, from its frame to that of its reply.
func (s *Server) count(request string, since time.Time) {
	h, ok := s.took[request]
	if !ok {
		h = s.took[other]
	}
	h.Observe(time.Since(since))
}

// Took returns how long the requests of each type took, from the frame to the
// reply; errors count too.
func (s *Server) Took() map[string]latency.Snapshot {
	took := make(map[string]latency.Snapshot, len(s.took))
	for name, h := range s.took {
		took[name] = h.Snapshot()
	}
	return took
}
