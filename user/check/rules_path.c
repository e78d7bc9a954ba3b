// SPDX-License-Identifier: GPL-2.0-only
/* Rules about paths and controllers: what bounds the time that I/O can wait. */
#include <stdio.h>
#include <string.h>

#include "check/internal.h"

static bool is_fabrics(const struct host_ctrl *c)
{
	return *c->transport && strcmp(c->transport, "pcie") && strcmp(c->transport, "apple-nvme");
}

/* Calls @fn for each path of each head whose controller is known. */
static void for_each_path(struct check *c, const struct host *h,
			  void (*fn)(struct check *c, const struct topo_head *head,
				     const struct host_ctrl *ctrl))
{
	const struct topo_head *head;
	const struct host_ctrl *ctrl;
	size_t i;

	for (i = 0; i < h->topo->nr_paths; i++) {
		head = topo_find_head(h->topo, h->topo->paths[i].head);
		ctrl = host_ctrl(h, h->topo->paths[i].ctrl);
		if (head && ctrl)
			fn(c, head, ctrl);
	}
}

/* Reconnecting is tried for ever, and nothing fails what waits for it. */
static void queue_forever_of(struct check *c, const struct topo_head *head,
			     const struct host_ctrl *ctrl)
{
	char what[300];

	if (!is_fabrics(ctrl) || ctrl->loss.known != HOST_OFF || ctrl->fast_fail.known == HOST_SET)
		return;
	snprintf(what, sizeof(what),
		 "I/O can queue for ever: %s reconnects without end (ctrl_loss_tmo "
		 "off), and its fast_io_fail_tmo is %s",
		 ctrl->name, ctrl->fast_fail.known == HOST_OFF ? "off" : "not there");
	check_add(c, "queue-forever", CHECK_ERROR, head->name, what,
		  "set fast_io_fail_tmo or ctrl_loss_tmo of the controller, in its sysfs directory "
		  "and in what connects it (nvme connect --fast-io-fail-tmo, --ctrl-loss-tmo)");
}

static void queue_forever(struct check *c, const struct host *h)
{
	for_each_path(c, h, queue_forever_of);
}

/* With the loss timeout off the last path never goes, so no window ever opens. */
static void no_window_of(struct check *c, const struct topo_head *head,
			 const struct host_ctrl *ctrl)
{
	char what[300];

	if (!is_fabrics(ctrl) || head->setting_s <= 0 || ctrl->loss.known != HOST_OFF)
		return;
	snprintf(what, sizeof(what),
		 "its delayed_removal_secs of %lld never applies: %s is never given up "
		 "(ctrl_loss_tmo off), so the last path never goes",
		 (long long)head->setting_s, ctrl->name);
	check_add(c, "setting-defeated", CHECK_WARNING, head->name, what,
		  "give the controller a ctrl_loss_tmo, or leave the setting 0: it misleads");
}

static void no_window(struct check *c, const struct host *h)
{
	for_each_path(c, h, no_window_of);
}

/* I/O is failed long before the grace time could begin. */
static void fast_fail_first_of(struct check *c, const struct topo_head *head,
			       const struct host_ctrl *ctrl)
{
	char what[400];

	if (!is_fabrics(ctrl) || head->setting_s <= 0 || ctrl->fast_fail.known != HOST_SET ||
	    ctrl->loss.known != HOST_SET || ctrl->fast_fail.value >= ctrl->loss.value)
		return;
	snprintf(what, sizeof(what),
		 "I/O fails %llu s after a loss of %s (fast_io_fail_tmo), before the "
		 "grace time of %lld s begins (after ctrl_loss_tmo, %llu s)",
		 (unsigned long long)ctrl->fast_fail.value, ctrl->name, (long long)head->setting_s,
		 (unsigned long long)ctrl->loss.value);
	check_add(c, "fast-fail-first", CHECK_WARNING, head->name, what,
		  "decide for one: fast_io_fail_tmo off (-1) if I/O shall wait, "
		  "delayed_removal_secs 0 if it shall fail fast");
}

static void fast_fail_first(struct check *c, const struct host *h)
{
	for_each_path(c, h, fast_fail_first_of);
}

/* Two times that the owner may think of as one. */
static void times_add_up_of(struct check *c, const struct topo_head *head,
			    const struct host_ctrl *ctrl)
{
	char what[300];

	if (!is_fabrics(ctrl) || head->setting_s <= 0 || ctrl->loss.known != HOST_SET ||
	    ctrl->fast_fail.known == HOST_SET)
		return;
	snprintf(what, sizeof(what),
		 "I/O can wait for %llu s: %llu s until %s is given up (ctrl_loss_tmo), "
		 "and then %lld s for its return",
		 (unsigned long long)ctrl->loss.value + (unsigned long long)head->setting_s,
		 (unsigned long long)ctrl->loss.value, ctrl->name, (long long)head->setting_s);
	check_add(c, "times-add-up", CHECK_NOTE, head->name, what,
		  "if that is too long, lower ctrl_loss_tmo or the setting");
}

static void times_add_up(struct check *c, const struct host *h)
{
	for_each_path(c, h, times_add_up_of);
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

static void paths_now(struct check *c, const struct host *h)
{
	char what[200];
	size_t i, k;

	for (i = 0; i < h->topo->nr_heads; i++) {
		const struct topo_head *head = &h->topo->heads[i];
		size_t paths = 0, usable = 0, dead = 0;

		for (k = 0; k < h->topo->nr_paths; k++) {
			const struct topo_path *p = &h->topo->paths[k];

			if (strcmp(p->head, head->name))
				continue;
			paths++;
			usable += path_is_usable(topo_path_state(p));
			dead += !strcmp(p->state, "dead");
		}
		dead_paths(c, h, head, paths, dead);
		if (usable && usable < paths && !dead) {
			snprintf(what, sizeof(what), "only %zu of its %zu paths can be used now",
				 usable, paths);
			check_add(c, "degraded", CHECK_WARNING, head->name, what,
				  "see the state and ana_state of the others in sysfs, and the "
				  "kernel log");
		} else if (!usable && (!dead || dead < paths)) {
			check_add(c, "no-usable-path", CHECK_ERROR, head->name,
				  paths ? "none of its paths can be used now: its I/O waits" :
					  "has no path now: its I/O waits until one comes back or "
					  "the time is up",
				  "bring a path back; watch shows how long is left");
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
	queue_forever,	no_window, fast_fail_first, times_add_up,
	fast_fail_late, paths_now, no_head,	    NULL,
};
