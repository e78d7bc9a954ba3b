// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths that were lost, counted by cause. The first event of a loss seldom says all: a controller
 * is deleted, and a moment later the driver finds that the device does not answer. A counter can't
 * take anything back, so a loss is counted when it is SETTLE_NS old, by the cause known then.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/internal.h"

#define SETTLE_NS	(2 * NS_PER_S)
#define LOSSES		16384	/* that wait; 1024 heads of 8 paths lose half of this at once */

static void count(struct metrics *x, struct metrics_loss *l)
{
	struct metrics_entry *e = l->counted ? NULL : metrics_touch(x, l->device, l->subsys);

	if (e) {
		e->c.losses[l->cause]++;
		x->changes++;	/* the state has to be saved again */
	}
	l->counted = true;
}

static bool is_settled(const struct metrics *x, const struct metrics_loss *l)
{
	return model_now(x->m) >= l->lost_ns + SETTLE_NS;
}

void metrics_loss_flush(struct metrics *x, bool all)
{
	size_t i, n = 0;

	for (i = 0; i < x->nr_losses; i++) {
		struct metrics_loss *l = &x->losses[i];

		if (all || is_settled(x, l))
			count(x, l);
		if (!is_settled(x, l))
			x->losses[n++] = *l;
	}
	x->nr_losses = n;
}

static struct metrics_loss *find(struct metrics *x, const struct model_head *h,
				 const struct model_path *p)
{
	size_t i = x->nr_losses;

	while (i--) {
		struct metrics_loss *l = &x->losses[i];

		if (l->lost_ns == p->lost_ns && l->subsys == h->subsys && !strcmp(l->path, p->name))
			return l;
	}
	return NULL;
}

static int loss_add(struct metrics *x, const struct model_head *h, const struct model_path *p)
{
	struct metrics_loss *l, *more;

	if (x->nr_losses == LOSSES)
		metrics_loss_flush(x, true);
	if (x->nr_losses == LOSSES)
		memmove(x->losses, x->losses + 1, --x->nr_losses * sizeof(*l));
	more = realloc(x->losses, (x->nr_losses + 1) * sizeof(*more));
	if (!more) {
		x->err = -ENOMEM;
		return -ENOMEM;
	}
	x->losses = more;
	l = &more[x->nr_losses++];
	memset(l, 0, sizeof(*l));
	memcpy(l->device, h->name, sizeof(l->device));
	l->subsys = h->subsys;
	memcpy(l->path, p->name, sizeof(l->path));
	l->lost_ns = p->lost_ns;
	l->cause = p->cause;
	x->changes++;
	return 0;
}

int metrics_loss(void *ctx, const struct model *m, const struct model_head *h,
		 const struct model_path *p, bool first)
{
	struct metrics *x = ctx;
	struct metrics_loss *l;

	(void)m;
	if (first)
		return loss_add(x, h, p);
	l = find(x, h, p);
	if (l && !l->counted)	/* else this came too late, it was counted */
		l->cause = p->cause;
	return 0;
}
