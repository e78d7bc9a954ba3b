/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the console share, from the bottom up: a file calls those that stand above its
 * own part here, never one below. console/console.c calls them all.
 */
#ifndef CONSOLE_INTERNAL_H
#define CONSOLE_INTERNAL_H

#include "base/format.h"
#include "base/units.h"
#include "console/console.h"

#define SHOWN_NAME	(4 * MPATH_NAME_LEN)	/* a name, escaped */

enum prompt { PROMPT_NONE, PROMPT_FILTER, PROMPT_INTERVAL };

/* A head that is selected: pointers may go, and names may change. */
struct head_id {
	char	name[MPATH_NAME_LEN], nqn[224];
	__u32	nsid;
	bool	set;
};

/* A list that is scrolled: where it begins, and which row is selected. */
struct cursor {
	size_t	top, at;
	long	move;		/* keys since it was drawn last */
	bool	moved;		/* by a key: the selection is `at`, not what it was */
};

struct console {
	enum console_view	view;
	bool			replay, quit, paused, help;
	enum prompt		prompt;
	char			input[64];
	char			filter[64], filter_before[64];
	__u64			interval_ns;
	int			speed;
	__s64			seek_ns;
	int			page;			/* rows that the list had */
	int			sort[CONSOLE_VIEWS];	/* column, by view */
	bool			reverse[CONSOLE_VIEWS];
	struct cursor		heads, windows;
	struct head_id		head;			/* selected */
	size_t			window;			/* selected, model_window.index */
	bool			window_set, window_open;
	long			scroll;			/* of the head view and the help, rows */
	size_t			events_back;		/* from the newest; 0: follow */
	__u64			events_total;		/* when events_back was set */
	int			zoom;			/* of the lanes */
	/* scratch */
	const void		**rows;
	double			*keys;
	size_t			room;
	struct screen		tall;			/* head view, before it is cut */
};

/* ---- console/widgets.c ---- */

/* Room for so many rows in c->rows and c->keys. Returns 0 or -ENOMEM. */
int console_room(struct console *c, size_t nr);

/* Clamp a cursor to a list of @nr rows, of which @page are shown. */
void console_cursor(struct cursor *cur, size_t nr, int page);

/* Does a text contain the filter? Letters of either case. */
bool console_matches(const struct console *c, const char *text);

/* A head by what is kept of it: the same one? set it; find it, NULL: it is not there any more. */
bool console_is_head(const struct head_id *id, const struct model_head *h);
void console_set_head(struct head_id *id, const struct model_head *h);
const struct model_head *console_find_head(const struct head_id *id, const struct model *m);

/* Words and inks: of enum model_head_state or -1, of an outcome, of a window by its outcome. */
const char *console_state_text(int state);
enum ink console_state_ink(int state);
const char *console_outcome_text(enum model_outcome o);
enum ink console_outcome_ink(const struct model_window *w);
enum ink console_outcomes_ink(enum model_outcome o);	/* of their number */

/* Is a window open, and how long is left? Negative: past it. */
bool console_left(const struct model_head *h, __u64 now_ns, __s64 *left_ns, __u64 *total_ns);
/* A bar of @width columns, filled by part/whole. */
void console_bar(struct screen *s, int row, int col, int width, enum ink ink, double part);
/* "▕████▌    ▏" and what is left. */
void console_countdown(struct screen *s, int row, int col, int width, __s64 left_ns,
		       __u64 total_ns);

/*
 * Stall histogram of an outage in an area of the screen, @width columns and at most @max_rows
 * rows of it; returns the row below.
 */
int console_histogram(struct screen *s, int row, int col, int width, int max_rows,
		      const struct mpath_outage *o);

/* I/Os queued; false: not known. */
bool console_parked(const struct model_head *h, __u64 *depth);
/* Age of the oldest; *at_most: it may be younger. False: none, or not known. */
bool console_oldest(const struct console_data *d, const struct model_head *h, __u64 *age_ns,
		    bool *at_most);
/* Of the head, or if only its paths count, of them. False: not known. */
bool console_head_rate(const struct console_data *d, const struct model_head *h,
		       struct disk_rate *r);

/*
 * "21:37:02.482", with @date the day before it; "+" and seconds since boot if the wall time is not
 * known, "-" for 0. @boot_ns: CLOCK_BOOTTIME, nanoseconds. Returns @buf.
 */
const char *console_clock(char *buf, size_t size, const struct model_session *s, __u64 boot_ns,
			  bool utc, bool date);

/* A column of a table; the first member of whatever else a view has to know of it. */
struct console_column {
	const char	*title;
	int		width, priority;	/* the highest go first when there is no room */
	bool		right;
};

/*
 * The title of a column, with an arrow if its table is sorted by it; @width 0: it is not
 * shown. Returns where the next one begins.
 */
int console_title(struct screen *s, int row, int col, int width, const struct console_column *k,
		  bool by, bool reverse);

/*
 * Widths of those columns that fit, 0 for the others. Columns are @size bytes
 * apart. Returns what is left over.
 */
int console_layout(const void *columns, size_t size, int nr, int cols, int *width);

/* A text in lines, each at most @width wide, broken at blanks; returns the row below. */
int console_lines(struct screen *s, int row, int col, int width, enum ink ink, const char *text);

/* I/O that is in flight in a path for longer, while none ends, is told. */
#define STUCK_NS	(5 * NS_PER_S)

/* How long, with how many; false: not for long, or not known. */
bool console_stuck(const struct console_data *d, const struct model_path *p, __u64 *age_ns,
		   __u64 *in_flight);
/* A line for each path with such I/O, as console_absences(). */
int console_stuck_paths(const struct console_data *d, struct screen *s, int row, int max);
/* The same on a stream. */
void console_put_stuck(FILE *out, const struct console_data *d);

/*
 * What is absent below what is there, from @row on, @max lines at most; returns the row below. None
 * but with @minor are those that may be meant so.
 */
int console_absences(const struct console_data *d, struct screen *s, int row, int col, int width,
		     int max, bool minor);

/* What one of the view_put_*() functions writes; to be freed. */
#define CONSOLE_TEXT(buf, call) \
	({ \
		size_t size_; \
		FILE *out_ = open_memstream(&(buf), &size_); \
		if (out_) { \
			FILE *out = out_; \
			call; \
			if (fclose(out_)) { \
				free(buf); \
				(buf) = NULL; \
			} \
		} \
		(buf); \
	})

/* ---- the lines above the views: console/header.c ---- */

/* @full: with all that there is room for. Returns the row below. */
int console_header(const struct console *c, const struct console_data *d, struct screen *s,
		   bool full);

/*
 * ---- the views, a file each ----
 *
 * They draw rows @from.. up to, but not, @to. Returns 0 or -ENOMEM.
 */

/* console/events.c */
int console_draw_events(struct console *c, const struct console_data *d, struct screen *s, int from,
			int to);
/* The newest events, below something else. */
int console_last_events(struct console *c, const struct console_data *d, struct screen *s, int from,
			int to);

/* console/heads.c, where console_batch() is, too */
int console_draw_heads(struct console *c, const struct console_data *d, struct screen *s, int from,
		       int to);
/* The one on top of the overview, NULL: none, or no memory. */
const struct model_head *console_first_head(struct console *c, const struct console_data *d);
int console_heads_columns(void);	/* that it can be sorted by */
/* A line of the help about its columns; false: there are no more. */
bool console_heads_help(int line, char *buf, size_t size);

/* console/head.c */
int console_draw_head(struct console *c, const struct console_data *d, struct screen *s, int from,
		      int to);

/* console/windows.c */
int console_draw_windows(struct console *c, const struct console_data *d, struct screen *s,
			 int from, int to);
int console_windows_columns(void);	/* that it can be sorted by */

/* console/help.c; nothing can fail */
void console_draw_help(struct console *c, struct screen *s, int from, int to);

#endif /* CONSOLE_INTERNAL_H */
