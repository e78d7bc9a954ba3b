// SPDX-License-Identifier: GPL-2.0-only
/*
 * The metrics under load.
 *
 *	rewrite hammer RECORD FILE.prom COUNT	write the metrics of a recording COUNT times,
 *		while another process reads the file all the time and wants it whole
 *	rewrite bench HEADS PATHS FILE.prom	what one write of so many takes
 *	rewrite hold RECORD FILE.prom SECONDS	write them all the time for so long
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

#include "../unit/feed.h"
#include "../../user/metrics.h"
#include "../../user/textfile.h"

#define LAST	"# TYPE nvme_mpath_collector_heads_dropped_total counter\n" \
		"nvme_mpath_collector_heads_dropped_total 0\n"
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
}

static void read_record(const char *path)
{
	struct record_reader *r = record_reader_new();
	struct record rec;

	if (!r || record_reader_open(r, path))
		die(path, r ? record_reader_error(r) : "out of memory");
	while (record_reader_next(r, &rec) > 0)
		if (metrics_feed(x, &rec))
			die(path, "out of memory");
	record_reader_free(r);
}

static void write_once(__u64 n)
{
	const struct metrics_self self = {
		.version = "test", .live = true, .running = true, .now_ns = model_now(m),
		.now_real_ns = (__s64)(time(NULL) * 1000000000LL), .start_real_ns = 1, .write_errors = n,
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

static int hammer(const char *file, __u64 count)
{
	int stop[2], status;
	pid_t pid;
	__u64 i;

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
	for (i = 0; i < count; i++)
		write_once(i);
	close(stop[1]);
	if (waitpid(pid, &status, 0) != pid || status)
		die(file, "the reader failed");
	printf("%llu writes\n", (unsigned long long)count);
	return 0;
}

static int hold(__u64 seconds)
{
	time_t end = time(NULL) + (time_t)seconds;
	__u64 n = 0;

	while (time(NULL) < end)
		write_once(n++);
	printf("%llu writes\n", (unsigned long long)n);
	return 0;
}

/* ---- bench ---- */

/* Names only: a topology record of 1 MiB does not hold so many addresses. */
static void feed_topology(struct feed *f, unsigned int heads)
{
	struct topo *topo = topo_new();
	unsigned int i;
	char name[32];
	size_t len;
	void *buf;

	TOPO_TEXT(topo_add_subsys(topo, 0)->nqn, "nqn.2014-08.org.nvmexpress:uuid:a-rather-long-one");
	for (i = 0; i < heads; i++) {
		struct topo_head *h;

		snprintf(name, sizeof(name), "nvme0n%u", i + 1);
		h = topo_add_head(topo, 0, name);
		h->nsid = i + 1;
		h->setting_s = 30;
	}
	if (topo_encode(topo, &buf, &len))
		die("topology", "too large for a record");
	put_record(f, REC_TOPOLOGY, buf, (__u32)len);
	free(buf);
	topo_free(topo);
}

static double cpu_ms(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1e3 +
	       (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e3;
}

/* Every head gets its paths, and has had an outage. */
static void feed_events(struct feed *f, unsigned int heads, unsigned int paths)
{
	struct mpath_outage o;
	unsigned int i, k;
	char path[32];

	for (i = 0; i < heads; i++) {
		snprintf(f->head, sizeof(f->head), "nvme0n%u", i + 1);
		f->head_id = i + 1;
		f->nsid = i + 1;
		f->outage = 1;
		for (k = 0; k < paths; k++) {
			snprintf(path, sizeof(path), "nvme0c%un%u", k, i + 1);
			ev_add(f, path, (int)k, k + 1, MPATH_NO_WINDOW);
			ev_live(f, path, (int)k, true);
		}
		o = outage(f, 5, 0, 0);
		put_outage(f, &o);
	}
}

static int put(void *ctx, const struct record *rec)
{
	return metrics_feed(ctx, rec);
}

static int bench(unsigned int heads, unsigned int paths, const char *file)
{
	struct feed f = { .put = put, .ctx = x, .now = SEC };
	double before, best = 1e9, ms;
	struct rusage ru;
	size_t len;
	void *buf;
	FILE *in;
	int i;

	put_host(&f, "boot");
	put_clock(&f);
	put_start(&f);
	feed_topology(&f, heads);
	feed_events(&f, heads, paths);
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
	printf("%u heads, %u paths each: %.0f ms of CPU a write, %ld KiB of memory, %ld KiB of text, "
	       "%zu KiB of state\n", heads, paths, best, ru.ru_maxrss, ftell(in) / 1024, len / 1024);
	fclose(in);
	if (best >= 100 || ru.ru_maxrss >= 64 * 1024)
		die("bench", "the limits are 100 ms and 65536 KiB");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "bench")) {
		begin(argv[4]);
		return bench((unsigned int)atoi(argv[2]), (unsigned int)atoi(argv[3]), argv[4]);
	}
	if (argc != 5 || (strcmp(argv[1], "hammer") && strcmp(argv[1], "hold")))
		die(argv[0], "hammer|hold RECORD FILE N, or bench HEADS PATHS FILE");
	begin(argv[3]);
	read_record(argv[2]);
	return !strcmp(argv[1], "hold") ? hold((__u64)atoll(argv[4])) :
					  hammer(argv[3], (__u64)atoll(argv[4]));
}
