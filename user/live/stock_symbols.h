/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions of the kernel and of nvme_core by name, as /proc/kallsyms has them, those that a
 * compiler renamed included.
 */
#ifndef LIVE_STOCK_SYMBOLS_H
#define LIVE_STOCK_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define SYMBOL_NAME_LEN	96

/**
 * struct symbol - a function, or a part of one
 * @name:	with what the compiler added
 * @len:	of the name in the source: what comes behind it begins with a dot
 * @addr:	0: hidden
 * @end:	the next symbol; 0: not known
 * @module:	nvme_core's
 * @whole:	called with the arguments that the source says: not a part (.part, .cold), nor with
 *		arguments changed (.isra, .constprop)
 */
struct symbol {
	char	name[SYMBOL_NAME_LEN];
	size_t	len;
	__u64	addr, end;
	bool	module, whole;
};

struct symbols;

/*
 * Those of which the name in the source is one of @wanted, whose last one is NULL. NULL: no memory,
 * or no such file.
 */
struct symbols *symbols_read(const char *kallsyms, const char *const *wanted);
void symbols_free(struct symbols *s);		/* NULL is fine */

/* Does any of them have an address? */
bool symbols_have_addresses(const struct symbols *s);

/*
 * The nth one with the name of @len bytes, NULL behind the last. If nvme_core has any, only its
 * own: another function of that name is not meant.
 */
const struct symbol *symbols_find(const struct symbols *s, const char *name, size_t len,
				  size_t nth);

#endif /* LIVE_STOCK_SYMBOLS_H */
