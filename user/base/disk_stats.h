/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Statistics of disks, and the rates between two readings of them. Pure: who
 * reads says when. What was not read this time has no rate, and what is not
 * the disk that it was, or counts anew, has one again after two readings.
 */
#ifndef BASE_DISK_STATS_H
#define BASE_DISK_STATS_H

#include <stdbool.h>
#include <linux/types.h>

enum stats_dir { STATS_READ, STATS_WRITE, STATS_DIRS };

/* What /sys/block/NAME/stat says (Documentation/block/stat.rst). */
struct disk_stat {
	__u64	id;			/* of the sysfs node: another one, another disk */
	__u64	ios[STATS_DIRS];
	__u64	sectors[STATS_DIRS];	/* 512 bytes */
	__u64	ticks_ms[STATS_DIRS];	/* sum of the times that the I/Os took */
	__u64	in_flight;
};

struct disk_rate {
	double	iops;
	double	bytes;			/* per second */
	bool	latency_known;		/* false: no I/O ended */
	__u64	latency_ns;		/* mean of those that ended */
	__u64	in_flight;
};

/* Of a path and its controller, for people; empty or negative: not known. */
struct path_attrs {
	/* PCIe: "8.0 GT/s x4", and what it could be if that is more */
	char	link[72];
	int	numa;
	__s64	failovers, retries, errors;	/* counted by the kernel, Linux 7.2 and later */
};

/* The text of a stat file, @id stays. Returns 0 or -EINVAL. */
int disk_stat_parse(const char *text, struct disk_stat *d);

/* Was anything ever counted? Linux 6.1 counts the I/O of heads for the paths only. */
bool disk_stat_used(const struct disk_stat *d);

/* Between two readings. Returns false, and nothing in @r, if they are not of the same disk. */
bool disk_rate(const struct disk_stat *a, __u64 a_ns, const struct disk_stat *b, __u64 b_ns,
	       struct disk_rate *r);

/* Sum of two: in the latency each weighs as many I/Os as it had. */
void disk_rate_add(struct disk_rate *sum, const struct disk_rate *r);

struct stats;

/* Returns NULL when memory is short. */
struct stats *stats_new(void);
void stats_free(struct stats *s);	/* NULL is fine */

/* A round of readings: begin at a time, put what could be read, end. */
void stats_begin(struct stats *s, __u64 time_ns);
int stats_put(struct stats *s, const char *name, const struct disk_stat *d);	/* 0 or -ENOMEM */
void stats_end(struct stats *s);

/* Of the last two rounds; NULL: not known. */
const struct disk_rate *stats_rate(const struct stats *s, const char *name);
/*
 * Since when I/O is in flight without that any ended, by the clock of the rounds: the first reading
 * that was like the last. Some of it may be older. Returns false if none is, or it is not known.
 */
bool stats_stuck(const struct stats *s, const char *name, __u64 *since_ns);
/* As read in the last round; NULL: it was not. */
const struct disk_stat *stats_last(const struct stats *s, const char *name);

#endif /* BASE_DISK_STATS_H */
