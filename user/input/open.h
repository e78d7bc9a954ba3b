/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an offline command is given: a recording, a bundle, or the directory of
 * one that was unpacked. A bundle is unpacked into a private directory, which
 * goes with input_free().
 */
#ifndef INPUT_OPEN_H
#define INPUT_OPEN_H

struct json_object;

enum input_kind {
	INPUT_RECORD,		/* a segment or a directory of them */
	INPUT_BUNDLE,
	INPUT_TREE,		/* directory of a bundle that was unpacked, or shaped like one */
};

struct input;

enum input_want {
	INPUT_ALL,
	INPUT_RECORDING,	/* nothing else is unpacked: sysfs is a thousand small files */
};

/**
 * input_open() - find out what it is, and unpack it
 * @want:	what of a bundle; all of it is looked at in any case, and refused for any bad name,
 *		kind or size, but whether a name is there twice shows only in what is unpacked
 *
 * Nothing there is an INPUT_RECORD: who reads it says what is wrong. Returns 0, or
 * -errno after a message on stderr.
 */
int input_open(const char *path, enum input_want want, struct input **out);
void input_free(struct input *s);	/* NULL is fine */

enum input_kind input_kind(const struct input *s);
const char *input_kind_name(const struct input *s);	/* "record", "bundle", "tree" */

/*
 * Where its recording is, for record_reader_open(), and what messages call it, not where it was
 * unpacked.
 */
const char *input_record(const struct input *s);
const char *input_record_name(const struct input *s);

/* Root directory of a bundle's or tree's files; NULL: it is a recording. */
const char *input_root(const struct input *s);

/* A JSON file of a bundle or tree, to be released; NULL: there is none, or it is none. */
struct json_object *input_json(const struct input *s, const char *name);

#endif /* INPUT_OPEN_H */
