/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An nvme driver without the series: what can be learned of it, and where.
 *
 * A place is the entry or the return of a function, or a call that it makes. Calls are looked for
 * in the function's instructions, as the kernel has them now: the address of a static function's
 * arguments is at hand there, and nothing is passed by I/O that finds a path. Compilers inline,
 * split and rename functions, so a fact has several ways of learning it, each a set of places, and
 * the first way that this kernel has all places of is taken. A fact without a way is missing;
 * stock_plan() decides that, for whoever asks and for whoever attaches.
 */
#ifndef LIVE_STOCK_PROBES_H
#define LIVE_STOCK_PROBES_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "base/answer.h"
#include "record/facts.h"

#define STOCK_ROWS	48	/* of the table, at most */
#define STOCK_PLACES	32	/* of a row: more is an error, nothing is left out */
#define STOCK_WAYS	8	/* of a fact */

enum stock_when {
	STOCK_ALWAYS,
	STOCK_WINDOWS,		/* only where the driver delays the removal of a head, since 6.16 */
	STOCK_NO_WINDOWS,
};

enum stock_at { STOCK_ENTRY, STOCK_RETURN, STOCK_CALL };

/**
 * struct stock_probe - one program and its places
 * @program:	name of the program
 * @at:		where in the function
 * @functions:	names, separated by blanks. Of entry and return the first one that is there is
 *		taken, of calls all of them
 * @callees:	of STOCK_CALL: calls of any of these
 * @when:	in which drivers?
 * @facts:	what is learned here, a bit for each (FACT())
 * @ways:	and the ways that this is part of, a bit for each
 * @extra:	the way is whole without it: code that a compiler may have copied to there
 */
struct stock_probe {
	const char	*program;
	enum stock_at	at;
	const char	*functions, *callees;
	enum stock_when	when;
	__u32		facts, ways;
	bool		extra;
};

/* In the order of attaching; NULL behind the last. */
const struct stock_probe *stock_probe(unsigned int i);

struct stock;

/*
 * Look up the functions, in /proc/kallsyms. Names are for everybody, addresses only with
 * CAP_SYSLOG. NULL: no memory, or no such file.
 */
struct stock *stock_new(void);
/* The same of another file. */
struct stock *stock_read(const char *kallsyms);
void stock_free(struct stock *s);		/* NULL is fine */

/* Are addresses shown to this process? */
bool stock_has_addresses(const struct stock *s);

/* Does this driver delay the removal of a head? */
bool stock_has_windows(const struct stock *s);

/* Reads @len bytes of kernel text at @addr to @to. 0 or -errno. */
typedef int (*stock_read_text)(void *ctx, __u64 addr, __u32 len, __u8 *to);

struct stock_place {
	const char	*function;	/* its name in the kernel, with what a compiler added */
	__u64		addr;		/* 0: hidden */
	unsigned long	offset;		/* from the start of the function */
};

/**
 * struct stock_row - a row of the table in this kernel
 * @wanted:	this driver has what it is about
 * @there:	has it a place? PROBE_UNKNOWN: the instructions could not be read
 * @used:	it is part of a way that is taken
 * @err:	-errno of the reading of instructions, -E2BIG: more places than there is room for
 */
struct stock_row {
	bool			wanted, used;
	enum probe_answer	there;
	int			err;
	unsigned int		nr;
	struct stock_place	places[STOCK_PLACES];
};

/**
 * struct stock_plan - what can be learned of this driver
 * @given:	facts that have a way
 * @unsure:	those of them whose instructions could not be read
 * @missing:	facts without one
 * @absent:	facts that this driver has not got: windows
 * @way:	the way that was taken, of each given fact
 */
struct stock_plan {
	struct stock_row	rows[STOCK_ROWS];
	__u32			given, unsure, missing, absent;
	unsigned int		way[MPATH_FACTS];
};

/* @read: NULL if instructions cannot be read. 0 or -ENOMEM. */
int stock_plan(const struct stock *s, stock_read_text read, void *ctx, struct stock_plan *plan);

/* The same, of rows of which is known which have a place: rows[].there and .wanted are set. */
void stock_decide(struct stock_plan *plan);

/*
 * Where in @len bytes of @code, which begins at address @from, @to is called, the tail of a
 * function included: at most @room offsets. A breakpoint in the place of the first byte is another
 * probe. Returns how many there are, which may be more.
 */
unsigned int stock_find_calls(const __u8 *code, __u32 len, __u64 from, __u64 to,
			      unsigned long *offsets, unsigned int room);

#endif /* LIVE_STOCK_PROBES_H */
