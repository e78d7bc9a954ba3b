// SPDX-License-Identifier: GPL-2.0-only
/* Rules about heads and their settings. */
#define _GNU_SOURCE
#include <fnmatch.h>
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

/*
 * The pattern of a rule that matches this NQN, with ? for blanks, which NQNs made of serial number
 * and model have: a rule stays one word so. Returns false if it would not be a pattern of it alone.
 */
static bool nqn_pattern(const char *nqn, char *buf, size_t size)
{
	size_t i;

	for (i = 0; nqn[i] && i + 1 < size; i++) {
		char c = nqn[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    !strchr(".:-_+=/@ ", c))
			return false;
		buf[i] = c == ' ' ? '?' : c;
	}
	buf[i] = '\0';
	return i && !nqn[i];
}

static void rule_for(char *advice, size_t size, const char *nqn, long long secs)
{
	char pattern[224];

	if (nqn_pattern(nqn, pattern, sizeof(pattern)))
		/* without a blank: it is to be copied, and stays on one line */
		snprintf(advice, size,
			 "put into /etc/udev/rules.d/90-nvme-grace.rules: "
			 "ACTION==\"add|change\",SUBSYSTEM==\"block\",ENV{DEVTYPE}==\"disk\","
			 "ATTRS{subsysnqn}==\"%s\",TEST==\"delayed_removal_secs\","
			 "ATTR{delayed_removal_secs}=\"%lld\"",
			 pattern, secs);
	else
		snprintf(advice, size,
			 "write a udev rule that sets ATTR{delayed_removal_secs} to %lld; none is "
			 "offered, because the NQN of its subsystem is empty or has characters "
			 "that mean something in a rule",
			 secs);
}

/* ---- does a rule apply to a head? ---- */

/* One of the patterns "a|b" matches, as udev compares. */
static bool matches(const char *patterns, const char *value)
{
	char copy[512], *at = copy, *one;

	snprintf(copy, sizeof(copy), "%s", patterns);
	while ((one = strsep(&at, "|")))
		if (!fnmatch(one, value, 0))
			return true;
	return false;
}

/* What a key of a match is compared with; NULL: it is not known, so it may match. */
static const char *value_of(const struct host *h, const struct topo_head *d, const char *key,
			    char *buf, size_t size)
{
	const struct topo_subsys *s = topo_find_subsys(h->topo, d->subsys);

	if (!strcmp(key, "KERNEL"))
		return d->name;
	if (!strcmp(key, "SUBSYSTEM"))
		return "block";
	if (!strcmp(key, "ENV{DEVTYPE}"))
		return "disk";
	if (!strcmp(key, "ATTR{wwid}"))
		return d->wwid;
	if (!strcmp(key, "ATTR{uuid}"))
		return d->uuid;
	if (!strcmp(key, "ATTR{nsid}")) {
		snprintf(buf, size, "%u", d->nsid);
		return buf;
	}
	if (s && !strcmp(key, "ATTRS{subsysnqn}"))
		return s->nqn;
	if (s && !strcmp(key, "ATTRS{model}"))
		return s->model;
	if (s && !strcmp(key, "ATTRS{serial}"))
		return s->serial;
	return NULL;
}

/*
 * Takes KEY, operator and "value" off a rule. Returns false at its end, and at what is none.
 */
static bool next_token(const char **at, char *key, char *op, char *value)
{
	int n = 0;

	*at += strspn(*at, " \t,");
	if (sscanf(*at, "%63[A-Za-z0-9_{}/.-] %2[=!+:-] %n", key, op, &n) != 2 || !n)
		return false;
	*at += n;
	if (**at == 'e' || **at == 'i')		/* e"..", i"..": as if they were none */
		(*at)++;
	n = 0;
	*value = '\0';
	if (sscanf(*at, "\"%299[^\"]\"%n", value, &n) == 1 && n)
		*at += n;
	else if (!strncmp(*at, "\"\"", 2))
		*at += 2;
	else
		return false;
	return true;
}

static bool rule_applies(const struct host *h, const struct topo_head *d, const char *rule)
{
	char key[64], op[3], value[300], buf[16];
	bool sets = false;
	const char *is;

	while (next_token(&rule, key, op, value)) {
		if (!strcmp(key, "ATTR{delayed_removal_secs}") &&
		    (!strcmp(op, "=") || !strcmp(op, ":="))) {
			sets = true;
			continue;
		}
		is = value_of(h, d, key, buf, sizeof(buf));
		if (!is || (strcmp(op, "==") && strcmp(op, "!=")))
			continue;
		if (matches(value, is) != !strcmp(op, "=="))
			return false;
	}
	return sets;
}

static bool any_applies(const struct host *h, const struct topo_head *d)
{
	size_t i;

	for (i = 0; i < h->nr_rules; i++)
		if (rule_applies(h, d, h->rules[i]))
			return true;
	return false;
}

static void not_persistent(struct check *c, const struct host *h)
{
	char advice[700];
	size_t i;

	if (!h->rules_read) {
		check_skip(c, "not-persistent: udev's rules could not be read");
		return;
	}
	for (i = 0; i < h->topo->nr_heads; i++) {
		const struct topo_head *d = &h->topo->heads[i];

		if (d->setting_s <= 0 || any_applies(h, d))
			continue;
		rule_for(advice, sizeof(advice), nqn_of(h, d->subsys), d->setting_s);
		check_add(c, "not-persistent", CHECK_WARNING, d->name,
			  "has a setting, but no udev rule that applies to it sets it: it is 0 "
			  "again after the next boot or when the disk comes back as a new one",
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
