// SPDX-License-Identifier: GPL-2.0-only
/* Findings, and the rules about heads and their settings. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "fmt.h"

#define MAX_SKIPPED	16

struct check {
	struct check_finding	*findings;
	size_t			nr;
	char			skipped[MAX_SKIPPED][160];
	size_t			nr_skipped;
	int			err;
};

struct check *check_new(void)
{
	return calloc(1, sizeof(struct check));
}

void check_free(struct check *c)
{
	if (!c)
		return;
	free(c->findings);
	free(c);
}

const struct check_finding *check_finding(const struct check *c, size_t i)
{
	return i < c->nr ? &c->findings[i] : NULL;
}

const char *check_skipped(const struct check *c, size_t i)
{
	return i < c->nr_skipped ? c->skipped[i] : NULL;
}

const char *check_severity_name(enum check_severity severity)
{
	static const char *const names[CHECK_SEVERITIES] = { "error", "warning", "note" };

	return names[severity];
}

void check_add(struct check *c, const char *rule, enum check_severity severity, const char *object,
	       const char *what, const char *advice)
{
	struct check_finding *more = realloc(c->findings, (c->nr + 1) * sizeof(*more)), *f;
	size_t i = c->nr;

	if (!more) {
		c->err = -ENOMEM;
		return;
	}
	c->findings = more;
	/* worst first, else in the order of the rules */
	while (i && more[i - 1].severity > severity)
		i--;
	f = &more[i];
	memmove(f + 1, f, (c->nr++ - i) * sizeof(*f));
	*f = (struct check_finding) { .rule = rule, .severity = severity };
	fmt_text(f->object, sizeof(f->object), object);
	fmt_text(f->what, sizeof(f->what), what);
	fmt_text(f->advice, sizeof(f->advice), advice);
}

void check_skip(struct check *c, const char *fmt, ...)
{
	va_list ap;

	if (c->nr_skipped == MAX_SKIPPED)
		return;
	va_start(ap, fmt);
	vsnprintf(c->skipped[c->nr_skipped++], sizeof(c->skipped[0]), fmt, ap);
	va_end(ap);
}

/* ---- heads ---- */

static const char *nqn_of(const struct host *h, int subsys)
{
	const struct topo_subsys *s = topo_find_subsys(h->topo, subsys);

	return s ? s->nqn : "";
}

/* Set with the first head of each subsystem in mind: the others are compared with it. */
static void settings_differ(struct check *c, const struct host *h)
{
	const struct topo_head *a, *b;
	char what[300], advice[300];
	size_t i, k;

	for (i = 0; i < h->topo->nr_heads; i++) {
		a = &h->topo->heads[i];
		for (k = 0; k < i; k++)
			if (h->topo->heads[k].subsys == a->subsys &&
			    h->topo->heads[k].setting_s != TOPO_NO_SETTING)
				break;
		if (k < i || a->setting_s == TOPO_NO_SETTING)
			continue;
		for (k = i + 1; k < h->topo->nr_heads; k++) {
			b = &h->topo->heads[k];
			if (b->subsys != a->subsys || b->setting_s == TOPO_NO_SETTING ||
			    b->setting_s == a->setting_s)
				continue;
			snprintf(what, sizeof(what), "keeps its head for %lld s, but %s of the same "
				 "subsystem for %lld s; they lose their paths together",
				 (long long)b->setting_s, a->name, (long long)a->setting_s);
			snprintf(advice, sizeof(advice), "write the same value to delayed_removal_secs "
				 "of both, unless the applications want it so");
			check_add(c, "settings-differ", CHECK_WARNING, b->name, what, advice);
		}
	}
}

static void hung_task(struct check *c, const struct host *h)
{
	bool panic = h->hung_panic.known == HOST_SET && h->hung_panic.value;
	char what[300], advice[300];
	size_t i;

	if (h->hung_task.known == HOST_UNKNOWN) {
		check_skip(c, "hung-task: kernel.hung_task_timeout_secs is not known");
		return;
	}
	for (i = 0; i < h->topo->nr_heads && h->hung_task.value; i++) {
		const struct topo_head *d = &h->topo->heads[i];

		if (d->setting_s == TOPO_NO_SETTING || (__u64)d->setting_s <= h->hung_task.value)
			continue;
		snprintf(what, sizeof(what), "delayed_removal_secs is %lld, but tasks that wait for "
			 "more than %llu s are reported as hung%s", (long long)d->setting_s,
			 (unsigned long long)h->hung_task.value,
			 panic ? ", and the kernel panics then (kernel.hung_task_panic)" : "");
		snprintf(advice, sizeof(advice), "raise kernel.hung_task_timeout_secs above %lld, or lower "
			 "the setting", (long long)d->setting_s);
		check_add(c, "hung-task", panic ? CHECK_ERROR : CHECK_WARNING, d->name, what, advice);
	}
}

/* May it stand in a rule, between quotes that a pattern is read from? */
static bool fits_rule(const char *nqn)
{
	const char *p;

	for (p = nqn; *p; p++)
		if (!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') && !(*p >= '0' && *p <= '9') &&
		    !strchr(".:-_+=/@", *p))
			return false;
	return p > nqn;
}

static void rule_for(char *advice, size_t size, const char *nqn, long long secs)
{
	if (fits_rule(nqn))
		/* without a blank: it is to be copied, and stays on one line */
		snprintf(advice, size, "put into /etc/udev/rules.d/90-nvme-grace.rules: "
			 "ACTION==\"add|change\",SUBSYSTEM==\"block\",ENV{DEVTYPE}==\"disk\","
			 "ATTRS{subsysnqn}==\"%s\",TEST==\"delayed_removal_secs\","
			 "ATTR{delayed_removal_secs}=\"%lld\"", nqn, secs);
	else
		snprintf(advice, size, "write a udev rule that sets ATTR{delayed_removal_secs} to %lld; none "
			 "is offered, because the NQN of its subsystem is empty or has characters that "
			 "mean something in a rule", secs);
}

static void not_persistent(struct check *c, const struct host *h)
{
	char advice[700];
	size_t i;

	if (!h->rules_read) {
		check_skip(c, "not-persistent: udev's rules could not be read");
		return;
	}
	for (i = 0; i < h->topo->nr_heads && !h->rule; i++) {
		const struct topo_head *d = &h->topo->heads[i];

		if (d->setting_s <= 0)
			continue;
		rule_for(advice, sizeof(advice), nqn_of(h, d->subsys), d->setting_s);
		check_add(c, "not-persistent", CHECK_WARNING, d->name,
			  "has a setting, but no udev rule sets it: it is 0 again after the next boot "
			  "or when the disk comes back as a new one", advice);
	}
}

static void setting_zero(struct check *c, const struct host *h)
{
	size_t i, k, paths;

	for (i = 0; i < h->topo->nr_heads; i++) {
		const struct topo_head *d = &h->topo->heads[i];

		for (k = 0, paths = 0; k < h->topo->nr_paths; k++)
			paths += !strcmp(h->topo->paths[k].head, d->name);
		if (d->setting_s || paths < 2)
			continue;
		check_add(c, "setting-zero", CHECK_NOTE, d->name,
			  "has several paths and delayed_removal_secs 0: the disk goes at once when "
			  "the last one is lost",
			  "if its users can wait, write a time in seconds; advise says which, from what "
			  "was recorded");
	}
}

/* md waits for an error of one half to go on with the other. */
static void held(struct check *c, const struct host *h)
{
	const struct topo_head *d;
	char what[300];
	size_t i;

	for (i = 0; i < h->nr_holders; i++) {
		const struct host_holder *o = &h->holders[i];

		d = topo_find_head(h->topo, o->head);
		if (!strncmp(o->dm_uuid, "mpath-", 6)) {
			snprintf(what, sizeof(what), "is below a device-mapper multipath device (%s): two "
				 "layers choose paths, and the lower one hides failures from the upper",
				 o->name);
			check_add(c, "dm-multipath", CHECK_WARNING, o->head, what,
				  "use one of them: blacklist the disk in multipath.conf "
				  "(enable_foreign shows it all the same), or boot with "
				  "nvme_core.multipath=N");
		}
		if (strncmp(o->name, "md", 2) || !d || d->setting_s <= 0)
			continue;
		snprintf(what, sizeof(what), "is a member of %s and has delayed_removal_secs %lld: the "
			 "array does not drop it, but stands still that long", o->name,
			 (long long)d->setting_s);
		check_add(c, "md-member", CHECK_WARNING, o->head, what,
			  "write 0 to its delayed_removal_secs: redundancy by md depends on errors that "
			  "come fast");
	}
}

static const check_rule_fn head_rules[] = {
	settings_differ, hung_task, not_persistent, held, setting_zero, NULL,
};

int check_host(struct check *c, const struct host *h)
{
	const check_rule_fn *const all[] = { check_path_rules, check_kernel_rules, head_rules };
	const check_rule_fn *rule;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		for (rule = all[i]; *rule; rule++)
			(*rule)(c, h);
	return c->err;
}

/* ---- how the kernel behaved ---- */

#define NS_PER_S	1000000000ULL

/* The timer ran out long before it should: the seconds did not fit it. */
static void early_removal(struct check *c, const struct model_window *w)
{
	char what[300], a[FMT_LEN], b[FMT_LEN];
	__u64 armed_ns;

	/* what a recording says may be anything */
	if (__builtin_mul_overflow(w->armed_ms, 1000000ULL, &armed_ns))
		armed_ns = ~0ULL;
	if (w->outcome != MODEL_REMOVED || w->moves || !w->armed_ns || !w->setting_known ||
	    w->end_ns < w->armed_ns || armed_ns < NS_PER_S ||
	    w->end_ns - w->armed_ns >= armed_ns - NS_PER_S)
		return;
	snprintf(what, sizeof(what), "window %u was armed for %s, but the head was removed after %s",
		 w->number, fmt_duration(a, sizeof(a), armed_ns),
		 fmt_duration(b, sizeof(b), w->end_ns - w->armed_ns));
	check_add(c, "early-removal", CHECK_ERROR, w->name, what,
		  "the kernel's timer cannot hold the setting: use a smaller one, and a kernel that "
		  "refuses such (ERANGE)");
}

/* Long after the removal something is still queued: nobody will end it. */
static void stranded(struct check *c, const struct model_window *w)
{
	const struct model_outage *o = w->counters;
	char what[300];

	if (!w->removed_ns || !o || !o->s.depth || o->time_ns < w->removed_ns + 5 * NS_PER_S ||
	    w->missing & (MISSING_EVENTS | MISSING_BIOS | MISSING_LATE))
		return;
	snprintf(what, sizeof(what), "window %u: %llu I/Os were still queued 5 s after the removal of the "
		 "head", w->number, (unsigned long long)o->s.depth);
	check_add(c, "stranded", CHECK_ERROR, w->name, what,
		  "their tasks hang until the next boot; use a kernel that fails queued I/O before it "
		  "removes the disk (the patch series does)");
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

/* A setting belongs to the disk: one that comes back as a new one begins at 0, and nobody notices. */
static void setting_lost(struct check *c, const struct model *m, size_t i)
{
	const struct model_window *w = model_window(m, i), *before;
	char what[300];

	if (w->outcome != MODEL_NOT_ARMED)
		return;
	before = had_setting(m, i);
	if (!before)
		return;
	snprintf(what, sizeof(what), "lost its last path with a setting of 0 and went at once; before, as %s, it "
		 "had been armed for %llu s", before->name, (unsigned long long)before->armed_ms / 1000);
	check_add(c, "setting-lost", CHECK_WARNING, w->name, what,
		  "a disk that comes back after its removal is a new one, with 0: let a udev rule write the "
		  "setting whenever one appears (see not-persistent)");
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
