// SPDX-License-Identifier: GPL-2.0-only
/*
 * One program per tracepoint of the series. They are raw tracepoints because
 * these need no module BTF, hence no CAP_SYS_ADMIN, and are the cheapest to
 * run; their arguments are scalars and pointers to vmlinux structures.
 *
 * None of these tracepoints fires for I/O of a healthy head.
 */
#include "mpath_state.bpf.h"

char LICENSE[] SEC("license") = "GPL";

typedef struct bpf_raw_tracepoint_args raw_args;

/*
 * The program for a tracepoint is a shell around on_NAME(), which takes the
 * tracepoint's arguments from wherever they are.
 */
#define TRACEPOINT(tracepoint, name)						\
static __always_inline int on_##name(const raw_args *ctx);			\
SEC("raw_tp/" #tracepoint)							\
int mpath_##name(raw_args *ctx)							\
{										\
	return on_##name(ctx);							\
}										\
static __always_inline int on_##name(const raw_args *ctx)

static __always_inline void disk_name(char *to, __u64 disk)
{
	bpf_core_read_str(to, MPATH_NAME_LEN, &((struct gendisk *)disk)->disk_name);
}

/* Fields that the three path events share: args[4] is the path, args[5] its controller. */
static __always_inline struct mpath_ev_path *path_event(const raw_args *ctx, struct mpath_head *h,
							__u16 type, __u64 now)
{
	struct mpath_ev_path *e = event_new(type, sizeof(*e), now, h, h->outage);

	if (!e)
		return NULL;
	disk_name(e->path, ctx->args[4]);
	e->ctrl = (__s32)ctx->args[5];
	e->ms_left = MPATH_NO_WINDOW;
	return e;
}

/* head, subsys, nsid, window, path, ctrl, paths, ms_left */
TRACEPOINT(nvme_mpath_path_add, path_add)
{
	struct mpath_head *h = head_get(ctx->args, true);
	struct mpath_ev_path *e;

	if (!h)
		return 0;
	e = path_event(ctx, h, MPATH_EV_PATH_ADD, bpf_ktime_get_boot_ns());
	if (!e)
		return 0;
	e->paths = (__u32)ctx->args[6];
	e->ms_left = (__s64)ctx->args[7];
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* head, subsys, nsid, window, path, ctrl, ana_state, ctrl_state, usable */
TRACEPOINT(nvme_mpath_path_live, path_live)
{
	struct mpath_head *h = head_get(ctx->args, false);
	struct mpath_ev_path *e;

	if (!h)
		return 0;
	if ((__u8)ctx->args[8])
		outage_release(h, h->outage, MPATH_GATE_WAIT);
	e = path_event(ctx, h, MPATH_EV_PATH_LIVE, bpf_ktime_get_boot_ns());
	if (!e)
		return 0;
	e->ana_state = (__u8)ctx->args[6];
	e->ctrl_state = (__u8)ctx->args[7];
	e->usable = !!(__u8)ctx->args[8];
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* head, subsys, nsid, window, path, ctrl, ctrl_state, paths_left */
TRACEPOINT(nvme_mpath_path_remove, path_remove)
{
	struct mpath_head *h = head_get(ctx->args, false);
	struct mpath_ev_path *e;

	if (!h)
		return 0;
	e = path_event(ctx, h, MPATH_EV_PATH_REMOVE, bpf_ktime_get_boot_ns());
	if (!e)
		return 0;
	e->ctrl_state = (__u8)ctx->args[6];
	e->paths = (__u32)ctx->args[7];
	e->last = !e->paths;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* head, subsys, nsid, window, path, ctrl, req, status, age_ns, bios */
TRACEPOINT(nvme_mpath_failover, failover)
{
	struct request *rq = (struct request *)ctx->args[6];
	struct mpath_head *h = head_get(ctx->args, false);
	struct mpath_outage_state *s;
	struct mpath_ev_failover *e;
	__u64 now = bpf_ktime_get_boot_ns();
	__u32 flags = 0, bios = (__u32)ctx->args[9];

	if (!h)
		return 0;
	/* Until its bios are parked nothing else may keep a new outage open. */
	s = outage_enter(h, now, 0, bios ? MPATH_GATE_PENDING : 0);
	if (!s)
		return 0;
	count(s->o.failovers);
	if (!outage_sample(s, MPATH_SAMPLED_FAILOVER))
		return 0;
	e = event_new(MPATH_EV_FAILOVER, sizeof(*e), now, h, s->o.outage);
	if (!e)
		return 0;
	disk_name(e->path, ctx->args[4]);
	e->ctrl = (__s32)ctx->args[5];
	e->status = (__u16)ctx->args[7];
	e->age_ns = ctx->args[8];
	e->bios = bios;
	bpf_core_read(&e->bytes, sizeof(e->bytes), &rq->__data_len);
	bpf_core_read(&flags, sizeof(flags), &rq->cmd_flags);
	e->op = flags & KERNEL_REQ_OP_MASK;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* head, subsys, nsid, window, bio, reason, age_ns, depth */
TRACEPOINT(nvme_mpath_bio_park, bio_park)
{
	struct mpath_head *h = head_get(ctx->args, false);
	__u64 bio = ctx->args[4], age_ns = ctx->args[6];
	__u64 now = bpf_ktime_get_boot_ns();
	__u32 reason = (__u8)ctx->args[5];
	struct mpath_outage_state *s;
	struct mpath_parked *p;

	if (!h || bio_park_again(h, bio, reason, now))
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
	bio_park_new(h, bio, reason, age_ns < now ? age_ns : 0, now);
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
TRACEPOINT(nvme_mpath_bio_unpark, bio_unpark)
{
	struct mpath_head *h = head_get(ctx->args, false);
	__u64 bio = ctx->args[4], now = bpf_ktime_get_boot_ns();
	struct mpath_parked *p, nameless = {};

	if (!h)
		return 0;
	slot_commit(h, now);
	p = bpf_map_lookup_elem(&bios, &bio);
	if (p) {
		h->slot.parked = *p;
		bpf_map_delete_elem(&bios, &bio);
	} else if (nameless_take(h, bio, &nameless)) {
		h->slot.parked = nameless;
	} else {
		unpark_unknown(h, now);
		return 0;
	}
	h->slot.unpark_ns = now;
	h->slot.task = bpf_get_current_pid_tgid();
	__sync_lock_test_and_set(&h->slot.bio, bio);
	return 0;
}

/* head, subsys, nsid, window, bios */
TRACEPOINT(nvme_mpath_requeue_work, requeue_work)
{
	struct mpath_head *h = head_find(ctx->args[0]);
	__u64 now = bpf_ktime_get_boot_ns();

	if (!h)
		return 0;
	slot_commit(h, now);
	if (h->gone_ns) {
		outage_release(h, h->outage, MPATH_GATE_WAIT | MPATH_GATE_PENDING);
		h->finished = 1;	/* before the close: nobody begins another */
	}
	outage_try_close(h, now);
	return 0;
}

/* head, subsys, nsid, window, bio */
TRACEPOINT(nvme_mpath_bio_fail, bio_fail)
{
	struct mpath_head *h = head_get(ctx->args, false);
	__u64 bio = ctx->args[4], now = bpf_ktime_get_boot_ns();
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
TRACEPOINT(nvme_mpath_remove_work, remove_work)
{
	struct mpath_head *h = head_get(ctx->args, false);
	__u64 now = bpf_ktime_get_boot_ns();
	__u8 action = (__u8)ctx->args[4];
	struct mpath_ev_remove_work *e;
	__u32 outage;

	if (!h)
		return 0;
	if (action == MPATH_WORK_ARMED)
		outage_window_open(h, now);
	outage = h->window_outage;
	e = event_new(MPATH_EV_REMOVE_WORK, sizeof(*e), now, h, outage);
	if (e) {
		e->delay_ms = ctx->args[5];
		e->ms_left = (__s64)ctx->args[6];
		e->action = action;
		e->result = (__u8)ctx->args[7];
		bpf_ringbuf_submit(e, 0);
	}
	if (action == MPATH_WORK_CANCELLED || action == MPATH_WORK_RAN)
		outage_window_close(h, now);
	return 0;
}

/* head, subsys, nsid, window, reason */
TRACEPOINT(nvme_mpath_head_remove, head_remove)
{
	struct mpath_head *h = head_get(ctx->args, false);
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
	e->reason = (__u32)(__u8)ctx->args[4];
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
 * as nobody without CAP_SYSLOG may see addresses. States change seldom.
 */
static __always_inline void callers(const raw_args *ctx, struct mpath_ev_ctrl_state *e)
{
	__u64 stack[STACK_DEPTH], ip;
	long len = bpf_get_stack((void *)ctx, stack, sizeof(stack), 0);
	unsigned int i, n = 0;
	bool below = false;

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

/* ctrl, old, new */
TRACEPOINT(nvme_ctrl_state, ctrl_state)
{
	struct mpath_ev_ctrl_state *e;

	e = event_new(MPATH_EV_CTRL_STATE, sizeof(*e), bpf_ktime_get_boot_ns(), NULL, 0);
	if (!e)
		return 0;
	e->ctrl = (__s32)ctx->args[0];
	e->old_state = (__u8)ctx->args[1];
	e->new_state = (__u8)ctx->args[2];
	callers(ctx, e);
	bpf_ringbuf_submit(e, 0);
	return 0;
}
