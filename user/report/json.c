// SPDX-License-Identifier: GPL-2.0-only
/* The report for programs. See report/json.h for its rules. */
#include <errno.h>
#include <stdlib.h>

#include "analysis/what_if.h"
#include "base/json.h"
#include "model/model.h"
#include "record/facts.h"
#include "record/reader.h"
#include "report/absence.h"
#include "report/json.h"
#include "report/json_model.h"

static struct json_object *json_phases(const struct model_window *w)
{
	struct json_object *o = json_object_new_object();

	json_add_time(o, "first_path_lost", w->session, w->first_lost_ns);
	json_add_time(o, "last_usable_path_lost", w->session, w->lost_ns);
	json_add_time(o, "armed", w->session, w->armed_ns);
	json_add_time(o, "namespace_back", w->session, w->back_ns);
	json_add_time(o, "path_usable", w->session, w->usable_ns);
	json_add_time(o, "first_stalled_bio_taken", w->session, w->taken_ns);
	json_add_time(o, "queue_drained", w->session, w->drained_ns);
	json_add_time(o, "ended", w->session, w->ended ? w->end_ns : MODEL_NONE);
	json_add_time(o, "head_removed", w->session, w->removed_ns);
	return o;
}

static struct json_object *json_missing(const struct model_window *w)
{
	struct json_object *a = json_object_new_array();
	unsigned int bit;

	for (bit = 0; bit < MODEL_MISSING_BITS; bit++)
		if (w->missing & (1U << bit))
			json_object_array_add(a, json_object_new_string(model_missing_name(bit)));
	return a;
}

static struct json_object *json_losses(const struct model_window *w)
{
	__u32 shown = w->nr_losses < MODEL_LOSSES ? w->nr_losses : MODEL_LOSSES, i;
	struct json_object *a = json_object_new_array(), *o;

	for (i = 0; i < shown; i++) {
		o = json_object_new_object();
		json_add_text(o, "path", w->losses[i].path);
		json_add_int(o, "controller", w->losses[i].ctrl, w->losses[i].ctrl != TOPO_NO_CTRL);
		json_add_time(o, "lost", w->session, w->losses[i].lost_ns);
		json_add_text(o, "cause", model_cause_name(w->losses[i].cause));
		json_object_array_add(a, o);
	}
	return a;
}

struct json_object *view_json_window(const struct model_window *w)
{
	struct json_object *o = json_object_new_object();
	__u64 duration = model_window_duration(w), outage = model_outage_duration(w);

	if (!o)
		return NULL;
	json_add_text(o, "head", w->name);
	json_add_text(o, "nqn", w->head->nqn);
	json_add_count(o, "nsid", w->head->nsid);
	json_add_text(o, "uuid", w->head->uuid);
	json_add_int(o, "window", w->number, w->number != 0);
	json_add_text(o, "outcome", outcome_row(w->outcome)->name);
	json_add_bool(o, "ended", w->ended);
	json_add_seconds(o, "setting_seconds", (__s64)(w->setting_ms * 1000000), w->setting_known);
	json_add_seconds(o, "setting_at_loss_seconds", (__s64)(w->armed_ms * 1000000),
			 w->armed_ns != MODEL_NONE);
	json_add_count(o, "deadline_moves", w->moves);
	json_add_time(o, "deadline", w->session, w->deadline_ns);
	json_add_seconds(o, "duration_seconds", (__s64)duration, duration != MODEL_NONE);
	json_add_seconds(o, "outage_seconds", (__s64)outage, outage != MODEL_NONE);
	json_add_seconds(o, "margin_seconds", w->margin_ns, w->margin_known);
	json_add_bool(o, "near_miss", model_window_is_near_miss(w));
	json_add_bool(o, "lost_again", w->lost_again);
	json_add_bool(o, "continues", w->continues);
	json_add(o, "phases", json_phases(w));
	json_add(o, "bios", json_counters(w->counters));
	json_add_bool(o, "complete", !w->missing);
	json_add(o, "missing", json_missing(w));
	json_add_count(o, "events_lost", w->events_lost);
	json_add_time(o, "namespace_again", w->session, w->reappeared_ns);
	json_add_text(o, "namespace_again_as", w->reappeared_name);
	json_add(o, "losses", json_losses(w));
	json_add_count(o, "losses_not_shown",
		       w->nr_losses > MODEL_LOSSES ? w->nr_losses - MODEL_LOSSES : 0);
	return o;
}

static struct json_object *json_what_if(const struct model_window *w, const struct view_opts *vo)
{
	struct json_object *o;
	struct what_if r;

	if (!vo->what_if)
		return NULL;
	what_if(w, (__u64)vo->setting_ns, &r);
	o = json_object_new_object();
	json_add_text(o, "outcome", outcome_row(r.outcome)->name);
	json_add_seconds(o, "margin_seconds", r.margin_ns, r.margin_known);
	json_add_bool(o, "changed", r.changed);
	return o;
}

/* Where something of several inputs is from. */
static void add_where(struct json_object *o, size_t input, const struct model_session *s)
{
	const struct rec_host *h = s ? model_session_host(s) : NULL;

	json_add_count(o, "input", input);
	json_add_text(o, "host", h ? h->name : "");
	json_add_text(o, "boot_id", h ? h->boot_id : "");
}

static struct json_object *json_facts(__u32 facts)
{
	struct json_object *a = json_object_new_array();
	unsigned int i;

	for (i = 0; fact_row(i); i++)
		if (facts & (1U << i))
			json_object_array_add(a, json_object_new_string(fact_row(i)->name));
	return a;
}

static void add_sessions(struct json_object *a, const struct view_input *in, size_t input)
{
	const struct model_session *s;
	struct json_object *o;
	size_t i;

	for (i = 0; (s = model_session(in->m, i)); i++) {
		const struct rec_host *h = model_session_host(s);

		o = json_object_new_object();
		json_add_text(o, "host", h->name);
		json_add_text(o, "boot_id", h->boot_id);
		json_add_text(o, "kernel", h->kernel);
		json_add_text(o, "machine", h->machine);
		json_add_text(o, "tool", h->tool);
		json_add_time(o, "first", s, view_session_from(in, i));
		json_add_time(o, "last", s, model_session_last(s));
		json_add_bool(o, "ended", model_session_ended(s));
		json_add_count(o, "input", input);
		json_add(o, "facts_missing", json_facts(model_session_missing(s)));
		json_object_array_add(a, o);
	}
}

static struct json_object *json_counts(const __u64 count[MODEL_OUTCOMES])
{
	struct json_object *o = json_object_new_object();
	size_t i;

	for (i = 0; i < MODEL_OUTCOMES; i++)
		json_add_count(o, outcome_row((enum model_outcome)i)->name, count[i]);
	return o;
}

static struct json_object *json_summary(const struct view_input *in, size_t nr,
					const struct view_opts *vo)
{
	struct json_object *o = json_object_new_object(), *would = NULL;
	__u64 missed = 0, lost = 0, outages = 0, windows = 0;
	const struct model_head *h;
	struct view_tally sum;
	size_t i, k;

	view_count(in, nr, vo, &sum);
	for (i = 0; i < nr; i++) {
		for (k = 0; (h = model_head(in[i].m, k)); k++)
			if (view_wants_head(vo, h))
				missed += h->missed_windows;
		lost += model_events_lost(in[i].m);
		outages += model_outages_forgotten(in[i].m);
		windows += in[i].forgotten ? in[i].forgotten->windows : 0;
	}
	json_add(o, "windows", json_counts(sum.count));
	json_add_count(o, "windows_missed", missed);
	json_add_count(o, "events_lost", lost);
	json_add_count(o, "windows_not_shown", windows);
	json_add_count(o, "outages_not_shown", outages);
	if (vo->what_if) {
		would = json_object_new_object();
		json_add_seconds(would, "setting_seconds", vo->setting_ns, true);
		json_add(would, "windows", json_counts(sum.would));
		json_add_count(would, "changed", sum.would_change);
	}
	json_add(o, "what_if", would);
	return o;
}

void view_json_damage(struct json_object *a, const struct view_input *in, size_t input)
{
	static const char *const names[] = {
		[RECORD_TORN] = "torn",
		[RECORD_CRC] = "damaged",
		[RECORD_NOT_OURS] = "not_a_record",
		[RECORD_NEWER] = "newer_version",
		[RECORD_MISSING] = "missing",
		[RECORD_IO] = "unreadable",
	};
	const struct record_remark *r;
	struct json_object *o;
	size_t i;

	for (i = 0; in->reader && (r = record_reader_remark(in->reader, i)); i++) {
		o = json_object_new_object();
		json_add_text(o, "kind", names[r->damage]);
		json_add_text(o, "file", r->file);
		json_add_count(o, "offset", r->offset);
		json_add_count(o, "bytes", r->bytes);
		json_add_text(o, "text", r->text);
		json_add_count(o, "input", input);
		json_object_array_add(a, o);
	}
}

/* The words of a remark, as the text report has them. */
static void add_remark_text(struct json_object *o, const struct model_remark *r)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f) {
		json_add(o, "text", NULL);
		return;
	}
	view_put_remark_what(f, r);
	fclose(f);
	json_add_text(o, "text", text ? text : "");
	free(text);
}

static void add_remarks(struct json_object *a, const struct view_input *in, size_t input,
			const struct view_opts *vo)
{
	const struct model_remark *r;
	struct json_object *o;
	size_t i;

	for (i = 0; (r = model_remark(in->m, i)); i++) {
		if (!view_wants_remark(vo, r))
			continue;
		o = json_object_new_object();
		json_add_text(o, "kind", model_remark_name(r->kind));
		json_add_text(o, "head", r->head ? r->head->name : "");
		json_add_time(o, "from", r->session, r->time_ns);
		json_add_time(o, "until", r->session, r->until_ns);
		add_remark_text(o, r);
		json_add_count(o, "input", input);
		json_object_array_add(a, o);
	}
}

static struct json_object *json_head(const struct model_head *h)
{
	struct json_object *o = json_object_new_object(), *paths = json_object_new_array(), *p;
	size_t i;

	json_add_text(o, "name", h->name);
	json_add_text(o, "nqn", h->nqn);
	json_add_int(o, "subsystem", h->subsys, true);
	json_add_count(o, "nsid", h->nsid);
	json_add_text(o, "uuid", h->uuid);
	json_add_text(o, "wwid", h->wwid);
	json_add_bool(o, "gone", h->gone);
	json_add_int(o, "delayed_removal_secs", h->setting_s,
		     h->setting_known && h->setting_s != TOPO_NO_SETTING);
	json_add_int(o, "paths_listed", h->paths_listed, h->paths_listed >= 0);
	for (i = 0; i < h->nr_paths; i++) {
		const struct model_path *mp = &h->paths[i];

		p = json_object_new_object();
		json_add_text(p, "name", mp->name);
		json_add_int(p, "controller", mp->ctrl, mp->ctrl != TOPO_NO_CTRL);
		json_add_text(p, "transport", mp->transport);
		json_add_text(p, "address", mp->address);
		json_add_bool(p, "gone", mp->gone);
		json_add(p, "usable",
			 mp->state == PATH_UNKNOWN ?
				 NULL :
				 json_object_new_boolean(path_is_usable(mp->state)));
		json_add_bool(p, "standby", model_path_is_standby(mp));
		json_add_text(p, "cause", mp->lost_ns ? model_cause_name(mp->cause) : "");
		json_object_array_add(paths, p);
	}
	json_add(o, "paths", paths);
	json_add_count(o, "windows_missed", h->missed_windows);
	json_add_count(o, "windows_before", h->windows_before);
	return o;
}

static struct json_object *json_outage(const struct model_outage *out)
{
	struct json_object *o = json_object_new_object();

	json_add_text(o, "head", out->name);
	json_add_text(o, "nqn", out->head->nqn);
	json_add_count(o, "nsid", out->head->nsid);
	json_add_time(o, "drained", out->session, out->s.drained_ns);
	json_add(o, "bios", json_counters(out));
	return o;
}

/* What was not there at the end. */
static int add_absences(struct json_object *a, const struct view_input *in, size_t input)
{
	const struct topo *t = model_topology_last(in->m);
	struct absence *list = NULL;
	char text[ABSENCE_LEN];
	struct json_object *o;
	size_t nr = 0, i;
	int err = t ? walk(t, &list, &nr) : 0;

	for (i = 0; !err && i < nr; i++) {
		o = json_object_new_object();
		json_add_text(o, "rule", view_absence_rule(&list[i]));
		json_add_text(o, "reason", view_absence_reason(&list[i]));
		json_add_text(o, "object", view_absence_object(&list[i], text, sizeof(text)));
		json_add_int(o, "subsystem", list[i].subsys, list[i].subsys != TOPO_NO_SUBSYS);
		json_add_int(o, "controller", list[i].ctrl, list[i].ctrl != TOPO_NO_CTRL);
		json_add_text(o, "head", list[i].head);
		json_add_bool(o, "minor", list[i].minor);
		json_add_text(o, "what", view_absence_what(&list[i], text, sizeof(text)));
		json_add_text(o, "do", view_absence_advice(&list[i], text, sizeof(text)));
		json_add_count(o, "input", input);
		json_object_array_add(a, o);
	}
	free(list);
	return err;
}

/* What a report has of each input; the arrays of all of them are one after the other. */
struct parts {
	struct json_object *inputs, *sessions, *damage, *remarks, *heads, *windows, *outages,
		*absent;
	__u64 remarks_dropped;
};

static void add_input(struct parts *p, const struct view_input *in, size_t input,
		      const struct view_opts *vo)
{
	const struct model_outage *outage;
	const struct model_head *h;
	struct json_object *o;
	size_t i;

	o = json_object_new_object();
	json_add_text(o, "record", in->name);
	json_add_text(o, "kind", view_input_kind(in));
	json_add_count(o, "files_skipped", (__u64)in->skipped);
	json_add_count(o, "files_before", in->reader ? record_reader_before(in->reader) : 0);
	json_add_count(o, "repeated", in->repeated);
	json_object_array_add(p->inputs, o);
	add_sessions(p->sessions, in, input);
	view_json_damage(p->damage, in, input);
	add_remarks(p->remarks, in, input, vo);
	p->remarks_dropped += model_remarks_dropped(in->m);
	for (i = 0; (h = model_head(in->m, i)); i++) {
		if (!view_wants_head(vo, h))
			continue;
		o = json_head(h);
		json_add_count(o, "input", input);
		json_object_array_add(p->heads, o);
	}
	for (i = 0; (outage = model_outage(in->m, i)); i++) {
		if (!view_wants_outage(vo, outage))
			continue;
		o = json_outage(outage);
		add_where(o, input, outage->session);
		json_object_array_add(p->outages, o);
	}
}

static int add_windows(struct parts *p, const struct view_input *in, size_t nr,
		       const struct view_opts *vo)
{
	struct view_window *list;
	size_t i, count;
	int err;

	err = view_windows(in, nr, vo, &list, &count);
	if (err)
		return err;
	for (i = 0; i < count; i++) {
		struct json_object *o = view_json_window(list[i].w);

		add_where(o, list[i].input, list[i].w->session);
		json_add(o, "what_if", json_what_if(list[i].w, vo));
		json_object_array_add(p->windows, o);
	}
	free(list);
	return 0;
}

int view_json_report(FILE *out, const struct view_input *in, size_t nr, const struct view_opts *vo)
{
	struct json_object *o = json_object_new_object();
	struct parts p = {
		.inputs = json_object_new_array(),
		.sessions = json_object_new_array(),
		.damage = json_object_new_array(),
		.remarks = json_object_new_array(),
		.heads = json_object_new_array(),
		.windows = json_object_new_array(),
		.outages = json_object_new_array(),
		.absent = json_object_new_array(),
	};
	size_t i;
	int err;

	for (i = 0; i < nr; i++)
		add_input(&p, &in[i], i, vo);
	err = add_windows(&p, in, nr, vo);
	for (i = 0; !err && i < nr; i++)
		err = add_absences(p.absent, &in[i], i);
	json_add_text(o, "schema", VIEW_REPORT_SCHEMA);
	json_add_text(o, "record", nr == 1 ? in->name : "");
	json_add(o, "sessions", p.sessions);
	json_add(o, "summary", json_summary(in, nr, vo));
	json_add(o, "damage", p.damage);
	json_add(o, "remarks", p.remarks);
	json_add_count(o, "remarks_dropped", p.remarks_dropped);
	json_add(o, "heads", p.heads);
	json_add(o, "windows", p.windows);
	json_add(o, "outages_without_window", p.outages);
	json_add(o, "inputs", p.inputs);
	json_add(o, "absent", p.absent);
	if (err) {
		json_object_put(o);
		return err;
	}
	return json_write(out, o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
}
