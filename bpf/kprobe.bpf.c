// SPDX-License-Identifier: GPL-2.0-only
/*
 * The programs for a driver without the series: kprobes, at the entry of a function or at a call
 * that it makes, see user/live/stock_probes.c for where each one goes. They find out what the
 * series' tracepoints would have told, and hand it to the same code (handlers.bpf.h): same maps,
 * same events.
 *
 * None of these places is passed by I/O of a healthy head. A probe at a call runs with interrupts
 * off, at the entry of a function it may not: an interrupt's bios could be missed then, as one
 * program is run at a time on a CPU.
 */
#define MPATH_KPROBES
#include <linux/ptrace.h>
#include "handlers.bpf.h"
#include "heal.bpf.h"
#include "kernel_nvme.h"
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

#define MAX_NAMESPACES	4096	/* of a controller, looked at */
#define MAX_PATHS	1024	/* of a head, counted */
#define MAX_BIOS	65536	/* of a request */

/* Length of a jiffy: user space asks the kernel. */
const volatile __u64 tick_ns = 4000000;

/* What a function was called with, for who looks on later in the same call. */
enum in {
	IN_REQUEUE_WORK,
	IN_REMOVE_WORK,
	IN_NS_REMOVE,
	IN_ADD_DISK,
	IN_REMOVE_DISK,
	IN_CTRL_STATE,
	IN_ANA_STATE,
};

struct call_key {
	__u64	task;
	__u32	in;		/* enum in */
	__u32	pad;
};

/* A call that turns back early leaves its entry here: the oldest ones give way. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct call_key);
	__type(value, __u64);
} calls SEC(".maps");

/* The state of a controller as it was told last; changed under the controller's lock. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u32);
} ctrl_states SEC(".maps");

static __always_inline void call_begin(enum in in, __u64 with)
{
	struct call_key key = { .task = bpf_get_current_pid_tgid(), .in = in };

	if (bpf_map_update_elem(&calls, &key, &with, BPF_ANY))
		count_loss(ring_full);	/* the event that would have followed */
}

/* 0: this task is not in that function. */
static __always_inline __u64 call_of(enum in in)
{
	struct call_key key = { .task = bpf_get_current_pid_tgid(), .in = in };
	__u64 *with = bpf_map_lookup_elem(&calls, &key);

	return with ? *with : 0;
}

static __always_inline void call_end(enum in in)
{
	struct call_key key = { .task = bpf_get_current_pid_tgid(), .in = in };

	bpf_map_delete_elem(&calls, &key);
}

#define container(ptr, type, member) ((type *)((void *)(ptr)-bpf_core_field_offset(type, member)))
#define field(ptr, type, member)	((__u64)(ptr) + bpf_core_field_offset(type, member))

/*
 * The arguments that all tracepoints of a head begin with. The driver does not number windows, so
 * they are numbered here, from 1. False: this head has no disk of its own.
 */
static __always_inline bool head_args(struct nvme_ns_head *head, __u64 *args, bool joined)
{
	struct mpath_head *h;

	args[0] = (__u64)BPF_CORE_READ(head, disk);
	if (!args[0])
		return false;
	args[1] = (__u64)BPF_CORE_READ(head, subsys, instance);
	args[2] = BPF_CORE_READ(head, ns_id);
	h = head_find(args[0]);
	args[3] = h && !(joined && h->gone_ns) ? h->window : 0;
	return true;
}

static __always_inline struct nvme_ns_head *head_of_bio(struct bio *bio)
{
	return BPF_CORE_READ(bio, bi_bdev, bd_disk, private_data);
}

/* Is there no place in this kernel to learn that from? */
static __always_inline bool is_untold(enum mpath_fact fact)
{
	return untold & (1U << fact);
}

static __always_inline void window_over(__u64 disk)
{
	struct mpath_head *h = head_find(disk);

	if (h)
		h->deadline_ns = 0;
}

/* The head goes, which nothing else will tell: no path is waited for any more. */
static __noinline void outage_over(__u64 disk)
{
	struct mpath_head *h = head_find(disk);

	if (!h)
		return;
	outage_release(h, h->outage, MPATH_GATE_WAIT);
	outage_try_close(h, bpf_ktime_get_boot_ns());
}

/* The end of a window that nothing has told. */
static __noinline void window_forget(__u64 disk)
{
	struct mpath_head *h = head_find(disk);

	if (!h || !h->window_outage)
		return;
	h->deadline_ns = 0;
	outage_window_close(h, bpf_ktime_get_boot_ns());
}

/* Paths */

/*
 * Where a walk along a list is. The steps are counted by bpf_loop(), which counts the one that
 * finds the end, too: a counter in here would make the verifier look at every step.
 */
struct walk {
	__u64	at, end;
};

static long next_path(__u32 i, struct walk *w)
{
	struct list_head *entry = (void *)w->at;

	if (!w->at || w->at == w->end)
		return 1;
	w->at = (__u64)BPF_CORE_READ(entry, next);
	return 0;
}

static __always_inline __u32 nr_paths(struct nvme_ns_head *head)
{
	struct walk w = {
		.at = (__u64)BPF_CORE_READ(head, list.next),
		.end = field(head, struct nvme_ns_head, list),
	};

	return bpf_loop(MAX_PATHS, next_path, &w, 0) - 1;
}

/* As nvme_find_path() decides. */
static __always_inline bool is_usable(unsigned long flags, __u32 ctrl_state, __u32 ana_state)
{
	return (ctrl_state == MPATH_CTRL_LIVE || ctrl_state == MPATH_CTRL_DELETING) &&
	       (flags & (1UL << KERNEL_NVME_NS_READY)) &&
	       !(flags & (1UL << KERNEL_NVME_NS_ANA_PENDING)) &&
	       (ana_state == NVME_ANA_OPTIMIZED || ana_state == NVME_ANA_NONOPTIMIZED);
}

static __noinline void path_live(struct nvme_ns *ns, __u32 ana_state)
{
	__u64 args[9];

	if (!head_args(BPF_CORE_READ(ns, head), args, false))
		return;
	args[4] = (__u64)BPF_CORE_READ(ns, disk);
	args[5] = BPF_CORE_READ(ns, ctrl, instance);
	args[6] = ana_state;
	args[7] = BPF_CORE_READ(ns, ctrl, state);
	args[8] = is_usable(BPF_CORE_READ(ns, flags), args[7], ana_state);
	on_path_live(args);
	if (args[8] && is_untold(MPATH_FACT_PATH_BACK))
		window_forget(args[0]);
}

/* nvme_mpath_set_live(ns) */
SEC("kprobe")
int mpath_path_live(struct pt_regs *ctx)
{
	struct nvme_ns *ns = (void *)PT_REGS_PARM1(ctx);

	path_live(ns, BPF_CORE_READ(ns, ana_state));
	return 0;
}

/* nvme_update_ns_ana_state(desc, ns): what becomes usable by it is told by the one above. */
SEC("kprobe")
int mpath_path_ana(struct pt_regs *ctx)
{
	struct nvme_ana_group_desc *desc = (void *)PT_REGS_PARM1(ctx);
	__u8 state = BPF_CORE_READ(desc, state);

	if (state != NVME_ANA_OPTIMIZED && state != NVME_ANA_NONOPTIMIZED)
		path_live((void *)PT_REGS_PARM2(ctx), state);
	return 0;
}

/* nvme_ns_remove(ns) */
SEC("kprobe")
int mpath_ns_remove(struct pt_regs *ctx)
{
	call_begin(IN_NS_REMOVE, PT_REGS_PARM1(ctx));
	return 0;
}

static __noinline void path_remove(struct nvme_ns *ns)
{
	struct nvme_ns_head *head = BPF_CORE_READ(ns, head);
	__u64 args[8];

	if (!head_args(head, args, false))
		return;
	args[4] = (__u64)BPF_CORE_READ(ns, disk);
	args[5] = BPF_CORE_READ(ns, ctrl, instance);
	args[6] = BPF_CORE_READ(ns, ctrl, state);
	args[7] = nr_paths(head);
	on_path_remove(args);
}

/*
 * nvme_ns_remove() calls mutex_unlock(lock): if it is the subsystem's, the path has left the list.
 */
SEC("kprobe")
int mpath_path_remove(struct pt_regs *ctx)
{
	struct nvme_ns *ns = (void *)call_of(IN_NS_REMOVE);
	struct nvme_subsystem *subsys;

	if (!ns)
		return 0;
	subsys = BPF_CORE_READ(ns, head, subsys);
	if (PT_REGS_PARM1(ctx) != field(subsys, struct nvme_subsystem, lock))
		return 0;
	call_end(IN_NS_REMOVE);
	path_remove(ns);
	return 0;
}

/* Bios */

static __noinline void bio_park(struct nvme_ns_head *head, __u64 bio)
{
	__u64 args[8];

	if (!head_args(head, args, false))
		return;
	args[4] = bio;
	args[5] = MPATH_PARK_NO_USABLE_PATH;
	args[6] = 0;
	on_bio_park(args);
}

/* nvme_ns_head_submit_bio() calls spin_unlock_irq(&head->requeue_lock): the last one was added. */
SEC("kprobe")
int mpath_bio_park(struct pt_regs *ctx)
{
	struct nvme_ns_head *head = container(PT_REGS_PARM1(ctx), struct nvme_ns_head,
					      requeue_lock);

	bio_park(head, (__u64)BPF_CORE_READ(head, requeue_list.tail));
	return 0;
}

/* nvme_ns_head_submit_bio() calls bio_endio(bio) */
SEC("kprobe")
int mpath_bio_fail(struct pt_regs *ctx)
{
	struct bio *bio = (void *)PT_REGS_PARM1(ctx);
	__u64 args[5];

	if (!head_args(head_of_bio(bio), args, false))
		return 0;
	args[4] = (__u64)bio;
	on_bio_fail(args);
	return 0;
}

struct steal {
	__u64	bio;
	__u64	args[8];
};

static long next_bio(__u32 i, struct walk *w)
{
	struct bio *bio = (void *)w->at;

	if (!bio)
		return 1;
	w->at = (__u64)BPF_CORE_READ(bio, bi_next);
	return 0;
}

static long steal_bio(__u32 i, struct steal *s)
{
	struct bio *bio = (void *)s->bio;

	if (!bio)
		return 1;
	s->args[4] = s->bio;
	on_bio_park(s->args);
	s->bio = (__u64)BPF_CORE_READ(bio, bi_next);
	return 0;
}

static __always_inline __u64 age_of(struct request *rq)
{
	__u64 start = BPF_CORE_READ(rq, start_time_ns), now = bpf_ktime_get_ns();

	return start && start < now ? now - start : 0;
}

static __noinline void failover(struct nvme_ns *ns, struct request *rq, __u64 age_ns)
{
	struct nvme_request *pdu = (void *)rq + bpf_core_type_size(struct request);
	struct walk bios = { .at = (__u64)BPF_CORE_READ(rq, bio) };
	__u64 args[10];

	if (!head_args(BPF_CORE_READ(ns, head), args, false))
		return;
	args[4] = (__u64)BPF_CORE_READ(ns, disk);
	args[5] = BPF_CORE_READ(ns, ctrl, instance);
	args[6] = (__u64)rq;
	args[7] = BPF_CORE_READ(pdu, status) & KERNEL_NVME_SCT_SC_MASK;
	args[8] = age_ns;
	args[9] = bpf_loop(MAX_BIOS, next_bio, &bios, 0) - 1;
	on_failover(args);
}

static __noinline int failover_request(struct request *rq)
{
	struct nvme_ns *ns = BPF_CORE_READ(rq, q, queuedata);
	struct steal s = { .bio = (__u64)BPF_CORE_READ(rq, bio) };
	__u64 age_ns = age_of(rq);

	failover(ns, rq, age_ns);
	if (!head_args(BPF_CORE_READ(ns, head), s.args, false))
		return 0;
	s.args[5] = MPATH_PARK_FAILOVER;
	s.args[6] = age_ns;
	bpf_loop(MAX_BIOS, steal_bio, &s, 0);
	return 0;
}

/* blk_steal_bios(list, rq): nvme_failover_req() alone calls it, with requeue_lock held. */
SEC("kprobe")
int mpath_failover(struct pt_regs *ctx)
{
	return failover_request((void *)PT_REGS_PARM2(ctx));
}

/* A round begins. If the end of the one before was not seen, it is made up for. */
static __noinline void requeue_begin(struct nvme_ns_head *head)
{
	struct mpath_head *h = head_find((__u64)BPF_CORE_READ(head, disk));

	call_begin(IN_REQUEUE_WORK, (__u64)head);
	if (h)
		slot_commit(h, bpf_ktime_get_boot_ns());
}

/* nvme_requeue_work() calls spin_lock_irq(&head->requeue_lock) */
SEC("kprobe")
int mpath_requeue_begin(struct pt_regs *ctx)
{
	requeue_begin(container(PT_REGS_PARM1(ctx), struct nvme_ns_head, requeue_lock));
	return 0;
}

/* nvme_requeue_work() calls submit_bio_noacct(bio) */
SEC("kprobe")
int mpath_bio_unpark(struct pt_regs *ctx)
{
	struct bio *bio = (void *)PT_REGS_PARM1(ctx);
	__u64 args[5];

	if (!head_args(head_of_bio(bio), args, false))
		return 0;
	args[4] = (__u64)bio;
	on_bio_unpark(args);
	return 0;
}

/* nvme_requeue_work() returns */
SEC("kretprobe")
int mpath_requeue_end(struct pt_regs *ctx)
{
	struct nvme_ns_head *head = (void *)call_of(IN_REQUEUE_WORK);
	__u64 args[1];

	if (!head)
		return 0;
	call_end(IN_REQUEUE_WORK);
	args[0] = (__u64)BPF_CORE_READ(head, disk);
	on_requeue_work(args);
	return 0;
}

/* Windows: since 6.16 */

static __always_inline __s64 ms_until(__u64 when, __u64 now)
{
	return when >= now ? (__s64)((when - now) / 1000000) : -(__s64)((now - when) / 1000000);
}

static __always_inline bool is_pending(struct nvme_ns_head *head)
{
	return BPF_CORE_READ(head, remove_work.work.data.counter) & KERNEL_WORK_PENDING;
}

/*
 * What remove_work is told of an open window. If its arming was not seen it gets its number now,
 * the timer has the deadline, to a jiffy, and the delay is what is set now.
 */
static __always_inline void window_args(struct nvme_ns_head *head, __u64 *args, __u64 now)
{
	struct mpath_head *h = head_find(args[0]);
	__u64 deadline_ns;
	__s64 ticks;

	if (h && h->deadline_ns) {
		deadline_ns = h->deadline_ns;
		args[5] = h->delay_ms;
	} else {
		ticks = BPF_CORE_READ(head, remove_work.timer.expires) - bpf_jiffies64();
		deadline_ns = now + ticks * (__s64)tick_ns;
		args[3]++;
		args[5] = BPF_CORE_READ(head, delayed_removal_secs) * 1000ULL;
	}
	args[6] = (__u64)ms_until(deadline_ns, now);
	args[7] = MPATH_RESULT_NONE;
}

static __noinline void work_arm(struct nvme_ns_head *head, __u64 delay_ns)
{
	__u64 now = bpf_ktime_get_boot_ns(), args[8];
	struct mpath_head *h;

	if (!head_args(head, args, false))
		return;
	args[3]++;
	args[4] = MPATH_WORK_ARMED;
	args[5] = delay_ns / 1000000;
	args[6] = args[5];
	args[7] = MPATH_RESULT_NONE;
	on_remove_work(args);
	h = head_find(args[0]);
	if (h) {
		h->deadline_ns = now + delay_ns;
		h->delay_ms = args[5];
	}
}

/* nvme_mpath_remove_disk() calls mod_delayed_work_on(cpu, wq, &head->remove_work, delay) */
SEC("kprobe")
int mpath_work_arm(struct pt_regs *ctx)
{
	work_arm(container(PT_REGS_PARM3(ctx), struct nvme_ns_head, remove_work),
		 PT_REGS_PARM4(ctx) * tick_ns);
	return 0;
}

/*
 * Who lets a namespace join calls cancel_delayed_work(&head->remove_work), after it was added at
 * the end of the list.
 */
SEC("kprobe")
int mpath_path_join(struct pt_regs *ctx)
{
	struct nvme_ns_head *head = container(PT_REGS_PARM1(ctx), struct nvme_ns_head, remove_work);
	struct nvme_ns *ns = container(BPF_CORE_READ(head, list.prev), struct nvme_ns, siblings);
	bool pending = is_pending(head);
	__u64 args[8], work[8];

	if (!head_args(head, args, true))
		return 0;
	__builtin_memcpy(work, args, sizeof(work));
	if (pending) {
		window_args(head, work, bpf_ktime_get_boot_ns());
		args[3] = work[3];
	}
	args[4] = (__u64)BPF_CORE_READ(ns, disk);
	args[5] = BPF_CORE_READ(ns, ctrl, instance);
	args[6] = nr_paths(head);
	args[7] = pending ? work[6] : (__u64)MPATH_NO_WINDOW;
	on_path_add(args, BPF_CORE_READ(head, instance));
	if (!pending)
		return 0;
	work[4] = MPATH_WORK_CANCELLED;
	on_remove_work(work);
	window_over(work[0]);
	return 0;
}

/*
 * The work was cancelled a moment before: of a window that was seen to be armed this tells the end.
 * The margin that goes with it is a little too small.
 */
static __noinline void path_add(struct nvme_ns *ns)
{
	struct nvme_ns_head *head = BPF_CORE_READ(ns, head);
	__u64 args[8], work[8];
	struct mpath_head *h;
	bool open;

	if (!head_args(head, args, true))
		return;
	h = head_find(args[0]);
	open = h && h->deadline_ns;
	__builtin_memcpy(work, args, sizeof(work));
	work[4] = MPATH_WORK_CANCELLED;
	work[5] = open ? h->delay_ms : 0;
	work[6] = open ? (__u64)ms_until(h->deadline_ns, bpf_ktime_get_boot_ns()) : 0;
	work[7] = MPATH_RESULT_NONE;
	args[4] = (__u64)BPF_CORE_READ(ns, disk);
	args[5] = BPF_CORE_READ(ns, ctrl, instance);
	args[6] = nr_paths(head);
	args[7] = open ? work[6] : (__u64)MPATH_NO_WINDOW;
	on_path_add(args, BPF_CORE_READ(head, instance));
	if (!open)
		return;
	on_remove_work(work);
	window_over(work[0]);
}

/* nvme_mpath_add_disk(ns, anagrpid) */
SEC("kprobe")
int mpath_path_add(struct pt_regs *ctx)
{
	path_add((void *)PT_REGS_PARM1(ctx));
	return 0;
}

/* nvme_remove_head_work(work) */
SEC("kprobe")
int mpath_work_begin(struct pt_regs *ctx)
{
	call_begin(IN_REMOVE_WORK,
		   (__u64)container(PT_REGS_PARM1(ctx), struct nvme_ns_head, remove_work));
	return 0;
}

/* nvme_remove_head_work() decides by the list of paths alone. */
static __noinline int work_ran(struct nvme_ns_head *head)
{
	__u64 args[8];
	bool empty;

	empty = (__u64)BPF_CORE_READ(head, list.next) == field(head, struct nvme_ns_head, list);
	if (!empty)
		call_end(IN_REMOVE_WORK);
	if (!head_args(head, args, false))
		return 0;
	window_args(head, args, bpf_ktime_get_boot_ns());
	args[4] = MPATH_WORK_RAN;
	args[7] = empty ? MPATH_RESULT_REMOVED : MPATH_RESULT_KEPT;
	on_remove_work(args);
	window_over(args[0]);
	if (empty && is_untold(MPATH_FACT_HEAD_REMOVED))
		outage_over(args[0]);
	return 0;
}

/* nvme_remove_head_work() calls mutex_unlock(): it has decided. */
SEC("kprobe")
int mpath_work_ran(struct pt_regs *ctx)
{
	struct nvme_ns_head *head = (void *)call_of(IN_REMOVE_WORK);

	return head ? work_ran(head) : 0;
}

/*
 * In the work the time was up. If there is no place for the work, a removal while a window is open
 * is its end: the driver removes a head at once only where it arms no window.
 */
static __noinline void head_remove(struct nvme_ns_head *head)
{
	bool expired = call_of(IN_REMOVE_WORK) == (__u64)head;
	struct mpath_head *h;
	__u64 args[5];

	if (expired)
		call_end(IN_REMOVE_WORK);
	if (!head_args(head, args, false))
		return;
	h = head_find(args[0]);
	if (is_untold(MPATH_FACT_WINDOW_ENDED) && h && h->window_outage)
		expired = true;
	args[4] = expired ? MPATH_REMOVE_EXPIRED : MPATH_REMOVE_IMMEDIATE;
	on_head_remove(args);
}

/* nvme_remove_head(head), before 6.16 nvme_mpath_shutdown_disk(head) */
SEC("kprobe")
int mpath_head_remove(struct pt_regs *ctx)
{
	head_remove((void *)PT_REGS_PARM1(ctx));
	return 0;
}

/* Controllers */

/* nvme_change_ctrl_state(ctrl, new_state): what it changes from, if that is not known. */
SEC("kprobe")
int mpath_ctrl_seen(struct pt_regs *ctx)
{
	__u64 ctrl = PT_REGS_PARM1(ctx);
	__u32 state = BPF_CORE_READ((struct nvme_ctrl *)ctrl, state);

	/* a new one may be where another one was */
	bpf_map_update_elem(&ctrl_states, &ctrl, &state,
			    state == MPATH_CTRL_NEW ? BPF_ANY : BPF_NOEXIST);
	return 0;
}

static long ctrl_path(__u32 i, struct walk *w)
{
	struct nvme_ns *ns = container(w->at, struct nvme_ns, list);

	if (!w->at || w->at == w->end)
		return 1;
	path_live(ns, BPF_CORE_READ(ns, ana_state));
	w->at = (__u64)BPF_CORE_READ(ns, list.next);
	return 0;
}

/* Apart from the walk below: what both need of the stack is more than there is before 6.13. */
static __noinline int ctrl_state(struct pt_regs *ctx, const struct nvme_ctrl *ctrl, __u32 old,
				 __u32 new, bool returned)
{
	__u64 args[3] = { BPF_CORE_READ(ctrl, instance), old, new };

	return on_ctrl_state(ctx, args, returned);
}

static __always_inline int ctrl_changed(struct pt_regs *ctx, struct nvme_ctrl *ctrl, bool returned)
{
	__u64 key = (__u64)ctrl;
	struct walk paths = {};
	__u32 state = BPF_CORE_READ(ctrl, state);
	__u32 *was = bpf_map_lookup_elem(&ctrl_states, &key);

	if (!was)
		count_loss(ring_full);
	if (!was || *was == state)
		return 0;
	ctrl_state(ctx, ctrl, *was, state, returned);
	*was = state;
	paths.at = (__u64)BPF_CORE_READ(ctrl, namespaces.next);
	paths.end = field(ctrl, struct nvme_ctrl, namespaces);
	bpf_loop(MAX_NAMESPACES, ctrl_path, &paths, 0);
	return 0;
}

/* nvme_change_ctrl_state() calls spin_unlock_irqrestore(&ctrl->lock, flags) */
SEC("kprobe")
int mpath_ctrl_state(struct pt_regs *ctx)
{
	return ctrl_changed(ctx, container(PT_REGS_PARM1(ctx), struct nvme_ctrl, lock), false);
}

#include "second_places.bpf.h"
