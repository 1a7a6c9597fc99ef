// Package metrics writes figures in the text format of Prometheus, version
// 0.0.4: families with their help and type, samples in a fixed order. The
// figures are read when they are asked for; nothing is registered or kept.
package metrics

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"intercom/internal/latency"
)

// ContentType is that of a Page over HTTP.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Page collects families. The zero value is empty.
type Page struct{ b bytes.Buffer }

// WriteTo writes the page.
func (p *Page) WriteTo(w io.Writer) (int64, error) { return p.b.WriteTo(w) }

// Gauge adds a family of one figure that goes up and down.
func (p *Page) Gauge(name, help string, value float64) {
	p.family(name, "gauge", help)
	p.sample(name, value)
}

// Counter adds a family of one figure that only grows; name ends in _total.
func (p *Page) Counter(name, help string, value float64) {
	p.family(name, "counter", help)
	p.sample(name, value)
}

// Counters adds a family of counters that differ in one label.
func (p *Page) Counters(name, help, label string, by map[string]int64) {
	p.family(name, "counter", help)
	for _, key := range slices.Sorted(maps.Keys(by)) {
		p.sample(name, float64(by[key]), label, key)
	}
}

// Info adds a gauge of 1 whose labels tell what it is about, in pairs of name
// and value.
func (p *Page) Info(name, help string, labels ...string) {
	p.family(name, "gauge", help)
	p.sample(name, 1, labels...)
}

// State adds a gauge for each value that a label may have: 1 for the one that
// holds, 0 for the others.
func (p *Page) State(name, help, label, holds string, all ...string) {
	p.family(name, "gauge", help)
	for _, value := range all {
		is := 0.0
		if value == holds {
			is = 1
		}
		p.sample(name, is, label, value)
	}
}

// Histogram adds a family of one histogram of seconds.
func (p *Page) Histogram(name, help string, s latency.Snapshot) {
	p.family(name, "histogram", help)
	p.buckets(name, s)
}

// Histograms adds a family of histograms of seconds that differ in one label.
// Those that counted nothing are left out.
func (p *Page) Histograms(name, help, label string, by map[string]latency.Snapshot) {
	p.family(name, "histogram", help)
	for _, key := range slices.Sorted(maps.Keys(by)) {
		if by[key].Count > 0 {
			p.buckets(name, by[key], label, key)
		}
	}
}

func (p *Page) buckets(name string, s latency.Snapshot, labels ...string) {
	le := append(slices.Clone(labels), "le", "")
	for _, b := range s.Buckets {
		le[len(le)-1] = number(b.Bound.Seconds())
		p.sample(name+"_bucket", float64(b.Count), le...)
	}
	le[len(le)-1] = "+Inf"
	p.sample(name+"_bucket", float64(s.Count), le...)
	p.sample(name+"_sum", s.Sum.Seconds(), labels...)
	p.sample(name+"_count", float64(s.Count), labels...)
}

var escapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

func (p *Page) family(name, kind, help string) {
	p.b.WriteString("# HELP " + name + " " + help + "\n# TYPE " + name + " " + kind + "\n")
}

func (p *Page) sample(name string, value float64, labels ...string) {
	p.b.WriteString(name)
	for i := 0; i+1 < len(labels); i += 2 {
		p.b.WriteByte("{,"[min(i, 1)])
		p.b.WriteString(labels[i] + `="` + escapes.Replace(labels[i+1]) + `"`)
	}
	if len(labels) > 0 {
		p.b.WriteByte('}')
	}
	p.b.WriteString(" " + number(value) + "\n")
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
