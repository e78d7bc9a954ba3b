/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model: records in, state out. Heads, their paths, and every grace window
 * with outcome, phases, counters and what is missing from it. Pure: it knows no
 * libbpf, no files, no clock; time is that of the records. The same records
 * give the same state, live or replayed. Lists are in the order in which things
 * were first seen; see model/types.h for what is in them.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "model/types.h"

/* NULL when memory is short. */
struct model *model_new(void);
void model_free(struct model *m);	/* NULL is fine */

/**
 * model_feed() - one more record, in the order of the source
 *
 * Events that come out of sequence are put right: those behind a hole wait up
 * to 64 events or a second of record time for it to be filled.
 *
 * Returns 0, -ENOMEM, or the first error of a listener. Records that make no sense are skipped and
 * remarked.
 */
int model_feed(struct model *m, const struct record *rec);

/**
 * model_finish() - there are no more records
 * Events that wait are taken, open windows get what is known of them. Without
 * it a model shows the state while recording goes on. Returns as model_feed().
 */
int model_finish(struct model *m);

/**
 * model_topologies_only() - no events come from here on, topologies are all there is
 *
 * As long as there are events a topology says of a path only what no event has said. From now on
 * each is taken as if it were the first one. Heads that only an earlier one listed are gone with
 * it, and pointers to them; what was recorded before, and its windows, stays. The next REC_HOST
 * begins a session in any case.
 */
void model_topologies_only(struct model *m);

/* The recording has damage, so windows open at its place may lack something. */
void model_set_damaged(struct model *m);

/* What a listener is told of a window. */
enum model_change {
	MODEL_OPENED,		/* a window was armed */
	MODEL_MOVED,		/* its deadline changed */
	MODEL_ENDED,		/* it has an outcome (also: not armed, unknown) */
	MODEL_SETTLED,		/* and now also its last counters and phases */
};

/**
 * struct model_listener - a consumer of what the model learns
 * @record_before: a record comes; the state is still that before it
 * @window:	a window changed; the state is the new one, as for the next two
 * @outage:	a head that had no usable path has one again, or is removed: @from_ns .. @to_ns,
 *		with a grace window or without. Not for an outage of which the begin was not seen
 * @loss:	a path can no longer be used (@first), or more is known of why: @p->cause;
 *		@p->lost_ns stays. Not for paths that never were seen usable or that a topology
 *		shows as lost
 * @record_after: the record is understood
 * @ctx:	handed to all of them
 *
 * Functions that are NULL are not called. Both record functions get every record, also one that
 * makes no sense; @record_after does not get the one at which memory was short. @window, @outage
 * and @loss come between them, or from model_finish(). Each returns 0 or -errno: the first error
 * is the result of that model_feed() or model_finish(), but no listener misses anything by it.
 */
struct model_listener {
	int	(*record_before)(void *ctx, const struct model *m, const struct record *rec);
	int	(*window)(void *ctx, const struct model *m, enum model_change what,
		      const struct model_window *w);
	int (*outage)(void *ctx, const struct model *m, const struct model_head *h, __u64 from_ns,
		      __u64 to_ns);
	int	(*loss)(void *ctx, const struct model *m, const struct model_head *h,
		    const struct model_path *p, bool first);
	int	(*record_after)(void *ctx, const struct model *m, const struct record *rec);
	void	*ctx;
};

/**
 * model_listen() - one more listener, called after those before it
 * @listener:	copied; any number, but none is added or removed from inside a call
 *
 * Returns 0 or -ENOMEM.
 */
int model_listen(struct model *m, const struct model_listener *listener);

/* The listeners with this ctx are called no more. */
void model_unlisten(struct model *m, const void *ctx);

/**
 * model_trim() - forget what is long over, for a collector that runs for months
 * @keep:	so many windows, and so many outages, are kept
 *
 * Windows that are settled and outages that are drained, oldest first, but for
 * the last ones of a head. Pointers to them are invalid then, places in the
 * lists change; counts (model_count(), model_head.windows) stay.
 */
void model_trim(struct model *m, size_t keep);

/**
 * struct model_limit - how much of the past a model keeps
 * @windows:	so many windows, and outages without one; about a quarter more for
 *		some time. Windows that have not ended, and the last of each head,
 *		stay in any case
 * @wanted:	those of which it says false are forgotten first; NULL: all are wanted
 * @forget:	called before a window is forgotten; NULL: nobody wants to know
 *
 * Counts (model_count(), model_head.windows) include what is forgotten. Memory
 * does not grow with the length of a recording then.
 */
struct model_limit {
	size_t	windows;
	bool	(*wanted)(void *ctx, const struct model_window *w);
	void	(*forget)(void *ctx, const struct model_window *w);
	void	*ctx;
};

/* Without it everything is kept. @limit is copied. */
void model_set_limit(struct model *m, const struct model_limit *limit);

/* Outages without a window that were forgotten. */
__u64 model_outages_forgotten(const struct model *m);

/* Lists: the i-th, NULL behind the last. */
const struct model_head *model_head(const struct model *m, size_t i);
const struct model_window *model_window(const struct model *m, size_t i);
const struct model_outage *model_outage(const struct model *m, size_t i);
const struct model_remark *model_remark(const struct model *m, size_t i);
const struct model_session *model_session(const struct model *m, size_t i);

/* Remarks beyond the first 1000 are only counted. */
__u64 model_remarks_dropped(const struct model *m);

/* The head of an event of the current session, NULL if it has none. */
const struct model_head *model_head_of(const struct model *m, const struct mpath_event *ev);

/* -1: not known, no topology and no event has told of its paths. */
int model_head_state(const struct model_head *h);

/* PATH_GONE of one that is gone, else its state. */
enum path_state model_path_state(const struct model_path *p);

/* Paths that can be used now, -1: not known of some. */
int model_head_usable(const struct model_head *h);

/* Does ANA keep it in reserve while its controller is live? Nothing is missing then. */
bool model_path_is_standby(const struct model_path *p);
int model_head_standby(const struct model_head *h);	/* how many */

/* Windows with this outcome, over all heads. */
__u64 model_count(const struct model *m, enum model_outcome outcome);

/* Events lost so far, over all sessions. */
__u64 model_events_lost(const struct model *m);

/* How often sysfs showed what no event had told; runs of programs that the kernel skipped. */
__u64 model_contradictions(const struct model *m);
__u64 model_runs_skipped(const struct model *m);
/* How often nvme_core was unloaded under the programs. */
__u64 model_reloads(const struct model *m);

/* The counters of outages that no window belongs to: failovers without a grace window. */
bool model_outage_has_window(const struct model_outage *o);

/* Bios parked in an outage, over all reasons; and those that none of its cgroups has. */
__u64 model_outage_parked(const struct model_outage *o);
__u64 model_outage_who_other(const struct model_outage *o);

/* Of a window: end - armed, or MODEL_NONE. Of a pending one: so far. */
__u64 model_window_duration(const struct model_window *w);

/* Of its outage: last usable path lost .. usable again or removed, or MODEL_NONE. */
__u64 model_outage_duration(const struct model_window *w);

/* Recovered, but with less than 10 % of the setting left. */
bool model_window_is_near_miss(const struct model_window *w);

/* Of a session; texts may be empty, times MODEL_NONE. */
const struct rec_host *model_session_host(const struct model_session *s);
__u64 model_session_first(const struct model_session *s);	/* time of its first record */
__u64 model_session_seen(const struct model_session *s);	/* of the first not repeated */
__u64 model_session_last(const struct model_session *s);
/* Windows of sessions with the same have different numbers. 0: they are the kernel's. */
__u64 model_session_numbering(const struct model_session *s);
bool model_session_ended(const struct model_session *s);	/* by itself, with REC_END */

/* Facts that its programs had no place for, a bit for each (enum mpath_fact). */
__u32 model_session_missing(const struct model_session *s);

/* 0, or -ENOMEM: memory was short at some record, so the state is not the whole truth any more. */
int model_error(const struct model *m);

/* For a listener's record_after: what this record lists; NULL: it is no topology. */
const struct topo *model_topology(const struct model *m);
/* The last one of this session, until the next model_feed(); NULL: none yet. */
const struct topo *model_topology_last(const struct model *m);

/* The newest session, NULL before the first record; time of the newest record. */
const struct model_session *model_current(const struct model *m);
__u64 model_now(const struct model *m);

/**
 * model_wall_ns() - wall time of a boot time, by the last clock pair before it
 * Returns 0, or -ENOENT if the session has no clock pair.
 */
int model_wall_ns(const struct model_session *s, __u64 boot_ns, __s64 *real_ns);

/* Stable lower-case words for JSON and exports; those of outcomes are in their rows. */
const char *model_cause_name(enum model_cause cause);	/* "surprise_removal", "ana_change", .. */
const char *model_head_state_name(enum model_head_state state);
const char *model_missing_name(unsigned int bit);	/* bit number */
const char *model_remark_name(enum model_remark_kind kind);

#endif /* MODEL_MODEL_H */
