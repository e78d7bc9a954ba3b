/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Drives the BPF programs without tracepoints: a function for each tracepoint runs its program
 * through BPF_PROG_TEST_RUN, with arguments made up. Needs no NVMe, only CAP_BPF and
 * CAP_PERFMON. Each test has programs and maps as if freshly loaded, without an event so far; they
 * are loaded again only for maps of another size.
 */
#ifndef DRIVE_H
#define DRIVE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "bpf/mpath_maps.h"

#define MS	1000000ULL

/* Sizes of the maps, small enough to be filled, unless the test's initial state has others. */
struct drive_limits {
	__u32	ring_bytes;
	__u32	heads;
	__u32	bios;
	__u32	outages;
	__u32	who;			/* 0: as they are */
};

#define DRIVE_RING_BYTES	65536
#define DRIVE_HEADS		4
#define DRIVE_BIOS		64
#define DRIVE_OUTAGES		8

int drive_setup(void **state);
int drive_teardown(void **state);

#define DRIVE_TEST(name) cmocka_unit_test_setup_teardown(name, drive_setup, drive_teardown)
#define DRIVE_TEST_LIMITS(name, limits)							\
	cmocka_unit_test_prestate_setup_teardown(name, drive_setup, drive_teardown, limits)

/* What every tracepoint says first. A test may change it, as for another head. */
struct drive_head {
	__u64	disk;			/* address of the gendisk */
	__s32	subsys;
	__u32	nsid;
	_Atomic __u32 window;		/* raised by work_armed() */
};

#define DRIVE_DISK(n)	(0xffff800000001000ULL + 0x1000 * (n))

extern struct drive_head target;

/* Tracepoints. Bios are small numbers, which stand for addresses. */
void path_add(unsigned int paths);
void path_live(bool usable);
void path_remove(unsigned int paths_left);
void failover(unsigned int bios);	/* the driver aborted it */
void failover_status(unsigned int bios, __u16 status);
void bio_park(unsigned int bio, enum mpath_park_reason reason);
void bio_park_aged(unsigned int bio, __u64 age_ns);	/* by a failover */
void bio_unpark(unsigned int bio);
void bio_fail(unsigned int bio);
void round_end(void);			/* requeue_work */
void work_armed(void);			/* remove_work, as the following three */
void work_moved(void);
void work_cancelled(void);
void work_ran(enum mpath_work_result result);
void head_remove(enum mpath_remove_reason reason);
void ctrl_state(int ctrl, enum mpath_ctrl_state from, enum mpath_ctrl_state to);

#define DELAY_MS	30000		/* as work_armed() and the others say it */
#define MARGIN_MS	20000		/* as path_add() and work_cancelled() say it */

/*
 * As user space does when an outage does not change: @flags as MPATH_HEAL_*. Bios here have no
 * memory, so none waits.
 */
void heal(__u32 flags);

/* A usable path joins: path_add, work_cancelled, path_live. */
void path_return(void);
/* A task other than the requeue work parks a bio, or fails it. */
void other_task_parks(unsigned int bio, enum mpath_park_reason reason);
void other_task_fails(unsigned int bio);

/* Head as the programs know it; all zero if they do not. */
struct mpath_head head_seen(void);
/* As user space does with a head that is gone. */
void head_forget(void);
struct mpath_losses losses_seen(void);
bool outage_exists(__u32 head_id, __u32 outage);
/* Counters of an outage, which must exist; its books must balance. */
struct mpath_outage_state outage_seen(__u32 head_id, __u32 outage);
__u64 depth(const struct mpath_outage_state *s);
bool drained(const struct mpath_outage_state *s);
/* Of an outage: how many cgroups there are, and the first one, whose is what it parked. */
unsigned int who_seen(__u32 head_id, __u32 outage, struct mpath_who *first);
/* Next outage after *key in the map, the first if *key is all zero; false: none. */
bool outage_next(struct mpath_outage_key *key);

/* An event of the size of any type. */
union drive_event {
	struct mpath_event h;
	struct mpath_ev_path path;
	struct mpath_ev_failover failover;
	struct mpath_ev_bio bio;
	struct mpath_ev_remove_work work;
	struct mpath_ev_head_remove gone;
	struct mpath_ev_ctrl_state ctrl;
};

/* How many events of a type there were so far; of any type with 0. */
int events(__u16 type);
/* The nth event (from 0) of a type, or of any with 0; it must exist. */
const union drive_event *event(__u16 type, int nth);
/* Forget the events so far. */
void events_drop(void);

#endif /* DRIVE_H */
