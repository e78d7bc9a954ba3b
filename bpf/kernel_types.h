/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel structures the BPF programs look into, cut down to the fields
 * used. libbpf relocates every access against the BTF of the running vmlinux
 * (preserve_access_index), so neither the order nor the offsets below matter,
 * only names and types. Everything else comes as a tracepoint argument.
 *
 * All these structures belong to vmlinux: no module BTF is needed. Seen with
 * these names and types in 6.1, 6.12 and 7.3.
 */
#ifndef KERNEL_TYPES_H
#define KERNEL_TYPES_H

#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/linux/blkdev.h; DISK_NAME_LEN is 32 */
struct gendisk {
	char		disk_name[32];
	void		*private_data;
};

/* include/linux/blk_types.h */
struct block_device {
	struct gendisk	*bd_disk;
};

/* include/linux/bvec.h; bi_sector counts 512 bytes whatever the block size */
struct bvec_iter {
	__u64		bi_sector;
	unsigned int	bi_size;
};

/* include/linux/kernfs.h, cgroup-defs.h, block/blk-cgroup.h: whom a bio is charged to */
struct kernfs_node {
	__u64		id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct cgroup_subsys_state {
	struct cgroup	*cgroup;
};

struct blkcg {
	struct cgroup_subsys_state css;
};

struct blkcg_gq {
	struct blkcg	*blkcg;
};

/* include/linux/sched.h */
struct task_struct {
	unsigned int	flags;
	struct task_struct *group_leader;
	char		comm[16];
};

/* include/linux/blk_types.h; blk_opf_t is a 32 bit integer, the operation its low 8 bits */
struct bio {
	struct bio	*bi_next;
	struct block_device *bi_bdev;
	__u32		bi_opf;
	struct bvec_iter bi_iter;
	struct blkcg_gq	*bi_blkg;	/* with CONFIG_BLK_CGROUP */
};

/* include/linux/blkdev.h */
struct request_queue {
	void		*queuedata;
};

/*
 * include/linux/blk-mq.h; __data_len is what blk_rq_bytes() returns; start_time_ns is
 * CLOCK_MONOTONIC, 0 without accounting
 */
struct request {
	struct request_queue *q;
	struct bio	*bio;
	__u64		start_time_ns;
	__u32		cmd_flags;
	unsigned int	__data_len;
};

#pragma clang attribute pop

/* include/linux/blk_types.h: REQ_OP_BITS, enum req_op */
#define KERNEL_REQ_OP_MASK	0xffU
#define KERNEL_REQ_OP_READ	0
#define KERNEL_REQ_OP_WRITE	1

/* include/linux/nvme.h: a status without CRD, More and DNR, NVME_SCT_SC_MASK */
#define KERNEL_NVME_SCT_SC_MASK	0x7ffU

/* include/linux/sched.h */
#define KERNEL_PF_KTHREAD	0x00200000U

#endif /* KERNEL_TYPES_H */
