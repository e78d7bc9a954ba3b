// SPDX-License-Identifier: GPL-2.0-only
/* Parts of the model as JSON: times, and the counters of an outage. */
#include "base/format.h"
#include "base/json.h"
#include "model/model.h"
#include "record/histogram.h"
#include "record/names.h"
#include "report/json_model.h"
#include "report/report.h"

void json_add_time(struct json_object *o, const char *key, const struct model_session *s,
		   __u64 boot_ns)
{
	struct json_object *t = boot_ns ? json_object_new_object() : NULL;
	char text[FMT_TIME_LEN];
	__s64 real_ns;

	if (t) {
		if (model_wall_ns(s, boot_ns, &real_ns))
			json_add(t, "time", NULL);
		else
			json_add_text(t, "time", fmt_rfc3339(text, sizeof(text), real_ns));
		json_add_count(t, "boot_ns", boot_ns);
	}
	json_add(o, key, t);
}

static struct json_object *json_stall(const __u32 *stall, __u64 sum_ns, __u64 max_ns)
{
	struct json_object *o = json_object_new_object();
	__u64 count = hist_count(stall), ns = 0;
	bool known;

	json_add_count(o, "count", count);
	json_add_seconds(o, "sum_seconds", (__s64)sum_ns, true);
	known = !hist_quantile(stall, 500, max_ns, &ns);
	json_add_seconds(o, "p50_seconds", (__s64)ns, known);
	known = !hist_quantile(stall, 990, max_ns, &ns);
	json_add_seconds(o, "p99_seconds", (__s64)ns, known);
	json_add_seconds(o, "max_seconds", (__s64)max_ns, known);
	return o;
}

static struct json_object *json_stalls_by_op(const struct mpath_outage *s)
{
	struct json_object *o = json_object_new_object();
	__u32 stall[MPATH_HIST_BUCKETS];
	unsigned int op;

	for (op = 0; op < MPATH_OPS; op++) {
		hist_of_op(s, op, stall);
		json_add(o, fmt_op_class(op),
			 json_stall(stall, s->stall_op_sum_ns[op], s->stall_op_max_ns[op]));
	}
	return o;
}

static struct json_object *json_stalls(const struct model_outage *out)
{
	const struct mpath_outage *s = &out->s;
	struct json_object *o = json_stall(s->stall, s->stall_sum_ns, s->stall_max_ns);

	if (!out->whole) {
		json_add(o, "not_measured", NULL);
		json_add(o, "by_op", NULL);
		return o;
	}
	json_add_count(o, "not_measured", s->untimed);
	json_add(o, "by_op", json_stalls_by_op(s));
	return o;
}

/* NULL: recorded by a version that did not tell. */
static struct json_object *json_who(const struct model_outage *out)
{
	struct json_object *a, *o;
	char unit[VIEW_UNIT_LEN];
	size_t i;

	if (!out->nr_who && model_outage_parked(out))
		return NULL;
	a = json_object_new_array();
	for (i = 0; i < out->nr_who; i++) {
		const struct model_who *w = &out->who[i];

		o = json_object_new_object();
		json_add_int(o, "cgroup", (__s64)w->cgroup, w->cgroup != 0);
		json_add_text(o, "path", w->path);
		json_add_text(o, "unit", view_unit(unit, sizeof(unit), w->path));
		json_add_count(o, "parked", w->parked);
		json_add_int(o, "pid", w->pid, w->pid != 0);
		json_add_text(o, "process", w->comm);
		json_add_bool(o, "several_processes", w->several);
		json_object_array_add(a, o);
	}
	return a;
}

struct json_object *json_counters(const struct model_outage *out)
{
	struct json_object *o, *part;
	const struct mpath_outage *s;

	if (!out)
		return NULL;
	s = &out->s;
	o = json_object_new_object();
	json_add_time(o, "taken", out->session, out->time_ns);
	json_add_bool(o, "final", s->drained_ns != 0);
	json_add_time(o, "begun", out->session, s->start_ns);
	json_add_time(o, "last_done", out->session, s->last_done_ns);
	json_add_count(o, "parked",
		       s->parked[MPATH_PARK_NO_USABLE_PATH] + s->parked[MPATH_PARK_FAILOVER]);
	part = json_object_new_object();
	json_add_count(part, "no_usable_path", s->parked[MPATH_PARK_NO_USABLE_PATH]);
	json_add_count(part, "failover", s->parked[MPATH_PARK_FAILOVER]);
	json_add(o, "parked_by_reason", part);
	part = json_object_new_object();
	json_add_count(part, "read", s->ops[MPATH_OP_READ]);
	json_add_count(part, "write", s->ops[MPATH_OP_WRITE]);
	json_add_count(part, "other", s->ops[MPATH_OP_OTHER]);
	json_add(o, "parked_by_op", part);
	json_add_count(o, "passes", s->passes);
	json_add_count(o, "completed", s->completed);
	json_add_count(o, "failed", s->failed);
	json_add_count(o, "failed_unparked", s->failed_unparked);
	json_add_count(o, "queued", s->depth);
	json_add_count(o, "queued_max", s->depth_max);
	json_add_count(o, "not_seen_parked", s->unknown);
	json_add_count(o, "failovers", s->failovers);
	json_add(o, "stall", json_stalls(out));
	part = json_who(out);
	json_add_int(o, "who_other", (__s64)model_outage_who_other(out), part != NULL);
	json_add(o, "who", part);
	return o;
}
