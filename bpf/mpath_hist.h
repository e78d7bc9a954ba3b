/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Index function of the stall histogram of mpath_event.h, the same for the BPF
 * programs that fill it and for user space that reads it. No loops, no libc.
 */
#ifndef MPATH_HIST_H
#define MPATH_HIST_H

#include "mpath_event.h"

/* Position of the highest bit set, 0 for 0. By halving: BPF has no instruction for it. */
static inline __u32 mpath_log2(__u64 v)
{
	__u32 r = 0;

	if (v >> 32) {
		v >>= 32;
		r += 32;
	}
	if (v >> 16) {
		v >>= 16;
		r += 16;
	}
	if (v >> 8) {
		v >>= 8;
		r += 8;
	}
	if (v >> 4) {
		v >>= 4;
		r += 4;
	}
	if (v >> 2) {
		v >>= 2;
		r += 2;
	}
	if (v >> 1)
		r += 1;
	return r;
}

/* Bucket of a value, always below MPATH_HIST_BUCKETS. */
static inline __u32 mpath_hist_index(__u64 ns)
{
	__u32 octave, sub;

	if (ns < (1ULL << MPATH_HIST_MIN_SHIFT))
		return 0;
	octave = mpath_log2(ns);
	if (octave >= MPATH_HIST_MIN_SHIFT + MPATH_HIST_OCTAVES)
		return MPATH_HIST_BUCKETS - 1;
	sub = (__u32)(ns >> (octave - MPATH_HIST_SUB_SHIFT)) & ((1U << MPATH_HIST_SUB_SHIFT) - 1);
	return ((octave - MPATH_HIST_MIN_SHIFT) << MPATH_HIST_SUB_SHIFT) + sub;
}

#endif /* MPATH_HIST_H */
