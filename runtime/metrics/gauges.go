package metrics

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// collector reads the store whenever it is asked, and then the counters: those
// of a group begin at zero with the first scrape that sees it.
type collector struct{ options Options }

// Describe implements prometheus.Collector.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, m := range gaugeTable {
		to <- m.desc()
	}
	c.options.Counters.Describe(to)
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	defer c.options.Counters.Collect(to)
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	reading, err := c.read(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(storeSize.desc(), fmt.Errorf("read the store: %w", err))
		return
	}
	s := sink{to}
	s.set(buildInfo, 1, c.options.Release, c.options.TZData)
	reading.holderTo(s)
	reading.groupsTo(s, c.options.Counters)
	reading.storeTo(s)
}

// reading is what one scrape has read.
type reading struct {
	deployment graph.Deployment
	standing   graph.Standing
	holder     store.Holder
	held       bool
	measures   runtime.Measures
}

func (c *collector) read(ctx context.Context) (r reading, err error) {
	from := c.options.Runtime
	if r.deployment, err = from.Deployment(ctx); err != nil {
		return r, err
	}
	if r.standing, err = from.Standing(ctx); err != nil {
		return r, err
	}
	if r.holder, r.held, err = from.Holder(ctx); err != nil {
		return r, err
	}
	r.measures, err = from.Measures(ctx)
	return r, err
}

// sink takes the values of one scrape.
type sink struct{ to chan<- prometheus.Metric }

func (s sink) set(m Metric, value float64, labels ...string) {
	s.to <- prometheus.MustNewConstMetric(m.desc(), prometheus.GaugeValue, value, labels...)
}

// at sets an instant, unless there is none.
func (s sink) at(m Metric, t time.Time, labels ...string) {
	if !t.IsZero() {
		s.set(m, seconds(t), labels...)
	}
}

func (r *reading) holderTo(s sink) {
	held := 0.0
	if r.held {
		held = 1
	}
	s.set(leaseHeld, held)
	s.set(leaseEpoch, float64(r.holder.Epoch))
	s.set(deploymentSerial, float64(r.deployment.Serial))
	s.at(deploymentTime, r.deployment.AppliedAt)
}

// groupsTo gives the gauges of the groups that are applied, and of the runs of
// others that have not ended yet.
func (r *reading) groupsTo(s sink, known *Counters) {
	paused := map[graph.Addr]bool{}
	for _, p := range r.standing.Paused {
		paused[p.Group] = true
	}
	byState := map[string]int{"active": 0, "paused": 0, "inactive": 0, "unscheduled": 0}
	applied := map[graph.Addr]bool{}
	for i := range r.deployment.Graph.Groups {
		g := &r.deployment.Graph.Groups[i]
		known.know(g)
		applied[g.Addr] = true
		byState[stateOf(g, paused[g.Addr])]++
		s.at(lastSuccess, r.measures.LastSuccess[g.Addr], string(g.Addr))
	}
	for state, n := range byState {
		s.set(groups, float64(n), state)
	}
	for _, e := range r.standing.Expected {
		if !paused[e.Group] {
			s.at(nextRun, e.At, string(e.Group))
		}
	}
	for _, w := range r.standing.Watermarks {
		if applied[w.Group] {
			s.at(watermark, w.At, string(w.Group), w.Courier)
		}
	}
	type kind struct{ group, state string }
	open := map[kind]int{}
	for _, o := range r.standing.Open {
		open[kind{string(o.Group), o.State}]++
	}
	for k, n := range open {
		s.set(openRuns, float64(n), k.group, k.state)
	}
}

func stateOf(g *graph.Group, paused bool) string {
	switch {
	case g.Schedule == "":
		return "unscheduled"
	case !g.Active:
		return "inactive"
	case paused:
		return "paused"
	}
	return "active"
}

func (r *reading) storeTo(s sink) {
	for _, c := range r.measures.Tasks {
		s.set(openTasks, float64(c.Count), string(c.Group), c.Kind, c.State)
	}
	s.set(pendingCommands, float64(r.measures.PendingCommands))
	s.set(unsent, float64(r.measures.Unsent))
	s.at(unsentSince, r.measures.UnsentSince)
	s.set(storeSize, float64(r.measures.Size))
}
