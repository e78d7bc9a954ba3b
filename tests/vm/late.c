// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells how late the timers of this guest come: `late FILE`.
 *
 * A thread on each processor sleeps until fixed times of CLOCK_BOOTTIME, every 25 ms. When it wakes
 * more than 25 ms late, it appends a line "CPU DUE_NS WOKE_NS" to FILE. The times that it slept
 * through are left out. When each thread has slept once, FILE gets the line "ready".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STEP	25000000ULL
#define SECOND	1000000000ULL

static int output;
static atomic_int sleeping;	/* threads that have not slept yet */

static void put(const char *line, size_t length)
{
	if (write(output, line, length) != (ssize_t)length) {
		perror("late: write");
		exit(1);
	}
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static void sleep_until(uint64_t due)
{
	struct timespec t = { .tv_sec = (time_t)(due / SECOND), .tv_nsec = (long)(due % SECOND) };

	while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static void *watch(void *arg)
{
	int cpu = (int)(intptr_t)arg;
	uint64_t due = now(), woke;
	char line[80];

	for (int first = 1;; first = 0) {
		due += STEP;
		sleep_until(due);
		woke = now();
		if (woke - due > STEP)
			put(line, (size_t)snprintf(line, sizeof(line),
						   "%d %" PRIu64 " %" PRIu64 "\n", cpu, due, woke));
		if (first && atomic_fetch_sub(&sleeping, 1) == 1)
			put("ready\n", 6);
		due += (woke - due) / STEP * STEP;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	cpu_set_t all, one;

	if (argc != 2) {
		fprintf(stderr, "usage: late FILE\n");
		return 2;
	}
	output = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (output < 0 || sched_getaffinity(0, sizeof(all), &all)) {
		fprintf(stderr, "late: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	atomic_init(&sleeping, CPU_COUNT(&all));
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		pthread_t thread;
		int err;

		if (!CPU_ISSET(cpu, &all))
			continue;
		err = pthread_create(&thread, NULL, watch, (void *)(intptr_t)cpu);
		if (!err) {
			CPU_ZERO(&one);
			CPU_SET(cpu, &one);
			err = pthread_setaffinity_np(thread, sizeof(one), &one);
		}
		if (err) {
			fprintf(stderr, "late: a thread on processor %d: %s\n", cpu, strerror(err));
			return 1;
		}
	}
	pthread_exit(NULL);
}
