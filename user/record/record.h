/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The record: what every source yields and what a record file stores.
 *
 * A record file ("segment", NNNNNNNN.mpr) is a struct record_file_header and
 * then records, each a struct record_header, the payload, and zeros up to a
 * multiple of 8. Everything is little endian; payloads are the structures
 * below and of mpath_event.h as they are in memory. A record counts only with
 * a right CRC, so what a crash or a full disk leaves half-written never
 * existed. A directory of segments is one recording; segments are written in
 * rising order and each starts with the last HOST, START, CLOCK, TOPOLOGY and
 * LOSSES again (marked RECORD_REPEAT), so that the oldest can be removed.
 *
 * Rules for a change: a new kind of record gets a new type, which older tools
 * skip by length; a payload may grow at its end (readers go by len); anything
 * else raises the record's version, or RECORD_FORMAT_VERSION for the framing.
 */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "bpf/mpath_event.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "payloads are stored as they are in memory: little endian only");

#define RECORD_FORMAT_VERSION	1
#define RECORD_VERSION		1		/* of every payload below, so far */
/* longest payload, bytes: a topology of 1024 heads x 8 paths */
#define RECORD_MAX_LEN		(8U << 20)
#define RECORD_SUFFIX		".mpr"

enum record_type {
	REC_HOST	= 1,	/* struct rec_host */
	REC_CLOCK	= 2,	/* struct rec_clock; at the start, then now and then */
	REC_TOPOLOGY	= 3,	/* topo_encode(); at the start and when it changed */
	REC_EVENT	= 4,	/* struct mpath_event and what follows it */
	REC_OUTAGE	= 5,	/* struct mpath_outage; the last one of an outage wins */
	REC_LOSSES	= 6,	/* struct mpath_losses, since the attachment */
	/* struct rec_start: programs are attached; mostly, numbers start anew */
	REC_START	= 7,
	REC_END		= 8,	/* no payload: the collector ended by itself */
	REC_GAP		= 9,	/* struct rec_gap: records could not be written */
	REC_WHO		= 10,	/* struct rec_who; the last one of an outage and cgroup wins */
	/* struct rec_index: at the start of a segment, for who looks for a time */
	REC_INDEX	= 11,
	REC_UNLOADED	= 12,	/* no payload: nvme_core went, and with it what was attached */
	REC_TYPES,		/* one beyond the last; each has a row in record/types.c */
};

/* record.flags */
#define RECORD_REPEAT	(1U << 0)	/* said before, for a reader that starts here */

/**
 * struct record - one record, from a live source or from a file
 * @type:	enum record_type; unknown types are to be skipped
 * @version:	of the payload, RECORD_VERSION
 * @len:	bytes at @data, at most RECORD_MAX_LEN
 * @flags:	RECORD_*; a live source leaves it 0
 * @time_ns:	CLOCK_BOOTTIME. Of an event: the event's own time
 * @data:	8-byte aligned, valid until the next call of the source
 */
struct record {
	__u16		type;
	__u16		version;
	__u32		len;
	__u32		flags;
	__u64		time_ns;
	const void	*data;
};

/* Takes a record of a source. Returns 0, or -errno to stop it. */
typedef int (*record_fn)(void *ctx, const struct record *rec);

/* Texts end with a NUL and are cut to fit; what is not known is empty. */
struct rec_host {
	char	name[72];		/* node name */
	char	boot_id[40];		/* /proc/sys/kernel/random/boot_id */
	char	kernel[72];		/* release */
	char	machine[72];		/* x86_64, ... */
	char	tool[40];		/* "nvme-mpathtop VERSION" */
};

struct rec_clock {
	__u64	boottime_ns;
	__s64	realtime_ns;		/* since the epoch, taken at the same moment */
};

/* rec_start.features */
#define REC_FEATURE_TRACEPOINTS	(1U << 0)	/* the series' tracepoints; else kprobes */
/* from here on a bit for each fact that the programs cannot tell, see record/facts.h */
#define REC_FEATURE_FACTS_SHIFT	8

/* rec_start.flags */
/* programs that an earlier collector had attached */
#define REC_START_CONTINUES	(1U << 0)
/* attached anew by the same collector: nvme_core had been unloaded */
#define REC_START_RELOADED	(1U << 1)

/*
 * Two STARTs with the same attachment are about the same programs: what an
 * earlier collector left in their ring and maps is in the later one's records.
 */
struct rec_start {
	__u32	abi_version;		/* MPATH_ABI_VERSION */
	__u32	features;		/* REC_FEATURE_* */
	__u32	programs;		/* attached */
	__u32	flags;			/* REC_START_* */
	__u64	attachment;		/* random; 0: it ends with its collector */
};
#define REC_START_MIN_LEN	16	/* without the attachment */

struct rec_gap {
	__u64	from_ns;		/* CLOCK_BOOTTIME of the first record lost */
	__u64	to_ns;			/* and of the last */
	__u64	records;
	__u32	error;			/* errno of the first failure */
	__u32	pad;
};

struct rec_who {
	struct mpath_who w;
	/* of the cgroup below its mount, cut at its beginning; "": not known */
	char	path[200];
};

/* rec_index.flags */
/* what is before this segment is not needed to understand it */
#define REC_INDEX_QUIET	(1U << 0)

/*
 * The index of a recording: each segment says what is before it, in its first
 * few kilobytes. So there is no file that could be out of step with the others. For the
 * reader alone: record_reader_next() does not give it.
 */
struct rec_index {
	__u32	flags;			/* REC_INDEX_* */
	__u32	pad;
	/* no record before this segment has a later wall time; 0: not known */
	__s64	before_ns;
};

#define RECORD_MAGIC	"NVMEMPR\n"	/* 8 bytes, no NUL */

/* The layout of the file header is the same in every format version. */
struct record_file_header {
	char	magic[8];
	__u32	format_version;
	__u32	abi_version;		/* MPATH_ABI_VERSION of the writer */
	__u64	segment;		/* number, as in the file name */
	__u32	reserved;
	__u32	crc;			/* CRC32C of the 28 bytes before */
};

struct record_header {
	__u32	len;			/* of the payload, without padding */
	__u16	type;
	__u16	version;
	__u32	crc;			/* CRC32C of header (with crc 0), payload and padding */
	__u32	flags;
	__u64	time_ns;
};

_Static_assert(sizeof(struct rec_host) == 296, "record format");
_Static_assert(sizeof(struct rec_clock) == 16, "record format");
_Static_assert(sizeof(struct rec_start) == 24, "record format");
_Static_assert(offsetof(struct rec_start, attachment) == REC_START_MIN_LEN, "record format");
_Static_assert(sizeof(struct rec_gap) == 32, "record format");
_Static_assert(sizeof(struct rec_who) == 248, "record format");
_Static_assert(sizeof(struct rec_index) == 16, "record format");
_Static_assert(sizeof(struct record_file_header) == 32, "record format");
_Static_assert(sizeof(struct record_header) == 24, "record format");

#endif /* RECORD_RECORD_H */
