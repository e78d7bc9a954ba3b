/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the console remembers beside the model: the states that heads and paths
 * were in during the last minutes (swim lanes), and the last events. Pure: a
 * listener of the model.
 */
#ifndef CONSOLE_HISTORY_H
#define CONSOLE_HISTORY_H

#include "model/model.h"

/*
 * A lane of a path has states of enum path_state, PATH_UNKNOWN also before the path is there; that
 * of a head 1 + enum model_head_state, 0: not known.
 */
struct history_lane {
	char	name[MPATH_NAME_LEN];
	__u64	last_ns;	/* of its last change; 0: it has none */
};

/* One line of the events view. */
struct history_event {
	__u64				time_ns;
	const struct model_session	*session;
	__u16				type;		/* enum record_type */
	union {
		struct mpath_event	ev;
		char			bytes[sizeof(struct mpath_ev_path)];
	};
	char				*text;		/* of a window that ended; else NULL */
	char				name[MPATH_NAME_LEN];	/* of its head */
};

#define HISTORY_EVENTS	2000

struct history;

/* Listens to @m, which outlives it. Returns NULL when memory is short. */
struct history *history_new(struct model *m);
void history_free(struct history *h);	/* NULL is fine */

/* The i-th event, oldest first; NULL behind the last. */
const struct history_event *history_event(const struct history *h, size_t i);
size_t history_events(const struct history *h);
/* Counts events, also those forgotten: has something happened? */
__u64 history_total(const struct history *h);

/* The head's own lane is the 0th; then its paths, in order of appearance. NULL behind the last. */
const struct history_lane *history_lane(const struct history *h, const struct model_head *head,
					size_t i);

/* The worst state that a lane was in from @from_ns up to @to_ns. */
int history_worst(const struct history_lane *l, __u64 from_ns, __u64 to_ns);

/* When the first I/O of the head's present outage was parked; 0: not seen. */
__u64 history_parked_since(const struct history *h, const struct model_head *head);

/* Requests failed over per second, by the last two counter snapshots; false: not known. */
bool history_failovers(const struct history *h, const struct model_head *head, __u64 now_ns,
		       double *rate);

/* What an event says, as the events view shows it, in a text to be freed; NULL: no memory. */
char *history_text(const struct history_event *e);

#endif /* CONSOLE_HISTORY_H */
