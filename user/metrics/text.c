// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text of the metrics: a table of families, and what each of them shows of
 * a head, a path, or the collector. user/share/prometheus/README.md has the same table
 * for people; a test compares them.
 */
#include <string.h>

#include "base/format.h"
#include "metrics/internal.h"

struct out {
	FILE				*f;
	struct metrics			*x;
	const struct metrics_self	*self;
};

struct family {
	const char	*name;
	const char	*type;
	const char	*help;
	/* one of these; it writes nothing if there is nothing to tell */
	void		(*head)(struct out *o, const char *name, const struct metrics_entry *e);
	void		(*path)(struct out *o, const char *name, const char *labels,
		     const struct model_path *p);
	void		(*self)(struct out *o, const char *name);
};

/* ---- writing ---- */

static void put(struct out *o, const char *text)
{
	fwrite_unlocked(text, 1, strlen(text), o->f);
}

static void put_number(struct out *o, __u64 v)
{
	char buf[24], *p = buf + sizeof(buf);

	do {
		*--p = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	fwrite_unlocked(p, 1, (size_t)(buf + sizeof(buf) - p), o->f);
}

/* Nanoseconds as seconds, exactly. */
static void put_seconds(struct out *o, __u64 ns)
{
	char buf[10] = ".000000000";
	__u64 rest = ns % NS_PER_S;
	size_t i = sizeof(buf);

	put_number(o, ns / NS_PER_S);
	if (!rest)
		return;
	for (; i > 1; rest /= 10)
		buf[--i] = (char)('0' + rest % 10);
	for (i = sizeof(buf); buf[i - 1] == '0'; i--)
		;
	fwrite_unlocked(buf, 1, i, o->f);
}

/* Up to the value; @label NULL: no further label; its @value needs no escaping. */
static void put_series(struct out *o, const char *name, const char *suffix, const char *labels,
		       const char *label, const char *value)
{
	put(o, name);
	put(o, suffix);
	if (*labels || label)
		putc_unlocked('{', o->f);
	put(o, labels);
	if (label) {
		if (*labels)
			putc_unlocked(',', o->f);
		put(o, label);
		put(o, "=\"");
		put(o, value);
		putc_unlocked('"', o->f);
	}
	if (*labels || label)
		putc_unlocked('}', o->f);
	putc_unlocked(' ', o->f);
}

static void sample(struct out *o, const char *name, const char *labels, const char *label,
		   const char *value, __u64 number)
{
	put_series(o, name, "", labels, label, value);
	put_number(o, number);
	putc_unlocked('\n', o->f);
}

static void sample_seconds(struct out *o, const char *name, const char *suffix, const char *labels,
			   const char *label, const char *value, __u64 ns)
{
	put_series(o, name, suffix, labels, label, value);
	put_seconds(o, ns);
	putc_unlocked('\n', o->f);
}

/* Wall time of a moment of a session; nothing if that is not known. */
static void sample_time(struct out *o, const char *name, const char *labels,
			const struct model_session *s, __u64 boot_ns)
{
	__s64 real_ns;

	if (boot_ns && !model_wall_ns(s, boot_ns, &real_ns) && real_ns > 0)
		sample_seconds(o, name, "", labels, NULL, NULL, (__u64)real_ns);
}

static void histogram(struct out *o, const char *name, const char *labels,
		      const struct metrics_hist *h)
{
	__u64 sum = 0;
	size_t i;

	for (i = 0; i <= METRICS_EDGES; i++) {
		sum += h->bucket[i];
		put_series(o, name, "_bucket", labels, "le",
			   i < METRICS_EDGES ? metrics_edges[i].le : "+Inf");
		put_number(o, sum);
		putc_unlocked('\n', o->f);
	}
	sample_seconds(o, name, "_sum", labels, NULL, NULL, h->sum_ns);
	put_series(o, name, "_count", labels, NULL, NULL);
	put_number(o, sum);
	putc_unlocked('\n', o->f);
}

/*
 * A text that a device has made up, as the value of a label: what is not
 * printable ASCII as everywhere (fmt_text()), then quoted as the format wants it.
 */
static const char *quote(char *buf, size_t size, const char *text)
{
	char shown[512];
	const char *p;
	size_t at = 0;

	fmt_text(shown, sizeof(shown), text);
	for (p = shown; *p && at + 2 < size; p++) {
		if (*p == '\\' || *p == '"')
			buf[at++] = '\\';
		buf[at++] = *p;
	}
	buf[at] = '\0';
	return buf;
}

static void put_label(struct out *o, const char *name, const char *text)
{
	char buf[1024];

	putc_unlocked(',', o->f);
	put(o, name);
	put(o, "=\"");
	put(o, quote(buf, sizeof(buf), text));
	putc_unlocked('"', o->f);
}

static void make_labels(struct metrics_entry *e)
{
	char buf[2 * 4 * MPATH_NAME_LEN];

	if (!*e->labels)
		snprintf(e->labels, sizeof(e->labels), "device=\"%s\",subsystem=\"nvme-subsys%d\"",
			 quote(buf, sizeof(buf), e->c.device), e->c.subsys);
}

/* ---- heads: what is now ---- */

static void put_info(struct out *o, const char *name, const struct metrics_entry *e)
{
	const struct model_head *h = e->head;
	char nsid[16];

	snprintf(nsid, sizeof(nsid), "%u", h->nsid);
	put(o, name);
	putc_unlocked('{', o->f);
	put(o, e->labels);
	put_label(o, "nsid", nsid);
	put_label(o, "nqn", h->nqn);
	put_label(o, "uuid", h->uuid);
	put_label(o, "wwid", h->wwid);
	put_label(o, "model", h->model);
	put_label(o, "serial", h->serial);
	put(o, "} 1\n");
}

static void put_state(struct out *o, const char *name, const struct metrics_entry *e)
{
	int state = model_head_state(e->head), i;

	for (i = 0; i < HEAD_STATES && state >= 0; i++)
		sample(o, name, e->labels, "state", model_head_state_name((enum model_head_state)i),
		       i == state);
}

static void put_paths(struct out *o, const char *name, const struct metrics_entry *e)
{
	if (e->head->paths_listed >= 0)
		sample(o, name, e->labels, NULL, NULL, (__u64)e->head->paths_listed);
}

static void put_usable(struct out *o, const char *name, const struct metrics_entry *e)
{
	int usable = model_head_usable(e->head);

	if (usable >= 0)
		sample(o, name, e->labels, NULL, NULL, (__u64)usable);
}

static void put_setting(struct out *o, const char *name, const struct metrics_entry *e)
{
	if (e->head->setting_known && e->head->setting_s >= 0)
		sample(o, name, e->labels, NULL, NULL, (__u64)e->head->setting_s);
}

static const struct model_window *open_window(const struct metrics_entry *e)
{
	const struct model_window *w = e->head->window;

	return w && w->number && !w->ended ? w : NULL;
}

static void put_deadline(struct out *o, const char *name, const struct metrics_entry *e)
{
	const struct model_window *w = open_window(e);

	if (w)
		sample_time(o, name, e->labels, w->session, w->deadline_ns);
}

static void put_lost_since(struct out *o, const char *name, const struct metrics_entry *e)
{
	if (!e->head->gone)
		sample_time(o, name, e->labels, e->head->session, e->head->lost_ns);
}

/* The outage whose bios wait, NULL if none do. */
static const struct model_outage *waiting(const struct metrics_entry *e)
{
	const struct model_outage *outage = e->head->outage;

	if (!outage || outage->session != e->head->session || !outage->s.depth)
		return NULL;
	return outage;
}

static void put_depth(struct out *o, const char *name, const struct metrics_entry *e)
{
	const struct model_outage *outage = waiting(e);

	if (o->x->started)
		sample(o, name, e->labels, NULL, NULL, outage ? outage->s.depth : 0);
}

static void put_waiting_since(struct out *o, const char *name, const struct metrics_entry *e)
{
	const struct model_outage *outage = waiting(e);

	if (outage)
		sample_time(o, name, e->labels, outage->session, outage->s.start_ns);
}

/* ---- heads: counters ---- */

static void put_windows(struct out *o, const char *name, const struct metrics_entry *e)
{
	int i;

	for (i = 0; i < MODEL_OUTCOMES; i++)
		if (i != MODEL_PENDING)
			sample(o, name, e->labels, "outcome",
			       model_outcome_name((enum model_outcome)i), e->c.windows[i]);
}

static void put_close(struct out *o, const char *name, const struct metrics_entry *e)
{
	sample(o, name, e->labels, NULL, NULL, e->c.close);
}

static void put_incomplete(struct out *o, const char *name, const struct metrics_entry *e)
{
	sample(o, name, e->labels, NULL, NULL, e->c.incomplete);
}

static void put_window(struct out *o, const char *name, const struct metrics_entry *e)
{
	histogram(o, name, e->labels, &e->c.window);
}

static void put_margin(struct out *o, const char *name, const struct metrics_entry *e)
{
	histogram(o, name, e->labels, &e->c.margin);
}

static void put_outage(struct out *o, const char *name, const struct metrics_entry *e)
{
	histogram(o, name, e->labels, &e->c.outage);
}

static void put_stall(struct out *o, const char *name, const struct metrics_entry *e)
{
	histogram(o, name, e->labels, &e->c.bios.stall);
}

static void put_phases(struct out *o, const char *name, const struct metrics_entry *e)
{
	static const char *const names[PHASES] = {
		[PHASE_NAMESPACE] = "namespace",
		[PHASE_PATH] = "path",
		[PHASE_FIRST_IO] = "first_io",
		[PHASE_DRAIN] = "drain",
	};
	int i;

	for (i = 0; i < PHASES; i++) {
		sample_seconds(o, name, "_sum", e->labels, "phase", names[i], e->c.phase_sum_ns[i]);
		put_series(o, name, "_count", e->labels, "phase", names[i]);
		put_number(o, e->c.phase_count[i]);
		putc_unlocked('\n', o->f);
	}
}

static void put_parked(struct out *o, const char *name, const struct metrics_entry *e)
{
	sample(o, name, e->labels, "reason", "no_usable_path",
	       e->c.bios.parked[MPATH_PARK_NO_USABLE_PATH]);
	sample(o, name, e->labels, "reason", "failover", e->c.bios.parked[MPATH_PARK_FAILOVER]);
}

static void put_completed(struct out *o, const char *name, const struct metrics_entry *e)
{
	sample(o, name, e->labels, NULL, NULL, e->c.bios.completed);
}

static void put_failed(struct out *o, const char *name, const struct metrics_entry *e)
{
	sample(o, name, e->labels, "waited", "yes", e->c.bios.failed);
	sample(o, name, e->labels, "waited", "no", e->c.bios.failed_unparked);
}

static void put_failovers(struct out *o, const char *name, const struct metrics_entry *e)
{
	static const char *const names[METRICS_CLASSES] = {
		[MPATH_STATUS_ANA] = "ana",
		[MPATH_STATUS_CONTROLLER] = "controller_pathing",
		[MPATH_STATUS_HOST] = "host_pathing",
		[MPATH_STATUS_OTHER] = "other",
		[MPATH_STATUS_CLASSES] = "unknown",
	};
	int i;

	for (i = 0; i < METRICS_CLASSES; i++)
		sample(o, name, e->labels, "status_class", names[i], e->c.bios.failovers[i]);
}

static void put_losses(struct out *o, const char *name, const struct metrics_entry *e)
{
	int i;

	for (i = 0; i < MODEL_CAUSES; i++)
		sample(o, name, e->labels, "cause", model_cause_name(i), e->c.losses[i]);
}

/* ---- paths ---- */

static void put_path_info(struct out *o, const char *name, const char *labels,
			  const struct model_path *p)
{
	put(o, name);
	putc_unlocked('{', o->f);
	put(o, labels);
	put_label(o, "transport", p->transport);
	put_label(o, "address", p->address);
	put(o, "} 1\n");
}

static void put_path_usable(struct out *o, const char *name, const char *labels,
			    const struct model_path *p)
{
	if (p->usable >= 0)
		sample(o, name, labels, NULL, NULL, (__u64)p->usable);
}

static void put_path_ana(struct out *o, const char *name, const char *labels,
			 const struct model_path *p)
{
	if (p->ana_state > 0)
		sample(o, name, labels, NULL, NULL, (__u64)p->ana_state);
}

/* ---- the collector ---- */

static void put_build(struct out *o, const char *name)
{
	char buf[128];

	if (!o->self->live)
		return;
	put_series(o, name, "", "", "version", quote(buf, sizeof(buf), o->self->version));
	put(o, "1\n");
}

static void put_start(struct out *o, const char *name)
{
	if (o->self->live)
		sample_seconds(o, name, "", "", NULL, NULL, (__u64)o->self->start_real_ns);
}

static void put_written(struct out *o, const char *name)
{
	if (o->self->live)
		sample_seconds(o, name, "", "", NULL, NULL, (__u64)o->self->now_real_ns);
}

static void put_since(struct out *o, const char *name)
{
	if (o->x->t.since_real_ns > 0)
		sample_seconds(o, name, "", "", NULL, NULL, (__u64)o->x->t.since_real_ns);
}

static void put_interval(struct out *o, const char *name)
{
	if (o->self->live)
		sample_seconds(o, name, "", "", NULL, NULL, o->self->interval_ns);
}

static void put_running(struct out *o, const char *name)
{
	if (o->self->live)
		sample(o, name, "", NULL, NULL, o->self->running);
}

static void put_cpu(struct out *o, const char *name)
{
	if (o->self->live)
		sample_seconds(o, name, "", "", NULL, NULL, o->self->cpu_ns);
}

static void put_write_errors(struct out *o, const char *name)
{
	if (o->self->live)
		sample(o, name, "", NULL, NULL, o->self->write_errors);
}

static void put_programs(struct out *o, const char *name)
{
	if (o->x->started)
		sample(o, name, "", NULL, NULL, o->x->programs);
}

static void put_events(struct out *o, const char *name)
{
	sample(o, name, "", NULL, NULL, o->x->t.events);
}

static void put_events_lost(struct out *o, const char *name)
{
	sample(o, name, "", NULL, NULL, o->x->t.events_lost + model_events_lost(o->x->m));
}

static void put_records_lost(struct out *o, const char *name)
{
	sample(o, name, "", NULL, NULL, o->x->t.records_lost);
}

static void put_dropped(struct out *o, const char *name)
{
	sample(o, name, "", NULL, NULL, o->x->t.dropped);
}

/* ---- all of it ---- */

#define HEAD(n, t, f, h) \
	{ \
		"nvme_mpath_" n, t, h, f, NULL, NULL \
	}
#define PATH(n, t, f, h) \
	{ \
		"nvme_mpath_" n, t, h, NULL, f, NULL \
	}
#define SELF(n, t, f, h) \
	{ \
		"nvme_mpath_" n, t, h, NULL, NULL, f \
	}

/* Gauges come first: a head that is long gone has none of them. */
static const struct family families[] = {
	HEAD("head_info", "gauge", put_info, "Which disk a head is; always 1."),
	HEAD("head_state", "gauge", put_state,
	     "1 for the state that the head is in, 0 for the others."),
	HEAD("head_paths", "gauge", put_paths, "Paths that the head has."),
	HEAD("head_paths_usable", "gauge", put_usable, "Paths that I/O can take."),
	HEAD("head_delayed_removal_seconds", "gauge", put_setting,
	     "How long the head stays without a path: its delayed_removal_secs."),
	HEAD("head_unusable_since_timestamp_seconds", "gauge", put_lost_since,
	     "Since when the head has no usable path; absent while it has one."),
	HEAD("window_deadline_timestamp_seconds", "gauge", put_deadline,
	     "When the head will be removed; absent unless a grace window is open."),
	HEAD("queue_depth", "gauge", put_depth, "Bios that wait for a path."),
	HEAD("queue_since_timestamp_seconds", "gauge", put_waiting_since,
	     "No waiting bio is older than this; absent while none waits."),
	PATH("path_info", "gauge", put_path_info, "Where a path leads; always 1."),
	PATH("path_usable", "gauge", put_path_usable, "1 if I/O can take this path, else 0."),
	PATH("path_ana_state", "gauge", put_path_ana,
	     "1 optimized, 2 non-optimized, 3 inaccessible, 4 persistent loss, 15 change."),
	HEAD("windows_total", "counter", put_windows, "Grace windows by how they ended."),
	HEAD("windows_close_total", "counter", put_close,
	     "Grace windows that were recovered with less than a tenth of the setting left."),
	HEAD("windows_incomplete_total", "counter", put_incomplete,
	     "Grace windows of which some data is missing."),
	HEAD("window_duration_seconds", "histogram", put_window,
	     "How long grace windows were open, for those whose begin and end were seen."),
	HEAD("window_margin_seconds", "histogram", put_margin,
	     "Time left to the deadline when a path came back; 0 if it was past."),
	HEAD("outage_duration_seconds", "histogram", put_outage,
	     "How long the head had no usable path, with a grace window or without."),
	HEAD("stall_seconds", "histogram", put_stall,
	     "How long bios waited, whether a path took them or they failed."),
	HEAD("recovery_phase_seconds", "summary", put_phases,
	     "Parts of recoveries: loss to namespace, to usable path, to first bio taken, to empty queue."),
	HEAD("bios_parked_total", "counter", put_parked,
	     "Bios that had to wait, by the first reason."),
	HEAD("bios_completed_total", "counter", put_completed,
	     "Bios that had to wait and that a path took in the end."),
	HEAD("bios_failed_total", "counter", put_failed,
	     "Bios that failed for want of a path, after a wait or at once."),
	HEAD("failovers_total", "counter", put_failovers,
	     "Requests that failed on a path and were given to another, or to the queue, by their status."),
	HEAD("path_losses_total", "counter", put_losses,
	     "Paths that stopped being usable, by why."),
	SELF("build_info", "gauge", put_build, "Version of the collector; always 1."),
	SELF("collector_running", "gauge", put_running,
	     "0 in the last file of a collector that ended."),
	SELF("collector_start_timestamp_seconds", "gauge", put_start,
	     "When the collector was started."),
	SELF("collector_write_timestamp_seconds", "gauge", put_written,
	     "When this file was written."),
	SELF("collector_interval_seconds", "gauge", put_interval,
	     "A file is written at least this often."),
	SELF("collector_counters_since_timestamp_seconds", "gauge", put_since,
	     "When all counters were 0."),
	SELF("collector_programs_attached", "gauge", put_programs,
	     "BPF programs that are attached."),
	SELF("collector_cpu_seconds_total", "counter", put_cpu,
	     "Processor time of the collector since it was started."),
	SELF("collector_events_total", "counter", put_events,
	     "Events of the kernel that were seen."),
	SELF("collector_events_lost_total", "counter", put_events_lost,
	     "Events of the kernel that were lost."),
	SELF("collector_records_lost_total", "counter", put_records_lost,
	     "Records that could not be written to the recording."),
	SELF("collector_write_errors_total", "counter", put_write_errors,
	     "Files of metrics that could not be written since the collector was started."),
	SELF("collector_heads_dropped_total", "counter", put_dropped,
	     "Removed heads whose counters were given up, because there were too many."),
};

static void put_heads(struct out *o, const struct family *f, bool gauge)
{
	size_t i;

	for (i = 0; i < o->x->nr_entries; i++)
		if (!gauge || o->x->entries[i]->gauges)
			f->head(o, f->name, o->x->entries[i]);
}

static void put_paths_of(struct out *o, const struct family *f, const struct metrics_entry *e)
{
	char labels[sizeof(e->labels) + 2 * 4 * MPATH_NAME_LEN + 64], path[2 * 4 * MPATH_NAME_LEN];
	size_t i, shown = 0;

	for (i = e->head->nr_paths; i-- && shown < METRICS_PATHS;) {
		const struct model_path *p = &e->head->paths[i];

		if (p->gone)
			continue;
		snprintf(labels, sizeof(labels), "%s,controller=\"nvme%d\",path=\"%s\"", e->labels,
			 p->ctrl, quote(path, sizeof(path), p->name));
		f->path(o, f->name, labels, p);
		shown++;
	}
}

static void put_family(struct out *o, const struct family *f)
{
	size_t i;

	put(o, "# HELP ");
	put(o, f->name);
	putc_unlocked(' ', o->f);
	put(o, f->help);
	put(o, "\n# TYPE ");
	put(o, f->name);
	putc_unlocked(' ', o->f);
	put(o, f->type);
	putc_unlocked('\n', o->f);
	if (f->head)
		put_heads(o, f, !strcmp(f->type, "gauge"));
	for (i = 0; f->path && i < o->x->nr_entries; i++)
		if (o->x->entries[i]->gauges)
			put_paths_of(o, f, o->x->entries[i]);
	if (f->self)
		f->self(o, f->name);
}

int metrics_write(struct metrics *x, const struct metrics_self *self, FILE *out)
{
	struct out o = { .f = out, .x = x, .self = self };
	size_t i;

	metrics_flush(x, !self->live || !self->running);
	metrics_look(x, self->live ? self->now_ns : model_now(x->m));
	if (x->err)
		return x->err;
	for (i = 0; i < x->nr_entries; i++)
		make_labels(x->entries[i]);
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		put_family(&o, &families[i]);
	return 0;
}
