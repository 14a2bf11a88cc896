#include "pipeline/sink.h"

extern const struct sink sink_profile, sink_trace, sink_metrics;

const struct sink *const sinks[SINKS] = {
	[SINK_PROFILE] = &sink_profile,
	[SINK_TRACE] = &sink_trace,
	[SINK_METRICS] = &sink_metrics,
};
