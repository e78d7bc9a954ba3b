/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is done for each event, whoever saw it: on_NAME() takes the arguments of the series'
 * tracepoint nvme_mpath_NAME. tracepoint.bpf.c has them from the tracepoints, kprobe.bpf.c
 * puts them together from what kprobes find in an unpatched driver.
 */
#ifndef MPATH_HANDLERS_BPF_H
#define MPATH_HANDLERS_BPF_H

#include "bios.bpf.h"

static __always_inline void disk_name(char *to, __u64 disk)
{
	bpf_core_read_str(to, MPATH_NAME_LEN, &((struct gendisk *)disk)->disk_name);
}

/* Fields that the three path events share: args[4] is the path, args[5] its controller. */
static __always_inline struct mpath_ev_path *path_event(const __u64 *args, struct mpath_head *h,
							__u16 type, __u64 now)
{
	struct mpath_ev_path *e = event_new(type, sizeof(*e), now, h, h->outage);

	if (!e)
		return NULL;
	disk_name(e->path, args[4]);
	e->ctrl = (__s32)args[5];
	e->ms_left = MPATH_NO_WINDOW;
	return e;
}

/*
 * head, subsys, nsid, window, path, ctrl, paths, ms_left; @instance of the head names a path whose
 * disk has no name yet.
 */
static __always_inline int on_path_add(const __u64 *args, __s32 instance)
{
	struct mpath_head *h = head_get(args, true);
	struct mpath_ev_path *e;

	if (!h)
		return 0;
	e = path_event(args, h, MPATH_EV_PATH_ADD, bpf_ktime_get_boot_ns());
	if (!e)
		return 0;
	if (!e->path[0])
		BPF_SNPRINTF(e->path, sizeof(e->path), "nvme%dc%dn%d", h->subsys, e->ctrl,
			     instance);
	e->paths = (__u32)args[6];
	e->ms_left = (__s64)args[7];
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* head, subsys, nsid, window, path, ctrl, ana_state, ctrl_state, usable */
static __always_inline int on_path_live(const __u64 *args)
{
	struct mpath_head *h = head_get(args, false);
	struct mpath_ev_path *e;

	if (!h)
		return 0;
	if ((__u8)args[8])
		outage_release(h, h->outage, MPATH_GATE_WAIT);
	e = path_event(args, h, MPATH_EV_PATH_LIVE, bpf_ktime_get_boot_ns());
	if (!e)
		return 0;
	e->ana_state = (__u8)args[6];
	e->ctrl_state = (__u8)args[7];
	e->usable = !!(__u8)args[8];
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* head, subsys, nsid, window, path, ctrl, ctrl_state, paths_left */
static __always_inline int on_path_remove(const __u64 *args)
{
	struct mpath_head *h = head_get(args, false);
	struct mpath_ev_path *e;

	if (!h)
		return 0;
	e = path_event(args, h, MPATH_EV_PATH_REMOVE, bpf_ktime_get_boot_ns());
	if (!e)
		return 0;
	e->ctrl_state = (__u8)args[6];
	e->paths = (__u32)args[7];
	e->last = !e->paths;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* Path related codes are of status code type 3; include/linux/nvme.h names them. */
static __always_inline __u32 status_class(__u16 status)
{
	status &= KERNEL_NVME_SCT_SC_MASK;
	if (status >= 0x301 && status <= 0x303)
		return MPATH_STATUS_ANA;
	if ((status & 0x7f0) == 0x360)
		return MPATH_STATUS_CONTROLLER;
	if ((status & 0x7f0) == 0x370)
		return MPATH_STATUS_HOST;
	return MPATH_STATUS_OTHER;
}

_Static_assert(!(MPATH_STATUS_CLASSES & (MPATH_STATUS_CLASSES - 1)), "a mask");

static __always_inline void count_failover(struct mpath_outage_state *s, __u16 status)
{
	__u32 class = status_class(status);

	/* for the verifier, if the compiler made arithmetic of it */
	barrier_var(class);
	class &= MPATH_STATUS_CLASSES - 1;
	count(s->o.failovers);
	count(s->o.failover_status[class]);
}

/* head, subsys, nsid, window, path, ctrl, req, status, age_ns, bios */
static __always_inline int on_failover(const __u64 *args)
{
	struct request *rq = (struct request *)args[6];
	struct mpath_head *h = head_get(args, false);
	struct mpath_outage_state *s;
	struct mpath_ev_failover *e;
	__u64 now = bpf_ktime_get_boot_ns();
	__u32 flags = 0, bios = (__u32)args[9];

	if (!h)
		return 0;
	/* Until its bios are parked nothing else may keep a new outage open. */
	s = outage_enter(h, now, 0, bios ? MPATH_GATE_PENDING : 0);
	if (!s)
		return 0;
	count_failover(s, (__u16)args[7]);
	if (!outage_sample(s, MPATH_SAMPLED_FAILOVER))
		return 0;
	e = event_new(MPATH_EV_FAILOVER, sizeof(*e), now, h, s->o.outage);
	if (!e)
		return 0;
	disk_name(e->path, args[4]);
	e->ctrl = (__s32)args[5];
	e->status = (__u16)args[7];
	e->age_ns = args[8];
	e->bios = bios;
	bpf_core_read(&e->bytes, sizeof(e->bytes), &rq->__data_len);
	bpf_core_read(&flags, sizeof(flags), &rq->cmd_flags);
	e->op = flags & KERNEL_REQ_OP_MASK;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* head, subsys, nsid, window, bio, reason, age_ns, depth */
static __always_inline int on_bio_park(const __u64 *args)
{
	struct mpath_head *h = head_get(args, false);
	__u64 bio = args[4], age_ns = args[6];
	__u64 now = bpf_ktime_get_boot_ns();
	__u32 reason = (__u8)args[5];
	struct mpath_outage_state *s;
	struct mpath_parked *p;

	/* nothing is remembered of which the end cannot be seen */
	if (!h || (untold & (1U << MPATH_FACT_PARKED)) || bio_park_again(h, bio, reason, now))
		return 0;
	p = bpf_map_lookup_elem(&bios, &bio);
	if (p) {
		/* Still remembered as parked, and parked again. */
		s = outage_find(p->head_id, p->outage);
		if (s) {
			count(s->o.passes);
			return 0;
		}
	}
	if (h->late_bio == bio && h->late_task == bpf_get_current_pid_tgid())
		age_ns = AGE_UNKNOWN;
	else if (age_ns >= now)
		age_ns = 0;
	bio_park_new(h, bio, reason, age_ns, now);
	return 0;
}

/* A bio that nobody saw parked. */
static __always_inline void unpark_unknown(struct mpath_head *h, __u64 now)
{
	struct mpath_outage_state *s = outage_enter(h, now, 0, 0);

	if (!s)
		return;
	count(s->o.unknown);
	__sync_fetch_and_or(&s->o.flags, MPATH_OUTAGE_LATE);
}

/* head, subsys, nsid, window, bio */
static __always_inline int on_bio_unpark(const __u64 *args)
{
	struct mpath_head *h = head_get(args, false);
	__u64 bio = args[4], now = bpf_ktime_get_boot_ns();
	struct mpath_parked *p, nameless = {};

	if (!h)
		return 0;
	slot_commit(h, now);
	h->late_bio = 0;
	p = bpf_map_lookup_elem(&bios, &bio);
	if (p) {
		h->slot.parked = *p;
		bpf_map_delete_elem(&bios, &bio);
	} else if (nameless_take(h, bio, &nameless)) {
		h->slot.parked = nameless;
	} else {
		unpark_unknown(h, now);
		h->late_task = bpf_get_current_pid_tgid();
		h->late_bio = bio;
		return 0;
	}
	h->slot.unpark_ns = now;
	h->slot.task = bpf_get_current_pid_tgid();
	__sync_lock_test_and_set(&h->slot.bio, bio);
	return 0;
}

/* head, subsys, nsid, window, bios */
static __always_inline int on_requeue_work(const __u64 *args)
{
	struct mpath_head *h = head_find(args[0]);
	__u64 now = bpf_ktime_get_boot_ns();

	if (!h)
		return 0;
	slot_commit(h, now);
	h->late_bio = 0;
	if (h->gone_ns) {
		outage_release(h, h->outage, MPATH_GATE_WAIT | MPATH_GATE_PENDING);
		h->finished = 1;	/* before the close: nobody begins another */
	}
	outage_try_close(h, now);
	return 0;
}

/* head, subsys, nsid, window, bio */
static __always_inline int on_bio_fail(const __u64 *args)
{
	struct mpath_head *h = head_get(args, false);
	__u64 bio = args[4], now = bpf_ktime_get_boot_ns();
	struct mpath_parked parked, *p;
	struct mpath_slot slot;

	if (!h)
		return 0;
	if (slot_take(h, bio, &slot)) {
		/* As in bio_park_again(): from another task it is a new bio. */
		if (slot.task == bpf_get_current_pid_tgid()) {
			stall_commit(h, &slot.parked, true, now, now);
			return 0;
		}
		stall_commit(h, &slot.parked, false, slot.unpark_ns, now);
	}
	p = bpf_map_lookup_elem(&bios, &bio);
	if (p) {
		parked = *p;
		bpf_map_delete_elem(&bios, &bio);
		stall_commit(h, &parked, true, now, now);
		return 0;
	}
	bio_fail_unparked(h, bio, now);
	return 0;
}

/* head, subsys, nsid, window, action, delay_ms, ms_left, result */
static __always_inline int on_remove_work(const __u64 *args)
{
	struct mpath_head *h = head_get(args, false);
	__u64 now = bpf_ktime_get_boot_ns();
	__u8 action = (__u8)args[4];
	struct mpath_ev_remove_work *e;
	__u32 outage;

	if (!h)
		return 0;
	if (action == MPATH_WORK_ARMED)
		outage_window_open(h, now);
	outage = h->window_outage;
	e = event_new(MPATH_EV_REMOVE_WORK, sizeof(*e), now, h, outage);
	if (e) {
		e->delay_ms = args[5];
		e->ms_left = (__s64)args[6];
		e->action = action;
		e->result = (__u8)args[7];
		bpf_ringbuf_submit(e, 0);
	}
	if (action == MPATH_WORK_CANCELLED || action == MPATH_WORK_RAN)
		outage_window_close(h, now);
	return 0;
}

/* head, subsys, nsid, window, reason */
static __always_inline int on_head_remove(const __u64 *args)
{
	struct mpath_head *h = head_get(args, false);
	__u64 now = bpf_ktime_get_boot_ns();
	struct mpath_ev_head_remove *e;

	if (!h)
		return 0;
	h->gone_ns = now;
	/* The kernel fails what is parked and ends a round: that ends the outage. */
	outage_release(h, h->outage, MPATH_GATE_WAIT | MPATH_GATE_WINDOW);
	e = event_new(MPATH_EV_HEAD_REMOVE, sizeof(*e), now, h, h->outage);
	if (!e)
		return 0;
	e->reason = (__u32)(__u8)args[4];
	bpf_ringbuf_submit(e, 0);
	return 0;
}

#define STACK_DEPTH	24

/* Every change of state goes through it. Volatile: what clang optimizes out has no place in BTF. */
static const volatile char state_function[] = "nvme_change_ctrl_state";

/* Compilers add suffixes. */
static __always_inline bool changes_state(const char name[MPATH_NAME_LEN])
{
	unsigned int i;

	for (i = 0; i < sizeof(state_function) - 1; i++)
		if (name[i] != state_function[i])
			return false;
	return true;
}

/*
 * Who changed the state: what tells a timeout from a user's reset. The kernel writes the names,
 * as nobody without CAP_SYSLOG may see addresses. States change seldom. @below: the stack begins
 * with the caller.
 */
static __always_inline void callers(void *ctx, struct mpath_ev_ctrl_state *e, bool below)
{
	__u64 stack[STACK_DEPTH], ip;
	long len = bpf_get_stack(ctx, stack, sizeof(stack), 0);
	unsigned int i, n = 0;

	for (i = 0; i < STACK_DEPTH && n < MPATH_CALLERS; i++) {
		char name[MPATH_NAME_LEN] = {};

		if ((long)(i * sizeof(ip)) >= len)
			break;
		ip = stack[i] - 1;	/* returns may lead behind the end of a function */
		BPF_SNPRINTF(name, sizeof(name), "%ps", ip);
		if (below)
			__builtin_memcpy(e->callers[n++ % MPATH_CALLERS], name, sizeof(name));
		else
			below = changes_state(name);
	}
}

/* ctrl, old, new; in nvme_change_ctrl_state() or called by it, or when it has @returned */
static __always_inline int on_ctrl_state(void *ctx, const __u64 *args, bool returned)
{
	struct mpath_ev_ctrl_state *e;

	e = event_new(MPATH_EV_CTRL_STATE, sizeof(*e), bpf_ktime_get_boot_ns(), NULL, 0);
	if (!e)
		return 0;
	e->ctrl = (__s32)args[0];
	e->old_state = (__u8)args[1];
	e->new_state = (__u8)args[2];
	callers(ctx, e, returned);
	bpf_ringbuf_submit(e, 0);
	return 0;
}

#endif /* MPATH_HANDLERS_BPF_H */
