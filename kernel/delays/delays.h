/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Delays in drivers/nvme/host that make rare races long.  No source file of the
 * driver knows: kernel/build --delays has this one included in front of each.
 * The calls between which a race opens become macros that may sleep a while:
 * after a lock is dropped or a grace period is over, before a bit changes, a
 * lock is taken, work is queued or a bio is sent down.  delays.c decides where
 * and how long.
 */
#ifndef NVME_DELAYS_H
#define NVME_DELAYS_H

/* word for word as in fabrics.c, tcp.c, ..., which come after this */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/* what declares or defines the functions below has to be read before them */
#include <linux/bitops.h>
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/workqueue.h>

#ifndef CONFIG_PREEMPT_COUNT
#error Nobody can tell whether a task may sleep, so there would be no delays.
#endif

struct nvme_delay_site {
	const char	*func;
	const char	*kind;
	unsigned int	line;
	u32		hash;
	atomic_t	passes;
	unsigned long	rests_until;
};

extern bool nvme_delays_on;

void nvme_delay_at(struct nvme_delay_site *site);

#define nvme_delay(_kind)						\
do {									\
	static struct nvme_delay_site __site = {			\
		.func	= __func__,					\
		.kind	= (_kind),					\
		.line	= __LINE__,					\
	};								\
									\
	if (READ_ONCE(nvme_delays_on))					\
		nvme_delay_at(&__site);					\
} while (0)

#define nvme_delay_before(_kind, _call)					\
({									\
	nvme_delay(_kind);						\
	_call;								\
})

#define nvme_delay_after(_kind, _call)					\
({									\
	_call;								\
	nvme_delay(_kind);						\
})

#ifndef NVME_DELAYS_PLAIN

#define mutex_unlock(lock)						\
	nvme_delay_after("unlock", mutex_unlock(lock))
#define spin_unlock_irq(lock)						\
	nvme_delay_after("spin-unlock", spin_unlock_irq(lock))
#define spin_unlock_irqrestore(lock, flags)				\
	nvme_delay_after("spin-unlock", spin_unlock_irqrestore(lock, flags))
#define synchronize_srcu(ssp)						\
	nvme_delay_after("sync", synchronize_srcu(ssp))
#define blk_freeze_queue_start(q)					\
	nvme_delay_after("freeze", blk_freeze_queue_start(q))
#define del_gendisk(disk)						\
	nvme_delay_after("del", del_gendisk(disk))

#define device_add_disk(parent, disk, groups)				\
	nvme_delay_before("add", device_add_disk(parent, disk, groups))
#define spin_lock_irq(lock)						\
	nvme_delay_before("spin", spin_lock_irq(lock))
#define set_bit(nr, addr)						\
	nvme_delay_before("set", set_bit(nr, addr))
#define clear_bit(nr, addr)						\
	nvme_delay_before("clear", clear_bit(nr, addr))
#define test_and_set_bit(nr, addr)					\
	nvme_delay_before("set", test_and_set_bit(nr, addr))
#define test_and_clear_bit(nr, addr)					\
	nvme_delay_before("clear", test_and_clear_bit(nr, addr))
#define submit_bio_noacct(bio)						\
	nvme_delay_before("submit", submit_bio_noacct(bio))
#define kblockd_schedule_work(work)					\
	nvme_delay_before("kick", kblockd_schedule_work(work))
#define queue_work(wq, work)						\
	nvme_delay_before("queue", queue_work(wq, work))
#define queue_delayed_work(wq, dwork, delay)				\
	nvme_delay_before("queue", queue_delayed_work(wq, dwork, delay))
#define mod_delayed_work(wq, dwork, delay)				\
	nvme_delay_before("queue", mod_delayed_work(wq, dwork, delay))
#define cancel_delayed_work(dwork)					\
	nvme_delay_before("cancel", cancel_delayed_work(dwork))

#endif /* NVME_DELAYS_PLAIN */

#endif /* NVME_DELAYS_H */
