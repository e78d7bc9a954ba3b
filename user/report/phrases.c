// SPDX-License-Identifier: GPL-2.0-only
/* Parts of a window, and remarks, in words. */
#include <string.h>

#include "analysis/what_if.h"
#include "base/format.h"
#include "base/units.h"
#include "model/model.h"
#include "record/facts.h"
#include "record/histogram.h"
#include "record/names.h"
#include "record/reader.h"
#include "record/types.h"
#include "report/report.h"

#define NQN_WIDTH	34
#define DOT		" \xc2\xb7 "	/* middle dot, UTF-8 whatever the locale */

void view_put_time(FILE *out, const struct model_session *s, __u64 boot_ns,
		   const struct view_opts *vo)
{
	char buf[FMT_TIME_LEN];
	__s64 real_ns;

	if (!boot_ns)
		fputs("-", out);
	else if (model_wall_ns(s, boot_ns, &real_ns))
		fprintf(out, "boot+%s s", fmt_seconds(buf, sizeof(buf), (__s64)boot_ns));
	else
		fputs(fmt_wall(buf, sizeof(buf), real_ns, vo->utc), out);
}

/* "nvme0n1 (nqn.2014-08.org..:subsys0, nsid 1)" */
void view_put_head(FILE *out, const struct model_head *h, const char *name)
{
	char buf[4 * NQN_WIDTH + 8];

	fprintf(out, "%s (", fmt_text(buf, sizeof(buf), name));
	if (*h->nqn)
		fputs(fmt_nqn(buf, sizeof(buf), h->nqn, NQN_WIDTH), out);
	else
		fprintf(out, "nvme-subsys%d", h->subsys);
	fprintf(out, ", nsid %u)", h->nsid);
}

/* "2026-09-12 03:04:11.482 .. 03:04:38.907": the day once, if it is the same */
void view_put_period(FILE *out, const struct model_session *s, __u64 from, __u64 to,
		     const struct view_opts *vo)
{
	char a[FMT_TIME_LEN], b[FMT_TIME_LEN];
	__s64 real_from, real_to;

	if (from == to) {
		view_put_time(out, s, from, vo);
		return;
	}
	if (!from || !to || model_wall_ns(s, from, &real_from) || model_wall_ns(s, to, &real_to)) {
		view_put_time(out, s, from, vo);
		fputs(" .. ", out);
		view_put_time(out, s, to, vo);
		return;
	}
	fmt_wall(a, sizeof(a), real_from, vo->utc);
	fmt_wall(b, sizeof(b), real_to, vo->utc);
	fprintf(out, "%s .. %s", a, strncmp(a, b, 11) ? b : b + 11);
}

/* Of several inputs a remark and a window say where they are from. */
void view_put_where(FILE *out, const struct model_session *s, bool several)
{
	const struct rec_host *host = s ? model_session_host(s) : NULL;
	char name[96], boot[16];

	if (!several)
		return;
	if (!host || !*host->name) {
		fputs("-: ", out);
		return;
	}
	fprintf(out, "%s", fmt_text(name, sizeof(name), host->name));
	if (*host->boot_id)
		fprintf(out, " (boot %s)", fmt_text_n(boot, sizeof(boot), host->boot_id, 8));
	fputs(": ", out);
}

__u64 view_session_from(const struct view_input *in, size_t i)
{
	const struct model_session *s = model_session(in->m, i);
	bool part = !i && in->reader && record_reader_before(in->reader);

	return part ? model_session_seen(s) : model_session_first(s);
}

static void put_windows_before(FILE *out, const struct view_input *in, const char *before,
			       const char *after)
{
	const struct model_head *h;
	char name[4 * MPATH_NAME_LEN];
	size_t i;

	for (i = 0; (h = model_head(in->m, i)); i++)
		if (h->windows_before)
			fprintf(out, "%s%u earlier window%s of %s %s not in it%s", before,
				h->windows_before, h->windows_before == 1 ? "" : "s",
				fmt_text(name, sizeof(name), h->name),
				h->windows_before == 1 ? "is" : "are", after);
}

void view_put_part(FILE *out, const struct view_input *in, const char *before, const char *after)
{
	__u64 files = in->reader ? record_reader_before(in->reader) : 0;

	if (in->given)
		fprintf(out, "%sonly the %zu files of it that were given%s", before, in->given,
			after);
	if (files) {
		fprintf(out,
			"%sa part of a recording: %llu older file%s not here, removed by a limit "
			"of its size or age, or left out of a bundle%s",
			before, (unsigned long long)files, files == 1 ? " is" : "s are", after);
		put_windows_before(out, in, before, after);
	}
	if (in->repeated)
		fprintf(out,
			"%s%zu of its windows and failovers %s read more than once; each counts "
			"once%s",
			before, in->repeated, in->repeated == 1 ? "was" : "were", after);
}

void view_put_damage(FILE *out, const struct view_input *in, bool several)
{
	const struct record_remark *damage;
	char name[128];
	size_t i;

	for (i = 0; in->reader && (damage = record_reader_remark(in->reader, i)); i++)
		fprintf(out, "remark   %s%s%s\n",
			several ? fmt_text(name, sizeof(name), in->name) : "", several ? ": " : "",
			damage->text);
}

const char *view_input_kind(const struct view_input *in)
{
	return in->kind ? in->kind : "record";
}

/* "30 s": settings are whole seconds, mostly. */
const char *view_setting(char *buf, size_t size, __u64 ms)
{
	if (ms % 1000 || ms / 1000 >= 100000)
		return fmt_duration(buf, size, ms > ~0ULL / NS_PER_MS ? ~0ULL : ms * NS_PER_MS);
	snprintf(buf, size, "%llu s", (unsigned long long)ms / 1000);
	return buf;
}

static void put_margin_left(FILE *out, const struct model_window *w)
{
	char left[FMT_LEN], of[FMT_LEN];

	if (!w->margin_known)
		return;
	fprintf(out, " with %s", fmt_duration_signed(left, sizeof(left), w->margin_ns));
	if (w->setting_known)
		fprintf(out, " of %s", view_setting(of, sizeof(of), w->setting_ms));
	fprintf(out, " left%s", model_window_is_near_miss(w) ? " (near miss)" : "");
}

static void put_margin_past(FILE *out, const struct model_window *w)
{
	char buf[FMT_LEN];

	if (w->margin_known && w->margin_ns < 0)
		fprintf(out, ", %s after the deadline",
			fmt_duration(buf, sizeof(buf), 0 - (__u64)w->margin_ns));
	else if (w->margin_known)
		fprintf(out, ", %s before the deadline",
			fmt_duration(buf, sizeof(buf), (__u64)w->margin_ns));
}

static void put_so_far(FILE *out, const struct model_window *w)
{
	__u64 gone = model_window_duration(w);
	char buf[FMT_LEN];

	if (gone)
		fprintf(out, " after %s", fmt_duration(buf, sizeof(buf), gone));
	if (w->setting_known)
		fprintf(out, " of %s", view_setting(buf, sizeof(buf), w->setting_ms));
	if (w->end_ns)
		fputs(": the record ends here", out);
}

void view_put_outcome(FILE *out, const struct model_window *w)
{
	/* of these more is known than the reason and the setting */
	static void (*const details[MODEL_OUTCOMES])(FILE *, const struct model_window *) = {
		[MODEL_PENDING] = put_so_far,
		[MODEL_RECOVERED] = put_margin_left,
		[MODEL_LATE_RESCUE] = put_margin_past,
	};
	const struct outcome_row *row = outcome_row(w->outcome);
	__u64 outage = model_outage_duration(w);
	char buf[FMT_LEN];

	fputs(row->headline, out);
	if (row->reason)
		fprintf(out, ": %s", row->reason);
	if (row->setting && w->setting_known)
		fprintf(out, " %s %s", row->setting, view_setting(buf, sizeof(buf), w->setting_ms));
	if (details[w->outcome])
		details[w->outcome](out, w);
	if (w->moves)
		fprintf(out, "; deadline changed %u time%s", w->moves, w->moves == 1 ? "" : "s");
	if (w->moves && w->armed_ns)
		fprintf(out, ", first %s", view_setting(buf, sizeof(buf), w->armed_ms));
	if (outage)
		fprintf(out, "; no usable path for %s", fmt_duration(buf, sizeof(buf), outage));
}

void view_put_what_if(FILE *out, const struct model_window *w, __s64 setting_ns)
{
	struct what_if r;
	char buf[FMT_LEN];

	what_if(w, (__u64)setting_ns, &r);
	fprintf(out, "with %s: %s%s", view_setting(buf, sizeof(buf), (__u64)setting_ns / NS_PER_MS),
		r.changed || outcome_row(r.outcome)->fate == FATE_UNDECIDED ? "" : "also ",
		outcome_row(r.outcome)->what_if);
	if (r.margin_known)
		fprintf(out, " with %s left", fmt_duration_signed(buf, sizeof(buf), r.margin_ns));
	if (r.changed)
		fprintf(out, ", not %s", outcome_row(w->outcome)->what_if);
}

/* One phase, relative to @zero; not yet or never seen is "-" if @wanted, else nothing. */
static void put_phase(FILE *out, const char *name, __u64 at, __u64 zero, bool wanted, int *count)
{
	char buf[FMT_LEN];

	if (!at && !wanted)
		return;
	fprintf(out, "%s%s %s", (*count)++ ? DOT : "", name,
		at ? fmt_seconds(buf, sizeof(buf), (__s64)(at - zero)) : "-");
}

/* Too late for this window, but not for who asks how long the disk was away. */
static void put_again(FILE *out, const struct model_window *w, __u64 zero, int *count)
{
	char what[4 * MPATH_NAME_LEN + 32] = "back as a new disk", name[4 * MPATH_NAME_LEN];

	if (strcmp(w->reappeared_name, w->name))
		snprintf(what, sizeof(what), "back as %s",
			 fmt_text(name, sizeof(name), w->reappeared_name));
	put_phase(out, what, w->reappeared_ns, zero, false, count);
}

void view_put_phases(FILE *out, const struct model_window *w)
{
	bool saved = outcome_saved(w->outcome);
	__u64 zero = w->lost_ns ? w->lost_ns : w->armed_ns ? w->armed_ns : w->first_lost_ns;
	bool parked = !w->counters || w->counters->s.completed;
	int count = 0;

	if (!zero)
		zero = w->back_ns ? w->back_ns : w->end_ns;
	if (!zero) {
		fputs("phases not seen", out);
		return;
	}
	if (w->first_lost_ns && w->first_lost_ns != w->lost_ns)
		put_phase(out, "first path lost", w->first_lost_ns, zero, false, &count);
	put_phase(out, "lost", w->lost_ns, zero, true, &count);
	put_phase(out, "armed", w->armed_ns, zero, w->number != 0, &count);
	put_phase(out, "namespace back", w->back_ns, zero, saved, &count);
	put_phase(out, "path usable", w->usable_ns, zero, saved, &count);
	put_phase(out, "first I/O", w->taken_ns, zero, saved && parked, &count);
	put_phase(out, "removed", w->removed_ns, zero, outcome_gone(w->outcome), &count);
	put_phase(out, "drained", w->drained_ns, zero, w->ended && w->number, &count);
	put_again(out, w, zero, &count);
	if (w->lost_again && !w->usable_ns)
		fputs("; lost again before a path was usable", out);
	else if (w->lost_again)
		fputs("; lost again before the queue drained", out);
	if (w->continues)
		fputs("; no path was usable since the window before", out);
}

const char *view_cause(enum model_cause cause)
{
	static const char *const words[MODEL_CAUSES] = {
		[MODEL_CAUSE_UNKNOWN] = "cause unknown",
		[MODEL_CAUSE_SURPRISE] = "surprise removal",
		[MODEL_CAUSE_RESET_FAILED] = "reset failed",
		[MODEL_CAUSE_TIMEOUT] = "timeout",
		[MODEL_CAUSE_KEEP_ALIVE] = "keep-alive failed",
		[MODEL_CAUSE_CONNECTION] = "connection lost",
		[MODEL_CAUSE_RESET] = "reset",
		[MODEL_CAUSE_ANA] = "ANA change",
		[MODEL_CAUSE_DISCONNECT] = "disconnected",
		[MODEL_CAUSE_REMOVAL] = "removed in good order",
		[MODEL_CAUSE_NAMESPACE] = "namespace removed",
	};

	return words[cause < MODEL_CAUSES ? cause : MODEL_CAUSE_UNKNOWN];
}

void view_put_causes(FILE *out, const struct model_window *w)
{
	__u32 shown = w->nr_losses < MODEL_LOSSES ? w->nr_losses : MODEL_LOSSES, i, n;
	unsigned int cause, groups = 0;
	char name[4 * MPATH_NAME_LEN];

	for (cause = 0; cause < MODEL_CAUSES; cause++) {
		if (!w->loss_causes[cause])
			continue;
		fprintf(out, "%s%s:", groups++ ? DOT : "", view_cause(cause));
		for (i = 0, n = 0; i < shown; i++)
			if (w->losses[i].cause == cause)
				fprintf(out, "%s%s", n++ ? ", " : " ",
					fmt_text(name, sizeof(name), w->losses[i].path));
		if (w->loss_causes[cause] > n)
			fprintf(out, n ? " and %u more" : " %u paths", w->loss_causes[cause] - n);
	}
}

/* "failed 3", and "failed -" where that could not be seen. */
static void put_count(FILE *out, const char *what, __u64 count, bool known)
{
	if (known)
		fprintf(out, "%s %llu", what, (unsigned long long)count);
	else
		fprintf(out, "%s -", what);
}

void view_put_bios(FILE *out, const struct mpath_outage *s, __u32 missing)
{
	__u64 parked = s->parked[MPATH_PARK_NO_USABLE_PATH] + s->parked[MPATH_PARK_FAILOVER];
	bool bios = !(missing & (FACTS_BIOS | FACT(FAILOVER))), failed = !(missing & FACT(FAILED));

	put_count(out, "parked", parked, bios);
	if (parked && bios)
		fprintf(out, " (at most %llu at once)", (unsigned long long)s->depth_max);
	put_count(out, DOT "completed", s->completed, bios && failed);
	put_count(out, DOT "failed", s->failed, bios && failed);
	if (s->depth)
		fprintf(out, DOT "still queued %llu", (unsigned long long)s->depth);
	if (s->failed_unparked)
		fprintf(out, bios ? DOT "failed without queueing %llu" : DOT "failed %llu",
			(unsigned long long)s->failed_unparked);
	if (s->unknown && bios)
		fprintf(out, DOT "parked before the start %llu", (unsigned long long)s->unknown);
	if (s->failovers || missing & FACT(FAILOVER))
		put_count(out, DOT "failovers", s->failovers, !(missing & FACT(FAILOVER)));
}

/* False: there is none. */
static bool put_quantiles(FILE *out, const __u32 *stall, __u64 max_ns)
{
	char a[FMT_LEN], b[FMT_LEN], c[FMT_LEN];
	__u64 p50, p99;

	if (hist_quantile(stall, 500, max_ns, &p50) || hist_quantile(stall, 990, max_ns, &p99))
		return false;
	fprintf(out, "p50 %s" DOT "p99 %s" DOT "max %s", fmt_duration(a, sizeof(a), p50),
		fmt_duration(b, sizeof(b), p99), fmt_duration(c, sizeof(c), max_ns));
	return true;
}

void view_put_stalls(FILE *out, const struct mpath_outage *s)
{
	bool any = put_quantiles(out, s->stall, s->stall_max_ns);

	if (s->untimed)
		fprintf(out, "%sof %llu not measured", any ? DOT : "",
			(unsigned long long)s->untimed);
	else if (!any)
		fputs("none ended", out);
}

void view_put_stalls_by_op(FILE *out, const char *before, const struct model_outage *o)
{
	__u32 stall[MPATH_OPS][MPATH_HIST_BUCKETS];
	unsigned int op, kinds = 0, n = 0;
	__u64 count[MPATH_OPS];

	for (op = 0; o->whole && op < MPATH_OPS; op++) {
		count[op] = hist_of_op(&o->s, op, stall[op]);
		kinds += count[op] != 0;
	}
	if (kinds < 2)
		return;
	for (op = 0; op < MPATH_OPS; op++) {
		if (!count[op])
			continue;
		fprintf(out, "%s%ss %llu: ", n++ ? "; " : before, fmt_op_class(op),
			(unsigned long long)count[op]);
		put_quantiles(out, stall[op], o->s.stall_op_max_ns[op]);
	}
}

static const char *missing_text(unsigned int bit)
{
	static const char *const texts[MODEL_MISSING_BITS] = {
		"events were lost",
		"records could not be written (disk full)",
		"not all parked I/Os could be counted",
		"I/Os were parked before the start",
		"its beginning was not seen",
		"its end was not seen",
		"nothing of it was seen",
		"no counters",
		"counters are from before the queue drained",
		"the collector was not running all the time",
		"a table of the collector was full",
		"the counters do not add up",
		"the recording is damaged",
		"all I/Os are counted, but the stall of some was not measured",
	};

	return texts[bit];
}

void view_put_data(FILE *out, const struct model_window *w)
{
	unsigned int bit, n = 0;

	if (!w->missing) {
		fputs("complete (0 events lost)", out);
		return;
	}
	fputs("INCOMPLETE:", out);
	for (bit = 0; bit < MODEL_MISSING_BITS; bit++)
		if (w->missing & (1U << bit))
			fprintf(out, "%s %s", n++ ? ";" : "", missing_text(bit));
	if (w->events_lost)
		fprintf(out, " (%llu event%s)", (unsigned long long)w->events_lost,
			w->events_lost == 1 ? "" : "s");
}

static const char *plural(__u64 n)
{
	return n == 1 ? "" : "s";
}

void view_put_remark_what(FILE *out, const struct model_remark *r)
{
	static const char *const maps[] = { "heads", "outages", "parked I/Os" };
	static const char *const contradictions[CONTRADICTIONS] = {
		[CONTRADICTION_PATH_LOST] = "a path cannot be used",
		[CONTRADICTION_PATH_BACK] = "a path can be used again",
		[CONTRADICTION_PATH_GONE] = "a path has left",
		[CONTRADICTION_HEAD_GONE] = "the head was removed",
		[CONTRADICTION_HEAD_CAME] = "the head came",
	};
	unsigned long long a = r->a, b = r->b;

	switch (r->kind) {
	case REMARK_EVENTS_LOST:
		fprintf(out, "%llu event%s lost", a, plural(a));
		break;
	case REMARK_GAP:
		fprintf(out, "%llu record%s could not be written: %s", a, plural(a),
			b <= 4095 ? strerror((int)b) : "error unknown");
		break;
	case REMARK_WINDOWS_MISSED:
		fprintf(out, "%llu window%s not seen, from number %llu on", a, plural(a), b);
		break;
	case REMARK_BALANCE:
		fprintf(out,
			"the counters do not add up: %llu parked, but %llu completed, "
			"failed or queued",
			a, b);
		break;
	case REMARK_BAD_RECORD:
		fprintf(out, "%llu record%s of type \"%s\" not understood and passed over", b,
			plural(b), record_type_name(a));
		break;
	case REMARK_MAPS_FULL:
		fprintf(out, "the table of %s was full: %llu not %s", maps[a < 3 ? a : 0], b,
			a == 2 ? "followed" : "counted");
		break;
	case REMARK_NO_END:
		fputs("the recording breaks off here: the collector was killed, the host went "
		      "down, or it is still recording",
		      out);
		break;
	case REMARK_RESTART:
		fputs("the collector was not running", out);
		break;
	case REMARK_RESUMED:
		fputs("no collector was running; the kernel counted on, and the next one took over",
		      out);
		break;
	case REMARK_CONTRADICTION:
		fprintf(out, "sysfs shows that %s, and no event told of it: others may be missing",
			contradictions[a < CONTRADICTIONS ? a : 0]);
		break;
	case REMARK_RELOADED:
		fputs("nvme_core was unloaded, and with it the places of the programs: nothing "
		      "was watched until it was back",
		      out);
		break;
	case REMARK_SKIPPED:
		fprintf(out,
			"the kernel skipped %llu run%s of programs: what they would have "
			"told and counted is missing",
			a, plural(a));
		break;
	case REMARK_REBOOT:
		fputs("another boot of the host, or another host, follows", out);
		break;
	case REMARK_OPEN_AT_END:
		fputs("a window was open when the record ended", out);
		break;
	}
}

void view_put_remark(FILE *out, const struct model_remark *r, const struct view_opts *vo)
{
	char name[FMT_LEN * 2];

	if (r->time_ns) {
		view_put_time(out, r->session, r->time_ns, vo);
		if (r->until_ns > r->time_ns) {
			fputs(" .. ", out);
			view_put_time(out, r->session, r->until_ns, vo);
		}
		fputs("  ", out);
	}
	if (r->head)
		fprintf(out, "%s: ", fmt_text(name, sizeof(name), r->head->name));
	view_put_remark_what(out, r);
}
