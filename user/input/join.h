/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of one recording that are given one by one, as by a pattern of a shell, are one input. */
#ifndef INPUT_JOIN_H
#define INPUT_JOIN_H

#include <stddef.h>
#include <linux/types.h>

/**
 * struct joined - an input
 * @path:	as it was given; of several segments their directory
 * @numbers:	of these segments, @nr; none: all that is there
 */
struct joined {
	char	*path;
	__u32	*numbers;
	size_t	nr;
};

/**
 * join_segments() - put segments of one directory together, where the first of them stands
 * @list:	set to an array of at most @nr, for joined_free()
 *
 * Returns how many there are, or -ENOMEM.
 */
int join_segments(char **paths, size_t nr, struct joined **list);
void joined_free(struct joined *list, size_t nr);	/* NULL is fine */

#endif /* INPUT_JOIN_H */
