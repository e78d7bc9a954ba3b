// SPDX-License-Identifier: GPL-2.0-only
/* Where the programs for an unpatched driver go. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "bpf/mpath_maps.h"
#include "live/stock_probes.h"

#define NAME_LEN	64
#define MAX_SYMBOLS	64	/* functions and callees of the table */

/*
 * Ends before beginnings, as in live/live.c. What a program does at its place, and why nothing of a
 * healthy head passes there, says bpf/kprobe.bpf.c.
 */
static const struct stock_probe probes[] = {
	{ "mpath_requeue_end",	"nvme_requeue_work",	NULL, true, STOCK_ALWAYS,
	  "the end of a stall and of an outage" },
	{ "mpath_requeue_begin", "nvme_requeue_work",	"_raw_spin_lock_irq", false, STOCK_ALWAYS,
	  "the end of a stall and of an outage" },
	{ "mpath_bio_unpark",	"nvme_requeue_work",	"submit_bio_noacct", false, STOCK_ALWAYS,
	  "the end of a stall" },
	{ "mpath_bio_fail",	"nvme_ns_head_submit_bio", "bio_endio", false, STOCK_ALWAYS,
	  "failed I/Os" },
	{ "mpath_bio_park", "nvme_ns_head_submit_bio", "_raw_spin_unlock_irq", false, STOCK_ALWAYS,
	  "parked I/Os" },
	/* called by nvme_failover_req() alone */
	{ "mpath_failover",	"blk_steal_bios",	NULL, false, STOCK_ALWAYS,
	  "failovers and the I/Os that they park" },
	/* it has taken in nvme_init_ns_head(), or was itself taken in: as compilers like */
	{ "mpath_path_join", "nvme_init_ns_head nvme_alloc_ns nvme_scan_ns", "cancel_delayed_work",
	  false, STOCK_WINDOWS, "the margin of a window" },
	{ "mpath_path_add",	"nvme_mpath_add_disk",	NULL, false, STOCK_NO_WINDOWS,
	  "when a path came back" },
	{ "mpath_path_live",	"nvme_mpath_set_live",	NULL, false, STOCK_ALWAYS,
	  "when a path became usable" },
	{ "mpath_path_ana",	"nvme_update_ns_ana_state", NULL, false, STOCK_OPTIONAL,
	  "when a path became inaccessible (ANA)" },
	{ "mpath_path_remove",	"nvme_ns_remove",	"mutex_unlock", false, STOCK_ALWAYS,
	  "when a path went" },
	{ "mpath_ns_remove", "nvme_ns_remove", NULL, false, STOCK_ALWAYS, "when a path went" },
	/* mind the names: before 6.16 nvme_mpath_remove_disk() only drops the disk */
	{ "mpath_head_remove", "nvme_mpath_shutdown_disk nvme_remove_head", NULL, false,
	  STOCK_ALWAYS, "the removal of a head" },
	{ "mpath_work_ran",	"nvme_remove_head_work", "mutex_unlock", false, STOCK_WINDOWS,
	  "the outcome of a window" },
	{ "mpath_work_begin",	"nvme_remove_head_work", NULL, false, STOCK_WINDOWS,
	  "the outcome of a window" },
	{ "mpath_work_arm", "nvme_mpath_remove_disk", "mod_delayed_work_on", false, STOCK_WINDOWS,
	  "windows and their deadline" },
	{ "mpath_ctrl_state",	"nvme_change_ctrl_state", "_raw_spin_unlock_irqrestore", false,
	  STOCK_ALWAYS, "states of controllers, and so causes" },
	{ "mpath_ctrl_seen",	"nvme_change_ctrl_state", NULL, false, STOCK_ALWAYS,
	  "states of controllers, and so causes" },
};

#define PROBES	ARRAY_SIZE(probes)

/* Upstream commit 62188639ec16 of 6.16 added the delayed removal. */
#define WINDOWS_FUNCTION	"nvme_remove_head_work"

struct symbol {
	char	name[NAME_LEN];
	size_t	len;
	__u64	addr, end;	/* end: the next symbol; 0: not known */
	bool	there;
};

struct stock {
	struct symbol	symbols[MAX_SYMBOLS];
	size_t		nr;
	bool		addresses;
};

const struct stock_probe *stock_probe(unsigned int i)
{
	return i < PROBES ? &probes[i] : NULL;
}

/* ---- symbols ---- */

static struct symbol *find_len(const struct stock *s, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (s->symbols[i].len == len && !memcmp(s->symbols[i].name, name, len))
			return (struct symbol *)&s->symbols[i];
	return NULL;
}

static struct symbol *find(const struct stock *s, const char *name)
{
	return find_len(s, name, strlen(name));
}

static void want(struct stock *s, const char *name, size_t len)
{
	struct symbol *sym = &s->symbols[s->nr];

	if (!len || len >= NAME_LEN || s->nr == MAX_SYMBOLS || find_len(s, name, len))
		return;
	memcpy(sym->name, name, len);
	sym->len = len;
	s->nr++;
}

static void want_all(struct stock *s)
{
	const char *name;
	size_t i, len;

	for (i = 0; i < PROBES; i++) {
		for (name = probes[i].functions; *name; name += len + strspn(name + len, " ")) {
			len = strcspn(name, " ");
			want(s, name, len);
		}
		if (probes[i].callee)
			want(s, probes[i].callee, strlen(probes[i].callee));
	}
}

/* A symbol of the kernel's or nvme_core's text. */
struct line {
	__u64		addr;
	const char	*name;
	size_t		len;
};

/*
 * "address type name", and behind it "[module]" for those of modules. There are very many of them.
 */
static bool parse(const char *text, struct line *l)
{
	static const char ours[] = "[nvme_core]";
	char *p;

	l->addr = strtoull(text, &p, 16);
	if (p == text || p[0] != ' ' || !p[1] || !strchr("tTwW", p[1]) || p[2] != ' ')
		return false;
	l->name = p + 3;
	l->len = strcspn(l->name, " \t\n");
	p = (char *)l->name + l->len;
	p += strspn(p, " \t\n");
	return !*p || !strncmp(p, ours, sizeof(ours) - 1);
}

static void note(struct stock *s, const struct line *l)
{
	struct symbol *sym = find_len(s, l->name, l->len);

	if (!sym || sym->there)
		return;
	sym->there = true;
	sym->addr = l->addr;
	if (l->addr)
		s->addresses = true;
}

/* All addresses: a function goes to the next one. */
struct addresses {
	__u64	*at;
	size_t	nr;
};

static int keep_address(struct addresses *a, __u64 addr)
{
	__u64 *more = array_more(a->at, a->nr, sizeof(*more));

	if (!more)
		return -ENOMEM;
	a->at = more;
	more[a->nr++] = addr;
	return 0;
}

static void find_ends(struct stock *s, const struct addresses *a)
{
	size_t i, k;

	for (i = 0; i < s->nr; i++) {
		struct symbol *sym = &s->symbols[i];

		for (k = 0; sym->there && k < a->nr; k++)
			if (a->at[k] > sym->addr && (!sym->end || a->at[k] < sym->end))
				sym->end = a->at[k];
	}
}

static int read_symbols(struct stock *s, const char *kallsyms)
{
	struct addresses a = {};
	char *text = NULL;
	struct line line;
	size_t room = 0;
	int err = 0;
	FILE *f = fopen(kallsyms, "re");

	if (!f)
		return -errno;
	while (!err && getline(&text, &room, f) > 0) {
		if (!parse(text, &line))
			continue;
		note(s, &line);
		if (line.addr)
			err = keep_address(&a, line.addr);
	}
	find_ends(s, &a);
	free(a.at);
	free(text);
	fclose(f);
	return err;
}

struct stock *stock_read(const char *kallsyms)
{
	struct stock *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	want_all(s);
	if (read_symbols(s, kallsyms)) {
		free(s);
		return NULL;
	}
	return s;
}

struct stock *stock_new(void)
{
	return stock_read("/proc/kallsyms");
}

void stock_free(struct stock *s)
{
	free(s);
}

bool stock_has_addresses(const struct stock *s)
{
	return s->addresses;
}

bool stock_has_windows(const struct stock *s)
{
	return find(s, WINDOWS_FUNCTION)->there;
}

bool stock_wanted(const struct stock *s, const struct stock_probe *p)
{
	switch (p->when) {
	case STOCK_WINDOWS:
		return stock_has_windows(s);
	case STOCK_NO_WINDOWS:
		return !stock_has_windows(s);
	case STOCK_OPTIONAL:
		return stock_function(s, p);
	default:
		return true;
	}
}

/* The symbol of the nth function of a probe that is there. */
static const struct symbol *function(const struct stock *s, const struct stock_probe *p, size_t nth)
{
	const struct symbol *sym;
	char one[NAME_LEN];
	const char *name;
	size_t len;

	for (name = p->functions; *name; name += len + strspn(name + len, " ")) {
		len = strcspn(name, " ");
		snprintf(one, sizeof(one), "%.*s", (int)len, name);
		sym = find(s, one);
		if (sym && sym->there && !nth--)
			return sym;
	}
	return NULL;
}

const char *stock_function(const struct stock *s, const struct stock_probe *p)
{
	const struct symbol *sym = function(s, p, 0);

	return sym ? sym->name : NULL;
}

/* ---- calls ---- */

#if defined(__x86_64__)
#define CALL		0xe8	/* and the distance from its end, 4 bytes */
#define BREAKPOINT	0xcc
#define CALL_LEN	5
/* With call depth tracking a call leads that far before the function, to what counts it. */
#define THUNK_LEN	16

int stock_find_calls(const __u8 *code, __u32 len, __u64 from, __u64 to, unsigned long *offsets)
{
	__s32 distance;
	__u64 target;
	int n = 0;
	__u32 i;

	for (i = 0; i + CALL_LEN <= len && n < STOCK_CALLS; i++) {
		if (code[i] != CALL && code[i] != BREAKPOINT)
			continue;
		memcpy(&distance, code + i + 1, sizeof(distance));
		target = from + i + CALL_LEN + (__s64)distance;
		if (target <= to && to - target <= THUNK_LEN)
			offsets[n++] = i;
	}
	return n;
}
#else
int stock_find_calls(const __u8 *code, __u32 len, __u64 from, __u64 to, unsigned long *offsets)
{
	(void)code;
	(void)len;
	(void)from;
	(void)to;
	(void)offsets;
	return 0;
}
#endif

static int calls_in(const struct symbol *sym, const struct symbol *callee, stock_read_text read,
		    void *ctx, unsigned long *offsets)
{
	static __u8 code[sizeof(((struct mpath_text *)NULL)->code)];
	__u64 len = sym->end > sym->addr ? sym->end - sym->addr : 0;
	int err;

	if (len > sizeof(code))
		len = sizeof(code);
	err = read(ctx, sym->addr, (__u32)len, code);
	return err ? err : stock_find_calls(code, (__u32)len, sym->addr, callee->addr, offsets);
}

int stock_places(const struct stock *s, const struct stock_probe *p, stock_read_text read,
		 void *ctx, unsigned long *offsets, const char **name)
{
	const struct symbol *sym, *callee = p->callee ? find(s, p->callee) : NULL;
	size_t i;
	int n;

	if (p->callee && (!callee || !callee->there))
		return -ENOENT;
	for (i = 0; (sym = function(s, p, i)); i++) {
		*name = sym->name;
		if (!callee) {
			offsets[0] = 0;
			return 1;
		}
		n = calls_in(sym, callee, read, ctx, offsets);
		if (n)
			return n;
	}
	return -ENOENT;
}
