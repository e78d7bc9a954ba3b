// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a multipath head for as long as it is told to, keeps a ledger of what the disk has
 * acknowledged, and reads it back: nothing acknowledged may be lost, nothing old may come back.
 * When the head is removed it waits for the next one and goes on with the same ledger.
 *
 *   ledger NQN FIRST COUNT THREADS RATE PATIENCE SEED
 *
 * uses COUNT blocks of 4096 bytes from block FIRST of the head of subsystem NQN, with THREADS
 * threads that do RATE I/Os a second each. SIGTERM ends it, after a last look at every block.
 *
 * Each sector of a block names the block, its generation and the seed. For every block
 *	acked	is the newest generation that must be there: acknowledged, or read once
 *	tried	is the newest generation that was written, with or without success
 * and a sector is right if its generation is acked, tried or between. An I/O error is
 * right if the head goes within PATIENCE seconds; one on a head that stays is not.
 *
 * Standard output gets one line of counts; wrong things are told at once on standard error,
 * and make the exit status 1. Times are seconds of CLOCK_BOOTTIME, as in the kernel's log.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BLOCK		4096
#define SECTOR		512
#define MAX_TOLD	40	/* so many wrong things are told, the others just counted */
#define MAGIC		0x726567646c6d766eULL

struct sector {
	uint64_t magic, seed, block, generation;
	uint64_t fill[(SECTOR - 32) / 8];
};

struct entry {
	uint64_t acked, tried;
};

/* A head is another one when its directory in sysfs is, whatever its name. */
struct head {
	char	name[64];
	ino_t	id;
	int	fd;
};

struct worker {
	pthread_t	thread;
	unsigned int	number;
	uint64_t	random;
	struct head	head;
	struct sector	*buf;
};

static const char *nqn;
static unsigned long first, count, threads, rate, patience;
static uint64_t seed;
static struct entry *ledger;
static atomic_ulong writes, reads, write_errors, read_errors, heads_lost, wrong, longest_us;
static atomic_bool stop;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

__attribute__((format(printf, 1, 2))) static void complain(const char *format, ...)
{
	char text[256];
	va_list args;

	if (atomic_fetch_add(&wrong, 1) >= MAX_TOLD)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "ledger: [%.3f] WRONG: %s\n", now(), text);
}

/* xorshift64*: repeatable, and each thread has its own. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

static bool nqn_is_ours(const char *subsys)
{
	char path[512], line[256] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/nvme-subsystem/%s/subsysnqn", subsys);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	return !strcmp(line, nqn);
}

/* The head disk in the directory of a subsystem: nvmeXnY, but not nvmeXcYnZ. */
static bool find_in_subsys(const char *subsys, struct head *head)
{
	char path[512], rest;
	struct dirent *e;
	struct stat st;
	int a, b;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/nvme-subsystem/%s", subsys);
	dir = opendir(path);
	if (!dir)
		return false;
	while ((e = readdir(dir))) {
		if (sscanf(e->d_name, "nvme%dn%d%c", &a, &b, &rest) != 2)
			continue;
		snprintf(head->name, sizeof(head->name), "%.63s", e->d_name);
		snprintf(path, sizeof(path), "/sys/block/%s", head->name);
		if (!stat(path, &st)) {
			head->id = st.st_ino;
			closedir(dir);
			return true;
		}
	}
	closedir(dir);
	return false;
}

static bool find_head(struct head *head)
{
	DIR *dir = opendir("/sys/class/nvme-subsystem");
	bool found = false;
	struct dirent *e;

	if (!dir)
		return false;
	while (!found && (e = readdir(dir)))
		if (e->d_name[0] != '.' && nqn_is_ours(e->d_name))
			found = find_in_subsys(e->d_name, head);
	closedir(dir);
	return found;
}

/* Wait for a head other than the one with this id; false if told to stop meanwhile. */
static bool open_head(struct head *head, ino_t not_this)
{
	char path[80];
	struct stat st;

	while (!atomic_load(&stop)) {
		if (find_head(head) && head->id != not_this) {
			snprintf(path, sizeof(path), "/dev/%s", head->name);
			head->fd = open(path, O_RDWR | O_DIRECT);
			if (head->fd >= 0 && !fstat(head->fd, &st) && S_ISBLK(st.st_mode))
				return true;
			if (head->fd >= 0)
				close(head->fd);
		}
		usleep(20000);
	}
	return false;
}

/* An error is fine if it announces the end of the head, and only then. */
static bool next_head(struct worker *w, const char *what, uint64_t block, int error)
{
	double end = now() + patience, at = now();
	ino_t old = w->head.id;
	struct head h;

	close(w->head.fd);
	w->head.fd = -1;
	while (find_head(&h) && h.id == old) {
		if (now() > end) {
			complain("%s of block %lu of %s failed at %.3f (%s), "
				 "and the head is still there %lu s later",
				 what, (unsigned long)block, w->head.name, at, strerror(error),
				 patience);
			break;
		}
		usleep(20000);
	}
	atomic_fetch_add(&heads_lost, 1);
	return open_head(&w->head, old);
}

static void fill(struct sector *s, uint64_t block, uint64_t generation)
{
	uint64_t state = seed ^ (block << 32) ^ generation ^ MAGIC;
	unsigned int i, j;

	for (i = 0; i < BLOCK / SECTOR; i++, s++) {
		*s = (struct sector) { MAGIC, seed, block, generation, {} };
		for (j = 0; j < sizeof(s->fill) / 8; j++)
			s->fill[j] = next_random(&state);
	}
}

static bool filled_right(const struct sector *s, unsigned int index, uint64_t block)
{
	static _Thread_local struct sector want[BLOCK / SECTOR];

	fill(want, block, s->generation);
	return !memcmp(s, &want[index], SECTOR);
}

/* Compare a block that was read with the ledger; what was seen once must not go away again. */
static void compare(struct entry *e, const struct sector *s, uint64_t block)
{
	uint64_t oldest = UINT64_MAX;
	unsigned int i;

	for (i = 0; i < BLOCK / SECTOR; i++, s++) {
		uint64_t g = s->generation;

		if (!e->acked && s->magic != MAGIC) {
			oldest = 0;	/* never written with success */
			continue;
		}
		if (s->magic != MAGIC || s->seed != seed || s->block != block)
			complain("block %lu sector %u is not what was written there: "
				 "magic %#lx, block %lu; generation %lu was acknowledged",
				 (unsigned long)block, i, (unsigned long)s->magic,
				 (unsigned long)s->block, (unsigned long)e->acked);
		else if (g < e->acked)
			complain("block %lu sector %u has generation %lu, "
				 "but %lu was acknowledged or read before: "
				 "lost or overwritten by an older write",
				 (unsigned long)block, i, (unsigned long)g,
				 (unsigned long)e->acked);
		else if (g > e->tried)
			complain("block %lu sector %u has generation %lu, but only %lu was written",
				 (unsigned long)block, i, (unsigned long)g,
				 (unsigned long)e->tried);
		else if (!filled_right(s, i, block))
			complain("block %lu sector %u, generation %lu, is damaged",
				 (unsigned long)block, i, (unsigned long)g);
		if (g < oldest)
			oldest = g;
	}
	if (oldest != UINT64_MAX && oldest > e->acked && oldest <= e->tried)
		e->acked = oldest;
}

static void took(double start)
{
	unsigned long us = (now() - start) * 1e6, old = atomic_load(&longest_us);

	while (us > old && !atomic_compare_exchange_weak(&longest_us, &old, us))
		;
}

static int write_block(struct worker *w, struct entry *e, uint64_t block)
{
	double start = now();
	ssize_t n;

	fill(w->buf, block, ++e->tried);
	n = pwrite(w->head.fd, w->buf, BLOCK, (first + block) * BLOCK);
	took(start);
	if (n != BLOCK) {
		atomic_fetch_add(&write_errors, 1);
		return n < 0 ? errno : ENOSPC;
	}
	e->acked = e->tried;
	atomic_fetch_add(&writes, 1);
	return 0;
}

static int read_block(struct worker *w, struct entry *e, uint64_t block)
{
	double start = now();
	ssize_t n;

	n = pread(w->head.fd, w->buf, BLOCK, (first + block) * BLOCK);
	took(start);
	if (n != BLOCK) {
		atomic_fetch_add(&read_errors, 1);
		return n < 0 ? errno : ENODATA;
	}
	compare(e, w->buf, block);
	atomic_fetch_add(&reads, 1);
	return 0;
}

/* Each thread has the blocks whose number leaves its own as remainder: no locks. */
static void *work(void *arg)
{
	struct worker *w = arg;
	struct timespec pause = { 0, 1000000000 / rate };

	if (rate == 1)
		pause = (struct timespec) { 1, 0 };
	if (!open_head(&w->head, 0))
		return NULL;
	while (!atomic_load(&stop)) {
		uint64_t r = next_random(&w->random);
		uint64_t block = (r >> 8) % (count / threads) * threads + w->number;
		bool write = r & 1;
		int error = (write ? write_block : read_block)(w, &ledger[block], block);

		if (error && !next_head(w, write ? "write" : "read", block, error))
			break;
		nanosleep(&pause, NULL);
	}
	if (w->head.fd >= 0)
		close(w->head.fd);
	return NULL;
}

/* The last look, on a disk that must be there. PATIENCE says how slow the machine is. */
static void read_all(struct worker *w)
{
	uint64_t block;
	int error;

	w->head.fd = -1;
	atomic_store(&stop, false);
	alarm((unsigned int)(30 * patience));
	if (!open_head(&w->head, 0))
		return;
	for (block = 0; block < count; block++) {
		if (!ledger[block].tried)
			continue;
		error = read_block(w, &ledger[block], block);
		if (error) {
			complain("block %lu of %s cannot be read at the end: %s",
				 (unsigned long)block, w->head.name, strerror(error));
			break;
		}
	}
	close(w->head.fd);
}

static unsigned long number(const char *text, const char *name, unsigned long min)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 0);
	if (errno || !*text || *end || n < min) {
		fprintf(stderr, "ledger: %s: '%s' is not a number from %lu\n", name, text, min);
		exit(2);
	}
	return n;
}

static void *wait_for_stop(void *arg)
{
	sigset_t *set = arg;
	int sig;

	sigwait(set, &sig);
	atomic_store(&stop, true);
	return NULL;
}

int main(int argc, char **argv)
{
	struct worker *workers;
	pthread_t waiter;
	unsigned long i;
	sigset_t set;

	if (argc != 8) {
		fprintf(stderr, "usage: ledger NQN FIRST COUNT THREADS RATE PATIENCE SEED\n");
		return 2;
	}
	nqn = argv[1];
	first = number(argv[2], "FIRST", 0);
	count = number(argv[3], "COUNT", 1);
	threads = number(argv[4], "THREADS", 1);
	rate = number(argv[5], "RATE", 1);
	patience = number(argv[6], "PATIENCE", 1);
	seed = number(argv[7], "SEED", 0);
	count -= count % threads;
	ledger = calloc(count, sizeof(*ledger));
	workers = calloc(threads, sizeof(*workers));
	if (!count || !ledger || !workers) {
		fprintf(stderr, "ledger: no memory, or fewer blocks than threads\n");
		return 2;
	}
	/*
	 * nvme-tcp sends in the context of whoever submits the I/O, without MSG_NOSIGNAL: the
	 * submitter gets the SIGPIPE of a link that is just closing.
	 */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	pthread_create(&waiter, NULL, wait_for_stop, &set);
	for (i = 0; i < threads; i++) {
		workers[i].number = i;
		workers[i].random = (seed + 1) * 0x9e3779b97f4a7c15ULL + i * 0x2545f4914f6cdd1dULL +
				    1;
		if (posix_memalign((void **)&workers[i].buf, BLOCK, BLOCK))
			return 2;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			return 2;
	}
	pthread_join(waiter, NULL);
	for (i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	read_all(&workers[0]);
	printf("writes=%lu reads=%lu write_errors=%lu read_errors=%lu "
	       "heads_lost=%lu longest_ms=%lu wrong=%lu\n",
	       writes, reads, write_errors, read_errors, heads_lost, longest_us / 1000, wrong);
	return wrong ? 1 : 0;
}
