// SPDX-License-Identifier: GPL-2.0-only
/* The rules: those about a host by their tables, and those about how its kernel behaved. */
#include <stdio.h>

#include "base/array.h"
#include "base/format.h"
#include "base/units.h"
#include "check/internal.h"
#include "model/model.h"

int check_host(struct check *c, const struct host *h)
{
	const check_rule_fn *const all[] = { check_path_rules, check_walk_rules, check_kernel_rules,
					     check_head_rules };
	const check_rule_fn *rule;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		for (rule = all[i]; *rule; rule++)
			(*rule)(c, h);
	return c->err;
}

/* ---- how the kernel behaved ---- */

/* The timer ran out long before it should: the seconds did not fit it. */
static void early_removal(struct check *c, const struct model_window *w)
{
	char what[300], a[FMT_LEN], b[FMT_LEN];
	__u64 armed_ns;

	/* what a recording says may be anything */
	if (__builtin_mul_overflow(w->armed_ms, NS_PER_MS, &armed_ns))
		armed_ns = ~0ULL;
	if (w->outcome != MODEL_REMOVED || w->moves || !w->armed_ns || !w->setting_known ||
	    w->end_ns < w->armed_ns || armed_ns < NS_PER_S ||
	    w->end_ns - w->armed_ns >= armed_ns - NS_PER_S)
		return;
	snprintf(what, sizeof(what),
		 "window %u was armed for %s, but the head was removed after %s", w->number,
		 fmt_duration(a, sizeof(a), armed_ns),
		 fmt_duration(b, sizeof(b), w->end_ns - w->armed_ns));
	check_add(c, "early-removal", CHECK_ERROR, w->name, what,
		  "the kernel's timer cannot hold the setting: use a smaller one, and a kernel "
		  "that refuses such (ERANGE)");
}

/* Long after the removal something is still queued: nobody will end it. */
static void stranded(struct check *c, const struct model_window *w)
{
	const struct model_outage *o = w->counters;
	char what[300];

	if (!w->removed_ns || !o || !o->s.depth || o->time_ns < w->removed_ns + 5 * NS_PER_S ||
	    w->missing & (MISSING_EVENTS | MISSING_BIOS | MISSING_LATE))
		return;
	snprintf(what, sizeof(what),
		 "window %u: %llu I/Os were still queued 5 s after the removal of the "
		 "head",
		 w->number, (unsigned long long)o->s.depth);
	check_add(c, "stranded", CHECK_ERROR, w->name, what,
		  "their tasks hang until the next boot; use a kernel that fails queued I/O before "
		  "it removes the disk (the patch series does)");
}

/* The last window of the same head that was armed, if the head was removed by it. */
static const struct model_window *had_setting(const struct model *m, size_t i)
{
	const struct model_window *w = model_window(m, i), *before;

	while (i--) {
		before = model_window(m, i);
		if (before->head == w->head && before->armed_ns)
			return before->outcome == MODEL_REMOVED ? before : NULL;
	}
	return NULL;
}

/*
 * A setting belongs to the disk: one that comes back as a new one begins at 0, and nobody notices.
 */
static void setting_lost(struct check *c, const struct model *m, size_t i)
{
	const struct model_window *w = model_window(m, i), *before;
	char what[300];

	if (w->outcome != MODEL_NOT_ARMED)
		return;
	before = had_setting(m, i);
	if (!before)
		return;
	snprintf(what, sizeof(what),
		 "lost its last path with a setting of 0 and went at once; before, as %s, it "
		 "had been armed for %llu s",
		 before->name, (unsigned long long)before->armed_ms / 1000);
	check_add(c, "setting-lost", CHECK_WARNING, w->name, what,
		  "a disk that comes back after its removal is a new one, with 0: let a udev rule "
		  "write the setting whenever one appears (see not-persistent)");
}

int check_record(struct check *c, const struct model *m)
{
	const struct model_window *w;
	size_t i;

	for (i = 0; (w = model_window(m, i)); i++) {
		early_removal(c, w);
		stranded(c, w);
		setting_lost(c, m, i);
	}
	return c->err;
}
