/* trace: the JSON of Chrome's trace viewer, which Perfetto and speedscope open too. A thread each
 * for main and the workers, a slice for each span that was kept. */

#include <inttypes.h>
#include <string.h>

#include "pipeline/sink.h"

extern const struct sink sink_trace;

enum { NANOS_PER_MICRO = 1000 };

struct trace {
	const struct sink_facts *facts;
	const struct times_row *rows;
	size_t count;
	struct text *text;
	const char *separator;
};

static void trace_add_micros(struct text *text, const char *name, int64_t nanos)
{
	if (nanos < 0)
		nanos = 0;
	text_addf(text, ",\"%s\":%" PRId64 ".%03d", name, nanos / NANOS_PER_MICRO,
		(int)(nanos % NANOS_PER_MICRO));
}

static void trace_add_event(struct trace *trace, const char *phase, size_t thread)
{
	text_addf(trace->text, "%s{\"ph\":\"%s\",\"pid\":1,\"tid\":%zu", trace->separator, phase,
		thread);
	trace->separator = ",\n";
}

static void trace_add_thread(struct trace *trace, size_t thread)
{
	trace_add_event(trace, "M", thread);
	text_add_string(trace->text, ",\"name\":\"thread_name\",\"args\":{\"name\":\"");
	if (thread == 0)
		text_add_string(trace->text, "main\"}}");
	else if (thread + 1 == times_boards(trace->facts->times))
		text_add_string(trace->text, "worker on its own\"}}");
	else
		text_addf(trace->text, "worker %zu\"}}", thread - 1);
}

/* A worker that ran wild may have left anything. */
static bool trace_is_sound(const struct trace *trace, const struct stopwatch_span *span)
{
	return span->purpose < trace->count && span->nanos >= 0 &&
	       span->from_nanos >= times_started(trace->facts->times);
}

static void trace_add_span(struct trace *trace, const struct stopwatch_span *span, size_t thread)
{
	const struct times_row *row = &trace->rows[span->purpose];
	struct text *text = trace->text;
	trace_add_event(trace, "X", thread);
	text_add_string(text, ",\"name\":");
	text_add_json(text, row->name, strlen(row->name));
	text_add_string(text, row->waits ? ",\"cat\":\"wait\"" : ",\"cat\":\"work\"");
	trace_add_micros(text, "ts", span->from_nanos - times_started(trace->facts->times));
	trace_add_micros(text, "dur", span->nanos);
	text_addf(text, ",\"args\":{\"line\":%d", row->line);
	if (span->label[0]) {
		text_add_string(text, ",\"item\":");
		text_add_json(text, span->label, strnlen(span->label, sizeof(span->label) - 1));
	}
	text_add_string(text, "}}");
}

/* Backwards, as a root stands behind what lies in it: who begins at the same time comes first. */
static void trace_add_board(struct trace *trace, size_t thread)
{
	struct times *times = trace->facts->times;
	struct stopwatch_board *board = times_board_at(times, thread);
	const struct stopwatch_size size = times_size_at(times, thread);
	uint32_t count = atomic_load(&board->spans);
	if (count > size.spans)
		count = size.spans;
	if (count > 0 || thread == 0)
		trace_add_thread(trace, thread);
	for (uint32_t i = count; i-- > 0;) {
		const struct stopwatch_span span = stopwatch_spans(board, size)[i];
		if (trace_is_sound(trace, &span))
			trace_add_span(trace, &span, thread);
	}
}

/* What is missing, for whoever wonders. */
static void trace_add_missing(struct trace *trace)
{
	struct times *times = trace->facts->times;
	struct text *text = trace->text;
	text_add_string(text, "\n],\n\"displayTimeUnit\":\"ms\",\n\"otherData\":{\"config\":");
	text_add_json(text, trace->facts->config, strlen(trace->facts->config));
	text_addf(text, ",\"creator\":\"nightmill %s\"", NIGHTMILL_VERSION);
	for (size_t i = 0; i < times_boards(times); i++) {
		struct stopwatch_board *board = times_board_at(times, i);
		const int64_t rarer = atomic_load(&board->rarer);
		if (rarer <= 1)
			continue;
		text_addf(text,
			",\n\"thread %zu\":\"of %u steps those below %" PRId64
			" us were kept by chance, in proportion to their length",
			i, atomic_load(&board->roots), rarer / NANOS_PER_MICRO);
		const uint64_t dropped = atomic_load(&board->dropped);
		if (dropped)
			text_addf(text, "; no room for %" PRIu64 " spans", dropped);
		text_add_string(text, "\"");
	}
	text_add_string(text, "}}\n");
}

static void trace_write(const struct sink_facts *facts, struct text *text)
{
	struct trace trace = { .facts = facts, .text = text, .separator = "\n" };
	trace.rows = times_rows(facts->times, &trace.count);
	text_add_string(text, "{\"traceEvents\":[");
	for (size_t i = 0; i < times_boards(facts->times); i++)
		trace_add_board(&trace, i);
	trace_add_missing(&trace);
}

const struct sink sink_trace = {
	.name = "trace",
	.traces = true,
	.write = trace_write,
};
