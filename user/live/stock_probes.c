// SPDX-License-Identifier: GPL-2.0-only
/* What can be learned of an unpatched driver, and where: the table, and what of it a kernel has. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "bpf/mpath_maps.h"
#include "live/stock_probes.h"
#include "live/stock_symbols.h"

#define MAX_NAMES	96	/* functions and callees of the table */

#define WAY(n)		(1U << (n))
#define EVERY_WAY	(~0U)

/* Locks of a kernel with PREEMPT_RT have other names. */
#define LOCK		"_raw_spin_lock_irq rt_spin_lock"
#define UNLOCK		"_raw_spin_unlock_irq rt_spin_unlock"
#define UNLOCK_RESTORE	"_raw_spin_unlock_irqrestore rt_spin_unlock"

/*
 * Ends before beginnings, as in live/live.c. What a program does at its place, and why nothing of a
 * healthy head passes there, says bpf/kprobe.bpf.c.
 */
static const struct stock_probe probes[] = {
	{ "mpath_requeue_end", STOCK_RETURN, "nvme_requeue_work", NULL, STOCK_ALWAYS,
	  FACT(RESUBMITTED), EVERY_WAY, false },
	{ "mpath_requeue_begin", STOCK_CALL, "nvme_requeue_work", LOCK, STOCK_ALWAYS,
	  FACT(RESUBMITTED), WAY(0), false },
	{ "mpath_round_begin", STOCK_ENTRY, "nvme_requeue_work", NULL, STOCK_ALWAYS,
	  FACT(RESUBMITTED), WAY(1), false },
	{ "mpath_bio_unpark", STOCK_CALL, "nvme_requeue_work",
	  "submit_bio_noacct submit_bio_noacct_nocheck", STOCK_ALWAYS, FACT(RESUBMITTED), EVERY_WAY,
	  false },
	{ "mpath_bio_fail", STOCK_CALL, "nvme_ns_head_submit_bio", "bio_endio", STOCK_ALWAYS,
	  FACT(FAILED), WAY(0), false },
	{ "mpath_bio_park", STOCK_CALL, "nvme_ns_head_submit_bio", UNLOCK, STOCK_ALWAYS,
	  FACT(PARKED), WAY(0), false },
	/* the lock is released inline without PREEMPTION */
	{ "mpath_bio_parking", STOCK_CALL, "nvme_ns_head_submit_bio", LOCK, STOCK_ALWAYS,
	  FACT(PARKED), WAY(1), false },
	/* called by nvme_failover_req() alone */
	{ "mpath_failover", STOCK_ENTRY, "blk_steal_bios", NULL, STOCK_ALWAYS, FACT(FAILOVER),
	  WAY(0), false },
	{ "mpath_failing_over", STOCK_ENTRY, "nvme_failover_req", NULL, STOCK_ALWAYS,
	  FACT(FAILOVER), WAY(1), false },
	/* called by nvme_init_ns_head(), which compilers like to take into its caller */
	{ "mpath_path_join", STOCK_CALL, "nvme_init_ns_head nvme_alloc_ns nvme_scan_ns",
	  "cancel_delayed_work", STOCK_WINDOWS, FACT(PATH_BACK) | FACT(MARGIN), WAY(0), false },
	{ "mpath_path_add", STOCK_ENTRY, "nvme_mpath_add_disk", NULL, STOCK_ALWAYS, FACT(PATH_BACK),
	  WAY(1), false },
	{ "mpath_path_new", STOCK_ENTRY, "device_add_disk", NULL, STOCK_ALWAYS, FACT(PATH_BACK),
	  WAY(2), false },
	{ "mpath_path_live", STOCK_ENTRY, "nvme_mpath_set_live", NULL, STOCK_ALWAYS,
	  FACT(PATH_USABLE), WAY(0), false },
	{ "mpath_add_end", STOCK_RETURN, "nvme_mpath_add_disk", NULL, STOCK_ALWAYS,
	  FACT(PATH_USABLE), WAY(1), false },
	{ "mpath_add_begin", STOCK_ENTRY, "nvme_mpath_add_disk", NULL, STOCK_ALWAYS,
	  FACT(PATH_USABLE), WAY(1), false },
	{ "mpath_path_ana", STOCK_ENTRY, "nvme_update_ns_ana_state", NULL, STOCK_ALWAYS, FACT(ANA),
	  WAY(0), false },
	{ "mpath_ana_end", STOCK_RETURN, "nvme_update_ana_state", NULL, STOCK_ALWAYS, FACT(ANA),
	  WAY(1), false },
	{ "mpath_ana_begin", STOCK_ENTRY, "nvme_update_ana_state", NULL, STOCK_ALWAYS, FACT(ANA),
	  WAY(1), false },
	{ "mpath_ana_end", STOCK_RETURN, "nvme_read_ana_log", NULL, STOCK_ALWAYS, FACT(ANA), WAY(2),
	  false },
	{ "mpath_ana_begin", STOCK_ENTRY, "nvme_read_ana_log", NULL, STOCK_ALWAYS, FACT(ANA),
	  WAY(2), false },
	{ "mpath_path_remove", STOCK_CALL, "nvme_ns_remove", "mutex_unlock", STOCK_ALWAYS,
	  FACT(PATH_LOST), WAY(0), false },
	{ "mpath_ns_remove", STOCK_ENTRY, "nvme_ns_remove", NULL, STOCK_ALWAYS, FACT(PATH_LOST),
	  WAY(0), false },
	{ "mpath_path_gone", STOCK_ENTRY, "del_gendisk", NULL, STOCK_ALWAYS, FACT(PATH_LOST),
	  WAY(1), false },
	/* nvme_remove_head(), or the two that call it and took it in; or both, in part */
	{ "mpath_head_kick", STOCK_CALL, "nvme_remove_head", "kblockd_schedule_work", STOCK_WINDOWS,
	  FACT(HEAD_REMOVED), WAY(0), false },
	{ "mpath_head_kick", STOCK_CALL, "nvme_remove_head_work", "kblockd_schedule_work",
	  STOCK_WINDOWS, FACT(HEAD_REMOVED), WAY(0), true },
	{ "mpath_head_kick", STOCK_CALL, "nvme_mpath_remove_disk", "kblockd_schedule_work",
	  STOCK_WINDOWS, FACT(HEAD_REMOVED), WAY(0), true },
	{ "mpath_head_kick", STOCK_CALL, "nvme_remove_head_work", "kblockd_schedule_work",
	  STOCK_WINDOWS, FACT(HEAD_REMOVED), WAY(1), false },
	{ "mpath_head_kick", STOCK_CALL, "nvme_mpath_remove_disk", "kblockd_schedule_work",
	  STOCK_WINDOWS, FACT(HEAD_REMOVED), WAY(1), false },
	{ "mpath_head_remove", STOCK_ENTRY, "nvme_mpath_shutdown_disk", NULL, STOCK_NO_WINDOWS,
	  FACT(HEAD_REMOVED), WAY(2), false },
	{ "mpath_head_gone", STOCK_ENTRY, "del_gendisk", NULL, STOCK_ALWAYS, FACT(HEAD_REMOVED),
	  WAY(3), false },
	{ "mpath_work_ran", STOCK_CALL, "nvme_remove_head_work", "mutex_unlock", STOCK_WINDOWS,
	  FACT(WINDOW_ENDED), WAY(0), false },
	{ "mpath_work_begin", STOCK_ENTRY, "nvme_remove_head_work", NULL, STOCK_WINDOWS,
	  FACT(WINDOW_ENDED), WAY(0), false },
	{ "mpath_work_seen", STOCK_ENTRY, "nvme_remove_head_work", NULL, STOCK_WINDOWS,
	  FACT(WINDOW_ENDED), WAY(1), false },
	/* mind the name: before 6.16 nvme_mpath_remove_disk() only drops the disk */
	{ "mpath_work_arm", STOCK_CALL, "nvme_mpath_remove_disk",
	  "mod_delayed_work_on queue_delayed_work_on", STOCK_WINDOWS, FACT(WINDOW_ARMED), WAY(0),
	  false },
	{ "mpath_arm_end", STOCK_RETURN, "nvme_mpath_remove_disk", NULL, STOCK_WINDOWS,
	  FACT(WINDOW_ARMED), WAY(1), false },
	{ "mpath_arm_begin", STOCK_ENTRY, "nvme_mpath_remove_disk", NULL, STOCK_WINDOWS,
	  FACT(WINDOW_ARMED), WAY(1), false },
	{ "mpath_ctrl_state", STOCK_CALL, "nvme_change_ctrl_state", UNLOCK_RESTORE, STOCK_ALWAYS,
	  FACT(CTRL_STATE) | FACT(CAUSE), WAY(0), false },
	{ "mpath_ctrl_end", STOCK_RETURN, "nvme_change_ctrl_state", NULL, STOCK_ALWAYS,
	  FACT(CTRL_STATE) | FACT(CAUSE), WAY(1), false },
	{ "mpath_ctrl_begin", STOCK_ENTRY, "nvme_change_ctrl_state", NULL, STOCK_ALWAYS,
	  FACT(CTRL_STATE) | FACT(CAUSE), WAY(1), false },
	{ "mpath_ctrl_seen", STOCK_ENTRY, "nvme_change_ctrl_state", NULL, STOCK_ALWAYS,
	  FACT(CTRL_STATE) | FACT(CAUSE), EVERY_WAY, false },
};

#define PROBES	ARRAY_SIZE(probes)

_Static_assert(PROBES <= STOCK_ROWS, "room for each row");

/* Upstream commit 62188639ec16 of 6.16 added the delayed removal: its work, and its attribute. */
static const char *const windows_functions[] = {
	"nvme_remove_head_work",
	"delayed_removal_secs_show",
	"delayed_removal_secs_store",
};

struct stock {
	struct symbols	*symbols;
};

const struct stock_probe *stock_probe(unsigned int i)
{
	return i < PROBES ? &probes[i] : NULL;
}

/* ---- symbols ---- */

/* The next of the names in @names, whose length is returned; 0: there are no more. */
static size_t next_name(const char **names)
{
	*names += strspn(*names, " ");
	return strcspn(*names, " ");
}

/* All names of the table, in @buf, as a list that ends with NULL. */
static int all_names(char **buf, const char *list[MAX_NAMES])
{
	size_t i, k, len, nr = 0, at = 0, room = 1;
	const char *name;

	for (i = 0; i < PROBES; i++)
		room += strlen(probes[i].functions) + 1 +
			(probes[i].callees ? strlen(probes[i].callees) + 1 : 0);
	*buf = malloc(room);
	if (!*buf)
		return -ENOMEM;
	for (i = 0; i < 2 * PROBES; i++) {
		name = i < PROBES ? probes[i].functions : probes[i - PROBES].callees;
		for (; name && (len = next_name(&name)); name += len) {
			memcpy(*buf + at, name, len);
			(*buf)[at + len] = '\0';
			for (k = 0; k < nr && strcmp(list[k], *buf + at); k++)
				;
			if (k < nr)
				continue;
			if (nr + ARRAY_SIZE(windows_functions) + 1 >= MAX_NAMES)
				return -E2BIG;
			list[nr++] = *buf + at;
			at += len + 1;
		}
	}
	for (i = 0; i < ARRAY_SIZE(windows_functions); i++)
		list[nr++] = windows_functions[i];
	list[nr] = NULL;
	return 0;
}

struct stock *stock_read(const char *kallsyms)
{
	struct stock *s = calloc(1, sizeof(*s));
	const char *names[MAX_NAMES];
	char *buf = NULL;

	if (s && !all_names(&buf, names))
		s->symbols = symbols_read(kallsyms, names);
	free(buf);
	if (s && s->symbols)
		return s;
	free(s);
	return NULL;
}

struct stock *stock_new(void)
{
	return stock_read("/proc/kallsyms");
}

void stock_free(struct stock *s)
{
	if (s)
		symbols_free(s->symbols);
	free(s);
}

bool stock_has_addresses(const struct stock *s)
{
	return symbols_have_addresses(s->symbols);
}

bool stock_has_windows(const struct stock *s)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(windows_functions); i++)
		if (symbols_find(s->symbols, windows_functions[i], strlen(windows_functions[i]), 0))
			return true;
	return false;
}

/* ---- calls ---- */

#if defined(__x86_64__)
#define CALL		0xe8	/* and the distance from its end, 4 bytes */
#define JUMP		0xe9	/* the same: a call at the end of a function */
#define BREAKPOINT	0xcc
#define CALL_LEN	5
/* With call depth tracking a call leads that far before the function, to what counts it. */
#define THUNK_LEN	16
/* A call that is not indirect needs no endbr64: it may go behind it. */
#define ENDBR_LEN	4

unsigned int stock_find_calls(const __u8 *code, __u32 len, __u64 from, __u64 to,
			      unsigned long *offsets, unsigned int room)
{
	unsigned int n = 0;
	__s32 distance;
	__u64 target;
	__u32 i;

	for (i = 0; i + CALL_LEN <= len; i++) {
		if (code[i] != CALL && code[i] != JUMP && code[i] != BREAKPOINT)
			continue;
		memcpy(&distance, code + i + 1, sizeof(distance));
		target = from + i + CALL_LEN + (__u64)(__s64)distance;
		if (target != to + ENDBR_LEN && (target > to || to - target > THUNK_LEN))
			continue;
		if (n < room)
			offsets[n] = i;
		n++;
	}
	return n;
}
#else
#define CALL_LEN	1

unsigned int stock_find_calls(const __u8 *code, __u32 len, __u64 from, __u64 to,
			      unsigned long *offsets, unsigned int room)
{
	(void)code;
	(void)len;
	(void)from;
	(void)to;
	(void)offsets;
	(void)room;
	return 0;
}
#endif

/* ---- the places of a row ---- */

static void add_place(struct stock_row *row, const struct symbol *sym, unsigned long offset)
{
	if (row->nr == STOCK_PLACES) {
		row->err = -E2BIG;
		return;
	}
	row->places[row->nr++] = (struct stock_place) {
		.function = sym->name,
		.addr = sym->addr,
		.offset = offset,
	};
}

#define PAGE		4096	/* what is read at once lies in one: the next may not be there */

/*
 * Instructions of a function, from its beginning as far as they can be read. Of the last one of all
 * the end is not known.
 */
static int read_function(const struct symbol *sym, stock_read_text read, void *ctx, __u8 **code,
			 __u32 *len)
{
	__u64 size = sym->end > sym->addr ? sym->end - sym->addr : PAGE;
	__u32 part;
	int err = 0;

	if (size > 16 * PAGE)
		size = 16 * PAGE;
	*len = 0;
	*code = malloc(size);
	if (!*code)
		return -ENOMEM;
	while (!err && *len < size) {
		part = PAGE - (__u32)((sym->addr + *len) % PAGE);
		if (part > size - *len)
			part = (__u32)size - *len;
		err = read(ctx, sym->addr + *len, part, *code + *len);
		*len += err ? 0 : part;
	}
	return *len ? 0 : err;
}

static void calls_of(struct stock_row *row, const struct symbol *sym, const struct symbol *callee,
		     const __u8 *code, __u32 len)
{
	unsigned long offsets[STOCK_PLACES];
	unsigned int i, n;

	n = stock_find_calls(code, len, sym->addr, callee->addr, offsets, STOCK_PLACES);
	if (n > STOCK_PLACES)
		row->err = -E2BIG;
	for (i = 0; i < n && i < STOCK_PLACES; i++)
		add_place(row, sym, offsets[i]);
}

static void calls_in(const struct stock *s, const struct stock_probe *p, const struct symbol *sym,
		     stock_read_text read, void *ctx, struct stock_row *row)
{
	const struct symbol *callee;
	const char *name;
	__u8 *code = NULL;
	__u32 len;
	size_t n, k;
	int err;

	err = read && sym->addr ? read_function(sym, read, ctx, &code, &len) : -EPERM;
	if (err)
		row->err = err;
	for (name = p->callees; !err && (n = next_name(&name)); name += n)
		for (k = 0; (callee = symbols_find(s->symbols, name, n, k)); k++)
			if (callee->whole)
				calls_of(row, sym, callee, code, len);
	free(code);
}

static bool any_callee(const struct stock *s, const struct stock_probe *p)
{
	const char *name = p->callees;
	size_t len;

	for (; (len = next_name(&name)); name += len)
		if (symbols_find(s->symbols, name, len, 0))
			return true;
	return false;
}

static void fill_calls(const struct stock *s, const struct stock_probe *p, stock_read_text read,
		       void *ctx, struct stock_row *row)
{
	const char *name = p->functions;
	const struct symbol *sym;
	bool some = false;
	size_t len, k;

	for (; (len = next_name(&name)); name += len)
		for (k = 0; (sym = symbols_find(s->symbols, name, len, k)); k++) {
			some = true;
			calls_in(s, p, sym, read, ctx, row);
		}
	if (row->nr)
		row->there = PROBE_YES;
	else if (some && !read && any_callee(s, p))
		row->there = PROBE_UNKNOWN;
}

static void fill_functions(const struct stock *s, const struct stock_probe *p,
			   struct stock_row *row)
{
	const char *name = p->functions;
	const struct symbol *sym;
	size_t len, k;

	for (; !row->nr && (len = next_name(&name)); name += len)
		for (k = 0; (sym = symbols_find(s->symbols, name, len, k)); k++)
			/* who only waits for the return needs no argument */
			if (sym->whole)
				add_place(row, sym, 0);
	row->there = row->nr ? PROBE_YES : PROBE_NO;
}

static bool is_wanted(const struct stock *s, const struct stock_probe *p)
{
	return p->when == STOCK_ALWAYS || (p->when == STOCK_WINDOWS) == stock_has_windows(s);
}

/* ---- what is learned ---- */

/* PROBE_NO: this way is none. */
static enum probe_answer way_of(const struct stock_plan *plan, __u32 fact, __u32 way)
{
	enum probe_answer a = PROBE_YES;
	bool own = false;
	size_t i;

	for (i = 0; i < PROBES; i++) {
		const struct stock_probe *p = &probes[i];
		const struct stock_row *row = &plan->rows[i];

		if (!(p->facts & fact) || !(p->ways & way) || p->extra)
			continue;
		if (!row->wanted || row->there == PROBE_NO)
			return PROBE_NO;
		own |= p->ways != EVERY_WAY;
		if (row->there == PROBE_UNKNOWN)
			a = PROBE_UNKNOWN;
	}
	return own ? a : PROBE_NO;
}

static void choose(struct stock_plan *plan, unsigned int fact)
{
	enum probe_answer a;
	unsigned int way;

	for (way = 0; way < STOCK_WAYS; way++) {
		a = way_of(plan, 1U << fact, WAY(way));
		if (a == PROBE_NO)
			continue;
		plan->given |= 1U << fact;
		plan->way[fact] = way;
		if (a == PROBE_UNKNOWN)
			plan->unsure |= 1U << fact;
		return;
	}
}

static void mark_used(struct stock_plan *plan)
{
	unsigned int fact;
	size_t i;

	for (i = 0; i < PROBES; i++)
		for (fact = 0; fact < MPATH_FACTS; fact++)
			if ((plan->given & probes[i].facts & (1U << fact)) &&
			    (probes[i].ways & WAY(plan->way[fact])) &&
			    plan->rows[i].there != PROBE_NO)
				plan->rows[i].used = true;
}

void stock_decide(struct stock_plan *plan)
{
	unsigned int i;

	plan->given = 0;
	plan->unsure = 0;
	for (i = 0; i < MPATH_FACTS; i++)
		if (!(plan->absent & (1U << i)))
			choose(plan, i);
	/* nothing is remembered of which the end cannot be seen, and who is back may wait again */
	if ((plan->given & FACTS_BIOS) != FACTS_BIOS)
		plan->given &= ~FACTS_BIOS;
	plan->unsure &= plan->given;
	plan->missing = FACTS_ALL & ~plan->given & ~plan->absent;
	for (i = 0; i < PROBES; i++)
		plan->rows[i].used = false;
	mark_used(plan);
}

int stock_plan(const struct stock *s, stock_read_text read, void *ctx, struct stock_plan *plan)
{
	unsigned int i;

	memset(plan, 0, sizeof(*plan));
	if (!stock_has_windows(s))
		plan->absent = FACTS_WINDOWS;
	for (i = 0; i < PROBES; i++) {
		struct stock_row *row = &plan->rows[i];

		row->there = PROBE_NO;
		row->wanted = is_wanted(s, &probes[i]);
		if (!row->wanted)
			continue;
		if (probes[i].at == STOCK_CALL)
			fill_calls(s, &probes[i], read, ctx, row);
		else
			fill_functions(s, &probes[i], row);
		if (row->err == -ENOMEM)
			return -ENOMEM;
		/* half of the places would tell half of the truth */
		if (row->err == -E2BIG)
			row->there = PROBE_NO;
	}
	stock_decide(plan);
	return 0;
}
