/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event ABI: what the BPF programs hand to user space, and what a record
 * file stores. Included by both sides, so it holds fixed-width types, explicit
 * padding and nothing else. All times are CLOCK_BOOTTIME nanoseconds.
 *
 * Rules for a change: a new event gets a new type; a field may be added only
 * at the end of a structure (readers go by mpath_event.len and skip what they
 * do not know); anything else raises MPATH_ABI_VERSION.
 */
#ifndef MPATH_EVENT_H
#define MPATH_EVENT_H

#ifndef __bpf__
#include <assert.h>
#include <linux/types.h>
#include <stddef.h>
#endif

#define MPATH_ABI_VERSION	1
#define MPATH_NAME_LEN		32	/* DISK_NAME_LEN of the kernel */

enum mpath_event_type {
	MPATH_EV_PATH_ADD	= 1,	/* struct mpath_ev_path */
	MPATH_EV_PATH_LIVE	= 2,	/* struct mpath_ev_path */
	MPATH_EV_PATH_REMOVE	= 3,	/* struct mpath_ev_path */
	MPATH_EV_FAILOVER	= 4,	/* struct mpath_ev_failover, first of an outage only */
	MPATH_EV_BIO		= 5,	/* struct mpath_ev_bio, a sample */
	MPATH_EV_REMOVE_WORK	= 6,	/* struct mpath_ev_remove_work */
	MPATH_EV_HEAD_REMOVE	= 7,	/* struct mpath_ev_head_remove */
	MPATH_EV_CTRL_STATE	= 8,	/* struct mpath_ev_ctrl_state, head fields are zero */
	MPATH_EV_DRAINED	= 9,	/* struct mpath_event: nothing is parked any more */
};

/*
 * Start of every event. seq counts all events of one attachment, also those
 * that found the ring full: a hole is a loss.
 */
struct mpath_event {
	__u16	version;		/* MPATH_ABI_VERSION */
	__u16	type;			/* enum mpath_event_type */
	__u32	len;			/* of the whole event */
	__u64	time_ns;
	__u64	seq;
	__u32	head_id;		/* one per head disk and attachment, from 1; 0: none */
	/* kernel's number of the open or last window; 0: none yet */
	__u32	window;
	__u32	outage;			/* BPF's number of the outage, see struct mpath_outage */
	__s32	subsys;			/* instance: X of nvme-subsysX */
	__u32	nsid;
	__u32	cpu;
	char	head[MPATH_NAME_LEN];	/* nvmeXnY */
};

#define MPATH_NO_WINDOW	(-1LL)		/* ms_left: no window was open */

struct mpath_ev_path {
	struct mpath_event h;
	char	path[MPATH_NAME_LEN];	/* nvmeXcYnZ */
	__s64	ms_left;		/* ADD: to the deadline, or MPATH_NO_WINDOW */
	__s32	ctrl;			/* Y of nvmeY */
	__u32	paths;			/* ADD, REMOVE: listed after the event */
	__u8	ctrl_state;		/* enum nvme_ctrl_state; LIVE, REMOVE */
	__u8	ana_state;		/* ANA state as in the log page; LIVE */
	__u8	usable;			/* LIVE: nvme_find_path would choose it */
	__u8	last;			/* REMOVE: the head has no path left */
	__u32	pad;
};

struct mpath_ev_failover {
	struct mpath_event h;
	char	path[MPATH_NAME_LEN];
	__u64	age_ns;			/* since the request was started; 0: unknown */
	__s32	ctrl;
	__u32	bytes;
	__u32	bios;			/* stolen from the request */
	__u16	status;			/* NVMe status, phase bit removed */
	__u8	op;			/* enum req_op */
	__u8	pad;
};

enum mpath_bio_what {
	MPATH_BIO_FIRST	= 1,		/* first parked bio of the outage */
	MPATH_BIO_TAKEN	= 2,		/* first stalled bio that a path took */
	MPATH_BIO_FAILED = 3,		/* first bio of the outage that failed */
};

enum mpath_park_reason {
	MPATH_PARK_NO_USABLE_PATH = 0,
	MPATH_PARK_FAILOVER	  = 1,
	MPATH_PARK_REASONS	  = 2,
};

struct mpath_ev_bio {
	struct mpath_event h;
	__u64	sector;			/* 512-byte units, on the head */
	/* FIRST: the age of a failed-over request; else 0: not known */
	__u64	stall_ns;
	__u32	bytes;
	__u8	what;			/* enum mpath_bio_what */
	__u8	op;			/* enum req_op */
	__u8	reason;			/* enum mpath_park_reason, of the first park */
	__u8	pad;
};

enum mpath_work_action {
	MPATH_WORK_ARMED	= 1,
	MPATH_WORK_MOVED	= 2,
	MPATH_WORK_CANCELLED	= 3,	/* a path joined: ms_left is the margin */
	MPATH_WORK_RAN		= 4,
};

enum mpath_work_result {
	MPATH_RESULT_NONE	= 0,
	MPATH_RESULT_REMOVED	= 1,	/* RAN: the head goes */
	MPATH_RESULT_KEPT	= 2,	/* RAN: a path was back */
};

struct mpath_ev_remove_work {
	struct mpath_event h;
	__u64	delay_ms;		/* the setting in force */
	__s64	ms_left;		/* to the deadline; negative: past it */
	__u8	action;			/* enum mpath_work_action */
	__u8	result;			/* enum mpath_work_result */
	__u8	pad[6];
};

enum mpath_remove_reason {
	MPATH_REMOVE_IMMEDIATE	= 1,	/* last path went and no window was armed */
	MPATH_REMOVE_EXPIRED	= 2,	/* the deadline passed */
	MPATH_REMOVE_CLOSED	= 3,	/* the setting was lowered below the time gone by */
};

struct mpath_ev_head_remove {
	struct mpath_event h;
	__u32	reason;			/* enum mpath_remove_reason */
	__u32	pad;
};

/*
 * The functions that led to the change, as "name" or "name [module]": the caller of
 * nvme_change_ctrl_state() first, then its caller, ...; empty: no more, or not known.
 * Events of MPATH_EV_CTRL_STATE_LEN_1 bytes end before them.
 */
#define MPATH_CALLERS			8
#define MPATH_EV_CTRL_STATE_LEN_1	88

struct mpath_ev_ctrl_state {
	struct mpath_event h;
	__s32	ctrl;
	__u8	old_state;		/* enum nvme_ctrl_state */
	__u8	new_state;
	__u16	pad;
	char	callers[MPATH_CALLERS][MPATH_NAME_LEN];
};

/* enum nvme_ctrl_state, drivers/nvme/host/nvme.h; the same in 6.1 .. 7.3 */
enum mpath_ctrl_state {
	MPATH_CTRL_NEW,
	MPATH_CTRL_LIVE,
	MPATH_CTRL_RESETTING,
	MPATH_CTRL_CONNECTING,
	MPATH_CTRL_DELETING,
	MPATH_CTRL_DELETING_NOIO,
	MPATH_CTRL_DEAD,
};

/*
 * Log-linear histogram of stall times: 16 buckets to an octave, so a bucket is
 * 1/16 of its lower bound wide. Values below 2^MIN_SHIFT ns fall into bucket
 * 0, values from 2^(MIN_SHIFT + OCTAVES) ns (73 minutes) on into the last one.
 */
#define MPATH_HIST_SUB_SHIFT	4
#define MPATH_HIST_MIN_SHIFT	10
#define MPATH_HIST_OCTAVES	32
#define MPATH_HIST_BUCKETS	(MPATH_HIST_OCTAVES << MPATH_HIST_SUB_SHIFT)

/* What kind of error a request failed over with: path related status codes of NVMe, or others. */
enum mpath_status_class {
	MPATH_STATUS_ANA,		/* the namespace is not accessible by this path */
	MPATH_STATUS_CONTROLLER,	/* the controller found a pathing error */
	MPATH_STATUS_HOST,		/* the driver did, or gave the command up */
	MPATH_STATUS_OTHER,
	MPATH_STATUS_CLASSES,
};

enum mpath_op { MPATH_OP_READ, MPATH_OP_WRITE, MPATH_OP_OTHER, MPATH_OPS };

/* mpath_outage.flags: why the numbers are not the whole truth */
/* a parked bio could not be remembered: see untimed */
#define MPATH_OUTAGE_MAP_FULL	(1U << 0)
/* bios were parked before the programs were attached */
#define MPATH_OUTAGE_LATE	(1U << 1)
/* the end of bios, or of the outage, was not seen: sysfs and the bios themselves told it */
#define MPATH_OUTAGE_UNSEEN	(1U << 2)

/*
 * What happened to the bios of one outage, kept in a map by the BPF programs
 * and stored as a counter snapshot. An outage begins with the first bio parked
 * (or the arming of the removal work) on a head that has none, and ends when
 * no window is armed and nothing is parked. A bio belongs to the outage in
 * which it was first parked, however often it passes the queue.
 *
 * At any time: parked[0] + parked[1] == completed + failed + depth. When depth
 * is 0, completed + failed is what stall holds, plus untimed.
 *
 * Snapshots of MPATH_OUTAGE_LEN_1 bytes end behind stall: in these a bio that
 * could not be remembered is in none of the numbers. Those of MPATH_OUTAGE_LEN_2
 * bytes lack failover_status.
 */
#define MPATH_OUTAGE_LEN_1	2216
#define MPATH_OUTAGE_LEN_2	6376

struct mpath_outage {
	__u32	head_id;
	__u32	outage;
	__u32	window;			/* first window armed in it; 0: none */
	__u32	flags;			/* MPATH_OUTAGE_* */
	__u64	start_ns;		/* first park or arming */
	__u64	first_taken_ns;		/* a path took the first stalled bio; 0: not yet */
	__u64	last_done_ns;		/* last stall that ended, either way; 0: none */
	__u64	drained_ns;		/* 0: not yet */
	__u64	parked[MPATH_PARK_REASONS];	/* bios, by the reason of the first park */
	__u64	passes;			/* parks, repeated ones included */
	__u64	completed;		/* bios that a path took in the end */
	__u64	failed;			/* bios that were parked and then failed */
	__u64	failed_unparked;	/* bios that failed at submission, never parked */
	__u64	depth;			/* parked now */
	__u64	depth_max;
	__u64	failovers;		/* requests */
	__u64	ops[MPATH_OPS];		/* of the parked bios */
	__u64	stall_sum_ns;
	__u64	stall_max_ns;
	__u64	unknown;		/* unparked, but never seen parked: see MPATH_OUTAGE_LATE */
	__u32	stall[MPATH_HIST_BUCKETS];	/* completed and failed */
	__u64	untimed;		/* bios whose stall is not known, queued ones included */
	__u64	who_other;		/* parked bios that no struct mpath_who has */
	__u64	stall_op_sum_ns[MPATH_OPS];
	__u64	stall_op_max_ns[MPATH_OPS];
	/* reads, writes; others are the rest */
	__u32	stall_op[MPATH_OP_OTHER][MPATH_HIST_BUCKETS];
	__u64	failover_status[MPATH_STATUS_CLASSES];	/* failovers, by enum mpath_status_class */
};

/*
 * Whose bios an outage parked: so many of one cgroup. A task that submits for itself is seen
 * while it parks; its own cgroup counts. What kernel threads submit, and what failed over in an
 * interrupt, belongs to the cgroup that the bio is charged to: without the io controller that is an
 * ancestor of the one that it came from.
 */
#define MPATH_COMM_LEN		16

#define MPATH_WHO_SEVERAL	(1U << 0)	/* more than one process */

struct mpath_who {
	/* its id, the inode number of its directory; 0: not known */
	__u64	cgroup;
	__u32	head_id;
	__u32	outage;
	__u64	parked;			/* bios, as in struct mpath_outage */
	__u32	pid;			/* of the first process seen; 0: none was */
	__u32	flags;			/* MPATH_WHO_* */
	char	comm[MPATH_COMM_LEN];	/* its name */
};

/* Why detail was lost, counted in a map of this shape since the attachment. */
struct mpath_losses {
	__u64	ring_full;		/* events */
	__u64	bio_map_full;		/* parked bios not remembered: their stall is not known */
	__u64	head_map_full;		/* events of heads beyond the limit */
	__u64	outage_map_full;	/* outages not counted */
	__u64	skipped;		/* runs of programs, which the kernel skipped */
};
#define MPATH_LOSSES_LEN_1	32	/* without skipped: these are among ring_full */

/*
 * What can be learned of a head. A kernel may have no place for a program to learn one of them:
 * rec_start.features has a bit for each that the attached programs cannot tell, so that numbers
 * never change.
 */
enum mpath_fact {
	MPATH_FACT_PATH_LOST,		/* a path left the list of its head */
	MPATH_FACT_PATH_BACK,		/* a path joined it */
	MPATH_FACT_PATH_USABLE,		/* a path can serve I/O */
	MPATH_FACT_ANA,			/* its ANA state changed to one that cannot */
	MPATH_FACT_HEAD_REMOVED,
	MPATH_FACT_WINDOW_ARMED,	/* with the deadline */
	MPATH_FACT_WINDOW_ENDED,	/* the removal work ran, and what it decided */
	MPATH_FACT_MARGIN,		/* how much of a window was left when a path joined */
	MPATH_FACT_PARKED,		/* a bio waits */
	MPATH_FACT_RESUBMITTED,		/* a bio was taken from the queue: how long it waited */
	MPATH_FACT_FAILED,		/* a bio failed for want of a path */
	MPATH_FACT_FAILOVER,		/* a request failed on a path, its bios go elsewhere */
	MPATH_FACT_CTRL_STATE,
	MPATH_FACT_CAUSE,		/* who changed the state of a controller */
	MPATH_FACTS,
};

#define MPATH_ABI_ASSERT(expr)	_Static_assert(expr, "event ABI: " #expr)
MPATH_ABI_ASSERT(sizeof(struct mpath_event) == 80);
MPATH_ABI_ASSERT(sizeof(struct mpath_ev_path) == 136);
MPATH_ABI_ASSERT(sizeof(struct mpath_ev_failover) == 136);
MPATH_ABI_ASSERT(sizeof(struct mpath_ev_bio) == 104);
MPATH_ABI_ASSERT(sizeof(struct mpath_ev_remove_work) == 104);
MPATH_ABI_ASSERT(sizeof(struct mpath_ev_head_remove) == 88);
MPATH_ABI_ASSERT(sizeof(struct mpath_ev_ctrl_state) == 344);
MPATH_ABI_ASSERT(__builtin_offsetof(struct mpath_ev_ctrl_state, callers) ==
		 MPATH_EV_CTRL_STATE_LEN_1);
MPATH_ABI_ASSERT(sizeof(struct mpath_outage) == 6408);
MPATH_ABI_ASSERT(__builtin_offsetof(struct mpath_outage, untimed) == MPATH_OUTAGE_LEN_1);
MPATH_ABI_ASSERT(__builtin_offsetof(struct mpath_outage, failover_status) == MPATH_OUTAGE_LEN_2);
MPATH_ABI_ASSERT(sizeof(struct mpath_who) == 48);
MPATH_ABI_ASSERT(sizeof(struct mpath_losses) == 40);
MPATH_ABI_ASSERT(__builtin_offsetof(struct mpath_losses, skipped) == MPATH_LOSSES_LEN_1);

#endif /* MPATH_EVENT_H */
