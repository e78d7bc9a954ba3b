/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of record types: what a record of each is called, when it makes sense, which names
 * are in it, and whether a segment repeats it. A new type is a row here.
 */
#ifndef RECORD_TYPES_H
#define RECORD_TYPES_H

#include "record/record.h"

/* Of a text: what to do with it when names are masked. */
enum record_text_names {
	TEXT_PLAIN,		/* it has none */
	TEXT_NAMES,		/* any name may be in it */
	TEXT_HOST_NAME,		/* it is one: of the host */
};

/* A text in a payload: so many bytes, ended by a NUL. */
struct record_text {
	__u16	offset;
	__u16	size;			/* 0: there is none */
	__u8	names;			/* enum record_text_names */
};

/* Where the names in a payload are. */
enum record_names {
	RECORD_NAMES_UNKNOWN,	/* nobody decided: the record does not go where names must not */
	RECORD_NAMES_NONE,
	RECORD_NAMES_TEXTS,	/* in the row's texts, and nowhere else in min_len bytes */
	RECORD_NAMES_TOPOLOGY,	/* where topo_decode() puts them */
};

#define RECORD_TEXTS	5		/* of a type at most */

/**
 * struct record_type_info - what is common to the records of a type
 * @name:	one lower-case word
 * @min_len:	bytes of the shortest payload
 * @texts:	in the first @min_len bytes
 * @check:	does it make sense, beside length and texts? NULL: nothing else can be wrong
 * @names:	for a bundle that masks names
 * @context:	place among the records that a new segment repeats, from 1 on; 0: not repeated
 * @index:	for the reader of segments alone; nobody else is given one
 */
struct record_type_info {
	const char		*name;
	__u32			min_len;
	struct record_text	texts[RECORD_TEXTS];
	bool			(*check)(const struct record *rec);
	enum record_names	names;
	__u8			context;
	bool			index;
};

/* NULL: no type that is known here, to be skipped. */
const struct record_type_info *record_type_info(__u64 type);

/* "unknown" of one that is not known. */
const char *record_type_name(__u64 type);

/**
 * record_ok() - is this a record of a known version, of its type's size, with texts ended?
 * A topology is only decoded by topo_decode(), which has checks of its own.
 */
bool record_ok(const struct record *rec);

#endif /* RECORD_TYPES_H */
