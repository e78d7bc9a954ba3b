/* SPDX-License-Identifier: GPL-2.0-only */
/* The stall of a bio: parked, resubmitted, parked again, taken or failed. */
#ifndef MPATH_BIOS_BPF_H
#define MPATH_BIOS_BPF_H

#include "state.bpf.h"
#include "mpath_hist.h"
#include "submitters.bpf.h"

/* True for the first caller with this bit. */
static __always_inline bool outage_sample(struct mpath_outage_state *s, __u32 bit)
{
	return !(s->sampled & bit) && !(__sync_fetch_and_or(&s->sampled, bit) & bit);
}

/*
 * The one event of an outage about `what`; stall_ns as in struct mpath_ev_bio. Like the counters
 * it belongs to the head that the bio was parked on, which `h` may have followed at its address.
 */
static __noinline void bio_sample(struct mpath_head *h, const struct mpath_parked *p, __u32 what,
				  __u64 stall_ns, __u64 when)
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

	if (__sync_fetch_and_sub(&s->gate, 1) == 1 && (h->outage != id || s->o.head_id != h->id))
		outage_close(h, s, now);
}

#define RAISE_TRIES	64

/*
 * Each try that fails means that another CPU raised it meanwhile, to less than `value`. Whoever is
 * slow here (in a guest: its virtual CPU does not run) must not take back what others did. Not
 * static: so the verifier looks at it once, and not at each way through it at each call.
 */
__noinline int raise_to(__u64 *max, __u64 value)
{
	__u64 seen, was;
	int i;

	if (!max)
		return 0;
	seen = *max;
	for (i = 0; i < RAISE_TRIES && value > seen; i++) {
		was = __sync_val_compare_and_swap(max, seen, value);
		if (was == seen)
			break;
		seen = was;
	}
	return 0;
}

_Static_assert(!(MPATH_HIST_BUCKETS & (MPATH_HIST_BUCKETS - 1)), "a mask");

static __noinline void stall_count(struct mpath_outage_state *s, const struct mpath_parked *p,
				   __u64 stall)
{
	__u32 i = mpath_hist_index(stall), op = op_class(p->op);

	if (i >= MPATH_HIST_BUCKETS)
		return;
	/* compared was perhaps a copy, and the verifier of 6.1 does not know that they are equal */
	barrier_var(i);
	i &= MPATH_HIST_BUCKETS - 1;
	count(s->o.stall[i]);
	__sync_fetch_and_add(&s->o.stall_sum_ns, stall);
	raise_to(&s->o.stall_max_ns, stall);
	__sync_fetch_and_add(&s->o.stall_op_sum_ns[op], stall);
	raise_to(&s->o.stall_op_max_ns[op], stall);
	if (op < MPATH_OP_OTHER)
		count(s->o.stall_op[op][i]);
}

/* A stall is over at `end`: a path took the bio, or it failed. */
static __noinline void stall_commit(struct mpath_head *h, const struct mpath_parked *p, bool failed,
				    __u64 end, __u64 now)
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

#define AGE_UNKNOWN	(~0ULL)		/* it was parked before anybody looked */

/* A bio seen for the first time is parked. */
static __noinline void bio_park_new(struct mpath_head *h, __u64 bio, __u32 reason, __u64 age_ns,
				    __u64 now)
{
	struct mpath_parked p = { .first_ns = now, .reason = reason };
	struct mpath_outage_state *s = outage_enter(h, now, 1, 1);
	bool late = age_ns == AGE_UNKNOWN;
	__u64 depth;

	if (!s)
		return;
	if (late) {
		p.untimed = 1;
		age_ns = 0;
		count(s->o.untimed);
		__sync_fetch_and_or(&s->o.flags, MPATH_OUTAGE_LATE);
	}
	p.first_ns = now - age_ns;
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

#endif /* MPATH_BIOS_BPF_H */
