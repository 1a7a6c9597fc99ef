package metrics_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"intercom/daemon/metrics"
	"intercom/internal/latency"
)

func text(t *testing.T, p *metrics.Page) string {
	t.Helper()
	var b strings.Builder
	if _, err := p.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFamiliesAreWrittenAsPrometheusReadsThem(t *testing.T) {
	var p metrics.Page
	p.Gauge("a", "First.", 1.5)
	p.Counters("b_total", "Second.", "what", map[string]int64{"z": 2, `q"\` + "\n": 1})
	p.Info("c_info", "Third.", "x", "1", "y", "2")
	p.State("d", "Fourth.", "is", "on", "on", "off")
	want := `# HELP a First.
# TYPE a gauge
a 1.5
# HELP b_total Second.
# TYPE b_total counter
b_total{what="q\"\\\n"} 1
b_total{what="z"} 2
# HELP c_info Third.
# TYPE c_info gauge
c_info{x="1",y="2"} 1
# HELP d Fourth.
# TYPE d gauge
d{is="on"} 1
d{is="off"} 0
`
	if got := text(t, &p); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestHistogramsEndWithAll(t *testing.T) {
	var h, none latency.Histogram
	h.Observe(time.Millisecond)
	h.Observe(time.Minute)
	var p metrics.Page
	p.Histograms("s", "Times.", "of", map[string]latency.Snapshot{"a": h.Snapshot(), "b": none.Snapshot()})
	got := text(t, &p)
	for _, want := range []string{
		"# TYPE s histogram\n", `s_bucket{of="a",le="0.0005"} 0` + "\n", `s_bucket{of="a",le="0.001"} 1` + "\n",
		`s_bucket{of="a",le="+Inf"} 2` + "\n", `s_sum{of="a"} 60.001` + "\n", `s_count{of="a"} 2` + "\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, `of="b"`) {
		t.Errorf("an empty one is in\n%s", got)
	}
}

// line is a sample of the text format.
var line = regexp.MustCompile(`^[a-z_]+(\{[a-z]+="[^"]*"\})? [-+0-9.e]+$`)

func TestTheProcessTellsItsFigures(t *testing.T) {
	var p metrics.Page
	p.Runtime(time.Unix(1_700_000_000, 0))
	got := text(t, &p)
	for _, name := range []string{"go_goroutines", "go_memstats_heap_alloc_bytes", "go_gc_cycles_total", "process_start_time_seconds"} {
		if !strings.Contains(got, "\n"+name+" ") {
			t.Errorf("%s is not in\n%s", name, got)
		}
	}
	for l := range strings.Lines(got) {
		if l = strings.TrimSpace(l); !strings.HasPrefix(l, "# ") && !line.MatchString(l) {
			t.Errorf("no sample: %q", l)
		}
	}
}
