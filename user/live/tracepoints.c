// SPDX-License-Identifier: GPL-2.0-only
/* The live source on a driver with the series: the tracepoint of each program. */
#include <stddef.h>
#include <stdio.h>

#include "base/array.h"
#include "live/internal.h"

/*
 * In the order of attaching. What takes bios off the books comes before what
 * puts them there, and what ends an outage before what begins one: nothing is
 * remembered of which the end could be missed.
 */
static const struct {
	const char *program, *tracepoint;
} table[] = {
	{ "mpath_requeue_work",	"nvme_mpath_requeue_work" },
	{ "mpath_bio_unpark",	"nvme_mpath_bio_unpark" },
	{ "mpath_bio_fail",	"nvme_mpath_bio_fail" },
	{ "mpath_bio_park",	"nvme_mpath_bio_park" },
	{ "mpath_failover",	"nvme_mpath_failover" },
	{ "mpath_path_add",	"nvme_mpath_path_add" },
	{ "mpath_path_live",	"nvme_mpath_path_live" },
	{ "mpath_path_remove",	"nvme_mpath_path_remove" },
	{ "mpath_head_remove",	"nvme_mpath_head_remove" },
	{ "mpath_remove_work",	"nvme_mpath_remove_work" },
	{ "mpath_ctrl_state",	"nvme_ctrl_state" },
};

#define TRACEPOINTS	ARRAY_SIZE(table)

const char *live_tracepoint(unsigned int i)
{
	return i < TRACEPOINTS ? table[i].tracepoint : NULL;
}

int live_tracepoints_add(struct live *s)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < TRACEPOINTS; i++) {
		struct live_point p = { .program = table[i].program };

		snprintf(p.name, sizeof(p.name), "%s", table[i].program);
		snprintf(p.where, sizeof(p.where), "%s", table[i].tracepoint);
		err = live_point_add(s, &p);
	}
	return err;
}
