// SPDX-License-Identifier: GPL-2.0-only
/* Which head has the disk of this number, in the present session. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "model/internal.h"

/* Where in s->refs, which rises, a head's disk is or belongs. */
static size_t ref_place(const struct model_session *s, __u32 head_id)
{
	size_t from = 0, to = s->nr_refs, at;

	while (from < to) {
		at = from + (to - from) / 2;
		if (s->refs[at].head_id < head_id)
			from = at + 1;
		else
			to = at;
	}
	return from;
}

static const struct head_ref *ref_find(const struct model_session *s, __u32 head_id)
{
	size_t at = ref_place(s, head_id);

	return at < s->nr_refs && s->refs[at].head_id == head_id ? &s->refs[at] : NULL;
}

int head_ref_add(struct model_session *s, __u32 head_id, struct head *h)
{
	struct head_ref *more = s->refs;
	size_t at;

	if (s->nr_refs >= MODEL_HEADS) {
		/* the older half is of head disks long gone */
		memmove(more, more + MODEL_HEADS / 2, MODEL_HEADS / 2 * sizeof(*more));
		s->nr_refs = MODEL_HEADS / 2;
	}
	more = array_more(more, s->nr_refs, sizeof(*more));
	if (!more)
		return -ENOMEM;
	s->refs = more;
	/* numbers rise, so it is the last one mostly */
	at = ref_place(s, head_id);
	memmove(more + at + 1, more + at, (s->nr_refs++ - at) * sizeof(*more));
	more[at].head_id = head_id;
	more[at].head = h;
	return 0;
}

struct head *head_of_id(const struct model *m, __u32 head_id)
{
	const struct model_session *s = m->session;
	const struct head_ref *ref = s && head_id ? ref_find(s, head_id) : NULL;

	return ref ? ref->head : NULL;
}

const struct model_head *model_head_of(const struct model *m, const struct mpath_event *ev)
{
	const struct head *h = head_of_id(m, ev->head_id);

	return h ? &h->pub : NULL;
}
