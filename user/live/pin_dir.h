/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A directory of pinned BPF objects on a bpf file system, and the lock that
 * makes its owner the only one. The lock is on the directory itself, so it
 * goes with its owner, however that ends.
 *
 *	new -> open -> (path, complete, clear)* -> free
 *	               or remove
 *
 * Objects are named KIND_NAME, such as link_mpath_bio_park.
 */
#ifndef LIVE_PIN_DIR_H
#define LIVE_PIN_DIR_H

#include <stdbool.h>
#include <stddef.h>

#define PINS_DEFAULT_DIR	"/sys/fs/bpf/nvme-mpathtop"
/* Pinned last: with it, what is pinned is whole. */
#define PINS_LAST		"map_meta"

struct pins;

/* Returns NULL when memory is short. */
struct pins *pins_new(void);

/**
 * pins_open() - open and lock a directory of pins
 * @dir:	on a bpf file system; its parent must exist
 * @create:	make it if needed, mode 0700
 *
 * Returns 0 or -errno; pins_error() says which object, why, and what to do.
 * -EBUSY: another process has it. -ENOENT: there is none, without @create.
 */
int pins_open(struct pins *p, const char *dir, bool create);

const char *pins_dir(const struct pins *p);

/* Full name of an object, valid until the next call; NULL: it is too long. */
const char *pins_path(struct pins *p, const char *kind, const char *name);

/* Is PINS_LAST there? */
bool pins_complete(const struct pins *p);

/**
 * pins_clear() - remove all objects named as pins are
 * @count:	how many there were; NULL: never mind
 *
 * PINS_LAST goes first: what an interruption leaves is not whole. A link that
 * nothing else holds is detached by this. Returns 0 or -errno.
 */
int pins_clear(struct pins *p, size_t *count);

/* The same, and then the directory. -ENOTEMPTY: something else is in it. */
int pins_remove(struct pins *p, size_t *count);

/* Text of the last error, "" if none; no newline. */
const char *pins_error(const struct pins *p);

/* Unlocks; what is pinned stays. NULL is fine. */
void pins_free(struct pins *p);

#endif /* LIVE_PIN_DIR_H */
