// SPDX-License-Identifier: GPL-2.0-only
/*
 * The metrics under load.
 *
 *	rewrite hammer RECORD FILE.prom COUNT	write the metrics COUNT times while a recording
 *		happens, and another process reads the file all the time and wants it whole
 *	rewrite bench RECORD FILE.prom		what one write takes at the end of it
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/disk_stats.h"
#include "metrics/metrics.h"
#include "model/model.h"
#include "os/replace_file.h"
#include "record/reader.h"

#define LAST \
	"# TYPE nvme_mpath_collector_reloads_total counter\n" \
	"nvme_mpath_collector_reloads_total 0\n"
#define WRITES	20

static struct model *m;
static struct metrics *x;
static struct textfile *t;

static void __attribute__((noreturn)) die(const char *what, const char *why)
{
	fprintf(stderr, "rewrite: %s: %s\n", what, why);
	exit(1);
}

static void begin(const char *file)
{
	m = model_new();
	x = m ? metrics_new(m) : NULL;
	t = textfile_new(file, 0644);
	if (!x || !t)
		die(file, "out of memory");
	metrics_begin(x, 1);
}

static struct record_reader *open_record(const char *path)
{
	struct record_reader *r = record_reader_new();

	if (!r || record_reader_open(r, path))
		die(path, r ? record_reader_error(r) : "out of memory");
	return r;
}

/* The next records, at most @max. Returns how many there were. */
static __u64 feed_some(struct record_reader *r, __u64 max)
{
	struct record rec;
	__u64 n;

	for (n = 0; n < max && record_reader_next(r, &rec) > 0; n++)
		if (model_feed(m, &rec))
			die("feed", "out of memory");
	return n;
}

static void read_record(const char *path)
{
	struct record_reader *r = open_record(path);

	feed_some(r, ~0ULL);
	record_reader_free(r);
}

/* In each path an I/O is in flight that does not end: a recording has no statistics. */
static const struct stats *read_stats(void)
{
	static struct stats *stats;
	const struct disk_stat d = { .id = 1, .ios = { 1, 1 }, .in_flight = 1 };
	const struct model_head *h;
	size_t i, k;

	if (!stats)
		stats = stats_new();
	if (!stats)
		die("statistics", strerror(ENOMEM));
	stats_begin(stats, model_now(m));
	for (i = 0; (h = model_head(m, i)); i++)
		for (k = 0; k < h->nr_paths; k++)
			if (stats_put(stats, h->paths[k].name, &d))
				die("statistics", strerror(ENOMEM));
	stats_end(stats);
	return stats;
}

static void write_once(__u64 n)
{
	const struct metrics_self self = {
		.version = "test",
		.live = true,
		.running = true,
		.now_ns = model_now(m),
		.now_real_ns = (__s64)(time(NULL) * 1000000000LL),
		.start_real_ns = 1,
		.write_errors = n,
		.stats = read_stats(),
	};
	FILE *out;

	if (textfile_begin(t, &out) || metrics_write(x, &self, out) || textfile_end(t))
		die("write", textfile_error(t));
}

/* ---- hammer ---- */

/* Read it until @stop can be read. Every time it must be there and end as it should. */
static int reader(const char *file, int stop, unsigned long least)
{
	static char buf[1 << 20];
	unsigned long reads = 0;
	size_t len;
	ssize_t n;
	char c;
	int fd;

	while (read(stop, &c, 1) < 0 && errno == EAGAIN) {
		fd = open(file, O_RDONLY);
		if (fd < 0)
			die(file, strerror(errno));
		for (len = 0; (n = read(fd, buf + len, sizeof(buf) - len)) > 0; len += (size_t)n)
			;
		close(fd);
		if (len < strlen(LAST) || memcmp(buf, "# HELP", 6) ||
		    memcmp(buf + len - strlen(LAST), LAST, strlen(LAST)))
			die(file, "a reader saw a part of it");
		reads++;
	}
	printf("%lu reads, each of the whole file\n", reads);
	return reads < least;
}

static __u64 count_records(const char *path)
{
	struct record_reader *r = open_record(path);
	struct record rec;
	__u64 n = 0;

	while (record_reader_next(r, &rec) > 0)
		n++;
	record_reader_free(r);
	return n;
}

/*
 * The records are spread over the writes, so that a text is longer or shorter than the one before.
 */
static void write_all(const char *record, __u64 count)
{
	__u64 records = count_records(record), fed = 0, i;
	struct record_reader *r = open_record(record);

	for (i = 1; i <= count; i++) {
		fed += feed_some(r, records * i / count - fed);
		write_once(i);
	}
	record_reader_free(r);
}

static int hammer(const char *record, const char *file, __u64 count)
{
	int stop[2], status;
	pid_t pid;

	write_once(0);
	if (pipe2(stop, O_NONBLOCK))
		die("pipe", strerror(errno));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		close(stop[1]);
		exit(reader(file, stop[0], count < 1000 ? 0 : 10));
	}
	close(stop[0]);
	write_all(record, count);
	close(stop[1]);
	if (waitpid(pid, &status, 0) != pid || status)
		die(file, "the reader failed");
	printf("%llu writes\n", (unsigned long long)count);
	return 0;
}

/* ---- bench ---- */

static double cpu_ms(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1e3 +
	       (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e3;
}

static int bench(const char *file)
{
	double before, best = 1e9, ms;
	struct rusage ru;
	size_t len;
	void *buf;
	FILE *in;
	int i;

	for (i = 0; i < WRITES; i++) {
		before = cpu_ms();
		if (metrics_save(x, &buf, &len))
			die("state", "out of memory");
		free(buf);
		write_once((__u64)i);
		ms = cpu_ms() - before;
		best = ms < best ? ms : best;
	}
	getrusage(RUSAGE_SELF, &ru);
	in = fopen(file, "r");
	if (!in || fseek(in, 0, SEEK_END))
		die(file, strerror(errno));
	printf("%.0f ms of CPU a write, %ld KiB of memory, %ld KiB of text, %zu KiB of state\n",
	       best, ru.ru_maxrss, ftell(in) / 1024, len / 1024);
	fclose(in);
	if (best >= 100 || ru.ru_maxrss >= 64 * 1024)
		die("bench", "the limits are 100 ms and 65536 KiB");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "bench")) {
		begin(argv[3]);
		read_record(argv[2]);
		return bench(argv[3]);
	}
	if (argc != 5 || strcmp(argv[1], "hammer"))
		die(argv[0], "hammer RECORD FILE COUNT, or bench RECORD FILE");
	begin(argv[3]);
	return hammer(argv[2], argv[3], (__u64)atoll(argv[4]));
}
