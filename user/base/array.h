/* SPDX-License-Identifier: GPL-2.0-only */
/* How long an array is, and how a list grows. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>
#include <stdlib.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/**
 * array_more() - room for one more behind @nr elements
 * @list:	NULL while it is empty
 * @size:	of an element
 *
 * The list doubles at each power of two, so that its room needs no variable; @nr may fall
 * meanwhile. Returns where it is now, or NULL: no memory, @list stays as it was.
 */
static inline void *array_more(void *list, size_t nr, size_t size)
{
	if (nr & (nr - 1))
		return list;
	return reallocarray(list, nr ? 2 * nr : 1, size);
}

#endif /* BASE_ARRAY_H */
