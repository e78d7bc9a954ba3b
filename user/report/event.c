// SPDX-License-Identifier: GPL-2.0-only
/* One line per event, for watch: text or JSON lines. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/array.h"
#include "base/format.h"
#include "base/json.h"
#include "model/model.h"
#include "record/names.h"
#include "record/validate.h"
#include "report/event.h"
#include "report/json.h"

#define SHOWN	(4 * MPATH_NAME_LEN)

static const char *work_action(unsigned int action)
{
	static const char *const names[] = { "?", "armed", "moved", "cancelled", "ran" };

	return names[action < ARRAY_SIZE(names) ? action : 0];
}

static const char *remove_reason(unsigned int reason)
{
	static const char *const names[] = { "?", "immediate", "expired", "closed" };

	return names[reason < ARRAY_SIZE(names) ? reason : 0];
}

static const char *park_reason(unsigned int reason)
{
	return reason == MPATH_PARK_FAILOVER ? "failover" :
	       reason == MPATH_PARK_NO_USABLE_PATH ? "no_usable_path" :
						     "?";
}

static const char *bio_what(unsigned int what)
{
	static const char *const names[] = { "?", "first_parked", "first_taken", "first_failed" };

	return names[what < ARRAY_SIZE(names) ? what : 0];
}

static const char *event_name(unsigned int type)
{
	static const char *const names[] = {
		[MPATH_EV_PATH_ADD] = "path_add",
		[MPATH_EV_PATH_LIVE] = "path_live",
		[MPATH_EV_PATH_REMOVE] = "path_remove",
		[MPATH_EV_FAILOVER] = "failover",
		[MPATH_EV_BIO] = "bio",
		[MPATH_EV_REMOVE_WORK] = "remove_work",
		[MPATH_EV_HEAD_REMOVE] = "head_remove",
		[MPATH_EV_CTRL_STATE] = "ctrl_state",
		[MPATH_EV_DRAINED] = "drained",
	};

	return type < ARRAY_SIZE(names) && names[type] ? names[type] : "unknown";
}

/* Is the event's head asked for? Its name decides, so also without a model. */
static bool wants_event(const struct view_opts *vo, const struct mpath_event *ev)
{
	return !vo->head || !strcmp(vo->head, ev->head);
}

/* ---- text ---- */

/* Milliseconds of the kernel as "12.345"; beyond all reason they are cut. */
static const char *ms_text(char *buf, size_t size, __s64 ms)
{
	__s64 limit = INT64_MAX / 1000000;

	return fmt_seconds(buf, size, (ms > limit ? limit : ms < -limit ? -limit : ms) * 1000000);
}

/* Why the path of an event was lost, which the model knows by now; -1: it was not. */
static int lost_cause(const struct model *m, const struct mpath_ev_path *ev)
{
	const struct model_head *h = m ? model_head_of(m, &ev->h) : NULL;
	size_t i;

	if (!h || ev->h.type == MPATH_EV_PATH_ADD ||
	    (ev->h.type == MPATH_EV_PATH_LIVE && ev->usable))
		return -1;
	for (i = h->nr_paths; i--;)
		if (!strcmp(h->paths[i].name, ev->path))
			return h->paths[i].lost_ns ? (int)h->paths[i].cause : -1;
	return -1;
}

static void text_path(FILE *out, const struct model *m, const struct mpath_ev_path *ev)
{
	int cause = lost_cause(m, ev);

	char name[SHOWN], left[FMT_LEN];

	fprintf(out, "path %s (nvme%d) ", fmt_text(name, sizeof(name), ev->path), ev->ctrl);
	switch (ev->h.type) {
	case MPATH_EV_PATH_ADD:
		fprintf(out, "joined, %u path%s now", ev->paths, ev->paths == 1 ? "" : "s");
		if (ev->ms_left != MPATH_NO_WINDOW)
			fprintf(out, ", %s s to the deadline",
				ms_text(left, sizeof(left), ev->ms_left));
		break;
	case MPATH_EV_PATH_LIVE:
		fprintf(out, "%s, ANA %s, controller %s", ev->usable ? "usable" : "not usable",
			fmt_ana_state(ev->ana_state), fmt_ctrl_state(ev->ctrl_state));
		break;
	default:
		fprintf(out, "left, %u path%s left, controller %s%s", ev->paths,
			ev->paths == 1 ? "" : "s", fmt_ctrl_state(ev->ctrl_state),
			ev->last ? ": LAST PATH LOST" : "");
		break;
	}
	if (cause >= 0)
		fprintf(out, " (%s)", view_cause((enum model_cause)cause));
}

static void text_ctrl(FILE *out, const struct mpath_ev_ctrl_state *ev)
{
	char name[SHOWN];

	fprintf(out, "%s -> %s", fmt_ctrl_state(ev->old_state), fmt_ctrl_state(ev->new_state));
	if (ev->h.len >= sizeof(*ev) && *ev->callers[0])
		fprintf(out, " by %s", fmt_text(name, sizeof(name), ev->callers[0]));
}

static void text_failover(FILE *out, const struct mpath_ev_failover *ev)
{
	char name[SHOWN], age[FMT_LEN];

	fprintf(out, "failover from %s (nvme%d), %s of %u bytes, status 0x%x, %u I/O%s",
		fmt_text(name, sizeof(name), ev->path), ev->ctrl, fmt_op(ev->op), ev->bytes,
		ev->status, ev->bios, ev->bios == 1 ? "" : "s");
	if (ev->age_ns)
		fprintf(out, ", started %s before", fmt_duration(age, sizeof(age), ev->age_ns));
}

static void text_bio(FILE *out, const struct mpath_ev_bio *ev)
{
	static const char *const what[] = {
		"I/O",
		"first I/O parked",
		"first stalled I/O taken",
		"first I/O failed",
	};
	char stall[FMT_LEN];

	fprintf(out, "%s: %s of %u bytes at sector %llu", what[ev->what < 4 ? ev->what : 0],
		fmt_op(ev->op), ev->bytes, (unsigned long long)ev->sector);
	if (ev->what != MPATH_BIO_FIRST && ev->stall_ns)
		fprintf(out, ", stalled %s", fmt_duration(stall, sizeof(stall), ev->stall_ns));
}

static void text_work(FILE *out, const struct mpath_ev_remove_work *ev)
{
	char left[FMT_LEN];

	ms_text(left, sizeof(left), ev->ms_left);
	switch (ev->action) {
	case MPATH_WORK_ARMED:
		fprintf(out, "window %u OPEN, %s s to the deadline", ev->h.window, left);
		break;
	case MPATH_WORK_MOVED:
		fprintf(out, "window %u moved, %s s to the deadline", ev->h.window, left);
		break;
	case MPATH_WORK_CANCELLED:
		fprintf(out, "window %u cancelled, %s s before the deadline", ev->h.window, left);
		break;
	default:
		fprintf(out, "window %u: the time is up, %s", ev->h.window,
			ev->result == MPATH_RESULT_KEPT ? "a path is back" : "the head goes");
		break;
	}
}

static void text_event(FILE *out, const struct model *m, const struct mpath_event *ev)
{
	switch (ev->type) {
	case MPATH_EV_PATH_ADD:
	case MPATH_EV_PATH_LIVE:
	case MPATH_EV_PATH_REMOVE:
		text_path(out, m, (const void *)ev);
		break;
	case MPATH_EV_FAILOVER:
		text_failover(out, (const void *)ev);
		break;
	case MPATH_EV_BIO:
		text_bio(out, (const void *)ev);
		break;
	case MPATH_EV_REMOVE_WORK:
		text_work(out, (const void *)ev);
		break;
	case MPATH_EV_HEAD_REMOVE:
		fprintf(out, "HEAD REMOVED (%s)",
			remove_reason(((const struct mpath_ev_head_remove *)ev)->reason));
		break;
	case MPATH_EV_CTRL_STATE:
		text_ctrl(out, (const void *)ev);
		break;
	case MPATH_EV_DRAINED:
		fputs("queue drained", out);
		break;
	default:
		fprintf(out, "event of unknown type %u", ev->type);
		break;
	}
}

static void text_start(FILE *out, const struct model *m, __u64 time_ns, const struct view_opts *vo,
		       const char *who)
{
	view_put_time(out, model_current(m), time_ns, vo);
	fprintf(out, "  %-8s ", who);
}

static struct mpath_losses losses_of(const struct record *rec)
{
	struct mpath_losses l = {};

	memcpy(&l, rec->data, rec->len < sizeof(l) ? rec->len : sizeof(l));
	return l;
}

static bool any_losses(const struct record *rec)
{
	const struct mpath_losses losses = losses_of(rec), *l = &losses;

	return l->ring_full || l->bio_map_full || l->head_map_full || l->outage_map_full ||
	       l->skipped;
}

static void text_losses(FILE *out, const struct mpath_losses *l)
{
	fprintf(out,
		"LOST since the start: %llu events, %llu parked I/Os, %llu events of further "
		"heads, %llu outages",
		(unsigned long long)l->ring_full, (unsigned long long)l->bio_map_full,
		(unsigned long long)l->head_map_full, (unsigned long long)l->outage_map_full);
	if (l->skipped)
		fprintf(out, ", %llu runs of programs", (unsigned long long)l->skipped);
}

bool view_event_wanted(const struct record *rec)
{
	switch (rec->type) {
	case REC_EVENT:
		return record_check_event(rec);
	case REC_START:
	case REC_UNLOADED:
	case REC_END:
		return true;
	case REC_GAP:
		return rec->len >= sizeof(struct rec_gap);
	case REC_LOSSES:
		return rec->len >= MPATH_LOSSES_LEN_1 && any_losses(rec);
	default:
		return false;
	}
}

/* @m NULL: what was known at the time of the event is not known any more. */
static void put_event(FILE *out, const struct model *m, __u16 type, const void *data)
{
	switch (type) {
	case REC_EVENT:
		text_event(out, m, data);
		break;
	case REC_START:
		fputs("watching", out);
		break;
	case REC_UNLOADED:
		fputs("nvme_core was unloaded: nothing is watched", out);
		break;
	case REC_END:
		fputs("no longer watching", out);
		break;
	case REC_GAP:
		fprintf(out, "%llu records could not be written",
			(unsigned long long)((const struct rec_gap *)data)->records);
		break;
	case REC_LOSSES:
		text_losses(out, data);
		break;
	}
}

void view_put_event(FILE *out, __u16 type, const void *data)
{
	put_event(out, NULL, type, data);
}

int view_event_text(FILE *out, const struct model *m, const struct record *rec,
		    const struct view_opts *vo)
{
	const struct mpath_event *ev = rec->data;
	struct mpath_losses losses;
	__u64 time_ns = rec->time_ns;
	char who[SHOWN] = "-";

	if (!view_event_wanted(rec))
		return 0;
	if (rec->type == REC_EVENT) {
		if (!wants_event(vo, ev))
			return 0;
		if (ev->type == MPATH_EV_CTRL_STATE)
			snprintf(who, sizeof(who), "nvme%d",
				 ((const struct mpath_ev_ctrl_state *)ev)->ctrl);
		else
			fmt_text(who, sizeof(who), ev->head);
		time_ns = ev->time_ns;
	}
	text_start(out, m, time_ns, vo, who);
	losses = rec->type == REC_LOSSES ? losses_of(rec) : (struct mpath_losses) {};
	put_event(out, m, rec->type, rec->type == REC_LOSSES ? &losses : rec->data);
	fputc('\n', out);
	return ferror(out) ? -EIO : 1;
}

int view_source_text(FILE *out, const char *kind, const char *name)
{
	char shown[1024];

	fprintf(out, "%-8s %s\n", kind, fmt_text(shown, sizeof(shown), name));
	return ferror(out) ? -EIO : 1;
}

int view_change_text(FILE *out, const struct model *m, enum model_change what,
		     const struct model_window *w, const struct view_opts *vo)
{
	char who[SHOWN];

	if ((what != MODEL_ENDED && what != MODEL_SETTLED) || !view_wants_window(vo, w))
		return 0;
	text_start(out, m, what == MODEL_ENDED && w->end_ns ? w->end_ns : model_now(m), vo,
		   fmt_text(who, sizeof(who), w->name));
	if (w->number)
		fprintf(out, "window %u ", w->number);
	if (what == MODEL_ENDED) {
		view_put_outcome(out, w);
	} else {
		fputs("I/Os ", out);
		if (w->counters) {
			view_put_bios(out, &w->counters->s, model_session_missing(w->session));
			fputs("; stall ", out);
			view_put_stalls(out, &w->counters->s);
		} else {
			fputs(w->missing ? "not counted" : "none seen", out);
		}
		fputs("; data ", out);
		view_put_data(out, w);
	}
	fputc('\n', out);
	return ferror(out) ? -EIO : 1;
}

/* ---- JSON ---- */

static struct json_object *json_line(const struct model *m, const char *type, __u64 time_ns)
{
	struct json_object *o = json_object_new_object();
	char text[FMT_TIME_LEN];
	__s64 real_ns;

	json_add_text(o, "schema", VIEW_EVENT_SCHEMA);
	json_add_text(o, "type", type);
	if (model_wall_ns(model_current(m), time_ns, &real_ns))
		json_add(o, "time", NULL);
	else
		json_add_text(o, "time", fmt_rfc3339(text, sizeof(text), real_ns));
	json_add_count(o, "boot_ns", time_ns);
	return o;
}

static void json_path(struct json_object *o, const struct model *m, const struct mpath_ev_path *ev)
{
	bool add = ev->h.type == MPATH_EV_PATH_ADD, live = ev->h.type == MPATH_EV_PATH_LIVE;
	int cause = lost_cause(m, ev);

	json_add_text(o, "path", ev->path);
	json_add_int(o, "controller", ev->ctrl, true);
	json_add_int(o, "paths", ev->paths, !live);
	json_add_int(o, "ms_left", ev->ms_left, add && ev->ms_left != MPATH_NO_WINDOW);
	json_add_text(o, "controller_state", add ? "" : fmt_ctrl_state(ev->ctrl_state));
	json_add_text(o, "ana_state", live && ev->ana_state ? fmt_ana_state(ev->ana_state) : "");
	json_add(o, "usable", live ? json_object_new_boolean(ev->usable) : NULL);
	json_add(o, "last", add || live ? NULL : json_object_new_boolean(ev->last));
	json_add_text(o, "cause", cause < 0 ? "" : model_cause_name((enum model_cause)cause));
}

static void json_ctrl(struct json_object *o, const struct mpath_ev_ctrl_state *ev)
{
	struct json_object *a = json_object_new_array();
	size_t i;

	json_add_int(o, "controller", ev->ctrl, true);
	json_add_text(o, "old_state", fmt_ctrl_state(ev->old_state));
	json_add_text(o, "new_state", fmt_ctrl_state(ev->new_state));
	/* printable ASCII, which kernel symbols are */
	for (i = 0; ev->h.len >= sizeof(*ev) && i < MPATH_CALLERS && *ev->callers[i]; i++) {
		char name[SHOWN];

		fmt_text(name, sizeof(name), ev->callers[i]);
		json_object_array_add(a, json_object_new_string(name));
	}
	json_add(o, "callers", a);
}

static void json_failover(struct json_object *o, const struct mpath_ev_failover *ev)
{
	json_add_text(o, "path", ev->path);
	json_add_int(o, "controller", ev->ctrl, true);
	json_add_count(o, "status", ev->status);
	json_add_text(o, "op", fmt_op(ev->op));
	json_add_count(o, "bytes", ev->bytes);
	json_add_count(o, "bios", ev->bios);
	json_add_seconds(o, "age_seconds", (__s64)ev->age_ns, ev->age_ns != 0);
}

static void json_bio(struct json_object *o, const struct mpath_ev_bio *ev)
{
	json_add_text(o, "what", bio_what(ev->what));
	json_add_text(o, "op", fmt_op(ev->op));
	json_add_count(o, "sector", ev->sector);
	json_add_count(o, "bytes", ev->bytes);
	json_add_text(o, "reason", park_reason(ev->reason));
	json_add_seconds(o, "stall_seconds", (__s64)ev->stall_ns,
			 ev->stall_ns || ev->what == MPATH_BIO_FIRST);
}

static void json_work(struct json_object *o, const struct mpath_ev_remove_work *ev)
{
	json_add_text(o, "action", work_action(ev->action));
	json_add_count(o, "delay_ms", ev->delay_ms);
	json_add_int(o, "ms_left", ev->ms_left, true);
	json_add_text(o, "result",
		      ev->result == MPATH_RESULT_REMOVED ? "removed" :
		      ev->result == MPATH_RESULT_KEPT	 ? "kept" :
							   "");
}

static struct json_object *json_event(const struct model *m, const struct mpath_event *ev)
{
	struct json_object *o = json_line(m, event_name(ev->type), ev->time_ns);

	json_add_count(o, "seq", ev->seq);
	json_add_text(o, "head", ev->head);
	json_add_int(o, "subsystem", ev->subsys, ev->head_id != 0);
	json_add_int(o, "nsid", ev->nsid, ev->head_id != 0);
	json_add_int(o, "window", ev->window, ev->window != 0);
	json_add_int(o, "outage", ev->outage, ev->outage != 0);
	switch (ev->type) {
	case MPATH_EV_PATH_ADD:
	case MPATH_EV_PATH_LIVE:
	case MPATH_EV_PATH_REMOVE:
		json_path(o, m, (const void *)ev);
		break;
	case MPATH_EV_FAILOVER:
		json_failover(o, (const void *)ev);
		break;
	case MPATH_EV_BIO:
		json_bio(o, (const void *)ev);
		break;
	case MPATH_EV_REMOVE_WORK:
		json_work(o, (const void *)ev);
		break;
	case MPATH_EV_HEAD_REMOVE:
		json_add_text(o, "reason",
			      remove_reason(((const struct mpath_ev_head_remove *)ev)->reason));
		break;
	case MPATH_EV_CTRL_STATE:
		json_ctrl(o, (const void *)ev);
		break;
	default:
		break;
	}
	return o;
}

int view_event_json(FILE *out, const struct model *m, const struct record *rec,
		    const struct view_opts *vo)
{
	struct mpath_losses losses, *l = &losses;
	const struct rec_gap *gap = rec->data;
	const struct mpath_event *ev;
	struct json_object *o;
	int err;

	if (rec->type == REC_EVENT) {
		ev = record_check_event(rec);
		if (!ev || !wants_event(vo, ev))
			return 0;
		o = json_event(m, ev);
	} else if (rec->type == REC_START) {
		o = json_line(m, "start", rec->time_ns);
	} else if (rec->type == REC_END) {
		o = json_line(m, "end", rec->time_ns);
	} else if (rec->type == REC_GAP && rec->len >= sizeof(*gap)) {
		o = json_line(m, "gap", rec->time_ns);
		json_add_count(o, "records", gap->records);
	} else if (rec->type == REC_UNLOADED) {
		o = json_line(m, "unloaded", rec->time_ns);
	} else if (rec->type == REC_LOSSES && view_event_wanted(rec)) {
		losses = losses_of(rec);
		o = json_line(m, "losses", rec->time_ns);
		json_add_count(o, "events", l->ring_full);
		json_add_count(o, "parked_bios", l->bio_map_full);
		json_add_count(o, "heads", l->head_map_full);
		json_add_count(o, "outages", l->outage_map_full);
		json_add_count(o, "skipped_runs", l->skipped);
	} else {
		return 0;
	}
	err = json_write(out, o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	return err ? err : 1;
}

int view_source_json(FILE *out, const char *kind, const char *name)
{
	struct json_object *o = json_object_new_object();
	int err;

	json_add_text(o, "schema", VIEW_EVENT_SCHEMA);
	json_add_text(o, "type", "source");
	json_add(o, "time", NULL);
	json_add(o, "boot_ns", NULL);
	json_add_text(o, "kind", kind);
	json_add_text(o, "name", name);
	err = json_write(out, o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	return err ? err : 1;
}

int view_change_json(FILE *out, const struct model *m, enum model_change what,
		     const struct model_window *w, const struct view_opts *vo)
{
	static const char *const names[] = {
		[MODEL_OPENED] = "opened",
		[MODEL_MOVED] = "moved",
		[MODEL_ENDED] = "ended",
		[MODEL_SETTLED] = "settled",
	};
	struct json_object *o;
	int err;

	if (!view_wants_window(vo, w))
		return 0;
	o = json_line(m, "window", model_now(m));
	json_add_text(o, "change", names[what]);
	json_add(o, "window", view_json_window(w));
	err = json_write(out, o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	return err ? err : 1;
}
