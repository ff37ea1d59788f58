package metrics

import "github.com/prometheus/client_golang/prometheus"

// Metric is one metric as a user reads about it.
type Metric struct {
	Name, Type, Help string
	Labels           []string
}

// The types of a Metric.
const (
	counter   = "counter"
	gauge     = "gauge"
	histogram = "histogram"
)

// Metrics returns every metric of Waybill's own, gauges of the store first. Those
// of the process (go_…, process_…) come besides.
func Metrics() []Metric { return append(append([]Metric{}, gaugeTable...), counterTable...) }

// desc is the form in which Prometheus' library wants a metric.
func (m Metric) desc() *prometheus.Desc {
	return prometheus.NewDesc(m.Name, m.Help, m.Labels, nil)
}

var (
	buildInfo = Metric{"waybill_build_info", gauge, "Always 1; the labels say which release this process is, and which time zone data it has.", []string{"version", "tzdata"}}

	leaseHeld  = Metric{"waybill_lease_held", gauge, "Whether some process holds the store and acts: 1 or 0.", nil}
	leaseEpoch = Metric{"waybill_lease_epoch", gauge, "Rises by one with each process that takes the store.", nil}

	deploymentSerial = Metric{"waybill_deployment_serial", gauge, "Serial of what is applied.", nil}
	deploymentTime   = Metric{"waybill_deployment_timestamp_seconds", gauge, "When it was applied, in seconds since 1970.", nil}

	groups      = Metric{"waybill_groups", gauge, "Applied groups by state: active, paused, inactive, unscheduled.", []string{"state"}}
	openRuns    = Metric{"waybill_runs", gauge, "Runs of a group that were taken and have not ended, by state.", []string{"group", "state"}}
	openTasks   = Metric{"waybill_tasks", gauge, "Tasks of runs under way by group, kind and state; kind courier in state waiting are the waits for data.", []string{"group", "kind", "state"}}
	nextRun     = Metric{"waybill_next_run_timestamp_seconds", gauge, "When the next run of a group is due, in seconds since 1970. In the past: it is late. Absent while the group is paused.", []string{"group"}}
	lastSuccess = Metric{"waybill_last_success_timestamp_seconds", gauge, "When a run of a group last ended well, in seconds since 1970. Absent: never.", []string{"group"}}
	watermark   = Metric{"waybill_watermark_timestamp_seconds", gauge, "Up to which data time a courier of a group has been read by scheduled runs, in seconds since 1970.", []string{"group", "courier"}}

	pendingCommands = Metric{"waybill_commands_pending", gauge, "Commands of operators that nobody has carried out yet.", nil}
	unsent          = Metric{"waybill_outbox_messages", gauge, "Messages to alerts that were not delivered yet.", nil}
	unsentSince     = Metric{"waybill_outbox_oldest_timestamp_seconds", gauge, "When the oldest of them was written, in seconds since 1970. Absent: there is none.", nil}
	storeSize       = Metric{"waybill_store_size_bytes", gauge, "Size of the database.", nil}
)

var gaugeTable = []Metric{
	buildInfo, leaseHeld, leaseEpoch, deploymentSerial, deploymentTime, groups, openRuns, openTasks, nextRun, lastSuccess,
	watermark, pendingCommands, unsent, unsentSince, storeSize,
}

var (
	passes       = Metric{"waybill_passes_total", counter, "Rounds of the loop that finds what is due.", nil}
	passFailures = Metric{"waybill_pass_failures_total", counter, "Rounds that failed for a reason of the machine, such as a full disk; they are tried again.", nil}
	lastPass     = Metric{"waybill_last_pass_timestamp_seconds", gauge, "When the loop went round last, in seconds since 1970. Old: the process is stuck.", nil}

	events      = Metric{"waybill_events_total", counter, "Events by type.", []string{"type"}}
	runsStarted = Metric{"waybill_runs_started_total", counter, "Runs of a group that began, retries included.", []string{"group"}}
	runsEnded   = Metric{"waybill_runs_ended_total", counter, "Runs of a group that ended, by state.", []string{"group", "state"}}
	runDuration = Metric{"waybill_run_duration_seconds", histogram, "How long runs took from their start, waits included.", nil}
	startDelay  = Metric{"waybill_run_start_delay_seconds", histogram, "How long after their instant scheduled runs began.", nil}

	polls        = Metric{"waybill_polls_total", counter, "Looks at the source of a courier of a group.", []string{"group", "courier"}}
	pollErrors   = Metric{"waybill_poll_errors_total", counter, "Looks that failed, by fault: source_error, misconfigured, timeout, failed.", []string{"group", "courier", "fault"}}
	pollDuration = Metric{"waybill_poll_duration_seconds", histogram, "How long looks took.", nil}

	landedFiles = Metric{"waybill_landed_files_total", counter, "Files that a courier of a group has landed.", []string{"group", "courier"}}
	landedBytes = Metric{"waybill_landed_bytes_total", counter, "Bytes of the files that a courier of a group has landed.", []string{"group", "courier"}}
)

var counterTable = []Metric{
	passes, passFailures, lastPass, events, runsStarted, runsEnded, runDuration, startDelay, polls, pollErrors, pollDuration,
	landedFiles, landedBytes,
}

// Bounds of the histograms, in seconds.
var (
	runBounds   = []float64{1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400}
	delayBounds = []float64{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 60, 300, 3600}
	pollBounds  = []float64{0.001, 0.005, 0.025, 0.1, 0.25, 1, 2.5, 10, 30, 60}
)
