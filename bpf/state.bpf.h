/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State behind the programs: the identity of heads, the life of an outage. What
 * becomes of bios is in bios.bpf.h.
 *
 * Who calls what at the same time (see bpf/README.md):
 *  - the parks of one head exclude each other (its requeue_lock, irqs off);
 *  - unpark, end of a round and the failing of parked bios come from the
 *    head's one requeue work;
 *  - failovers, failures of bios never parked, path and window events come
 *    from anywhere.
 * So counters and the gate of an outage are atomic, the slot is handed over
 * with compare-and-swap, and nothing here ever waits.
 */
#ifndef MPATH_STATE_BPF_H
#define MPATH_STATE_BPF_H

#include <stdbool.h>
#include <bpf/bpf_core_read.h>
#include "kernel_types.h"
#include "maps.bpf.h"

/* Too large for the stack: what a new outage starts from. */
static const volatile struct mpath_outage_state zero_outage;

/* Facts for which this kernel has no place, a bit for each (enum mpath_fact). */
const volatile __u32 untold;

__u64 last_seq;
__u32 last_head_id;

#define count(p)	__sync_fetch_and_add(&(p), 1)

#define count_loss(field) \
	do { \
		__u32 zero_ = 0; \
		struct mpath_losses *l_ = bpf_map_lookup_elem(&losses, &zero_); \
\
		if (l_) \
			count(l_->field); \
	} while (0)

#ifdef MPATH_KPROBES
#define RESERVE_TRIES	8

static long wait_a_little(__u32 i, void *ctx)
{
	return 0;
}

/*
 * To x86 the breakpoint of a kprobe is an NMI (exc_int3() of arch/x86/kernel/traps.c), in which the
 * ring's lock is tried and not waited for (kernel/bpf/ringbuf.c): that there is no room may mean
 * that another CPU reserves just now. It will not take long.
 */
static __always_inline void *ring_reserve(__u32 len)
{
	__u64 room = bpf_ringbuf_query(&events, BPF_RB_RING_SIZE);
	void *e = bpf_ringbuf_reserve(&events, len, 0);
	int i;

	/* one way out for each reserve: before 6.2 the verifier forgets what a test told of it */
	if (e)
		return e;
	for (i = 0; i < RESERVE_TRIES; i++) {
		if (bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) + len + BPF_RINGBUF_HDR_SZ > room)
			return NULL;
		bpf_loop(4U << (2 * i), wait_a_little, NULL, 0);
		e = bpf_ringbuf_reserve(&events, len, 0);
		if (e)
			return e;
	}
	return NULL;
}
#else
#define ring_reserve(len) bpf_ringbuf_reserve(&events, len, 0)
#endif

/*
 * Reserve an event and fill its header; NULL is counted. The number is taken
 * before the reserve: an event that found the ring full leaves a hole.
 */
static __always_inline void *event_new(__u16 type, __u32 len, __u64 now, const struct mpath_head *h,
				       __u32 outage)
{
	__u64 seq = __sync_fetch_and_add(&last_seq, 1) + 1;
	struct mpath_event *e = ring_reserve(len);

	if (!e) {
		count_loss(ring_full);
		return NULL;
	}
	__builtin_memset(e, 0, len);
	e->version = MPATH_ABI_VERSION;
	e->type = type;
	e->len = len;
	e->time_ns = now;
	e->seq = seq;
	e->cpu = bpf_get_smp_processor_id();
	if (h) {
		e->head_id = h->id;
		e->window = h->window;
		e->outage = outage;
		e->subsys = h->subsys;
		e->nsid = h->nsid;
		__builtin_memcpy(e->head, h->name, sizeof(e->head));
	}
	return e;
}

/* Heads */

static __always_inline struct mpath_head *head_find(__u64 disk)
{
	return bpf_map_lookup_elem(&heads, &disk);
}

static __noinline struct mpath_head *head_create(__u64 disk, __s32 subsys, __u32 nsid)
{
	struct mpath_head fresh = { .subsys = subsys, .nsid = nsid };
	struct mpath_head *h;

	bpf_core_read_str(fresh.name, sizeof(fresh.name), &((struct gendisk *)disk)->disk_name);
	fresh.id = __sync_fetch_and_add(&last_head_id, 1) + 1;
	/* fails with -EEXIST when another CPU was faster: then that one is it */
	bpf_map_update_elem(&heads, &disk, &fresh, BPF_NOEXIST);
	h = bpf_map_lookup_elem(&heads, &disk);
	if (!h)
		count_loss(head_map_full);
	return h;
}

/*
 * The head of a tracepoint's first four arguments. A gendisk's address is used
 * again once it was freed: what does not look like the head remembered under
 * it, or follows its end (`joined`: a path was added), is a new head.
 */
static __always_inline struct mpath_head *head_get(const __u64 *args, bool joined)
{
	__u64 disk = args[0];
	__s32 subsys = args[1];
	__u32 nsid = args[2], window = args[3];
	struct mpath_head *h = head_find(disk);

	if (h && (h->subsys != subsys || h->nsid != nsid || (joined && h->gone_ns))) {
		bpf_map_delete_elem(&heads, &disk);
		h = NULL;
	}
	if (!h)
		h = head_create(disk, subsys, nsid);
	if (h)
		h->window = window;
	return h;
}

/* Outages */

static __always_inline struct mpath_outage_state *outage_find(__u32 head_id, __u32 outage)
{
	struct mpath_outage_key key = { .head_id = head_id, .outage = outage };

	return bpf_map_lookup_elem(&outages, &key);
}

/* End an outage if nothing holds its gate; exactly one caller succeeds. */
static __noinline void outage_close(struct mpath_head *h, struct mpath_outage_state *s, __u64 now)
{
	struct mpath_event *e;
	__u32 id = s->o.outage;

	if (__sync_val_compare_and_swap(&s->gate, 0, MPATH_GATE_CLOSED))
		return;
	/*
	 * another CPU, that looked at the clock after this one, may have had the bio before the
	 * last
	 */
	if (now < s->o.last_done_ns)
		now = s->o.last_done_ns;
	s->o.drained_ns = now;
	if (s->o.head_id == h->id)
		__sync_val_compare_and_swap(&h->outage, id, 0);
	e = event_new(MPATH_EV_DRAINED, sizeof(*e), now, h, id);
	if (!e)
		return;
	e->head_id = s->o.head_id;
	if (s->o.window)
		e->window = s->o.window;
	bpf_ringbuf_submit(e, 0);
}

static __always_inline void outage_try_close(struct mpath_head *h, __u64 now)
{
	struct mpath_outage_state *s;

	if (!h->outage)
		return;
	s = outage_find(h->id, h->outage);
	if (s)
		outage_close(h, s, now);
}

/* A new outage with its gate at `gate`; not yet the head's current one. */
static __noinline struct mpath_outage_state *outage_create(struct mpath_head *h, __u64 now,
							   __u64 gate)
{
	struct mpath_outage_key key = { .head_id = h->id };
	struct mpath_outage_state *s;

	key.outage = __sync_fetch_and_add(&h->last_outage, 1) + 1;
	if (bpf_map_update_elem(&outages, &key, (const void *)&zero_outage, BPF_NOEXIST)) {
		count_loss(outage_map_full);
		return NULL;
	}
	s = bpf_map_lookup_elem(&outages, &key);
	if (!s)
		return NULL;
	s->o.head_id = key.head_id;
	s->o.outage = key.outage;
	s->o.start_ns = now;
	s->gate = gate;
	return s;
}

/* Add `hold` to the gate of outage `id`; NULL if there is none or it is over. */
static __always_inline struct mpath_outage_state *outage_hold(struct mpath_head *h, __u32 id,
							      __u64 hold)
{
	struct mpath_outage_state *s;

	if (!id)
		return NULL;
	s = outage_find(h->id, id);
	if (!s)
		return NULL;
	if (__sync_fetch_and_add(&s->gate, hold) & MPATH_GATE_CLOSED) {
		__sync_fetch_and_sub(&s->gate, hold);
		return NULL;
	}
	return s;
}

/*
 * Make `fresh` the current outage of a head in place of `seen`, which is none
 * or over. Or hold the one that another CPU began meanwhile; if that is over
 * too, try again: each try means that a whole outage went by. NULL: others
 * were faster every time, which only a test has seen.
 */
static __always_inline struct mpath_outage_state *
outage_join(struct mpath_head *h, __u32 seen, struct mpath_outage_state *fresh, __u64 hold)
{
	struct mpath_outage_state *s;
	__u32 was;
	int i;

	for (i = 0; i < 16; i++) {
		was = __sync_val_compare_and_swap(&h->outage, seen, fresh->o.outage);
		if (was == seen)
			return fresh;
		s = outage_hold(h, was, hold);
		if (s)
			return s;
		seen = was;
	}
	return NULL;
}

/*
 * The current outage of a head with `hold` added to its gate. If there is
 * none one is begun, with its gate at `begin`. NULL is counted.
 */
static __noinline struct mpath_outage_state *outage_enter(struct mpath_head *h, __u64 now,
							  __u64 hold, __u64 begin)
{
	struct mpath_outage_key key = { .head_id = h->id };
	struct mpath_outage_state *s, *fresh;
	__u32 seen = h->outage;

	s = outage_hold(h, seen, hold);
	if (s)
		return s;
	fresh = outage_create(h, now, begin);
	if (!fresh)
		return NULL;
	key.outage = fresh->o.outage;
	s = outage_join(h, seen, fresh, hold);
	if (!s)
		count_loss(outage_map_full);
	if (s != fresh)
		bpf_map_delete_elem(&outages, &key);
	return s;
}

/*
 * The removal work was armed. An outage has at most one window: the second
 * one begins a new outage, and the old one ends with its last bio.
 */
static __noinline void outage_window_open(struct mpath_head *h, __u64 now)
{
	const __u64 held = MPATH_GATE_WINDOW |
			   (untold & (1U << MPATH_FACT_PATH_USABLE) ? 0 : MPATH_GATE_WAIT);
	struct mpath_outage_state *s = NULL;
	__u32 old = h->outage;

	if (old)
		s = outage_find(h->id, old);
	if (s && !s->o.window && !(__sync_fetch_and_or(&s->gate, held) & MPATH_GATE_CLOSED)) {
		s->o.window = h->window;
		h->window_outage = old;
		return;
	}
	s = outage_create(h, now, held);
	if (!s)
		return;
	s->o.window = h->window;
	h->window_outage = s->o.outage;
	old = __sync_lock_test_and_set(&h->outage, s->o.outage);
	if (!old)
		return;
	s = outage_find(h->id, old);
	if (!s)
		return;
	__sync_fetch_and_and(&s->gate, MPATH_GATE_CLOSED | MPATH_GATE_DEPTH);
	outage_close(h, s, now);
}

/* Clear bits of the gate of outage `id`. */
static __always_inline void outage_release(struct mpath_head *h, __u32 id, __u64 bits)
{
	struct mpath_outage_state *s;

	if (!id)
		return;
	s = outage_find(h->id, id);
	if (s)
		__sync_fetch_and_and(&s->gate, ~bits);
}

static __always_inline void outage_window_close(struct mpath_head *h, __u64 now)
{
	outage_release(h, h->window_outage, MPATH_GATE_WINDOW);
	h->window_outage = 0;
	outage_try_close(h, now);
}

#endif /* MPATH_STATE_BPF_H */
