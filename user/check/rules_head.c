// SPDX-License-Identifier: GPL-2.0-only
/* Rules about heads and their settings. */
#include <stdio.h>
#include <string.h>

#include "check/internal.h"

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
			snprintf(what, sizeof(what),
				 "keeps its head for %lld s, but %s of the same "
				 "subsystem for %lld s; they lose their paths together",
				 (long long)b->setting_s, a->name, (long long)a->setting_s);
			snprintf(advice, sizeof(advice),
				 "write the same value to delayed_removal_secs "
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
		snprintf(what, sizeof(what),
			 "delayed_removal_secs is %lld, but tasks that wait for "
			 "more than %llu s are reported as hung%s",
			 (long long)d->setting_s, (unsigned long long)h->hung_task.value,
			 panic ? ", and the kernel panics then (kernel.hung_task_panic)" : "");
		snprintf(advice, sizeof(advice),
			 "raise kernel.hung_task_timeout_secs above %lld, or lower "
			 "the setting",
			 (long long)d->setting_s);
		check_add(c, "hung-task", panic ? CHECK_ERROR : CHECK_WARNING, d->name, what,
			  advice);
	}
}

/* May it stand in a rule, between quotes that a pattern is read from? */
static bool fits_rule(const char *nqn)
{
	const char *p;

	for (p = nqn; *p; p++)
		if (!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') &&
		    !(*p >= '0' && *p <= '9') && !strchr(".:-_+=/@", *p))
			return false;
	return p > nqn;
}

static void rule_for(char *advice, size_t size, const char *nqn, long long secs)
{
	if (fits_rule(nqn))
		/* without a blank: it is to be copied, and stays on one line */
		snprintf(advice, size,
			 "put into /etc/udev/rules.d/90-nvme-grace.rules: "
			 "ACTION==\"add|change\",SUBSYSTEM==\"block\",ENV{DEVTYPE}==\"disk\","
			 "ATTRS{subsysnqn}==\"%s\",TEST==\"delayed_removal_secs\","
			 "ATTR{delayed_removal_secs}=\"%lld\"",
			 nqn, secs);
	else
		snprintf(advice, size,
			 "write a udev rule that sets ATTR{delayed_removal_secs} to %lld; none is "
			 "offered, because the NQN of its subsystem is empty or has characters "
			 "that mean something in a rule",
			 secs);
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
			  "has a setting, but no udev rule sets it: it is 0 again after the next "
			  "boot or when the disk comes back as a new one",
			  advice);
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
			  "has several paths and delayed_removal_secs 0: the disk goes at once "
			  "when the last one is lost",
			  "if its users can wait, write a time in seconds; advise says which, from "
			  "what was recorded");
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
			snprintf(what, sizeof(what),
				 "is below a device-mapper multipath device (%s): two "
				 "layers choose paths, and the lower one hides failures from the "
				 "upper",
				 o->name);
			check_add(c, "dm-multipath", CHECK_WARNING, o->head, what,
				  "use one of them: blacklist the disk in multipath.conf "
				  "(enable_foreign shows it all the same), or boot with "
				  "nvme_core.multipath=N");
		}
		if (strncmp(o->name, "md", 2) || !d || d->setting_s <= 0)
			continue;
		snprintf(what, sizeof(what),
			 "is a member of %s and has delayed_removal_secs %lld: the "
			 "array does not drop it, but stands still that long",
			 o->name, (long long)d->setting_s);
		check_add(c, "md-member", CHECK_WARNING, o->head, what,
			  "write 0 to its delayed_removal_secs: redundancy by md depends on errors "
			  "that come fast");
	}
}

const check_rule_fn check_head_rules[] = {
	settings_differ, hung_task, not_persistent, held, setting_zero, NULL,
};
