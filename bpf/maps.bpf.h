/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps that both sets of programs have. Their values are in mpath_maps.h; what
 * only kprobes need stands in kprobe.bpf.c. All are preallocated, see bpf/README.md.
 */
#ifndef MPATH_MAPS_BPF_H
#define MPATH_MAPS_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "mpath_event.h"
#include "mpath_maps.h"

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

/* Keyed by outage and cgroup. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MPATH_MAX_WHO);
	__type(key, struct mpath_who_key);
	__type(value, struct mpath_who);
} who SEC(".maps");

#endif /* MPATH_MAPS_BPF_H */
