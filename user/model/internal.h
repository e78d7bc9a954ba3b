/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the model share with each other and with nobody else. */
#ifndef MODEL_INTERNAL_H
#define MODEL_INTERNAL_H

#include "base/units.h"
#include "model/model.h"

#define MODEL_HELD	64		/* events that wait behind a hole */
#define MODEL_HOLD_NS	NS_PER_S	/* and how long */
#define MODEL_PATHS	256		/* of a head that are remembered, gone ones included */
#define MODEL_GONE	32		/* of these that are gone: the newest */
#define MODEL_HEADS	65536
#define MODEL_CTRLS	65536		/* of instances from here on no cause is kept */
#define MODEL_REMARKS	1000
#define MODEL_RESOLVE_NS (2 * NS_PER_S)	/* how long an event may come after the topology */
/* how long a path may be listed and live before the driver lets I/O to it */
#define MODEL_READY_NS	(10 * NS_PER_S)
#define MODEL_SKIPPED	8		/* skipped windows that get an entry each */
/* windows and outages of a head that belong together are this near */
#define MODEL_LOOKBACK	64

struct head;
struct window;

/* A growing array of pointers; the things have addresses that stay. */
struct list {
	void	**items;
	size_t	nr;
};

struct head_ref {
	__u32		head_id;
	struct head	*head;
};

struct model_session {
	struct rec_host		host;
	bool			has_host, has_start, fresh;	/* fresh: START was no repeat */
	__u64			start_ns;	/* time of START */
	__u64			attachment;	/* rec_start.attachment; 0: not known */
	__u32			missing_facts;	/* a bit for each, enum mpath_fact */
	bool			own_numbers;	/* of windows: the programs', not the kernel's */
	bool			listed;		/* it has a topology of its own */
	__u64			lacks_ns;	/* end of the last time that lacks something */
	bool			resuming;	/* the next HOST is about this session */
	__u64			first_ns, last_ns;
	__u64			seen_ns;	/* first record that is not a repetition */
	__u64			before_ns;	/* last_ns before it rose last */
	bool			ended;
	__u64			unloaded_ns;	/* nvme_core went; 0: it did not */
	struct rec_clock	*clocks;
	size_t			nr_clocks;

	struct head_ref		*refs;		/* by rising head_id */
	size_t			nr_refs;

	bool			seq_known;
	__u64			next_seq;
	__u64			last_seq;	/* of the last event fed */
	bool			resumed;	/* no event was fed since */
	struct mpath_event	*held[MODEL_HELD];	/* by rising seq */
	size_t			nr_held;
	__u64			held_since;
	__u64			events_lost;
	__u64			event_ns;	/* of the last event taken */
	__u64			hole_ns;	/* end of the last hole */

	bool			has_losses;
	struct mpath_losses	base, losses;
	__u64			losses_ns;
};

/* Why a controller does not serve, since it was live last. */
struct ctrl_cause {
	__u8	cause;			/* enum model_cause */
};

enum conflict { CONFLICT_NONE, CONFLICT_PATHS, CONFLICT_GONE };

struct head {
	struct model_head	pub;		/* first: a head is a model_head */
	struct model_path	*paths;
	struct window		*window;	/* the last one */
	struct outage		*outage;	/* the last one */
	__u32			last_outage_number;	/* of pub.head_id */
	__u32			disk;		/* counts the disks: each has windows from 1 on */
	/* its present disk is new: first event of it; 0: no */
	__u64			since_ns;
	bool			found;		/* its disk is one that only a topology told of */
	__u64			gone_ns;	/* pub.gone: since when */
	__u64			listed;		/* model.topo_nr of the last topology that had it */
	/* only topologies tell of it, see model_topologies_only() */
	bool			passing;
	bool			last_number_known;
	__u32			last_number;	/* highest window number of this head disk */
	/* last_number is from before the collector's restart */
	bool			resumed;
	enum conflict		conflict;	/* what a topology said against an open window */
	__u64			conflict_ns;
	/* what sysfs says that no event told yet; or it does not */
	__u64			gone_doubt_ns, came_doubt_ns;
	__u64			paths_told_ns;	/* when an event told of paths_listed last */
	int			listed_paths;	/* by the last topology */
	__u64			listed_ns;
};

struct outage {
	struct model_outage	pub;		/* first: an outage is a model_outage */
	struct outage		*before;	/* of the same head */
	struct model_who	*who;
	bool			linked;		/* it has or had a window */
	bool			forget;		/* see model/trim.c */
	bool			unbalanced;	/* already remarked */
};

struct window {
	struct model_window	pub;		/* first: a window is a model_window */
	struct head		*head;
	struct outage		*outage;	/* whose are pub.counters; NULL: none */
	struct window		*before;	/* of the same head */
	__u32			disk;		/* of the head, see there */
	__u32			head_id;	/* outage numbers count per head_id */
	__u64			opened_ns;	/* first thing seen of it */
	bool			forget;		/* see model/trim.c */
};

struct model {
	struct list		sessions, heads, windows, outages;
	struct model_session	*session;
	struct model_remark	*remarks;
	size_t			nr_remarks;
	__u64			remarks_dropped;
	__u64			bad[REC_TYPES];	/* records that make no sense, by type */
	__u64			count[MODEL_OUTCOMES];
	__u64			events_lost;
	__u64			contradictions, runs_skipped, reloads;
	__u64			now;
	struct topo		*topo;		/* the last one of this session */
	__u64			topo_ns;	/* when reading it began */
	__u64			topo_nr;	/* topologies so far */
	struct ctrl_cause	*ctrls;		/* by instance */
	size_t			nr_ctrls;
	bool			conflict;		/* a head may have one to resolve */
	bool			finished;
	int			err;		/* -ENOMEM; it stays */
	struct model_listener	*listeners;
	size_t			nr_listeners;
	/* first error of a listener during this feed or finish */
	int			told;
	bool			listed;		/* the record that is fed is what topo says */
	bool			topologies_only;
	size_t			opened;		/* windows so far, also forgotten ones */
	__u64			outages_forgotten;
	size_t			stayed;		/* windows beyond the limit that could not go */
	struct model_limit	limit;
};

/*
 * The files in their order: each calls only those above it. model/query.c, with the queries of
 * model/model.h, and model/names.c need none of this.
 */

/* model/core.c */

int list_add(struct list *list, void *item);	/* 0 or -ENOMEM */
/* Keep a remark of the present session; when memory is short, m->err says so. */
void model_remark_add(struct model *m, const struct model_remark *remark);
/* A boot time some milliseconds later or earlier; never 0, nor beyond the end of time. */
__u64 time_add_ms(__u64 ns, __s64 ms);
/* For the listeners, see struct model_listener. */
void model_record_comes(struct model *m, const struct record *rec);
void model_window_changed(struct model *m, enum model_change what, const struct window *w);
void model_outage_over(struct model *m, const struct head *h, __u64 from_ns, __u64 to_ns);
void model_path_lost(struct model *m, const struct head *h, const struct model_path *p, bool first);
void model_record_understood(struct model *m, const struct record *rec);

/* model/refs.c */

/* The head whose disk has this number in the present session, or NULL. */
struct head *head_of_id(const struct model *m, __u32 head_id);
/* The disk of this number, which the session does not know, is the head's: 0 or -ENOMEM. */
int head_ref_add(struct model_session *s, __u32 head_id, struct head *h);

/* model/cause.c */

/* What a change of state says about a controller, of which @before was known. */
enum model_cause cause_of_ctrl(const struct mpath_ev_ctrl_state *ev, const char *transport,
			       enum model_cause before);
/* Why a path cannot be used, of whose controller @ctrl is known. */
enum model_cause cause_of_path(const struct mpath_ev_path *ev, const char *transport,
			       enum model_cause ctrl);
/* A controller changed its state: what that says of it, and of the paths it lost. */
void cause_ctrl_event(struct model *m, const struct mpath_ev_ctrl_state *ev);
/* A path was just lost; it left its head. */
void cause_path_lost(struct model *m, struct model_path *p, const struct mpath_ev_path *ev);
void cause_path_removed(struct model *m, struct model_path *p, const struct mpath_ev_path *ev);
/* The losses that led to a window. */
void cause_take_losses(struct window *w);
/* Controllers are others now. */
void cause_forget(struct model *m);

/* model/outage.c */

/* The outage that a snapshot is of, a new one if need be; NULL: no memory, m->err says so. */
struct outage *outage_get(struct model *m, struct head *h, const struct mpath_outage *s);
void outage_who(struct model *m, const struct rec_who *rec);
void outage_free(struct outage *o);
/* The outages of @from come last in @to. */
void outage_merge(struct head *from, struct head *to);
/* Do the numbers add up? A violation is remarked once. */
bool outage_balanced(struct model *m, struct outage *o);

/* model/window.c */

/* A new last window of a head; @number 0: not armed. NULL: no memory, m->err says so. */
struct window *window_new(struct model *m, struct head *h, __u32 number, __u64 time_ns);
/* When the paths went and why, as far as it was seen. */
void window_take_loss_times(struct model *m, struct window *w);
/* Do the counters belong to the window? */
bool window_matches(const struct window *w, const struct model_outage *o);
/* They do: it has their times now, and may be settled by them. */
void window_take_counters(struct model *m, struct window *w, struct outage *o);
/* Give a new window the snapshot that may have come before it. */
void window_link_outage(struct model *m, struct window *w);
/* Nothing more comes of a window: what is missing is noted, and the listener called. */
void window_finalize(struct model *m, struct window *w);
/* Its head is gone, and now the namespace has a head again. NULL is fine. */
void window_head_reappeared(struct window *w, const struct model_session *s, const char *name,
			    __u64 time_ns);
void window_path_added(struct head *h, const struct mpath_ev_path *ev);
void window_path_usable(struct model *m, struct head *h, __u64 time_ns);
void window_work(struct model *m, struct head *h, const struct mpath_ev_remove_work *ev);
void window_head_removed(struct model *m, struct head *h, const struct mpath_ev_head_remove *ev);
void window_bio(struct head *h, const struct mpath_ev_bio *ev);
void window_drained(struct model *m, struct head *h, const struct mpath_event *ev);
void window_end_unknown(struct model *m, struct window *w, __u32 missing);
void window_try_finalize(struct model *m, struct window *w);
/* Nothing more is expected of a window that has ended. */
void window_give_up(struct model *m, struct window *w);
/* The collector of a window's session is gone. */
void window_new_session(struct model *m, struct window *w);
/* Something was lost after @from_ns: every window that was not over then may lack it. */
void window_add_missing(struct model *m, __u32 missing, __u64 events, __u64 from_ns);
void window_finish(struct model *m);

/* model/window_number.c */

/* What an event's window number says: of earlier windows that were not seen, of missed ends. */
void window_number(struct model *m, struct head *h, const struct mpath_event *ev);

/* model/path.c */

void head_path_event(struct model *m, struct head *h, const struct mpath_ev_path *ev);
void head_ctrl_event(struct model *m, const struct mpath_ev_ctrl_state *ev);
void head_gone(struct model *m, struct head *h, __u64 time_ns);
/* The path of this name, a new one if need be; NULL: no memory, m->err says so. */
struct model_path *path_get(struct model *m, struct head *h, const char *name);
/* Of a path that can be used: are others better, by the latest that ANA said? */
void path_by_ana(struct model_path *p);
bool ana_reserves(int ana);

/* The same without an event: it was lost, gained, or left the head. */
void path_lost_unseen(struct model *m, struct head *h, struct model_path *p, __u64 time_ns);
void path_gained_unseen(struct model *m, struct head *h, struct model_path *p, __u64 time_ns);
void path_gone_unseen(struct model *m, struct head *h, struct model_path *p, __u64 time_ns);

/* model/believe.c */

/* A path as sysfs had it at @time_ns: 1, or 0 if it has left the head since. */
int path_topology(struct model *m, struct head *h, const struct topo_path *tp, __u64 time_ns,
		  bool repeat);
/* The paths that the last topology does not list. */
void believe_unlisted(struct model *m, struct head *h, __u64 time_ns);
/* Sysfs says that the head went, or came, of which events told nothing so far. */
void believe_head_gone(struct model *m, struct head *h, __u64 time_ns);
void believe_head_came(struct model *m, struct head *h, __u64 time_ns);
/* The head has another disk, or a session begins: nothing was told or doubted. */
void believe_anew(struct head *h);
/* Decide for sysfs where events were silent for long enough. Is something left to decide? */
bool believe_resolve(struct model *m, struct head *h);

/* model/snapshot.c */

/* Take the counters of a REC_OUTAGE record; one of a head that is not known is a bad record. */
void outage_snapshot(struct model *m, const struct record *rec);

/* model/head.c */

/* The head that an event is about, a new one if need be; NULL: of none, or no memory (m->err). */
struct head *head_of_event(struct model *m, const struct mpath_event *ev);
/* The head that a topology read at @time_ns lists; NULL: too many, or no memory (m->err). */
struct head *head_of_topology(struct model *m, const struct topo_head *th, const char *nqn,
			      __u64 time_ns);
/* Did its present disk come, or its last one go, after @topo_ns, when a topology was read? */
bool head_is_newer(const struct head *h, __u64 topo_ns);
void head_new_session(struct model *m, bool same_boot);
/* What topologies said so far is no more, see model_topologies_only(). */
void head_forget_topologies(struct model *m);
void head_free(struct head *h);

/* model/event.c */

/* Take an event whose turn it is. */
void event_take(struct model *m, const struct mpath_event *ev);

/* model/order.c */

/* An event as it was recorded: taken now, or held until its turn. 0 or -ENOMEM. */
int order_feed(struct model *m, const struct mpath_event *ev);
/* The hole before the first held event is final; there is one. */
void order_give_up(struct model *m);
/* Take the events that wait behind a hole, which nothing will fill any more. */
void order_flush(struct model *m);
/* So many events are lost, of the time between: a remark, and windows may lack them. */
void order_note_lost(struct model *m, __u64 events, __u64 from_ns, __u64 to_ns);
/* The events that a session holds go, not taken. */
void order_free(struct model_session *s);

/* model/session.c: 0 or -ENOMEM */
int session_begin(struct model *m, __u64 time_ns, const struct rec_host *host);
int session_host(struct model *m, const struct record *rec);
int session_start(struct model *m, const struct record *rec);
/* nvme_core is gone, so is what was attached: nothing more comes of it. */
void session_unloaded(struct model *m, __u64 time_ns);
int session_clock(struct model *m, const struct rec_clock *clock);

/* model/reconcile.c */

/* Take a topology that was read at @time_ns; @repeat: it was recorded before. */
void reconcile_topology(struct model *m, const struct topo *t, __u64 time_ns, bool repeat);
/* Decide the conflicts that no event explained in time; @all: there are no more records. */
void reconcile_resolve(struct model *m, bool all);

/* model/trim.c */

void model_keep_limit(struct model *m);	/* forget what is beyond it, now and then */

#endif /* MODEL_INTERNAL_H */
