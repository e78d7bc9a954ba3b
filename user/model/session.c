// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sessions of the model: what one attachment of the programs tells. The
 * collectors of an attachment may change; then its session goes on.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "model/internal.h"
#include "record/facts.h"

static bool same_boot(const struct model_session *a, const struct model_session *b)
{
	if (a->has_host && b->has_host && *a->host.boot_id && *b->host.boot_id)
		return !strcmp(a->host.boot_id, b->host.boot_id);
	return b->first_ns >= a->last_ns;
}

static struct model_session *add_session(struct model *m, __u64 time_ns)
{
	struct model_session *s = calloc(1, sizeof(*s));

	if (!s || list_add(&m->sessions, s)) {
		free(s);
		m->err = -ENOMEM;
		return NULL;
	}
	s->first_ns = time_ns;
	s->last_ns = time_ns;
	return s;
}

/* The collector was started again: what is known of now must be learnt anew. */
int session_begin(struct model *m, __u64 time_ns, const struct rec_host *host)
{
	struct model_session *old = m->session, *s;
	bool same;

	order_flush(m);
	if (old && !old->ended && !old->unloaded_ns)
		model_remark_add(m, &(struct model_remark) {
					    .kind = REMARK_NO_END,
					    .time_ns = old->last_ns,
				    });
	s = add_session(m, time_ns);
	if (!s)
		return -ENOMEM;
	if (host) {
		s->host = *host;
		s->has_host = true;
	}
	if (!old) {
		m->session = s;
		m->now = time_ns;
		return 0;
	}
	same = same_boot(old, s);
	if (same && !host) {
		s->host = old->host;
		s->has_host = old->has_host;
	}
	model_remark_add(m, &(struct model_remark) {
				    .kind = !same	       ? REMARK_REBOOT :
					    old->unloaded_ns ? REMARK_RELOADED :
							       REMARK_RESTART,
				    .time_ns = old->unloaded_ns ? old->unloaded_ns : old->last_ns,
				    .until_ns = time_ns,
			    });
	head_new_session(m, same);
	cause_forget(m);
	m->session = s;
	m->now = time_ns;
	topo_free(m->topo);
	m->topo = NULL;
	return 0;
}

/*
 * Another collector goes on with the programs of the last one: nothing is to
 * be learnt anew, and what happened in between follows.
 */
static void resume(struct model *m, struct model_session *s, __u64 time_ns)
{
	__u64 last = s->last_ns >= time_ns ? s->before_ns : s->last_ns;

	model_remark_add(m, &(struct model_remark) {
				    .kind = REMARK_RESUMED,
				    .time_ns = last,
				    .until_ns = time_ns,
			    });
	s->ended = false;
	s->held_since = time_ns;	/* what fills the hole may be in the ring */
	s->resuming = true;
	s->resumed = true;
}

void session_unloaded(struct model *m, __u64 time_ns)
{
	struct model_session *s = m->session;

	order_flush(m);
	s->unloaded_ns = time_ns;
	m->reloads++;
	window_add_missing(m, MISSING_RESTART, 0, time_ns);
}

/* A collector's first record. Repeated, it matters only if it is about another boot. */
int session_host(struct model *m, const struct record *rec)
{
	const struct rec_host *host = rec->data;
	struct model_session *s = m->session;
	bool repeat = rec->flags & RECORD_REPEAT;

	if (s && s->resuming && !repeat) {
		s->resuming = false;
		s->host = *host;
		s->has_host = true;
		return 0;
	}
	if (s && s->has_host) {
		if (repeat && !strcmp(s->host.boot_id, host->boot_id))
			return 0;
		return session_begin(m, rec->time_ns, host);
	}
	if (!s || (s->has_start && !repeat))
		return session_begin(m, rec->time_ns, host);
	s->host = *host;
	s->has_host = true;
	return 0;
}

int session_start(struct model *m, const struct record *rec)
{
	struct model_session *s = m->session;
	bool repeat = rec->flags & RECORD_REPEAT, continues;
	struct rec_start start = {};
	int err;

	memcpy(&start, rec->data, rec->len < sizeof(start) ? rec->len : sizeof(start));
	continues = start.flags & REC_START_CONTINUES;
	if (continues && !repeat && s->has_start && start.attachment &&
	    start.attachment == s->attachment) {
		s->start_ns = rec->time_ns;
		resume(m, s, rec->time_ns);
		return 0;
	}
	if (s->has_start && repeat && s->start_ns == rec->time_ns)
		return 0;
	if (s->has_start) {
		err = session_begin(m, rec->time_ns, NULL);
		if (err)
			return err;
		s = m->session;
	}
	s->has_start = true;
	s->start_ns = rec->time_ns;
	s->attachment = start.attachment;
	s->missing_facts = facts_missing(start.features);
	s->own_numbers = !(start.features & REC_FEATURE_TRACEPOINTS);
	s->fresh = !repeat && !continues;
	s->resuming = !repeat && continues;
	if (repeat && rec->time_ns < s->first_ns)
		s->first_ns = rec->time_ns;
	return 0;
}

int session_clock(struct model *m, const struct rec_clock *clock)
{
	struct model_session *s = m->session;
	struct rec_clock *more;

	if (s->nr_clocks) {
		const struct rec_clock *last = &s->clocks[s->nr_clocks - 1];
		__s64 drift = (__s64)((__u64)clock->realtime_ns - clock->boottime_ns -
				      ((__u64)last->realtime_ns - last->boottime_ns));

		/* the clock was not set, so keep the times of one session consistent */
		if (clock->boottime_ns <= last->boottime_ns ||
		    (drift < (__s64)NS_PER_MS && drift > -(__s64)NS_PER_MS))
			return 0;
	}
	more = array_more(s->clocks, s->nr_clocks, sizeof(*more));
	if (!more)
		return -ENOMEM;
	s->clocks = more;
	more[s->nr_clocks++] = *clock;
	return 0;
}
