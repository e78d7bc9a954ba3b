/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an offline command is given: a recording, a bundle, or the directory of
 * one that was unpacked. A bundle is unpacked into a private directory, which
 * goes with source_free().
 */
#ifndef INPUT_OPEN_H
#define INPUT_OPEN_H

struct json_object;

enum source_kind {
	SOURCE_RECORD,		/* a segment or a directory of them */
	SOURCE_BUNDLE,
	SOURCE_TREE,		/* directory of a bundle that was unpacked, or shaped like one */
};

struct source;

enum source_want {
	SOURCE_ALL,
	SOURCE_RECORDING,	/* nothing else is unpacked: sysfs is a thousand small files */
};

/**
 * source_open() - find out what it is, and unpack it
 * @want:	what of a bundle; all of it is looked at in any case, and refused for any bad name,
 *		kind or size, but whether a name is there twice shows only in what is unpacked
 *
 * Nothing there is a SOURCE_RECORD: who reads it says what is wrong. Returns 0, or
 * -errno after a message on stderr.
 */
int source_open(const char *path, enum source_want want, struct source **out);
void source_free(struct source *s);	/* NULL is fine */

enum source_kind source_kind(const struct source *s);
const char *source_kind_name(const struct source *s);	/* "record", "bundle", "tree" */

/*
 * Where its recording is, for record_reader_open(), and what messages call it, not where it was
 * unpacked.
 */
const char *source_record(const struct source *s);
const char *source_record_name(const struct source *s);

/* Root directory of a bundle's or tree's files; NULL: it is a recording. */
const char *source_root(const struct source *s);

/* A JSON file of a bundle or tree, to be released; NULL: there is none, or it is none. */
struct json_object *source_json(const struct source *s, const char *name);

#endif /* INPUT_OPEN_H */
