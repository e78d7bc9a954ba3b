// SPDX-License-Identifier: GPL-2.0-only
/* Functions by name, from /proc/kallsyms. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "live/stock_symbols.h"

struct symbols {
	struct symbol	*list;
	size_t		nr;
	bool		addresses;
};

/* A symbol of some text. */
struct line {
	__u64		addr;
	const char	*name;
	size_t		len;
	bool		module;		/* nvme_core's */
	bool		ours;		/* that, or the kernel's */
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
	l->module = !strncmp(p, ours, sizeof(ours) - 1);
	l->ours = !*p || l->module;
	return true;
}

/*
 * Length of a name without what compilers add to it: .isra.N, .constprop.N, .part.N, .cold of gcc,
 * .llvm.N and .__uniq.N of clang. @whole: see struct symbol.
 */
static size_t source_len(const char *name, size_t len, bool *whole)
{
	const char *dot = memchr(name, '.', len);
	size_t at, n;

	*whole = true;
	if (!dot || dot == name)
		return len;
	for (at = (size_t)(dot - name); at < len; at += n) {
		n = 1;
		while (at + n < len && name[at + n] != '.')
			n++;
		if (n > 1 && !isdigit((unsigned char)name[at + 1]) &&
		    !(n == 5 && !memcmp(name + at, ".llvm", 5)) &&
		    !(n == 7 && !memcmp(name + at, ".__uniq", 7)))
			*whole = false;
	}
	return (size_t)(dot - name);
}

static bool is_wanted(const char *const *wanted, const char *name, size_t len)
{
	for (; *wanted; wanted++)
		if (!strncmp(*wanted, name, len) && !(*wanted)[len])
			return true;
	return false;
}

static int note(struct symbols *s, const char *const *wanted, const struct line *l)
{
	struct symbol *sym, *more;
	bool whole;
	size_t len = source_len(l->name, l->len, &whole);

	if (!l->ours || l->len >= SYMBOL_NAME_LEN || !is_wanted(wanted, l->name, len))
		return 0;
	more = array_more(s->list, s->nr, sizeof(*more));
	if (!more)
		return -ENOMEM;
	s->list = more;
	sym = &more[s->nr++];
	memset(sym, 0, sizeof(*sym));
	memcpy(sym->name, l->name, l->len);
	sym->len = len;
	sym->addr = l->addr;
	sym->module = l->module;
	sym->whole = whole;
	if (l->addr)
		s->addresses = true;
	return 0;
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

static void find_ends(struct symbols *s, const struct addresses *a)
{
	size_t i, k;

	for (i = 0; i < s->nr; i++) {
		struct symbol *sym = &s->list[i];

		for (k = 0; k < a->nr; k++)
			if (a->at[k] > sym->addr && (!sym->end || a->at[k] < sym->end))
				sym->end = a->at[k];
	}
}

static int read_lines(struct symbols *s, const char *const *wanted, FILE *f)
{
	struct addresses a = {};
	char *text = NULL;
	struct line line;
	size_t room = 0;
	int err = 0;

	while (!err && getline(&text, &room, f) > 0) {
		if (!parse(text, &line))
			continue;
		err = note(s, wanted, &line);
		if (!err && line.addr)
			err = keep_address(&a, line.addr);
	}
	find_ends(s, &a);
	free(a.at);
	free(text);
	return err;
}

struct symbols *symbols_read(const char *kallsyms, const char *const *wanted)
{
	struct symbols *s = calloc(1, sizeof(*s));
	FILE *f = s ? fopen(kallsyms, "re") : NULL;
	int err = f ? read_lines(s, wanted, f) : -ENOENT;

	if (f)
		fclose(f);
	if (!err)
		return s;
	symbols_free(s);
	return NULL;
}

void symbols_free(struct symbols *s)
{
	if (s)
		free(s->list);
	free(s);
}

bool symbols_have_addresses(const struct symbols *s)
{
	return s->addresses;
}

const struct symbol *symbols_find(const struct symbols *s, const char *name, size_t len, size_t nth)
{
	bool module = false;
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (s->list[i].len == len && !memcmp(s->list[i].name, name, len))
			module |= s->list[i].module;
	for (i = 0; i < s->nr; i++)
		if (s->list[i].len == len && !memcmp(s->list[i].name, name, len) &&
		    s->list[i].module == module && !nth--)
			return &s->list[i];
	return NULL;
}
