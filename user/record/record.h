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
#define RECORD_MAX_LEN		(8U << 20)	/* longest payload, bytes: a topology of 1024 heads x 8 paths */
#define RECORD_SUFFIX		".mpr"

enum record_type {
	REC_HOST	= 1,	/* struct rec_host */
	REC_CLOCK	= 2,	/* struct rec_clock; at the start, then now and then */
	REC_TOPOLOGY	= 3,	/* topo_encode(); at the start and when it changed */
	REC_EVENT	= 4,	/* struct mpath_event and what follows it */
	REC_OUTAGE	= 5,	/* struct mpath_outage; the last one of an outage wins */
	REC_LOSSES	= 6,	/* struct mpath_losses, since the attachment */
	REC_START	= 7,	/* struct rec_start: programs are attached; mostly, numbers start anew */
	REC_END		= 8,	/* no payload: the collector ended by itself */
	REC_GAP		= 9,	/* struct rec_gap: records could not be written */
	REC_WHO		= 10,	/* struct rec_who; the last one of an outage and cgroup wins */
	REC_INDEX	= 11,	/* struct rec_index: at the start of a segment, for who looks for a time */
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

/* rec_start.flags */
#define REC_START_CONTINUES	(1U << 0)	/* programs that an earlier collector had attached */

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
	char	path[200];		/* of the cgroup below its mount, cut at its beginning; "": not known */
};

/* rec_index.flags */
#define REC_INDEX_QUIET	(1U << 0)	/* what is before this segment is not needed to understand it */

/*
 * The index of a recording: each segment says what is before it, in its first
 * few kilobytes. So there is no file that could be out of step with the others. For the
 * reader alone: record_reader_next() does not give it.
 */
struct rec_index {
	__u32	flags;			/* REC_INDEX_* */
	__u32	pad;
	__s64	before_ns;		/* no record before this segment has a later wall time; 0: not known */
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

/* ---- writer: record/writer.c ---- */

struct record_writer;

/**
 * struct record_writer_opts - limits of a recording; 0 means the default
 * @segment_bytes:	a new segment is begun before one grows beyond this (16 MiB)
 * @total_bytes:	the oldest segments are removed to stay below this (1 GiB);
 *			the one being written is never removed
 * @segment_ns:		and before its records span a longer time; 0: whatever they span
 * @keep_ns:		segments that were last written so long ago, by the clock of their
 *			file, are removed when another one is begun; 0: never
 * @quiet:		is nothing going on at this time of a record, so that a reader may begin
 *			there? NULL: not known
 * @ctx:		handed to @quiet
 */
struct record_writer_opts {
	__u64	segment_bytes;
	__u64	total_bytes;
	__u64	segment_ns;
	__u64	keep_ns;
	bool	(*quiet)(void *ctx, __u64 now_ns);
	void	*ctx;
};

/* Returns NULL when memory is short. */
struct record_writer *record_writer_new(void);

/**
 * record_writer_open() - make the directory if needed, lock it, begin a segment
 * @w:		from record_writer_new()
 * @dir:	made with mode 0750; its parent must exist
 * @opts:	NULL: all defaults
 *
 * Returns 0 or -errno; record_writer_error() has the text for it. -EBUSY:
 * another writer has the directory. -ELOOP or -ENOTDIR: @dir is a symbolic
 * link or no directory. -ENOSPC: there was no room for the first segment. That
 * one is not final: the writer is open and may be used, it goes on trying.
 */
int record_writer_open(struct record_writer *w, const char *dir,
		       const struct record_writer_opts *opts);

/**
 * record_writer_put() - append one record with one write()
 * @rec:	type, version, len, time_ns and data are stored
 *
 * Returns 0 or -errno: -EINVAL for a payload that is too long, else what the
 * file system said, mostly -ENOSPC. A record that could not be written whole
 * is cut off again and counted; the caller goes on calling, and the first put
 * that works is preceded by a REC_GAP with what is missing.
 */
int record_writer_put(struct record_writer *w, const struct record *rec);

/* Records lost since the last put that worked; 0: nothing is amiss. */
__u64 record_writer_lost(const struct record_writer *w);

/* Bring everything to the disk. Returns 0 or -errno. */
int record_writer_sync(struct record_writer *w);

/* Text of the last error, "" if none: object, reason, advice; no newline. */
const char *record_writer_error(const struct record_writer *w);

/* A record as it stands in a file, with header and padding: how long, and itself. */
size_t record_image_len(__u32 len);
void record_put_image(void *to, const struct record *rec, __u32 flags);

/* Closes and unlocks; NULL and a writer that is not open are fine. */
void record_writer_free(struct record_writer *w);

/* ---- reader: record/reader.c ---- */

struct record_reader;

/* What is wrong with a recording although it can be read, see record_reader_remark(). */
enum record_damage {
	RECORD_TORN	= 1,	/* a record at the end is incomplete: writer was killed */
	RECORD_CRC	= 2,	/* CRC or header wrong: the rest of the segment is not read */
	RECORD_NOT_OURS	= 3,	/* segment without our magic */
	RECORD_NEWER	= 4,	/* segment of a newer format or event ABI */
	RECORD_MISSING	= 5,	/* segment numbers have a hole */
	RECORD_IO	= 6,	/* segment cannot be opened or read */
};

struct record_remark {
	enum record_damage	damage;
	char			file[256];	/* name without directory */
	__u64			offset;		/* in the file, of the damage */
	__u64			bytes;		/* not read from there on */
	char			text[512];	/* file, offset, why, what it means; no newline */
};

/* Returns NULL when memory is short. */
struct record_reader *record_reader_new(void);

/* What messages call the recording, if not by its path; before it is opened. */
void record_reader_call(struct record_reader *r, const char *name);

/**
 * record_reader_open() - open a segment, or a directory of them
 *
 * Returns 0 or -errno; record_reader_error() has the text for it. -ENOENT:
 * nothing there, -ENOMSG: not a record, -EPROTONOSUPPORT: a newer version,
 * -EBADMSG: the file header is damaged. In a directory an unreadable segment
 * is an error only if there is no other, else a remark.
 */
int record_reader_open(struct record_reader *r, const char *path);

/**
 * record_reader_next() - the next record, over all segments
 * @rec:	filled in; @rec->data is valid until the next call
 *
 * Returns 1 for a record, 0 at the end, -errno for a failure that ends it
 * (-ENOMEM). Damage is a remark and not an error: reading goes on
 * with the next segment. A record being written just now is a torn end too.
 */
int record_reader_next(struct record_reader *r, struct record *rec);

/**
 * record_reader_since() - begin as late as a report of what is not before @real_ns can
 *
 * After record_reader_open() of a directory, before the first record. Only
 * segments are passed over that hold nothing later and nothing that what follows
 * depends on, by the index in them; without one none are. @before_ns: wall time
 * of the last record passed over, 0: none is.
 *
 * Returns how many segments are passed over, or -errno.
 */
int record_reader_since(struct record_reader *r, __s64 real_ns, __s64 *before_ns);

/* The i-th remark so far, NULL behind the last. Remarks grow while reading. */
const struct record_remark *record_reader_remark(const struct record_reader *r, size_t i);

/* Text of the last error, "" if none: file, offset, reason, advice; no newline. */
const char *record_reader_error(const struct record_reader *r);

/* NULL is fine. */
void record_reader_free(struct record_reader *r);

#endif /* RECORD_RECORD_H */
