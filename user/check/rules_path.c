// SPDX-License-Identifier: GPL-2.0-only
/* Rules about paths and controllers: what bounds the time that I/O can wait. */
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "base/units.h"
#include "check/internal.h"

static bool is_fabrics(const struct host_ctrl *c)
{
	return *c->transport && strcmp(c->transport, "pcie") && strcmp(c->transport, "apple-nvme");
}

/* The heads that a controller has a path of: a fact of the controller is told once for all. */
struct reached {
	const struct topo_head	*first;		/* with the longest setting */
	size_t			nr;
};

/* Of those with a setting above 0, if that matters. */
static bool heads_of(const struct host *h, const struct host_ctrl *ctrl, bool with_setting,
		     struct reached *r)
{
	const struct topo_head *head;
	size_t i;

	*r = (struct reached) { NULL, 0 };
	for (i = 0; i < h->topo->nr_paths; i++) {
		if (h->topo->paths[i].ctrl != ctrl->number)
			continue;
		head = topo_find_head(h->topo, h->topo->paths[i].head);
		if (!head || (with_setting && head->setting_s <= 0))
			continue;
		if (!r->first || head->setting_s > r->first->setting_s)
			r->first = head;
		r->nr++;
	}
	return r->nr;
}

/* "nvme0n1", "nvme0n1 and 119 other heads" */
static const char *heads_text(const struct reached *r, char *buf, size_t size)
{
	if (r->nr == 1)
		snprintf(buf, size, "%s", r->first->name);
	else
		snprintf(buf, size, "%s and %zu other head%s", r->first->name, r->nr - 1,
			 r->nr == 2 ? "" : "s");
	return buf;
}

#define HEADS_LEN	(TOPO_NAME_LEN + 40)

/* The next controller over fabrics that has a path, from *@i on; NULL behind the last. */
static const struct host_ctrl *next_fabrics(const struct host *h, size_t *i, bool with_setting,
					    struct reached *r)
{
	while (*i < h->nr_ctrls) {
		const struct host_ctrl *ctrl = &h->ctrls[(*i)++];

		if (is_fabrics(ctrl) && heads_of(h, ctrl, with_setting, r))
			return ctrl;
	}
	return NULL;
}

/* Reconnecting is tried for ever, and nothing fails what waits for it. */
static void queue_forever(struct check *c, const struct host *h)
{
	char what[300], heads[HEADS_LEN];
	const struct host_ctrl *ctrl;
	struct reached r;
	size_t i = 0;

	while ((ctrl = next_fabrics(h, &i, false, &r))) {
		if (ctrl->loss.known != HOST_OFF || ctrl->fast_fail.known == HOST_SET)
			continue;
		snprintf(what, sizeof(what),
			 "I/O of %s can queue for ever: it reconnects without end (ctrl_loss_tmo "
			 "off), and its fast_io_fail_tmo is %s",
			 heads_text(&r, heads, sizeof(heads)),
			 ctrl->fast_fail.known == HOST_OFF ? "off" : "not there");
		check_add(c, "queue-forever", CHECK_ERROR, ctrl->name, what,
			  "set fast_io_fail_tmo or ctrl_loss_tmo of the controller, in its sysfs "
			  "directory and in what connects it (nvme connect --fast-io-fail-tmo, "
			  "--ctrl-loss-tmo)");
	}
}

/* With the loss timeout off the last path never goes, so no window ever opens. */
static void no_window(struct check *c, const struct host *h)
{
	char what[300], heads[HEADS_LEN];
	const struct host_ctrl *ctrl;
	struct reached r;
	size_t i = 0;

	while ((ctrl = next_fabrics(h, &i, true, &r))) {
		if (ctrl->loss.known != HOST_OFF)
			continue;
		snprintf(what, sizeof(what),
			 "is never given up (ctrl_loss_tmo off), so the last path of %s never "
			 "goes, and delayed_removal_secs (%lld) never applies",
			 heads_text(&r, heads, sizeof(heads)), (long long)r.first->setting_s);
		check_add(c, "setting-defeated", CHECK_WARNING, ctrl->name, what,
			  "give the controller a ctrl_loss_tmo, or leave the setting 0: it "
			  "misleads");
	}
}

/* I/O is failed long before the grace time could begin. */
static void fast_fail_first(struct check *c, const struct host *h)
{
	char what[400], heads[HEADS_LEN];
	const struct host_ctrl *ctrl;
	struct reached r;
	size_t i = 0;

	while ((ctrl = next_fabrics(h, &i, true, &r))) {
		if (ctrl->fast_fail.known != HOST_SET || ctrl->loss.known != HOST_SET ||
		    ctrl->fast_fail.value >= ctrl->loss.value)
			continue;
		snprintf(what, sizeof(what),
			 "I/O of %s fails %llu s after its loss (fast_io_fail_tmo), before the "
			 "grace time of %lld s begins (after ctrl_loss_tmo, %llu s)",
			 heads_text(&r, heads, sizeof(heads)),
			 (unsigned long long)ctrl->fast_fail.value, (long long)r.first->setting_s,
			 (unsigned long long)ctrl->loss.value);
		check_add(c, "fast-fail-first", CHECK_WARNING, ctrl->name, what,
			  "decide for one: fast_io_fail_tmo off (-1) if I/O shall wait, "
			  "delayed_removal_secs 0 if it shall fail fast");
	}
}

/* Two times that the owner may think of as one. */
static void times_add_up(struct check *c, const struct host *h)
{
	char what[300], heads[HEADS_LEN];
	const struct host_ctrl *ctrl;
	struct reached r;
	size_t i = 0;

	while ((ctrl = next_fabrics(h, &i, true, &r))) {
		if (ctrl->loss.known != HOST_SET || ctrl->fast_fail.known == HOST_SET)
			continue;
		snprintf(what, sizeof(what),
			 "I/O of %s can wait for %llu s: %llu s until it is given up "
			 "(ctrl_loss_tmo), and then %lld s for its return",
			 heads_text(&r, heads, sizeof(heads)),
			 (unsigned long long)ctrl->loss.value +
				 (unsigned long long)r.first->setting_s,
			 (unsigned long long)ctrl->loss.value, (long long)r.first->setting_s);
		check_add(c, "times-add-up", CHECK_NOTE, ctrl->name, what,
			  "if that is too long, lower ctrl_loss_tmo or the setting");
	}
}

static void fast_fail_late(struct check *c, const struct host *h)
{
	char what[300];
	size_t i;

	for (i = 0; i < h->nr_ctrls; i++) {
		const struct host_ctrl *ctrl = &h->ctrls[i];

		if (ctrl->fast_fail.known != HOST_SET || ctrl->loss.known != HOST_SET ||
		    ctrl->fast_fail.value < ctrl->loss.value)
			continue;
		snprintf(what, sizeof(what),
			 "fast_io_fail_tmo (%llu s) never acts: the controller is given "
			 "up before (ctrl_loss_tmo, %llu s)",
			 (unsigned long long)ctrl->fast_fail.value,
			 (unsigned long long)ctrl->loss.value);
		check_add(c, "fast-fail-late", CHECK_WARNING, ctrl->name, what,
			  "make fast_io_fail_tmo shorter than ctrl_loss_tmo, or switch it off "
			  "(-1)");
	}
}

/* ---- a device that does not answer ---- */

#define LONG_S		120	/* by then the kernel reports tasks as hung */
#define FOR_EVER_S	3600

static void long_timeout(struct check *c, const char *object, const char *name, __u64 secs,
			 const char *effect, const char *advice)
{
	char what[400], text[FMT_LEN];

	if (secs <= LONG_S)
		return;
	snprintf(what, sizeof(what), "%s is %s: %s", name,
		 fmt_duration(text, sizeof(text),
			      secs > ~0ULL / NS_PER_S ? ~0ULL : secs * NS_PER_S),
		 effect);
	check_add(c, "io-timeout", secs > FOR_EVER_S ? CHECK_ERROR : CHECK_WARNING, object, what,
		  advice);
}

/* Until a command times out its path counts as usable, whatever the device does. */
static void timeouts(struct check *c, const struct host *h)
{
	static const char effect[] = "a device that does not answer keeps its I/O that long, "
				     "while the controller stays live and no other path is tried";
	size_t i;

	if (h->io_timeout.known == HOST_SET)
		long_timeout(c, "", "nvme_core.io_timeout", h->io_timeout.value, effect,
			     "boot with nvme_core.io_timeout=30, or as long as a failover of the "
			     "array may take; a head with other paths gains nothing by more");
	if (h->admin_timeout.known == HOST_SET)
		long_timeout(c, "", "nvme_core.admin_timeout", h->admin_timeout.value,
			     "a reset of a controller that does not answer takes that long",
			     "boot with nvme_core.admin_timeout=60");
	for (i = 0; i < h->nr_ctrls; i++) {
		const struct host_number *ms = &h->ctrls[i].io_timeout_ms;

		/* the parameter is what they begin with, and was told above */
		if (ms->known != HOST_SET ||
		    (h->io_timeout.known == HOST_SET && ms->value / 1000 <= h->io_timeout.value))
			continue;
		long_timeout(c, h->ctrls[i].name, "queue/io_timeout of its paths", ms->value / 1000,
			     effect,
			     "write milliseconds, such as 30000, to queue/io_timeout of its paths "
			     "(/sys/block/nvmeXcYnZ), and let a udev rule do so");
	}
}

/* ---- how the paths are now ---- */

/* A controller that is dead but bound keeps its paths listed. */
static void dead_paths(struct check *c, const struct host *h, const struct topo_head *head,
		       size_t paths, size_t dead)
{
	char what[300];

	if (!dead)
		return;
	snprintf(what, sizeof(what),
		 "%zu of its %zu paths %s of a controller that is dead but still bound%s", dead,
		 paths, dead == 1 ? "is" : "are",
		 dead < paths || h->series == PROBE_UNKNOWN ? "" :
		 h->series == PROBE_NO ? "; this kernel queues I/O for ever then" :
					 "; I/O waits for the grace time and then fails");
	check_add(c, "dead-path",
		  dead == paths && h->series == PROBE_NO ? CHECK_ERROR : CHECK_WARNING, head->name,
		  what,
		  "look for the cause in the kernel log, then remove the device "
		  "(echo 1 > /sys/class/nvme/nvmeN/device/remove) and rescan its bus");
}

/* ANA keeps I/O off it, its controller is live: nothing is broken. */
static bool by_ana(const struct topo_path *p)
{
	return !strcmp(p->state, "live") && topo_path_state(p) == PATH_UNUSABLE;
}

/* How many paths of a head are how. */
struct tally {
	size_t	paths, usable, optimized, ana, dead;
};

static struct tally tally_of(const struct host *h, const struct topo_head *head)
{
	struct tally n = { 0 };
	size_t i;

	for (i = 0; i < h->topo->nr_paths; i++) {
		const struct topo_path *p = &h->topo->paths[i];

		if (strcmp(p->head, head->name))
			continue;
		n.paths++;
		n.usable += path_is_usable(topo_path_state(p));
		n.optimized += topo_path_state(p) == PATH_USABLE;
		n.ana += by_ana(p);
		n.dead += !strcmp(p->state, "dead");
	}
	return n;
}

static void no_usable_path(struct check *c, const struct topo_head *head, const struct tally *n)
{
	if (n->ana)
		check_add(c, "no-usable-path", CHECK_ERROR, head->name,
			  "none of its paths can be used now, by ANA, although controllers are "
			  "live: its I/O waits",
			  "the target decides: let it make the namespace's ANA group optimized or "
			  "non-optimized for a path of this host");
	else
		check_add(c, "no-usable-path", CHECK_ERROR, head->name,
			  n->paths ? "none of its paths can be used now: its I/O waits" :
				     "has no path now: its I/O waits until one comes back or the "
				     "time is up",
			  "bring a path back; watch shows how long is left");
}

static void paths_now(struct check *c, const struct host *h)
{
	size_t i;

	for (i = 0; i < h->topo->nr_heads; i++) {
		const struct topo_head *head = &h->topo->heads[i];
		struct tally n = tally_of(h, head);

		dead_paths(c, h, head, n.paths, n.dead);
		if (!n.usable && (!n.dead || n.dead < n.paths))
			no_usable_path(c, head, &n);
	}
}

/* A controller that is not live leaves its heads with less than they have. */
static void degraded(struct check *c, const struct host *h)
{
	char what[300], heads[HEADS_LEN];
	size_t i, k;

	for (i = 0; i < h->nr_ctrls; i++) {
		const struct host_ctrl *ctrl = &h->ctrls[i];
		struct reached r = { NULL, 0 };

		for (k = 0; k < h->topo->nr_paths; k++) {
			const struct topo_path *p = &h->topo->paths[k];
			const struct topo_head *head = topo_find_head(h->topo, p->head);

			if (p->ctrl != ctrl->number || !head || !strcmp(p->state, "dead") ||
			    topo_path_state(p) != PATH_UNUSABLE || by_ana(p) ||
			    !tally_of(h, head).usable)
				continue;
			r.first = r.first ? r.first : head;
			r.nr++;
		}
		if (!r.nr)
			continue;
		snprintf(what, sizeof(what), "is %s: %s %s by fewer paths than there are",
			 *ctrl->state ? ctrl->state : "not live",
			 heads_text(&r, heads, sizeof(heads)),
			 r.nr == 1 ? "is reached" : "are reached");
		check_add(c, "degraded", CHECK_WARNING, ctrl->name, what,
			  "see the kernel log for this controller, and whether its address "
			  "answers");
	}
}

/* Once for a subsystem: paths in reserve, and heads that have no optimized path. */
static void by_design(struct check *c, const struct host *h)
{
	char what[200], name[40];
	size_t i, k;

	for (i = 0; i < h->topo->nr_subsys; i++) {
		size_t standby = 0, with = 0, second = 0;

		for (k = 0; k < h->topo->nr_heads; k++) {
			struct tally n = { 0 };

			if (h->topo->heads[k].subsys == h->topo->subsys[i].instance)
				n = tally_of(h, &h->topo->heads[k]);
			if (!n.usable)
				continue;
			standby += n.ana;
			with += n.ana != 0;
			second += !n.optimized;
		}
		snprintf(name, sizeof(name), "nvme-subsys%d", h->topo->subsys[i].instance);
		if (standby) {
			snprintf(what, sizeof(what),
				 "%zu standby path%s of %zu head%s: ANA keeps them in reserve, "
				 "their controllers are live",
				 standby, standby == 1 ? "" : "s", with, with == 1 ? "" : "s");
			check_add(c, "standby", CHECK_NOTE, name, what,
				  "nothing, if the array is active/passive; else see the ANA "
				  "state of the paths on the array");
		}
		if (second) {
			snprintf(what, sizeof(what),
				 "%zu head%s only non-optimized paths: I/O takes a detour in the "
				 "array",
				 second, second == 1 ? " has" : "s have");
			check_add(c, "non-optimized", CHECK_NOTE, name, what,
				  "bring back the optimized paths, or move the namespace to the "
				  "node that is connected");
		}
	}
}

/* ---- disks without a head ---- */

static void no_head(struct check *c, const struct host *h)
{
	const struct host_ctrl *ctrl;
	char what[300];
	size_t i, k, ports;

	for (i = 0; i < h->nr_disks; i++) {
		ctrl = host_ctrl(h, h->disks[i].ctrl);
		for (k = 0, ports = 0; ctrl && k < h->nr_ctrls; k++)
			ports += *ctrl->nqn && !strcmp(h->ctrls[k].nqn, ctrl->nqn);
		if (ports > 1 && h->multipath == 'N') {
			snprintf(what, sizeof(what),
				 "is one path of a subsystem with %zu controllers, each "
				 "a disk of its own: native multipath is off "
				 "(nvme_core.multipath=N)",
				 ports);
			check_add(c, "multipath-off", CHECK_WARNING, h->disks[i].name, what,
				  "boot with nvme_core.multipath=Y, or see that dm-multipath takes "
				  "care");
			continue;
		}
		if (h->always_on == 'Y')
			continue;	/* it was there before the parameter */
		check_add(c, "no-head", CHECK_NOTE, h->disks[i].name,
			  "has no multipath head: it goes at once when its controller does, and "
			  "may come back under another name",
			  h->always_on ? "load nvme_core with multipath_always_on=Y, then "
					 "delayed_removal_secs applies to it" :
					 "this nvme_core cannot give it one (no parameter "
					 "multipath_always_on): it takes "
					 "the patch series, or Linux 6.16");
	}
}

const check_rule_fn check_path_rules[] = {
	queue_forever, no_window, fast_fail_first, times_add_up, fast_fail_late, timeouts,
	paths_now,     degraded,  by_design,	   no_head,	 NULL,
};
