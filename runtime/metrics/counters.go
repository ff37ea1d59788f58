package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// Counters counts what a holder does, from zero when the process starts. It is a
// [github.com/waybill-dev/waybill/runtime.Observer].
type Counters struct {
	passes, passFailures                 prometheus.Counter
	lastPass                             prometheus.Gauge
	events, started, ended               *prometheus.CounterVec
	polls, pollErrors                    *prometheus.CounterVec
	files, bytes                         *prometheus.CounterVec
	runDuration, startDelay, pollsLasted prometheus.Histogram
}

// NewCounters returns counters that are all zero.
func NewCounters() *Counters {
	c := &Counters{
		passes: count(passes), passFailures: count(passFailures),
		lastPass: prometheus.NewGauge(prometheus.GaugeOpts{Name: lastPass.Name, Help: lastPass.Help}),
		events:   countEach(events), started: countEach(runsStarted), ended: countEach(runsEnded),
		polls: countEach(polls), pollErrors: countEach(pollErrors),
		files: countEach(landedFiles), bytes: countEach(landedBytes),
		runDuration: spread(runDuration, runBounds), startDelay: spread(startDelay, delayBounds), pollsLasted: spread(pollDuration, pollBounds),
	}
	for _, kind := range runtime.EventTypes() {
		c.events.WithLabelValues(kind)
	}
	return c
}

func count(m Metric) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: m.Name, Help: m.Help})
}

func countEach(m Metric) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: m.Name, Help: m.Help}, m.Labels)
}

func spread(m Metric, bounds []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Name: m.Name, Help: m.Help, Buckets: bounds})
}

func (c *Counters) all() []prometheus.Collector {
	return []prometheus.Collector{
		c.passes, c.passFailures, c.lastPass, c.events, c.started, c.ended, c.polls, c.pollErrors, c.files, c.bytes,
		c.runDuration, c.startDelay, c.pollsLasted,
	}
}

// Describe implements prometheus.Collector.
func (c *Counters) Describe(to chan<- *prometheus.Desc) {
	for _, one := range c.all() {
		one.Describe(to)
	}
}

// Collect implements prometheus.Collector.
func (c *Counters) Collect(to chan<- prometheus.Metric) {
	for _, one := range c.all() {
		one.Collect(to)
	}
}

// know makes the counters of a group begin at zero, before there is something to
// count: Prometheus sees no increase in a series that begins with one.
func (c *Counters) know(g *graph.Group) {
	c.started.WithLabelValues(string(g.Addr))
	for _, state := range []string{store.Succeeded, store.SucceededWithWarnings, store.Failed, store.Stopped} {
		c.ended.WithLabelValues(string(g.Addr), state)
	}
	for _, m := range g.Members {
		c.polls.WithLabelValues(string(g.Addr), m.Name)
		c.files.WithLabelValues(string(g.Addr), m.Name)
		c.bytes.WithLabelValues(string(g.Addr), m.Name)
	}
}

// Passed counts a round of the loop.
func (c *Counters) Passed(at time.Time, failed bool) {
	c.passes.Inc()
	if failed {
		c.passFailures.Inc()
	}
	c.lastPass.Set(seconds(at))
}

// Event counts an event.
func (c *Counters) Event(e store.Event) { c.events.WithLabelValues(e.Type).Inc() }

// Started counts a run that began, and how late a scheduled one did.
func (c *Counters) Started(r store.Run) {
	c.started.WithLabelValues(string(r.Group)).Inc()
	if r.Kind == store.KindScheduled && r.Attempt <= 1 {
		c.startDelay.Observe(max(r.StartedAt.Sub(r.ScheduledAt), 0).Seconds())
	}
}

// Ended counts a run that ended, and how long it took. One that never began took
// no time.
func (c *Counters) Ended(r store.Run) {
	c.ended.WithLabelValues(string(r.Group), r.State).Inc()
	if !r.StartedAt.IsZero() && !r.EndedAt.IsZero() {
		c.runDuration.Observe(r.EndedAt.Sub(r.StartedAt).Seconds())
	}
}

// Landed counts a file that has landed.
func (c *Counters) Landed(l store.Landing) {
	c.files.WithLabelValues(string(l.Group), l.Courier).Inc()
	c.bytes.WithLabelValues(string(l.Group), l.Courier).Add(float64(l.Size))
}

// Looked counts a look at a source.
func (c *Counters) Looked(group graph.Addr, courier, fault string, took time.Duration) {
	c.polls.WithLabelValues(string(group), courier).Inc()
	c.pollsLasted.Observe(took.Seconds())
	if fault != store.FaultNone {
		c.pollErrors.WithLabelValues(string(group), courier, fault).Inc()
	}
}

// seconds is an instant as Prometheus writes it.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
