/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Putting right what a skipped run left in the maps. User space runs this, by BPF_PROG_TEST_RUN
 * and never else, when an outage that is open has not changed for a while, with what sysfs has of
 * its head. The bios themselves say the rest: one that waits belongs to the head's disk, and one
 * that a path took to the path's.
 */
#ifndef MPATH_HEAL_BPF_H
#define MPATH_HEAL_BPF_H

#include "bios.bpf.h"

struct bpf_map;

struct heal {
	__u64	disk, before_ns, flags, now;
	__u32	head_id;
};

/* Of a bio whose memory is gone it is false, too. */
static __always_inline bool is_on_disk(__u64 bio, __u64 disk)
{
	return (__u64)BPF_CORE_READ((struct bio *)bio, bi_bdev, bd_disk) == disk;
}

static __always_inline bool has_ended(const struct heal *c, __u64 bio)
{
	return (c->flags & MPATH_HEAL_EMPTY) || !is_on_disk(bio, c->disk);
}

/* Its end was not seen: it is counted, and for how long it waited is not known. */
static long heal_bio(struct bpf_map *map, __u64 *bio, struct mpath_parked *p, struct heal *c)
{
	struct mpath_head *h = head_find(c->disk);
	struct mpath_outage_state *s;
	__u64 addr = *bio;

	if (!h || p->head_id != c->head_id || p->first_ns > c->before_ns || !has_ended(c, addr))
		return 0;
	s = outage_find(p->head_id, p->outage);
	/*
	 * Who deletes it counts it. It stays readable here; a copy on the stack is refused by
	 * the verifier of 7.3 when it is handed on.
	 */
	if (bpf_map_delete_elem(&bios, &addr) || !s)
		return 0;
	if (!p->untimed)
		count(s->o.untimed);
	p->untimed = 1;
	__sync_fetch_and_or(&s->o.flags, MPATH_OUTAGE_UNSEEN);
	stall_commit(h, p, h->gone_ns && is_on_disk(addr, c->disk), c->now, c->now);
	return 0;
}

/* What holds the outage open although sysfs shows that it is over. */
static __always_inline __u64 held_in_vain(const struct heal *c)
{
	__u64 bits = 0;

	if (c->flags & MPATH_HEAL_LISTED)
		bits |= MPATH_GATE_WINDOW;
	if (c->flags & MPATH_HEAL_USABLE)
		bits |= MPATH_GATE_WAIT | MPATH_GATE_PENDING;
	return bits;
}

static __noinline void heal_outage(struct mpath_head *h, const struct heal *c)
{
	struct mpath_outage_state *s = outage_find(h->id, h->outage);
	__u64 bits = held_in_vain(c), was;

	if (!s)
		return;
	was = s->gate;
	__sync_fetch_and_and(&s->gate, ~bits);
	if (bits & MPATH_GATE_WINDOW && h->window_outage == s->o.outage)
		h->window_outage = 0;
	if (s->gate)
		return;
	/* nothing holds it, and nobody ended it */
	__sync_fetch_and_or(&s->o.flags, MPATH_OUTAGE_UNSEEN);
	if (!(was & MPATH_GATE_CLOSED))
		outage_close(h, s, s->o.last_done_ns ? s->o.last_done_ns : c->now);
}

/* disk, before_ns: what was parked or resubmitted before, flags: MPATH_HEAL_* */
SEC("raw_tp")
int mpath_heal(struct bpf_raw_tracepoint_args *ctx)
{
	struct heal c = {
		.disk = ctx->args[0],
		.before_ns = ctx->args[1],
		.flags = ctx->args[2],
		.now = bpf_ktime_get_boot_ns(),
	};
	struct mpath_head *h = head_find(c.disk);

	if (!h)
		return 0;
	c.head_id = h->id;
	if (h->slot.bio && h->slot.unpark_ns < c.before_ns && has_ended(&c, h->slot.bio))
		slot_commit(h, c.now);
	bpf_for_each_map_elem(&bios, heal_bio, &c, 0);
	h = head_find(c.disk);
	if (h)
		heal_outage(h, &c);
	return 0;
}

#endif /* MPATH_HEAL_BPF_H */
