/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a model shows: heads, their paths, grace windows, counters of outages, remarks.
 *
 * Times are CLOCK_BOOTTIME nanoseconds of the session they were recorded in;
 * MODEL_NONE means "not (yet) happened" or "not known". Structures are read
 * only for everybody but the model and valid until model_free(), unless said
 * otherwise.
 */
#ifndef MODEL_TYPES_H
#define MODEL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "model/outcomes.h"
#include "record/record.h"
#include "record/topology.h"

#define MODEL_NONE	0ULL

/* Why a window's data is not the whole truth; bits of model_window.missing. */
enum model_missing {
	MISSING_EVENTS		= 1 << 0,	/* events were lost while it was open */
	MISSING_GAP		= 1 << 1,	/* records could not be written (disk full) */
	/* a parked bio could not be remembered, nor counted */
	MISSING_BIOS		= 1 << 2,
	MISSING_LATE		= 1 << 3,	/* bios were parked before the attachment */
	MISSING_START		= 1 << 4,	/* the arming was not seen */
	MISSING_END		= 1 << 5,	/* the end was not seen */
	MISSING_ALL		= 1 << 6,	/* known from a gap in the window numbers only */
	MISSING_COUNTERS	= 1 << 7,	/* no counter snapshot */
	MISSING_LAST_COUNTERS	= 1 << 8,	/* the last one is from before the queue drained */
	MISSING_RESTART		= 1 << 9,	/* the collector was not running all the time */
	MISSING_MAPS		= 1 << 10,	/* the table of heads or of outages was full */
	MISSING_BALANCE		= 1 << 11,	/* parked != completed + failed + queued */
	MISSING_DAMAGE		= 1 << 12,	/* model_set_damaged(): the recording is damaged */
	/* all bios are counted, the stall of some is not known */
	MISSING_STALLS		= 1 << 13,
};
#define MODEL_MISSING_BITS	14

/*
 * Why a path can no longer be used. A cause is the finest that the events
 * prove: what they do not tell apart is MODEL_CAUSE_RESET or _UNKNOWN.
 */
enum model_cause {
	MODEL_CAUSE_UNKNOWN,
	MODEL_CAUSE_SURPRISE,		/* PCIe: the device is gone, nobody had let go of it */
	MODEL_CAUSE_RESET_FAILED,	/* the controller was reset and did not come up */
	MODEL_CAUSE_TIMEOUT,		/* it is reset because a command timed out */
	MODEL_CAUSE_KEEP_ALIVE,		/* fabrics: because a keep-alive failed */
	MODEL_CAUSE_CONNECTION,		/* fabrics: the transport lost its connection */
	/* it is reset; nothing tells why, or somebody asked for it */
	MODEL_CAUSE_RESET,
	MODEL_CAUSE_ANA,		/* the target says that this path serves no I/O */
	MODEL_CAUSE_DISCONNECT,		/* fabrics: somebody disconnected it */
	MODEL_CAUSE_REMOVAL,		/* unplugged, unbound, or unloaded, in good order */
	MODEL_CAUSE_NAMESPACE,		/* the controller is there, the namespace is not */
	MODEL_CAUSES,
};

struct model;			/* opaque, see model/model.h */
struct model_session;		/* one attachment of the collector */

/* Whose bios an outage parked: those of one cgroup. */
struct model_who {
	__u64	cgroup;			/* 0: not known */
	__u64	parked;
	__u32	pid;			/* of the first process seen; 0: none was */
	bool	several;		/* processes */
	char	comm[MPATH_COMM_LEN];
	char	path[200];		/* of the cgroup; empty: not known */
};

/* cgroups of an outage that are kept, the first ones seen */
#define MODEL_WHO	64

/* The last counter snapshot of one outage. */
struct model_outage {
	const struct model_session	*session;
	const struct model_head		*head;
	char				name[MPATH_NAME_LEN];	/* of the head when it began */
	__u64				time_ns;	/* of the snapshot */
	bool				whole;		/* false: nothing behind s.stall is known */
	struct mpath_outage		s;
	size_t				nr_who;		/* 0: not recorded, or nothing was parked */
	const struct model_who		*who;
};

struct model_path {
	char	name[MPATH_NAME_LEN];
	__s32	ctrl;			/* TOPO_NO_CTRL: not known */
	bool	gone;			/* it left the head, or the head is gone */
	enum path_state		state;	/* but for gone, see model_path_state() */
	/*
	 * ANA keeps it in reserve: it never was usable, or another path took its place; see
	 * model_path_is_standby()
	 */
	bool	standby;
	__u64	took_over_ns;		/* since when it is usable after it was in reserve */
	__u64	added_ns;		/* if seen */
	__u64	removed_ns;
	__u64	lost_ns;		/* since when it is not usable */
	enum model_cause	cause;	/* of that, while lost_ns is known */
	int	ctrl_state;		/* enum mpath_ctrl_state, -1: not known */
	int	ana_state;		/* as in the log page (1 optimized ..), -1: not known */
	char	transport[16];		/* empty: not known */
	char	address[256];

	/* sysfs against events, see model/believe.c */
	__u64	told_ns;		/* when an event told of it last */
	__u64	ctrl_told_ns;		/* the same of its controller's state */
	bool	by_sysfs;		/* its state is what sysfs said, against events */
	__u64	listed;			/* number of the last topology that had it */
	__u64	doubt_ns;		/* since when sysfs says otherwise; or it does not */
	enum path_state		doubt;	/* what it says */
	int	doubt_ctrl, doubt_ana;	/* as ctrl_state, ana_state */
};

struct model_head {
	char	name[MPATH_NAME_LEN];	/* the latest; it may come back under another one */
	char	nqn[224];		/* empty: not known */
	char	uuid[40];
	char	wwid[136];
	char	model[48];		/* of the subsystem, as serial; empty: not known */
	char	serial[24];
	__s32	subsys;
	__u32	nsid;
	bool	gone;
	__s64	setting_s;		/* the latest known, or TOPO_NO_SETTING */
	bool	setting_known;		/* false: setting_s means nothing */
	__u32	head_id;		/* of the current session; 0: no event yet */
	const struct model_session *session;	/* that head_id belongs to */

	size_t			nr_paths;	/* paths of the present, also ones gone */
	const struct model_path	*paths;		/* until the next model_feed() */
	int			paths_listed;	/* the kernel's count; -1: not known */
	__u64			first_lost_ns;	/* first loss since a path was last gained */
	__u64			lost_ns;	/* no usable path since; or it has one */

	const struct model_window *window;	/* the last one, open or not; NULL */
	const struct model_outage *outage;	/* the last one with a snapshot; NULL */
	__u64			missed_windows;	/* numbers that were never seen */
	__u32			windows_before;	/* that it had had when its first event was read */
	__u64			windows[MODEL_OUTCOMES];
	__u64			losses[MODEL_CAUSES];	/* of paths that are back, or have left */
};

/* What a head is doing, best first. */
enum model_head_state {
	HEAD_HEALTHY,		/* all paths that it has can be used, or are in reserve */
	HEAD_DEGRADED,		/* some can, but less than it had or should have */
	HEAD_NO_USABLE_PATH,	/* none can, and nothing limits the wait */
	HEAD_GRACE,		/* a window is open */
	HEAD_REMOVED,
	HEAD_STATES,
};

/* A path that was lost before a window. */
struct model_loss {
	char			path[MPATH_NAME_LEN];
	__s32			ctrl;
	enum model_cause	cause;
	__u64			lost_ns;
};

#define MODEL_LOSSES	8		/* of a window that are kept, the last ones */

struct model_window {
	const struct model_head		*head;
	const struct model_session	*session;
	size_t			index;		/* counts them from 0, forgotten ones included */
	char			name[MPATH_NAME_LEN];	/* of the head at that time */
	__u32			number;		/* the kernel's; 0: not armed */
	__u32			outage;		/* BPF's number; 0: not known */
	enum model_outcome	outcome;
	bool			ended;		/* outcome is final */
	bool			settled;	/* nothing about it will change any more */
	bool			lost_again;	/* next window came before the queue drained */
	bool			continues;	/* no path was usable since the window before */
	__u32			missing;	/* bits of enum model_missing; 0: complete */
	__u64			events_lost;	/* while it was open */

	/* phases */
	__u64	first_lost_ns;		/* first path lost */
	__u64	lost_ns;		/* last usable path lost */
	__u64	armed_ns;
	__u64	back_ns;		/* a namespace joined again */
	__u64	usable_ns;		/* a path is usable again */
	__u64	taken_ns;		/* the first stalled bio was taken by a path */
	__u64	drained_ns;		/* nothing parked any more */

	__u64	end_ns;			/* cancelled, ran, removed; pending: last record */
	__u64	removed_ns;		/* the head went */
	__u64	reappeared_ns;		/* after that the namespace came back as a new head disk */
	char	reappeared_name[MPATH_NAME_LEN];	/* of that; empty: it did not */
	__u64	deadline_ns;		/* as it was last */
	__u64	setting_ms;		/* as it was last */
	__u64	armed_ms;		/* as it was at the loss; not known without armed_ns */
	__u32	moves;			/* changes of the deadline */
	bool	setting_known;		/* setting_ms means something */
	bool	margin_known;
	__s64	margin_ns;		/* deadline - namespace back */

	const struct model_outage *counters;	/* NULL: none */

	__u32	nr_losses;		/* since the first path lost */
	__u32	loss_causes[MODEL_CAUSES];	/* how many of each */
	struct model_loss losses[MODEL_LOSSES];	/* the last ones, in the order in which they went */
};

enum model_remark_kind {
	REMARK_EVENTS_LOST,	/* a: events that no record has */
	REMARK_GAP,		/* a: records, b: errno, until: end of the gap */
	REMARK_NO_END,		/* the collector did not end by itself */
	REMARK_RESTART,		/* the collector was started again; time..until: not running */
	REMARK_REBOOT,		/* another boot of the host follows */
	REMARK_WINDOWS_MISSED,	/* a: count, b: first number; head */
	REMARK_BALANCE,		/* a: parked, b: completed + failed + queued; head */
	REMARK_BAD_RECORD,	/* a: enum record_type, b: what it holds makes no sense, count */
	REMARK_MAPS_FULL,	/* a: enum { 0 heads, 1 outages, 2 bios }, b: count */
	REMARK_OPEN_AT_END,	/* a window was open when the records ended; head */
	REMARK_RESUMED,		/* as RESTART, but the programs stayed attached and counted on */
	REMARK_CONTRADICTION,	/* a: enum model_contradiction; head: only sysfs told */
	REMARK_RELOADED,	/* time..until: nvme_core was unloaded, and nothing was watched */
	REMARK_SKIPPED,		/* a: runs of programs that the kernel skipped */
};

/* What sysfs said that events should have. */
enum model_contradiction {
	CONTRADICTION_PATH_LOST,
	CONTRADICTION_PATH_BACK,
	CONTRADICTION_PATH_GONE,
	CONTRADICTION_HEAD_GONE,
	CONTRADICTION_HEAD_CAME,
	CONTRADICTIONS,
};

struct model_remark {
	enum model_remark_kind	kind;
	const struct model_session *session;
	const struct model_head	*head;		/* or NULL */
	__u64			time_ns, until_ns;
	__u64			a, b;
};

#endif /* MODEL_TYPES_H */
