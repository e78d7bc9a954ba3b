/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State behind the tracepoint programs: the maps, the identity of heads, the
 * life of an outage, the stall of a bio. mpath.bpf.c feeds it.
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
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "kernel_types.h"
#include "mpath_event.h"
#include "mpath_maps.h"
#include "mpath_hist.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, MPATH_RING_BYTES);
} events SEC(".maps");

/* Keyed by the address of the head's gendisk. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MPATH_MAX_HEADS);
	__type(key, __u64);
	__type(value, struct mpath_head);
} heads SEC(".maps");

/* Keyed by the address of the bio. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MPATH_MAX_BIOS);
	__type(key, __u64);
	__type(value, struct mpath_parked);
} bios SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MPATH_MAX_OUTAGES);
	__type(key, struct mpath_outage_key);
	__type(value, struct mpath_outage_state);
} outages SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mpath_losses);
} losses SEC(".maps");

/* Read and written by user space alone. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mpath_meta);
} meta SEC(".maps");

/* Too large for the stack: what a new outage starts from. */
static const volatile struct mpath_outage_state zero_outage;

__u64 last_seq;
__u32 last_head_id;

#define count(p)	__sync_fetch_and_add(&(p), 1)

#define count_loss(field) do {							\
	__u32 zero_ = 0;							\
	struct mpath_losses *l_ = bpf_map_lookup_elem(&losses, &zero_);		\
										\
	if (l_)									\
		count(l_->field);						\
} while (0)

/*
 * Reserve an event and fill its header; NULL is counted. The number is taken
 * before the reserve: an event that found the ring full leaves a hole.
 */
static __always_inline void *event_new(__u16 type, __u32 len, __u64 now,
				       const struct mpath_head *h, __u32 outage)
{
	__u64 seq = __sync_fetch_and_add(&last_seq, 1) + 1;
	struct mpath_event *e = bpf_ringbuf_reserve(&events, len, 0);

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

#include "mpath_who.bpf.h"

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
	/* another CPU, that looked at the clock after this one, may have had the bio before the last */
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
static __always_inline struct mpath_outage_state *outage_join(struct mpath_head *h, __u32 seen,
							      struct mpath_outage_state *fresh,
							      __u64 hold)
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
	const __u64 held = MPATH_GATE_WINDOW | MPATH_GATE_WAIT;
	struct mpath_outage_state *s = NULL;
	__u32 old = h->outage;

	if (old)
		s = outage_find(h->id, old);
	if (s && !s->o.window &&
	    !(__sync_fetch_and_or(&s->gate, held) & MPATH_GATE_CLOSED)) {
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

/* Bios */

/* True for the first caller with this bit. */
static __always_inline bool outage_sample(struct mpath_outage_state *s, __u32 bit)
{
	return !(s->sampled & bit) && !(__sync_fetch_and_or(&s->sampled, bit) & bit);
}

/*
 * The one event of an outage about `what`; stall_ns as in struct mpath_ev_bio. Like the counters
 * it belongs to the head that the bio was parked on, which `h` may have followed at its address.
 */
static __noinline void bio_sample(struct mpath_head *h, const struct mpath_parked *p,
				  __u32 what, __u64 stall_ns, __u64 when)
{
	struct mpath_ev_bio *e = event_new(MPATH_EV_BIO, sizeof(*e), when, h, p->outage);
	struct mpath_outage_state *s;

	if (!e)
		return;
	if (p->head_id != h->id) {
		s = outage_find(p->head_id, p->outage);
		e->h.head_id = p->head_id;
		e->h.window = s ? s->o.window : 0;
	}
	e->sector = p->sector;
	e->stall_ns = stall_ns;
	e->bytes = p->bytes;
	e->what = what;
	e->op = p->op;
	e->reason = p->reason;
	bpf_ringbuf_submit(e, 0);
}

static __always_inline void bio_describe(struct mpath_parked *p, __u64 bio)
{
	struct bio *b = (struct bio *)bio;
	__u32 opf = 0;

	bpf_core_read(&p->sector, sizeof(p->sector), &b->bi_iter.bi_sector);
	bpf_core_read(&p->bytes, sizeof(p->bytes), &b->bi_iter.bi_size);
	bpf_core_read(&opf, sizeof(opf), &b->bi_opf);
	p->op = opf & KERNEL_REQ_OP_MASK;
}

static __always_inline __u32 op_class(__u8 op)
{
	if (op == KERNEL_REQ_OP_READ)
		return MPATH_OP_READ;
	if (op == KERNEL_REQ_OP_WRITE)
		return MPATH_OP_WRITE;
	return MPATH_OP_OTHER;
}

static __always_inline __u64 *outage_reason(struct mpath_outage_state *s, __u8 reason)
{
	return &s->o.parked[reason == MPATH_PARK_FAILOVER ? MPATH_PARK_FAILOVER :
			    MPATH_PARK_NO_USABLE_PATH];
}

/*
 * One bio less; the last one of an outage that is not the current one ends it.
 * That may be one of a head that is gone and had its gendisk at this address.
 */
static __always_inline void outage_leave(struct mpath_head *h, struct mpath_outage_state *s,
					 __u64 now)
{
	__u32 id = s->o.outage;

	if (__sync_fetch_and_sub(&s->gate, 1) == 1 &&
	    (h->outage != id || s->o.head_id != h->id))
		outage_close(h, s, now);
}

static __always_inline void raise_to(__u64 *max, __u64 value)
{
	__u64 seen = *max;

	if (value > seen)
		seen = __sync_val_compare_and_swap(max, seen, value);
	if (value > seen)	/* changed under us, once more */
		__sync_val_compare_and_swap(max, *max, value);
}

static __noinline void stall_count(struct mpath_outage_state *s, const struct mpath_parked *p,
				   __u64 stall)
{
	__u32 i = mpath_hist_index(stall), op = op_class(p->op);

	if (i >= MPATH_HIST_BUCKETS)
		return;
	count(s->o.stall[i]);
	__sync_fetch_and_add(&s->o.stall_sum_ns, stall);
	raise_to(&s->o.stall_max_ns, stall);
	__sync_fetch_and_add(&s->o.stall_op_sum_ns[op], stall);
	raise_to(&s->o.stall_op_max_ns[op], stall);
	if (op < MPATH_OP_OTHER)
		count(s->o.stall_op[op][i]);
}

/* A stall is over at `end`: a path took the bio, or it failed. */
static __noinline void stall_commit(struct mpath_head *h, const struct mpath_parked *p,
				    bool failed, __u64 end, __u64 now)
{
	struct mpath_outage_state *s = outage_find(p->head_id, p->outage);
	__u64 stall = !p->untimed && end > p->first_ns ? end - p->first_ns : 0;

	if (!s)
		return;
	if (!p->untimed)
		stall_count(s, p, stall);
	raise_to(&s->o.last_done_ns, end);
	if (failed) {
		count(s->o.failed);
		if (outage_sample(s, MPATH_SAMPLED(MPATH_BIO_FAILED)))
			bio_sample(h, p, MPATH_BIO_FAILED, stall, end);
	} else {
		count(s->o.completed);
		if (outage_sample(s, MPATH_SAMPLED(MPATH_BIO_TAKEN))) {
			s->o.first_taken_ns = end;
			/* a path serves, whether or not its event was seen */
			__sync_fetch_and_and(&s->gate, ~MPATH_GATE_WAIT);
			bio_sample(h, p, MPATH_BIO_TAKEN, stall, end);
		}
	}
	outage_leave(h, s, now);
}

/*
 * Take `bio` (0: whatever is there) out of the head's slot. The copy is good
 * if the swap succeeds: the work fills the slot before it publishes the bio,
 * and cannot publish this bio again while its new owner stands here.
 */
static __always_inline bool slot_take(struct mpath_head *h, __u64 bio, struct mpath_slot *copy)
{
	__u64 held = __sync_fetch_and_add(&h->slot.bio, 0);

	if (!held || (bio && held != bio))
		return false;
	*copy = h->slot;
	return __sync_val_compare_and_swap(&h->slot.bio, held, 0) == held;
}

/* The bio resubmitted last did not come back: a path took it; of a head that is gone, it failed. */
static __noinline void slot_commit(struct mpath_head *h, __u64 now)
{
	struct mpath_slot slot;

	if (slot_take(h, 0, &slot))
		stall_commit(h, &slot.parked, h->gone_ns && slot.unpark_ns >= h->gone_ns,
			     slot.unpark_ns, now);
}

/*
 * Nameless bios: parked ones that found no room in the map. They stay in the
 * books, as a number. A bio that is unparked and not in the map is one of them,
 * of the oldest outage that has any; only its stall is not known any more.
 */
static __always_inline void nameless_add(struct mpath_head *h, struct mpath_outage_state *s,
					 const struct mpath_parked *p)
{
	if (!p->untimed) {	/* or it was counted already */
		count(s->o.untimed);
		count_loss(bio_map_full);
	}
	__sync_fetch_and_or(&s->o.flags, MPATH_OUTAGE_MAP_FULL);
	count(s->nameless);
	if (!__sync_fetch_and_add(&h->nameless, 1) || p->outage < h->nameless_outage)
		h->nameless_outage = p->outage;
}

/* False: there is none, `bio` was parked before anybody looked. Called by the requeue work only. */
static __noinline bool nameless_take(struct mpath_head *h, __u64 bio, struct mpath_parked *p)
{
	struct mpath_outage_state *s;
	__u32 id = h->nameless_outage, i;

	if (!h->nameless)
		return false;
	for (i = 0; i < 64 && id && id <= h->last_outage; i++, id++) {
		s = outage_find(h->id, id);
		if (!s || !s->nameless)
			continue;
		h->nameless_outage = id;	/* before the last one goes: see nameless_add() */
		__sync_fetch_and_sub(&s->nameless, 1);
		__sync_fetch_and_sub(&h->nameless, 1);
		bio_describe(p, bio);
		p->head_id = h->id;
		p->outage = id;
		p->untimed = 1;
		return true;
	}
	if (i == 64)
		h->nameless_outage = id;	/* go on there the next time */
	return false;
}

/* Put back the bio that the requeue work has just resubmitted in vain. */
static __noinline bool bio_park_again(struct mpath_head *h, __u64 bio, __u32 reason, __u64 now)
{
	struct mpath_outage_state *s;
	struct mpath_slot slot;

	if (!slot_take(h, bio, &slot))
		return false;
	/*
	 * For want of a path a resubmitted bio comes back inside the work's own
	 * submit_bio(). From any other task it is a new one at the address of
	 * one that a path took and completed meanwhile.
	 */
	if (reason == MPATH_PARK_NO_USABLE_PATH && slot.task != bpf_get_current_pid_tgid()) {
		stall_commit(h, &slot.parked, false, slot.unpark_ns, now);
		return false;
	}
	s = outage_find(slot.parked.head_id, slot.parked.outage);
	if (!s)
		return true;
	count(s->o.passes);
	if (bpf_map_update_elem(&bios, &bio, &slot.parked, BPF_ANY))
		nameless_add(h, s, &slot.parked);
	return true;
}

/* A bio seen for the first time is parked. */
static __noinline void bio_park_new(struct mpath_head *h, __u64 bio, __u32 reason,
				    __u64 age_ns, __u64 now)
{
	struct mpath_parked p = { .first_ns = now - age_ns, .reason = reason };
	struct mpath_outage_state *s = outage_enter(h, now, 1, 1);
	__u64 depth;

	if (!s)
		return;
	bio_describe(&p, bio);
	p.head_id = h->id;
	p.outage = s->o.outage;
	depth = s->gate & MPATH_GATE_DEPTH;
	if (depth > s->o.depth_max)	/* parks of one head exclude each other */
		s->o.depth_max = depth;
	count(s->o.passes);
	count(*outage_reason(s, reason));
	count(s->o.ops[op_class(p.op)]);
	who_parked(s, bio, reason);
	__sync_fetch_and_and(&s->gate, ~MPATH_GATE_PENDING);
	if (bpf_map_update_elem(&bios, &bio, &p, BPF_ANY))
		nameless_add(h, s, &p);
	if (outage_sample(s, MPATH_SAMPLED(MPATH_BIO_FIRST)))
		bio_sample(h, &p, MPATH_BIO_FIRST, age_ns, now);
}

/* A bio that was never parked failed. */
static __noinline void bio_fail_unparked(struct mpath_head *h, __u64 bio, __u64 now)
{
	struct mpath_outage_state *s;
	struct mpath_parked p = {};

	/* The outage ends with the removal; what fails after it is its aftermath. */
	if (h->finished)
		s = outage_hold(h, h->outage, 0);
	else
		s = outage_enter(h, now, 0, h->gone_ns ? 0 : MPATH_GATE_WAIT);
	if (!s)
		return;
	count(s->o.failed_unparked);
	if (!outage_sample(s, MPATH_SAMPLED(MPATH_BIO_FAILED)))
		return;
	bio_describe(&p, bio);
	p.head_id = h->id;
	p.outage = s->o.outage;
	bio_sample(h, &p, MPATH_BIO_FAILED, 0, now);
}

#endif /* MPATH_STATE_BPF_H */
