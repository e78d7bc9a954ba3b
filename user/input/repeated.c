// SPDX-License-Identifier: GPL-2.0-only
/* What was read more than once, see input/repeated.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "input/repeated.h"
#include "model/model.h"

/* A window or an outage, in the order in which they are looked through. */
struct item {
	__u64		key;		/* of boot, head and number */
	__u64		from, to;	/* MODEL_NONE: not known */
	size_t		input;
	unsigned int	worth;		/* how much it says */
	const void	*it;
};

struct items {
	struct item	*items;
	size_t		nr;
};

struct repeated {
	void		*forgotten;	/* tree of keys */
	const void	**hidden;	/* see view_hide() */
	size_t		nr_hidden;
};

struct repeated *repeated_new(void)
{
	return calloc(1, sizeof(struct repeated));
}

void repeated_free(struct repeated *r)
{
	if (!r)
		return;
	tdestroy(r->forgotten, free);
	free(r->hidden);
	free(r);
}

/* ---- keys ---- */

static __u64 mix(__u64 key, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	while (len--)
		key = (key ^ *p++) * 0x100000001b3ULL;
	return key;
}

static __u64 mix_number(__u64 key, __u64 number)
{
	return mix(key, &number, sizeof(number));
}

/* 0: a boot that is not known cannot be compared. */
static __u64 key_of(const struct model_session *s, const struct model_head *h, __u64 number)
{
	const struct rec_host *host = s ? model_session_host(s) : NULL;
	__u64 key = 0xcbf29ce484222325ULL;

	if (!host || !*host->boot_id)
		return 0;
	key = mix(key, host->boot_id, strlen(host->boot_id));
	/* the kernel's numbers go on, others begin anew */
	key = mix_number(key, model_session_numbering(s));
	if (*h->nqn)
		key = mix_number(mix(key, h->nqn, strlen(h->nqn)), h->nsid);
	else
		key = mix(key, h->name, strlen(h->name));
	key = mix_number(key, number);
	return key ? key : 1;
}

static __u64 key_of_window(const struct model_window *w)
{
	return key_of(w->session, w->head, w->number);
}

/* ---- forgotten ones: by the moment of their begin ---- */

static int compare_keys(const void *a, const void *b)
{
	const __u64 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static __u64 exact_key(const struct model_window *w)
{
	__u64 key = key_of_window(w);

	return key ? mix_number(key, view_window_from(w)) : 0;
}

int repeated_forget(struct repeated *r, const struct model *m, const struct model_window *w,
		    bool several)
{
	__u64 key = several || model_session(m, 1) ? exact_key(w) : 0;
	__u64 *kept, **found;

	if (!key)
		return 0;
	kept = malloc(sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	*kept = key;
	found = tsearch(kept, &r->forgotten, compare_keys);
	if (found && *found == kept)
		return 0;
	free(kept);
	return found ? 1 : -ENOMEM;
}

/* ---- those that are there ---- */

static int add_item(struct items *l, const struct item *item)
{
	struct item *more;

	if (!item->key)
		return 0;
	more = array_more(l->items, l->nr, sizeof(*more));
	if (!more)
		return -ENOMEM;
	l->items = more;
	more[l->nr++] = *item;
	return 0;
}

static unsigned int worth_of(const struct model_window *w)
{
	return (w->ended ? 1U << 8 : 0) + (w->settled ? 1U << 7 : 0) + (w->counters ? 1U << 6 : 0) +
	       MODEL_MISSING_BITS - (unsigned int)__builtin_popcount(w->missing);
}

static int by_key(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->key != y->key)
		return (x->key > y->key) - (x->key < y->key);
	if (x->from != y->from)
		return (x->from > y->from) - (x->from < y->from);
	return (x->input > y->input) - (x->input < y->input);
}

static int hide(struct repeated *r, struct view_input *views, const struct item *item)
{
	const void **more = array_more(r->hidden, r->nr_hidden, sizeof(*more));

	if (!more)
		return -ENOMEM;
	r->hidden = more;
	more[r->nr_hidden++] = item->it;
	views[item->input].repeated++;
	return 0;
}

/*
 * What has one key and overlaps in time is the same. A time that is not known comes first, and
 * goes with any other.
 */
static int hide_all_but_one(struct repeated *r, struct view_input *views, struct items *l)
{
	const struct item *best = NULL, *item;
	__u64 to = 0;
	size_t i;
	int err = 0;

	if (l->nr)
		qsort(l->items, l->nr, sizeof(*l->items), by_key);
	for (i = 0; i < l->nr && !err; i++) {
		item = &l->items[i];
		if (!best || item->key != best->key || (to && item->from > to)) {
			best = item;
			to = item->to;
			continue;
		}
		if (item->to > to)
			to = item->to;
		if (item->worth > best->worth) {
			err = hide(r, views, best);
			best = item;
		} else {
			err = hide(r, views, item);
		}
	}
	free(l->items);
	return err;
}

static int find_windows(struct repeated *r, struct view_input *views, size_t nr)
{
	const struct model_window *w;
	struct items l = { 0 };
	int err = 0;
	size_t i, k;
	__u64 key;

	for (i = 0; i < nr; i++) {
		for (k = 0; !err && (w = model_window(views[i].m, k)); k++) {
			struct item item = {
				.key = key_of_window(w),
				.from = view_window_from(w),
				.to = view_window_to(w),
				.input = i,
				.worth = worth_of(w),
				.it = w,
			};

			key = exact_key(w);
			if (key && tfind(&key, &r->forgotten, compare_keys))
				err = hide(r, views, &item);
			else
				err = add_item(&l, &item);
		}
	}
	if (err) {
		free(l.items);
		return err;
	}
	return hide_all_but_one(r, views, &l);
}

static int find_outages(struct repeated *r, struct view_input *views, size_t nr)
{
	const struct model_outage *o;
	struct items l = { 0 };
	int err = 0;
	size_t i, k;

	for (i = 0; i < nr; i++) {
		for (k = 0; !err && (o = model_outage(views[i].m, k)); k++) {
			if (model_outage_has_window(o))
				continue;
			err = add_item(&l, &(struct item) {
						   .key = key_of(o->session, o->head, 0),
						   .from = o->s.start_ns,
						   .to = o->s.start_ns,
						   .input = i,
						   .worth = o->s.drained_ns ? 2 : o->whole,
						   .it = o,
					   });
		}
	}
	if (err) {
		free(l.items);
		return err;
	}
	return hide_all_but_one(r, views, &l);
}

int repeated_find(struct repeated *r, struct view_input *views, size_t nr, struct view_opts *vo)
{
	int err = find_windows(r, views, nr);

	if (!err)
		err = find_outages(r, views, nr);
	view_hide(vo, r->hidden, r->nr_hidden);
	return err;
}
