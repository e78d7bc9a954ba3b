/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An nvme driver without the series: where in it each program of bpf/kprobe.bpf.c goes.
 *
 * A place is the entry or the return of a function of nvme_core, or a call that it makes. Calls are
 * looked for in the function's instructions, as the kernel has them now: the address of a static
 * function's arguments is at hand there, and nothing is passed by I/O that finds a path.
 */
#ifndef LIVE_STOCK_PROBES_H
#define LIVE_STOCK_PROBES_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "live/kernel_features.h"

#define STOCK_CALLS	4	/* of one function by another, at most */

enum stock_when {
	STOCK_ALWAYS,
	STOCK_WINDOWS,		/* only where the driver delays the removal of a head, since 6.16 */
	STOCK_NO_WINDOWS,
	STOCK_OPTIONAL,		/* if it is there */
};

/**
 * struct stock_probe - one program and its place
 * @program:	name of the program
 * @functions:	where: names, separated by blanks; the first one that fits is taken
 * @callee:	at its calls of this function; NULL: at its entry
 * @ret:	at its return
 * @when:	is it used?
 * @gives:	what is not known without it
 */
struct stock_probe {
	const char	*program, *functions, *callee;
	bool		ret;
	enum stock_when	when;
	const char	*gives;
};

/* In the order of attaching; NULL behind the last. */
const struct stock_probe *stock_probe(unsigned int i);

struct stock;

/*
 * Look up the functions, in /proc/kallsyms. Names are for everybody, addresses only with
 * CAP_SYSLOG. NULL: no memory, or no such file.
 */
struct stock *stock_new(void);
/* The same of another file, and without addresses counting. */
struct stock *stock_read(const char *kallsyms);
void stock_free(struct stock *s);		/* NULL is fine */

/* Are addresses shown to this process? */
bool stock_has_addresses(const struct stock *s);

/* Does this driver delay the removal of a head? */
bool stock_has_windows(const struct stock *s);

/* Is this probe wanted in this driver? */
bool stock_wanted(const struct stock *s, const struct stock_probe *p);

/* Name of the function that it goes to, NULL if there is none. */
const char *stock_function(const struct stock *s, const struct stock_probe *p);

/* Reads @len bytes of kernel text at @addr to @to. 0 or -errno. */
typedef int (*stock_read_text)(void *ctx, __u64 addr, __u32 len, __u8 *to);

/**
 * stock_places() - where a probe goes, as offsets from the start of its function
 * @offsets:	room for STOCK_CALLS
 * @function:	its name
 *
 * Returns how many places there are, or -ENOENT: no such function, or it does not call
 * @p->callee; or -errno of @read.
 */
int stock_places(const struct stock *s, const struct stock_probe *p, stock_read_text read,
		 void *ctx, unsigned long *offsets, const char **function);

/*
 * Offsets of the calls of @to in @len bytes of @code, which begins at address @from: at most
 * STOCK_CALLS. A breakpoint in the place of the call's first byte is another probe.
 */
int stock_find_calls(const __u8 *code, __u32 len, __u64 from, __u64 to, unsigned long *offsets);

#endif /* LIVE_STOCK_PROBES_H */
