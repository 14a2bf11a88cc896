#include "pipeline/flow.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/flow_queue.h"
#include "pipeline/head.h"
#include "pipeline/ledger.h"
#include "pipeline/support/hashes.h"
#include "pipeline/times.h"

struct flow_stage {
	const struct plan_head *planned;
	struct head_place place;
	void *state;
	struct flow_queue out;
};

struct flow {
	const struct plan *plan;
	struct source_setup *setup;
	struct ledger *ledger; /* NULL: no stage wants it */
	struct arena arena;    /* for what lives as long as the flow */
	void *source;
	struct batch *batch; /* of the source, where there is a head */
	bool source_ended;
	struct flow_stage *stages;
	size_t count;
	struct flow_chunks chunks;
	struct item window[HEAD_WINDOW];
	uint64_t items, dropped, duplicates;
	struct source_counts counts; /* the source's and these together */
	struct hashes told;          /* complaints that were passed on: each is so once */
};

struct head_out {
	struct flow *flow;
	size_t index; /* of the stage */
	struct flow_chunk *given, *refused;
};

static void flow_complain(void *context, const char *what, const struct error *err)
{
	struct flow *flow = context;
	uint32_t number;
	uint64_t hash = hashes_of(what, strlen(what)) ^ hashes_of(err->text, strlen(err->text));
	struct hashes_walk walk = hashes_find(&flow->told, hash);
	if (hashes_next(&flow->told, &walk, &number))
		return;
	hashes_add(&flow->told, hash, 0);
	flow->setup->complain(flow->setup->context, what, err);
}

static void flow_note(void *context, const char *what, const struct error *err)
{
	const struct flow *flow = context;
	if (flow->setup->note)
		flow->setup->note(flow->setup->context, what, err);
}

static bool flow_wait(void *context, int64_t micros)
{
	const struct flow *flow = context;
	return flow->setup->wait(flow->setup->context, micros);
}

static bool flow_reads_deeds(const struct plan_head *planned)
{
	const struct head_stage *head = planned->plugin->head;
	return head->reads_deeds && head->reads_deeds(planned->prepared);
}

/* All stages share it, to write where one of them does. */
static bool flow_open_ledger(struct flow *flow, enum flow_purpose purpose, struct error *err)
{
	bool reads = false, writes = false;
	for (size_t i = 0; i < flow->plan->head_count; i++) {
		writes |= flow->plan->head[i].plugin->head->ledger;
		reads |= flow_reads_deeds(&flow->plan->head[i]);
	}
	if (!reads && !writes)
		return true;
	return ledger_open(flow->plan->ledger,
		writes && purpose == FLOW_RUN ? LEDGER_WRITE : LEDGER_READ, &flow->ledger, err);
}

static bool flow_open_stage(
	struct flow *flow, size_t index, enum flow_purpose purpose, struct error *err)
{
	struct flow_stage *stage = &flow->stages[index];
	const struct head_stage *head = flow->plan->head[index].plugin->head;
	stage->planned = &flow->plan->head[index];
	const bool ledger = head->ledger || flow_reads_deeds(stage->planned);
	flow_queue_init(&stage->out);
	stage->place = (struct head_place){
		.fields = &stage->planned->fields,
		.stores = &flow->plan->stores,
		.job = flow->plan->config->name,
		.ledger = ledger ? flow->ledger : NULL,
		.now_seconds = flow->plan->now_seconds,
		.look_only = purpose != FLOW_RUN,
		.measure = purpose == FLOW_MEASURE,
		.complain = flow_complain,
		.note = flow_note,
		.wait = flow->setup->wait ? flow_wait : NULL,
		.context = flow,
		.watch = flow->setup->watch,
		.spending = times_head(index),
	};
	const struct stage_plugin *plugin = stage->planned->plugin;
	if (!head->open(stage->planned->prepared, &stage->place, &stage->state, err))
		return error_where(err, "%s", plugin->plugin.name);
	flow->count++;
	return true;
}

bool flow_open(const struct plan *plan, struct source_setup *setup, enum flow_purpose purpose,
	struct flow **opened, struct error *err)
{
	struct flow *flow = memory_zeroed(1, sizeof(*flow));
	*opened = flow;
	flow->plan = plan;
	flow->setup = setup;
	setup->fields = &plan->source_fields;
	setup->stores = &plan->stores;
	setup->now_seconds = plan->now_seconds;
	if (!plan->source->open(plan->config->source.settings, setup, &flow->source, err))
		return false;
	if (plan->head_count == 0)
		return true;
	flow->batch = memory_zeroed(1, sizeof(*flow->batch));
	flow->stages = memory_zeroed(plan->head_count, sizeof(*flow->stages));
	if (!flow_open_ledger(flow, purpose, err))
		return false;
	for (size_t i = 0; i < plan->head_count; i++)
		if (!flow_open_stage(flow, i, purpose, err))
			return false;
	return true;
}

/* Slots that no one reads stay behind. */
static void flow_copy_slots(const struct flow *flow, struct item *copy, const struct item *record,
	struct arena *arena, const struct slot *added)
{
	const size_t before = record->slot_count;
	struct slot *slots = arena_alloc(arena, copy->slot_count * sizeof(*slots));
	for (size_t i = 0; i < copy->slot_count; i++) {
		const struct slot *slot = i < before ? &record->slots[i]
					  : added    ? &added[i - before]
						     : NULL;
		if (!slot || !slot->data || !flow->plan->fields.used[i])
			continue;
		slots[i] = *slot;
		slots[i].data = arena_copy(arena, slot->data, slot->length);
	}
	copy->slots = slots;
}

void head_give(struct head_out *out, const struct item *record, const struct slot *added)
{
	const struct plan_head *planned = out->flow->stages[out->index].planned;
	if (!out->given)
		out->given = flow_chunk_new(&out->flow->chunks);
	struct item *copy = flow_chunk_add(out->given);
	*copy = *record;
	copy->key = arena_copy(&out->given->arena, record->key, record->key_length);
	copy->slot_count = planned->fields.count + planned->adds;
	flow_copy_slots(out->flow, copy, record, &out->given->arena, added);
}

void head_refuse(struct head_out *out, const struct item *record, const struct error *err)
{
	if (!out->refused)
		out->refused = flow_chunk_new(&out->flow->chunks);
	struct item *copy = flow_chunk_add(out->refused);
	*copy = *record;
	copy->key = arena_copy(&out->refused->arena, record->key, record->key_length);
	copy->slot_count = out->flow->plan->fields.count;
	flow_copy_slots(out->flow, copy, record, &out->refused->arena, NULL);
	struct error *why = arena_alloc(&out->refused->arena, sizeof(*why));
	*why = *err;
	why->blame = BLAME_ITEM;
	out->refused->refused[out->refused->count - 1] = why;
}

void head_drop(struct head_out *out)
{
	out->flow->dropped++;
}

void head_drop_duplicate(struct head_out *out)
{
	out->flow->duplicates++;
}

void head_extend_key(struct item *record, const char *part, size_t length, struct arena *arena)
{
	struct text key = { 0 };
	text_add(&key, record->key, record->key_length);
	text_add_string(&key, "/");
	for (size_t i = 0; i < length; i++) {
		if (part[i] == '/' || part[i] == '%')
			text_addf(&key, "%%%02X", (unsigned)part[i]);
		else
			text_add(&key, &part[i], 1);
	}
	record->key = arena_copy(arena, key.data, key.length);
	record->key_length = key.length;
	text_finish(&key);
	if (!digest_none(record->group))
		record->group = digest_mix(record->group, digest_of(part, length));
}

/* Runs one call of a stage and queues what it handed on; what it refused goes past the others. */
static bool flow_call(struct flow *flow, size_t index, const struct item *records, size_t count,
	struct error *err)
{
	struct flow_stage *stage = &flow->stages[index];
	const struct head_stage *head = stage->planned->plugin->head;
	struct head_out out = { .flow = flow, .index = index };
	bool more = false, fine = true;
	stopwatch_enter(flow->setup->watch, times_head(index));
	if (records)
		fine = head->step(stage->state, records, count, &out, err);
	else if (head->finish)
		fine = head->finish(stage->state, &out, &more, err);
	if (fine && head->ledger)
		fine = ledger_commit(flow->ledger, err);
	else if (head->ledger)
		ledger_rollback(flow->ledger); /* others write to it too */
	stopwatch_leave(flow->setup->watch);
	if (out.given)
		flow_queue_add(&stage->out, out.given);
	if (out.refused)
		flow_queue_add(&flow->stages[flow->count - 1].out, out.refused);
	stage->out.ended = !records && !more;
	return fine || error_where(err, "%s", stage->planned->plugin->plugin.name);
}

static bool flow_step_source(struct flow *flow, struct batch *batch, struct error *err)
{
	stopwatch_enter(flow->setup->watch, TIMES_SOURCE);
	bool fine = flow->plan->source->step(flow->source, batch, err);
	stopwatch_leave(flow->setup->watch);
	return fine;
}

static bool flow_call_source(struct flow *flow, struct error *err)
{
	struct batch *batch = flow->batch;
	if (flow->source_ended)
		return flow_call(flow, 0, NULL, 0, err);
	arena_reset(&batch->arena);
	batch->count = 0;
	if (!flow_step_source(flow, batch, err))
		return false;
	flow->source_ended = batch->count == 0;
	return flow->source_ended || flow_call(flow, 0, batch->items, batch->count, err);
}

/* One piece of work, as near to the end as there is some. */
static bool flow_advance(struct flow *flow, struct error *err)
{
	for (size_t i = flow->count - 1; i > 0; i--) {
		struct flow_queue *in = &flow->stages[i - 1].out;
		if (in->waiting >= HEAD_WINDOW || (in->ended && in->waiting)) {
			size_t count =
				flow_queue_take(in, &flow->chunks, HEAD_WINDOW, flow->window, NULL);
			return flow_call(flow, i, flow->window, count, err);
		}
		if (in->ended && !flow->stages[i].out.ended)
			return flow_call(flow, i, NULL, 0, err);
	}
	return flow->stages[0].out.ended || flow_call_source(flow, err);
}

bool flow_step(struct flow *flow, struct batch *batch, bool *complete, struct error *err)
{
	batch->count = 0;
	if (flow->count == 0) {
		bool fine = flow_step_source(flow, batch, err);
		*complete = fine && batch->count == 0;
		return fine;
	}
	struct flow_queue *last = &flow->stages[flow->count - 1].out;
	flow_chunks_reuse(&flow->chunks);
	if (last->waiting < ITEM_STEP && !flow_advance(flow, err))
		return false;
	flow_chunks_reuse(&flow->chunks);
	batch->count =
		flow_queue_take(last, &flow->chunks, ITEM_STEP, batch->items, batch->refused);
	flow->items += batch->count;
	*complete = last->ended && last->waiting == 0;
	return true;
}

const struct source_counts *flow_counts(struct flow *flow)
{
	const struct source_counts *source = flow->plan->source->counts(flow->source);
	if (flow->count == 0)
		return source;
	flow->counts = *source;
	flow->counts.items = flow->items;
	flow->counts.filtered += flow->dropped;
	flow->counts.duplicates += flow->duplicates;
	return &flow->counts;
}

bool flow_gone(const struct flow *flow, const char *key, size_t length)
{
	const struct source_plugin *source = flow->plan->source;
	return flow->count == 0 && source->gone && source->gone(flow->source, key, length);
}

size_t flow_lookups(const struct flow *flow, const struct cache_counts **counts, size_t most)
{
	size_t count = 0;
	for (size_t i = 0; i < flow->count && count < most; i++) {
		const struct flow_stage *stage = &flow->stages[i];
		const struct head_stage *head = stage->planned->plugin->head;
		if (head->lookups)
			counts[count++] = head->lookups(stage->state);
	}
	return count;
}

bool flow_commit(struct flow *flow, struct error *err)
{
	for (size_t i = 0; i < flow->count; i++) {
		const struct flow_stage *stage = &flow->stages[i];
		const struct stage_plugin *plugin = stage->planned->plugin;
		if (plugin->head->commit && !plugin->head->commit(stage->state, err))
			return error_where(err, "%s", plugin->plugin.name);
	}
	return true;
}

bool flow_advise(struct flow *flow, struct text *advice, struct error *err)
{
	bool fine = true;
	for (size_t i = 0; i < flow->count && fine; i++) {
		const struct flow_stage *stage = &flow->stages[i];
		const struct head_stage *head = stage->planned->plugin->head;
		fine = !head->advise || head->advise(stage->state, advice, err);
	}
	return fine;
}

void flow_close(struct flow *flow)
{
	if (!flow)
		return;
	for (size_t i = 0; i < flow->count; i++) {
		flow->stages[i].planned->plugin->head->close(flow->stages[i].state);
		flow_queue_finish(&flow->stages[i].out);
	}
	flow_chunks_finish(&flow->chunks);
	if (flow->source)
		flow->plan->source->close(flow->source);
	if (flow->batch)
		arena_finish(&flow->batch->arena);
	free(flow->batch);
	free(flow->stages);
	ledger_close(flow->ledger);
	arena_finish(&flow->arena);
	hashes_finish(&flow->told);
	free(flow);
}
