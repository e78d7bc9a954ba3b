// SPDX-License-Identifier: GPL-2.0-only
/* What a state of any version holds, checked and taken over into metrics that are new. */
#include <errno.h>

#include "base/array.h"
#include "metrics/internal.h"
#include "record/validate.h"

#define MAX_SNAPSHOTS	65536	/* also of heads whose windows are counted up to a number */

int metrics_restore_totals(struct metrics *x, const struct metrics_totals *t)
{
	if (!record_text_ok(t->boot_id, sizeof(t->boot_id)))
		return -EBADMSG;
	x->t = *t;
	return 0;
}

int metrics_restore_counts(struct metrics *x, const struct metrics_counts *c)
{
	size_t before = x->nr_entries;
	struct metrics_entry *e;

	if (before == METRICS_HEADS || !record_text_ok(c->device, sizeof(c->device)))
		return -EBADMSG;
	e = metrics_entry_get(x, c->device, c->subsys);
	if (!e)
		return -ENOMEM;
	if (x->nr_entries == before)
		return -EBADMSG;
	e->c = *c;
	return 0;
}

int metrics_restore_snapshot(struct metrics *x, const struct metrics_snapshot *s)
{
	struct metrics_snapshot *more;

	if (x->nr_last_snapshots == MAX_SNAPSHOTS || !record_text_ok(s->device, sizeof(s->device)))
		return -EBADMSG;
	more = array_more(x->last_snapshots, x->nr_last_snapshots, sizeof(*more));
	if (!more)
		return -ENOMEM;
	x->last_snapshots = more;
	more[x->nr_last_snapshots++] = *s;
	return 0;
}

int metrics_restore_counted(struct metrics *x, const struct metrics_counted *c)
{
	struct metrics_counted *more;

	if (x->nr_counted_up_to == MAX_SNAPSHOTS)
		return -EBADMSG;
	more = array_more(x->counted_up_to, x->nr_counted_up_to, sizeof(*more));
	if (!more)
		return -ENOMEM;
	x->counted_up_to = more;
	more[x->nr_counted_up_to++] = *c;
	return 0;
}
