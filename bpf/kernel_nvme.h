/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The structures of nvme_core that the programs for an unpatched driver look into, cut down to the
 * fields used, as kernel_types.h does for vmlinux: names and types matter, order and offsets do
 * not. libbpf fits them to the BTF of the loaded module, for which it needs CAP_SYS_ADMIN.
 *
 * Seen with these names and types in 6.1, 6.12 and 7.3; what only some have says so.
 */
#ifndef KERNEL_NVME_H
#define KERNEL_NVME_H

#include "kernel_types.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/linux/types.h, bio.h, workqueue_types.h, timer_types.h: of vmlinux */
struct list_head {
	struct list_head *next, *prev;
};

struct bio_list {
	struct bio	*head, *tail;
};

typedef struct {
	__s64		counter;
} atomic64_t;

struct work_struct {
	atomic64_t	data;
};

struct timer_list {
	unsigned long	expires;
};

struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
};

typedef struct spinlock {
} spinlock_t;

struct mutex {
};

/* drivers/nvme/host/nvme.h */
struct nvme_subsystem {
	int		instance;
	struct mutex	lock;
};

enum nvme_ctrl_state {
	NVME_CTRL_NEW,
};

struct nvme_ctrl {
	enum nvme_ctrl_state state;
	spinlock_t	lock;
	int		instance;
	struct list_head namespaces;	/* of nvme_ns.list */
};

struct nvme_ns_head {
	struct list_head list;		/* of nvme_ns.siblings */
	struct nvme_subsystem *subsys;
	unsigned int	ns_id;
	int		instance;
	struct gendisk	*disk;		/* NULL: no multipath */
	struct bio_list	requeue_list;
	struct work_struct requeue_work;
	spinlock_t	requeue_lock;
	struct delayed_work remove_work;	/* since 6.16, as the next one */
	unsigned int	delayed_removal_secs;
};

enum nvme_ana_state {
	NVME_ANA_OPTIMIZED	= 1,
	NVME_ANA_NONOPTIMIZED	= 2,
};

struct nvme_ns {
	struct list_head list;
	struct nvme_ctrl *ctrl;
	struct gendisk	*disk;
	enum nvme_ana_state ana_state;
	struct list_head siblings;
	struct nvme_ns_head *head;
	unsigned long	flags;
};

struct nvme_request {
	__u16		status;
};

/* include/linux/nvme.h */
struct nvme_ana_group_desc {
	__u8		state;
};

#pragma clang attribute pop

/* drivers/nvme/host/nvme.h: bits of nvme_ns.flags, macros and so not in the BTF */
#define KERNEL_NVME_NS_ANA_PENDING	2
#define KERNEL_NVME_NS_READY		4

/* include/linux/workqueue.h: WORK_STRUCT_PENDING_BIT is bit 0 of work_struct.data */
#define KERNEL_WORK_PENDING		1U

/* Registers that a function leaves as they were, of x86-64's and arm64's calling conventions. */
#if defined(__TARGET_ARCH_x86)
#define MPATH_KEPT_REGISTERS(ctx) \
	(ctx)->rbx, (ctx)->rbp, (ctx)->r12, (ctx)->r13, (ctx)->r14, (ctx)->r15
#else
#define MPATH_KEPT_REGISTERS(ctx)	0
#endif

#endif /* KERNEL_NVME_H */
