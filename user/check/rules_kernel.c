// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules about the kernel. None goes by its version: what it has, and what it
 * lets happen, says which of the known defects it has.
 */
#include <stdio.h>
#include <string.h>

#include "check/internal.h"

/* Seconds whose jiffies fit 32 bits at 1000 a second; more may wrap. */
#define TIMER_SECS	4294967

static bool any_setting(const struct host *h)
{
	size_t i;

	for (i = 0; i < h->topo->nr_heads; i++)
		if (h->topo->heads[i].setting_s != TOPO_NO_SETTING)
			return true;
	return false;
}

/* It has the attribute, but not the tracepoints that came with the fixes. */
static void without_fixes(struct check *c, const struct host *h)
{
	if (!any_setting(h))
		return;
	if (h->series == PROBE_UNKNOWN) {
		check_skip(c,
			   "kernel-defects: whether nvme_core has the patch series is not known; "
			   "ask again as root");
		return;
	}
	if (h->series == PROBE_YES)
		return;
	check_add(c, "kernel-defects", CHECK_WARNING, h->kernel,
		  "this kernel's own delayed removal has known defects: a value written during a "
		  "window does not move its deadline, and 0 leaves I/O stuck until the old one; a "
		  "loss at the moment of a write can leave a head that nobody finds; I/O can be "
		  "stranded at the removal; I/O behind a dead controller queues for ever",
		  "use the modules with the patch series for this kernel (kernel/README.md); until "
		  "then write the setting only while all paths are there");
}

/* A kernel that checks the range would have refused it. */
static void setting_wraps(struct check *c, const struct host *h)
{
	char what[300];
	size_t i;

	for (i = 0; i < h->topo->nr_heads; i++) {
		const struct topo_head *d = &h->topo->heads[i];

		if (d->setting_s <= TIMER_SECS)
			continue;
		snprintf(what, sizeof(what),
			 "delayed_removal_secs is %lld: so many seconds may not fit the "
			 "kernel's timer, and wrap to a few",
			 (long long)d->setting_s);
		check_add(c, "setting-wraps", CHECK_ERROR, d->name, what,
			  "write at most 4294967 (49 days)");
	}
}

static void no_delayed_removal(struct check *c, const struct host *h)
{
	const struct host_ctrl *ctrl;
	bool fabrics = false;
	size_t i;

	if (!h->topo->nr_heads || any_setting(h))
		return;
	for (i = 0; i < h->topo->nr_paths; i++) {
		ctrl = host_ctrl(h, h->topo->paths[i].ctrl);
		fabrics |= ctrl && *ctrl->transport && strcmp(ctrl->transport, "pcie");
	}
	if (fabrics && h->fabrics == 'N')
		check_add(c, "fabrics-hidden", CHECK_NOTE, "",
			  "heads of fabrics have no delayed_removal_secs unless it is asked for",
			  "ctrl_loss_tmo of the controllers does the same; or load nvme_core with "
			  "delayed_removal_fabrics=Y");
	else
		check_add(c, "no-delayed-removal", CHECK_NOTE, h->kernel,
			  "no head has delayed_removal_secs: a disk goes at once with its last "
			  "path",
			  "it takes the modules with the patch series (kernel/README.md), or Linux "
			  "6.16");
}

const check_rule_fn check_kernel_rules[] = {
	without_fixes,
	setting_wraps,
	no_delayed_removal,
	NULL,
};
