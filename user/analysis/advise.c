// SPDX-License-Identifier: GPL-2.0-only
/* Which delayed_removal_secs would have been enough. */
#include <errno.h>
#include <stdlib.h>

#include "analysis/advise.h"
#include "analysis/what_if.h"
#include "base/array.h"
#include "base/units.h"

/* Times, ns. */
struct waits {
	__u64	*ns;
	size_t	nr;
};

struct advise {
	struct waits	returned;	/* of namespaces that came back */
	struct waits	pending;	/* of windows still open when the recording ended */
	__u64		not_returned, unknown, watched_ns;
};

struct advise *advise_new(void)
{
	return calloc(1, sizeof(struct advise));
}

void advise_free(struct advise *a)
{
	if (!a)
		return;
	free(a->returned.ns);
	free(a->pending.ns);
	free(a);
}

static int add_wait(struct waits *w, __u64 ns)
{
	__u64 *more = array_more(w->ns, w->nr, sizeof(*more));

	if (!more)
		return -ENOMEM;
	w->ns = more;
	more[w->nr++] = ns;
	return 0;
}

int advise_add(struct advise *a, const struct model_window *w)
{
	bool returned;
	__u64 ns;

	returned = what_if_needed(w, &ns);
	if (ns == MODEL_NONE) {
		a->unknown++;
		return 0;
	}
	if (returned)
		return add_wait(&a->returned, ns);
	if (w->outcome == MODEL_PENDING)
		return add_wait(&a->pending, ns);
	if (!a->not_returned++ || ns < a->watched_ns)
		a->watched_ns = ns;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const __u64 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/*
 * n windows all miss the longest part with a chance of q^n; that is to be below
 * 5 %. In fixed point, so that it is the same everywhere.
 */
__u64 advise_windows_needed(unsigned int permille)
{
	const __u64 one = 1ULL << 40;
	__u64 chance = one, n = 0;

	if (permille >= 1000)
		return 0;
	while (chance * 20 > one) {
		chance = chance * permille / 1000;
		n++;
	}
	return n;
}

/* Whole seconds, more than @ns: a namespace that comes back at the deadline is too late. */
static __u64 guarded(__u64 ns, unsigned int guard)
{
	__u64 s = (__u64)((unsigned __int128)ns * (100 + guard) / 100 / NS_PER_S) + 1;

	return s > ADVISE_MAX_SETTING ? ADVISE_MAX_SETTING : s;
}

__u64 advise_saved(const struct advise *a, __u64 setting_s)
{
	__u64 n = 0;
	size_t i;

	for (i = 0; i < a->returned.nr; i++)
		n += a->returned.ns[i] / NS_PER_S < setting_s;
	return n;
}

/*
 * A window that was open when the recording ended tells something only if it had waited longer
 * than each that came back: then it did not, as long as was recorded.
 */
static void count_pending(const struct advise *a, struct advice *r)
{
	size_t i;

	for (i = 0; i < a->pending.nr; i++) {
		if (a->returned.nr && a->pending.ns[i] <= r->longest_ns) {
			r->unknown++;
			continue;
		}
		if (!r->not_returned++ || a->pending.ns[i] < r->watched_ns)
			r->watched_ns = a->pending.ns[i];
	}
}

void advise_ask(struct advise *a, unsigned int permille, unsigned int guard, struct advice *r)
{
	__u64 rank, enough = advise_windows_needed(permille);
	struct waits *back = &a->returned;

	*r = (struct advice) {
		.returned = back->nr,
		.not_returned = a->not_returned,
		.unknown = a->unknown,
		.watched_ns = a->watched_ns,
	};
	if (back->nr) {
		qsort(back->ns, back->nr, sizeof(*back->ns), compare);
		r->shortest_ns = back->ns[0];
		r->longest_ns = back->ns[back->nr - 1];
	}
	count_pending(a, r);
	r->windows = r->returned + r->not_returned;
	if (r->windows < enough)
		r->needed = enough;
	if (!back->nr)
		return;
	/* those that did not come back waited longest */
	rank = (r->windows * permille + 999) / 1000;
	r->possible = rank <= back->nr;
	r->quantile_ns = r->possible ? back->ns[rank ? rank - 1 : 0] : r->longest_ns;
	r->setting_s = guarded(r->quantile_ns, guard);
	r->saved = advise_saved(a, r->setting_s);
}
