// SPDX-License-Identifier: GPL-2.0-only
/* The state machine of the BPF programs: when a map is full, and when two CPUs race. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "groups.h"

/* An event that found the ring full is counted, leaves a hole in seq, and that is all. */
static void test_ring_full(void **state)
{
	int i, kept;

	(void)state;
	for (i = 0; i < 1000; i++)
		path_live(true);
	kept = events(0);
	assert_true(losses_seen().ring_full > 0);
	assert_int_equal(losses_seen().ring_full, 1000 - kept);
	for (i = 0; i < kept; i++)
		assert_int_equal(event(0, i)->h.seq, i + 1);
	path_live(true);
	assert_int_equal(events(0), kept + 1);
	assert_int_equal(event(0, kept)->h.seq, 1001);
	assert_int_equal(losses_seen().ring_full, 1000 - kept);
}

/* The totals of an outage do not depend on its events, nor does its end. */
static void test_totals_without_events(void **state)
{
	struct mpath_outage_state s;
	unsigned int i;
	__u64 lost;

	(void)state;
	for (i = 0; i < 1000; i++)
		path_live(true);
	lost = losses_seen().ring_full;
	assert_true(lost > 0);
	failover(1);
	work_armed();
	for (i = 0; i < 5; i++)
		bio_park(i, MPATH_PARK_NO_USABLE_PATH);
	path_return();
	for (i = 0; i < 5; i++)
		bio_unpark(i);
	round_end();
	s = outage_seen(1, 1);
	assert_int_equal(s.o.completed, 5);
	assert_int_equal(s.o.failovers, 1);
	assert_true(drained(&s));
	/* failover, armed, first bio, path, cancelled, path, taken bio, drained */
	assert_int_equal(losses_seen().ring_full, lost + 8);
	assert_int_equal(events(MPATH_EV_DRAINED), 0);
}

/* An outage without room is not counted, but that it was is. */
static void test_outages_full(void **state)
{
	int i;

	(void)state;
	for (i = 0; i <= DRIVE_OUTAGES; i++) {
		work_armed();
		path_return();
		round_end();
	}
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	bio_unpark(0);
	round_end();
	assert_int_equal(losses_seen().outage_map_full, 3);	/* armed, park, unpark */
	assert_int_equal(events(MPATH_EV_DRAINED), DRIVE_OUTAGES);
	assert_int_equal(events(MPATH_EV_REMOVE_WORK), 2 * (DRIVE_OUTAGES + 1));
}

/* What happens to heads beyond the limit is counted as lost, until user space makes room. */
static void test_heads_full(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < DRIVE_HEADS; i++) {
		target.disk = DRIVE_DISK(i);
		path_live(true);
	}
	assert_int_equal(losses_seen().head_map_full, 0);
	target.disk = DRIVE_DISK(DRIVE_HEADS);
	path_live(true);
	work_armed();
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	assert_int_equal(losses_seen().head_map_full, 3);
	assert_int_equal(events(0), DRIVE_HEADS);
	target.disk = DRIVE_DISK(0);
	head_forget();
	target.disk = DRIVE_DISK(DRIVE_HEADS);
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	assert_int_equal(losses_seen().head_map_full, 3);
	assert_true(outage_exists(head_seen().id, 1));
}

#define RACE_BIOS	16
#define RACE_PARKS	6000
#define RACE_OUTAGES	3000

enum { FREE, QUEUED };

static struct {
	unsigned int bios;		/* how many take part, at most RACE_BIOS */
	_Atomic int owner[RACE_BIOS];
	_Atomic bool stop;
	_Atomic __u64 parks;		/* of bios that were free */
	cpu_set_t cpus;			/* the test may use */
} race;

/* Keep the calling thread on the nth CPU, if there are so many: on one they would take turns. */
static void race_pin(int nth)
{
	cpu_set_t one;
	int cpu;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &race.cpus) && !nth--)
			break;
	if (cpu == CPU_SETSIZE)
		return;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

/* Submits a bio whenever one is free; it finds no path. */
static void *race_submitter(void *arg)
{
	unsigned int i, spins = 0;

	race_pin(1);
	for (i = 0; !race.stop; i = (i + 1) % race.bios) {
		if (race.owner[i] != FREE) {
			if (++spins % 256 == 0)
				sched_yield();	/* it may be the only CPU */
			continue;
		}
		bio_park(i, MPATH_PARK_NO_USABLE_PATH);
		race.owner[i] = QUEUED;
		race.parks++;
	}
	return arg;
}

/* One round of the requeue work: some bios are taken, some come back. */
static void race_round(unsigned int nr)
{
	unsigned int i, found = 0;

	for (i = 0; i < race.bios; i++) {
		if (race.owner[i] != QUEUED)
			continue;
		found++;
		bio_unpark(i);
		if ((nr + i) % 3)
			race.owner[i] = FREE;
		else
			bio_park(i, MPATH_PARK_NO_USABLE_PATH);
	}
	round_end();
	if (!found)
		sched_yield();
}

/* A window opens or closes, now and then. */
static void race_window(unsigned int nr)
{
	if (nr % 7 == 0)
		work_armed();
	if (nr % 7 == 3) {
		work_cancelled();
		path_live(true);
	}
}

/* Requeue work here, a submitter on another CPU, until there were enough of parks or outages. */
static void race_run(unsigned int bios, bool windows)
{
	pthread_t submitter;
	unsigned int nr;

	memset(&race, 0, sizeof(race));
	race.bios = bios;
	assert_int_equal(sched_getaffinity(0, sizeof(race.cpus), &race.cpus), 0);
	race_pin(0);
	assert_int_equal(pthread_create(&submitter, NULL, race_submitter, NULL), 0);
	for (nr = 0; race.parks < RACE_PARKS; nr++) {
		if (windows)
			race_window(nr);
		race_round(nr);
		if (nr % 16)
			continue;
		events_drop();
		if (head_seen().last_outage >= RACE_OUTAGES)
			break;
	}
	race.stop = true;
	pthread_join(submitter, NULL);
	sched_setaffinity(0, sizeof(race.cpus), &race.cpus);
	if (windows)
		work_cancelled();
	path_live(true);
	for (nr = 0; nr < 3; nr++)
		race_round(nr);
}

/* Every park was counted once, and ended, in an outage that nobody entered after its end. */
static void race_judge(void)
{
	struct mpath_outage_key key = {};
	__u64 parked = 0, completed = 0;
	struct mpath_outage_state s;

	while (outage_next(&key)) {
		s = outage_seen(key.head_id, key.outage);
		assert_true(drained(&s));
		assert_true(s.o.drained_ns >= s.o.last_done_ns);
		parked += s.o.parked[MPATH_PARK_NO_USABLE_PATH];
		completed += s.o.completed;
	}
	print_message("%llu parks in %u outages, %llu outages not begun\n", race.parks,
		      head_seen().last_outage, losses_seen().outage_map_full);
	assert_true(race.parks > 0);
	assert_int_equal(parked, race.parks);
	assert_int_equal(completed, parked);
	assert_int_equal(head_seen().outage, 0);
}

/* Windows come and go, with bios parked. */
static void test_race_in_windows(void **state)
{
	(void)state;
	race_run(RACE_BIOS, true);
	race_judge();
}

/* A single bio, so that outages end all the time, just when the next bio comes. */
static void test_race_for_the_end(void **state)
{
	(void)state;
	race_run(1, false);
	race_judge();
}

#define RACE_TASKS	4
#define RACE_ROUNDS	3000

static pthread_barrier_t race_start, race_stop;

/* Fails one bio in each round, together with the others. */
static void *race_failer(void *arg)
{
	unsigned int bio = (unsigned int)(uintptr_t)arg, round;

	race_pin((int)bio % CPU_COUNT(&race.cpus));
	for (round = 0; round < RACE_ROUNDS; round++) {
		pthread_barrier_wait(&race_start);
		bio_fail(bio);
		pthread_barrier_wait(&race_stop);
	}
	return NULL;
}

/* The machine must have been up so long. */
static void be_up(__u64 ns)
{
	struct timespec now;

	for (;;) {
		clock_gettime(CLOCK_BOOTTIME, &now);
		if ((__u64)now.tv_sec * 1000 * MS + (__u64)now.tv_nsec >= ns)
			return;
		usleep(100000);
	}
}

/*
 * Bios that fail at the same time, each after a longer stall than all before: the longest one
 * counts. They were parked when the machine was up, which a guest is not for long.
 */
static void test_race_for_the_longest(void **state)
{
	pthread_t tasks[RACE_TASKS];
	struct mpath_outage_state s;
	unsigned int i, round;
	__u64 longest = 0;

	(void)state;
	be_up((RACE_ROUNDS + 1) * 5ULL * MS);
	assert_int_equal(sched_getaffinity(0, sizeof(race.cpus), &race.cpus), 0);
	pthread_barrier_init(&race_start, NULL, RACE_TASKS + 1);
	pthread_barrier_init(&race_stop, NULL, RACE_TASKS + 1);
	for (i = 0; i < RACE_TASKS; i++)
		assert_int_equal(pthread_create(&tasks[i], NULL, race_failer, (void *)(uintptr_t)i),
				 0);
	for (round = 0; round < RACE_ROUNDS; round++) {
		for (i = 0; i < RACE_TASKS; i++)
			bio_park_aged(i, (longest = (round + 1) * 5 * MS + i * MS));
		pthread_barrier_wait(&race_start);
		pthread_barrier_wait(&race_stop);
		s = outage_seen(1, 1);
		assert_int_equal(s.o.failed, (round + 1) * RACE_TASKS);
		/* made-up addresses tell that all are reads */
		assert_true(s.o.stall_max_ns >= longest);
		assert_int_equal(s.o.stall_op_max_ns[MPATH_OP_READ], s.o.stall_max_ns);
	}
	for (i = 0; i < RACE_TASKS; i++)
		pthread_join(tasks[i], NULL);
}

/*
 * As many heads as there are by default, each with an outage; events of the next one are counted.
 */
static void test_all_heads(void **state)
{
	struct mpath_outage_state s;
	unsigned int i;

	(void)state;
	for (i = 0; i < MPATH_MAX_HEADS + 1; i++) {
		target.disk = DRIVE_DISK(i);
		target.nsid = i + 1;
		target.window = 0;
		bio_park(i, MPATH_PARK_NO_USABLE_PATH);
	}
	assert_int_equal(losses_seen().head_map_full, 1);
	assert_int_equal(losses_seen().outage_map_full, 0);
	assert_int_equal(losses_seen().bio_map_full, 0);
	for (i = 0; i < MPATH_MAX_HEADS; i++) {
		s = outage_seen(i + 1, 1);
		assert_int_equal(s.o.parked[MPATH_PARK_NO_USABLE_PATH], 1);
	}
}

int run_losses(void)
{
	static struct drive_limits all = {
		.ring_bytes = MPATH_RING_BYTES,
		.heads = MPATH_MAX_HEADS,
		.bios = MPATH_MAX_BIOS,
		.outages = MPATH_MAX_OUTAGES,
	};
	static struct drive_limits roomy = {
		.ring_bytes = DRIVE_RING_BYTES,
		.heads = DRIVE_HEADS,
		.bios = DRIVE_BIOS,
		.outages = 4096,
	};
	const struct CMUnitTest tests[] = {
		DRIVE_TEST(test_ring_full),
		DRIVE_TEST(test_totals_without_events),
		DRIVE_TEST(test_outages_full),
		DRIVE_TEST(test_heads_full),
		DRIVE_TEST_LIMITS(test_race_in_windows, &roomy),
		DRIVE_TEST_LIMITS(test_race_for_the_end, &roomy),
		DRIVE_TEST_LIMITS(test_race_for_the_longest, &roomy),
		DRIVE_TEST_LIMITS(test_all_heads, &all),
	};

	return cmocka_run_group_tests_name("programs, losses and races", tests, NULL, NULL);
}
