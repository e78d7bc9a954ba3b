/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console: what is on the screen of `top`, and what keys do. Pure: model,
 * statistics and history in, a grid of cells out; time is given. The terminal
 * (top/term.c) only carries keys and cells.
 */
#ifndef CONSOLE_CONSOLE_H
#define CONSOLE_CONSOLE_H

#include "base/disk_stats.h"
#include "console/history.h"
#include "console/keys.h"
#include "console/screen.h"
#include "model/types.h"

enum console_view { CONSOLE_HEADS, CONSOLE_HEAD, CONSOLE_WINDOWS, CONSOLE_EVENTS, CONSOLE_VIEWS };

/**
 * struct console_data - what there is to show
 * @stats:	NULL: there are none, as in a recording
 * @now_ns:	of the model's clock
 * @host:	of the machine that is shown; "" takes that of the records
 * @source:	"live", "replay 10x 0:12/0:20"
 * @alert:	why there are no events, and so no windows; NULL: there are
 * @empty:	lines to show when there is no head
 * @attrs:	of the paths of console_head_wanted(); NULL: none
 */
struct console_data {
	const struct model	*m;
	const struct stats	*stats;
	const struct history	*history;
	__u64			now_ns;
	const char		*source;
	const char		*alert;
	const char		*empty;
	const struct console_attrs *attrs;
	size_t			nr_attrs;
	bool			utc;
};

struct console_attrs {
	char			path[MPATH_NAME_LEN];
	struct path_attrs	a;
};

struct console;

/* @replay: there are keys for speed and seeking. Returns NULL when memory is short. */
struct console *console_new(bool replay);
void console_free(struct console *c);	/* NULL is fine */

/*
 * @key: a character or enum console_key. Returns true if something on the screen may have changed.
 */
bool console_key(struct console *c, int key);

/* Draw all of it. Returns 0 or -ENOMEM. */
int console_draw(struct console *c, const struct console_data *d, struct screen *s);

/* A table of all heads, for the batch mode: every row, @cols wide. Returns 0, -ENOMEM, -EIO. */
int console_batch(struct console *c, const struct console_data *d, FILE *out, int cols);

/* What the caller has to know of its state. */
bool console_quit(const struct console *c);
bool console_paused(const struct console *c);
__u64 console_interval(const struct console *c);	/* ns */
void console_set_interval(struct console *c, __u64 ns);
void console_set_filter(struct console *c, const char *text);
/* Times 2^n of what was asked for; how far to seek since the last call, ns. */
int console_speed(const struct console *c);
__s64 console_take_seek(struct console *c);

/* The head of the head view as it was drawn last, NULL if that view is not shown. */
const struct model_head *console_head_wanted(const struct console *c, const struct model *m);

#endif /* CONSOLE_CONSOLE_H */
