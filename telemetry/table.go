package telemetry

import "go.opentelemetry.io/otel/attribute"

// The attributes of the instruments.
const (
	keyStage    = attribute.Key("sluice.stage")
	keyLane     = attribute.Key("sluice.lane")
	keyOutcome  = attribute.Key("sluice.outcome")
	keyActivity = attribute.Key("sluice.activity")
	keyState    = attribute.Key("sluice.state")
	keyBreaker  = attribute.Key("sluice.breaker")
	keyReason   = attribute.Key("sluice.reason")
)

// kind is what an instrument does with its measurements.
type kind string

const (
	kindGauge     kind = "gauge"
	kindCounter   kind = "counter"
	kindHistogram kind = "histogram"
)

// spec describes one instrument. Units are UCUM codes; none is 1, which Prometheus
// names would show as a ratio.
type spec struct {
	name       string
	kind       kind
	unit       string
	attributes []attribute.Key
	prometheus string // its name on the Prometheus page
	help       string
}

// The rows of table.
const (
	queueDepth = iota
	queueCapacity
	queueSize
	queueAge
	stageRecords
	stageDropped
	stageDuration
	recordLatency
	stageWorkers
	stageBusy
	stageBreaker
	stageBackoff
	sinkRetries
	sinkWaiting
	rateHeld
	rateWaiting
	sourceSize
	sourceLag
	pipelineState
	pipelineBottleneck
	instrumentCount
)

// table lists every instrument. The table of docs/metrics.md is this one, and a
// test compares them. Names, units and attributes are a contract: dashboards and
// alerts stand on them.
var table = [instrumentCount]spec{
	queueDepth: {"sluice.queue.depth", kindGauge, "{record}", []attribute.Key{keyStage, keyLane},
		"sluice_queue_depth", "Records that wait before a stage."},
	queueCapacity: {"sluice.queue.capacity", kindGauge, "{record}", []attribute.Key{keyStage, keyLane},
		"sluice_queue_capacity", "Records that may wait before a stage."},
	queueSize: {"sluice.queue.size", kindGauge, "By", []attribute.Key{keyStage, keyLane},
		"sluice_queue_size_bytes", "Raw bytes that wait before a stage."},
	queueAge: {"sluice.queue.age", kindGauge, "s", []attribute.Key{keyStage, keyLane},
		"sluice_queue_age_seconds", "How long the oldest batch has waited before a stage; 0 when none waits."},
	stageRecords: {"sluice.stage.records", kindCounter, "{record}", []attribute.Key{keyStage, keyLane, keyOutcome},
		"sluice_stage_records_total", "Records that a stage is done with, by what became of them."},
	stageDropped: {"sluice.stage.dropped", kindCounter, "{record}", []attribute.Key{keyStage, keyLane, keyReason},
		"sluice_stage_dropped_total", "Records that were dropped before a stage, by why."},
	stageDuration: {"sluice.stage.duration", kindHistogram, "s", []attribute.Key{keyStage, keyLane},
		"sluice_stage_duration_seconds", "How long a stage worked on a batch."},
	recordLatency: {"sluice.record.latency", kindHistogram, "s", []attribute.Key{keyLane},
		"sluice_record_latency_seconds", "From read to settled, measured once a batch."},
	stageWorkers: {"sluice.stage.workers", kindGauge, "{worker}", []attribute.Key{keyStage},
		"sluice_stage_workers", "Workers of a stage."},
	stageBusy: {"sluice.stage.busy", kindCounter, "s", []attribute.Key{keyStage, keyActivity},
		"sluice_stage_busy_seconds_total", "Time of a stage's workers, summed, by what they were at."},
	stageBreaker: {"sluice.stage.breaker", kindGauge, "{breaker}", []attribute.Key{keyStage, keyBreaker},
		"sluice_stage_breaker", "1 for the state that a stage's breaker is in, 0 for the others."},
	stageBackoff: {"sluice.stage.backoff", kindGauge, "{record}", []attribute.Key{keyStage, keyLane},
		"sluice_stage_backoff", "Records of batches that wait to be tried again."},
	sinkRetries: {"sluice.sink.retries", kindCounter, "{call}", nil,
		"sluice_sink_retries_total", "Times the sink was called again after an error that passes."},
	sinkWaiting: {"sluice.sink.waiting", kindGauge, "s", nil,
		"sluice_sink_waiting_seconds", "How long the sink has failed with what it is to take over now; 0 while it works."},
	rateHeld: {"sluice.rate.held", kindCounter, "s", []attribute.Key{keyLane},
		"sluice_rate_held_seconds_total", "Time that senders waited for a rate limit, summed over them."},
	rateWaiting: {"sluice.rate.waiting", kindGauge, "{sender}", []attribute.Key{keyLane},
		"sluice_rate_waiting", "Senders that wait for a rate limit."},
	sourceSize: {"sluice.source.size", kindGauge, "By", nil,
		"sluice_source_size_bytes", "Size of the input, where it is known."},
	sourceLag: {"sluice.source.lag", kindGauge, "By", nil,
		"sluice_source_lag_bytes", "Bytes of followed files that have not been read."},
	pipelineState: {"sluice.pipeline.state", kindGauge, "{pipeline}", []attribute.Key{keyState},
		"sluice_pipeline_state", "1 for the state the pipeline is in, 0 for the others."},
	pipelineBottleneck: {"sluice.pipeline.bottleneck", kindGauge, "{stage}", []attribute.Key{keyStage},
		"sluice_pipeline_bottleneck", "1 for what holds the run back, 0 for the others."},
}

// durationBuckets bound sluice.stage.duration: a batch of 256 records through a
// stage in memory takes some 10 us to 1 ms, one that asks another service seconds.
var durationBuckets = []float64{
	10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3,
	0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
}

// latencyBuckets bound sluice.record.latency, from an empty pipeline to a backlog.
var latencyBuckets = []float64{
	100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3,
	0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
}
