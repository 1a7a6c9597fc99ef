package metrics

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Runtime adds the figures of the Go runtime and of this process, under the
// names that dashboards for Go programs expect. Those that the system does not
// tell are left out.
func (p *Page) Runtime(started time.Time) {
	samples := []metrics.Sample{
		{Name: "/sched/goroutines:goroutines"}, {Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/total:bytes"}, {Name: "/gc/cycles/total:gc-cycles"},
	}
	metrics.Read(samples)
	read := func(i int) float64 {
		if samples[i].Value.Kind() != metrics.KindUint64 {
			return 0
		}
		return float64(samples[i].Value.Uint64())
	}
	p.Info("go_info", "Version of the Go toolchain.", "version", runtime.Version())
	p.Gauge("go_goroutines", "Goroutines that exist.", read(0))
	p.Gauge("go_memstats_heap_alloc_bytes", "Bytes of objects on the heap, dead ones that are not swept yet too.", read(1))
	p.Gauge("go_memstats_sys_bytes", "Bytes of address space that the Go runtime has from the system.", read(2))
	p.Counter("go_gc_cycles_total", "Garbage collections that ended.", read(3))
	var gc debug.GCStats
	debug.ReadGCStats(&gc)
	p.Counter("go_gc_pause_seconds_total", "Time for which garbage collections stopped the program.", gc.PauseTotal.Seconds())
	p.Gauge("process_start_time_seconds", "When the daemon started, in seconds since 1970 UTC.", float64(started.UnixMilli())/1000)
	p.process()
}
