/* SPDX-License-Identifier: GPL-2.0-only */
/* What the views share: options, and the parts of a window in words. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "model/types.h"

struct record_reader;
struct timeline;

/**
 * struct view_opts - how to show
 * @utc:	wall times in UTC, else in local time
 * @head:	only the head of this name, NULL: all
 * @since,@until: only what touches this time, nanoseconds since the epoch; what has
 *		no wall time is shown in any case
 * @hidden:	@nr_hidden windows and outages, sorted, that another one stands for, see
 *		input/repeated.h
 * @what_if:	also say how windows would have ended with @setting_ns
 */
struct view_opts {
	bool		utc;
	const char	*head;
	bool		has_since, has_until;
	__s64		since, until;
	const void	**hidden;
	size_t		nr_hidden;
	bool		what_if;
	__s64		setting_ns;
};

/* What is not shown any more, see model_set_limit(). */
struct view_tally {
	__u64	windows;			/* that are wanted, but forgotten */
	__u64	count[MODEL_OUTCOMES];		/* of these */
	__u64	incomplete;
	__u64	would[MODEL_OUTCOMES];		/* with view_opts.what_if */
	__u64	would_change;
};

/**
 * struct view_input - one of the recordings that a report is of
 * @name:	as the user gave it
 * @kind:	"record", "bundle" or "tree"; NULL: a record
 * @reader:	for its remarks; NULL: none
 * @forgotten:	NULL: nothing is
 * @timeline:	NULL: no pictures are wanted
 * @repeated:	windows and outages that are shown with another input, or once for several
 * @given:	of the recording only so many files were given; 0: all
 * @skipped:	files of the recording that are older than what is wanted, and were not read
 */
struct view_input {
	const char			*name, *kind;
	const struct model		*m;
	const struct record_reader	*reader;
	const struct view_tally		*forgotten;
	const struct timeline		*timeline;
	size_t				repeated, given;
	int				skipped;
};

/* ---- what is shown: report/filter.c ---- */

/* Is this head, or the window of it, to be shown? NULL heads are, without a filter. */
bool view_wants_head(const struct view_opts *vo, const struct model_head *h);
bool view_wants_window(const struct view_opts *vo, const struct model_window *w);

/* Does from..to, of a session, touch the time that is wanted? MODEL_NONE: not known. */
bool view_wants_time(const struct view_opts *vo, const struct model_session *s, __u64 from,
		     __u64 to);
bool view_wants_remark(const struct view_opts *vo, const struct model_remark *r);
bool view_wants_outage(const struct view_opts *vo, const struct model_outage *o);

/* Show these windows and outages no more; @hidden is sorted, and kept by the caller. */
void view_hide(struct view_opts *vo, const void **hidden, size_t nr);

/* First and last thing known of a window, CLOCK_BOOTTIME; MODEL_NONE: nothing is. */
__u64 view_window_from(const struct model_window *w);
__u64 view_window_to(const struct model_window *w);

/* ---- counting and sorting it: report/select.c ---- */

void view_tally_add(struct view_tally *t, const struct model_window *w, const struct view_opts *vo);

/* Windows to be shown and what would become of them, forgotten ones included. */
void view_count(const struct view_input *in, size_t nr, const struct view_opts *vo,
		struct view_tally *sum);

/* What windows cost, as far as it is known. */
struct view_cost {
	__u64	windows, outage_ns, parked, failed, max_ns;
	bool	partly;			/* something of it is not known */
};

void view_cost_add(struct view_cost *c, const struct model_window *w);

/* A window and where it is from. */
struct view_window {
	size_t				input;
	const struct model_window	*w;
};

/**
 * view_windows() - the windows to be shown, of several inputs by wall time
 * Of one input they stay in its order. @list: to be freed. 0 or -ENOMEM.
 */
int view_windows(const struct view_input *in, size_t nr, const struct view_opts *vo,
		 struct view_window **list, size_t *count);

/* ---- in words: report/phrases.c, report/submitters.c ---- */

/*
 * Parts of a line, written to @out without a newline; a part that has nothing
 * to say writes what is then true ("no counters"). Errors stay in @out.
 */
void view_put_time(FILE *out, const struct model_session *s, __u64 boot_ns,
		   const struct view_opts *vo);
/* "nvme0n1 (nqn.2014-08.org..:subsys0, nsid 1)" */
void view_put_head(FILE *out, const struct model_head *h, const char *name);
/* "2026-09-12 03:04:11.482 .. 03:04:38.907": the day once, if it is the same */
void view_put_period(FILE *out, const struct model_session *s, __u64 from, __u64 to,
		     const struct view_opts *vo);
/* Of @several inputs: "host (boot 1234abcd): ", else nothing. */
void view_put_where(FILE *out, const struct model_session *s, bool several);
void view_put_outcome(FILE *out, const struct model_window *w);	/* RECOVERED with 2.6 s ... */
void view_put_phases(FILE *out, const struct model_window *w);	/* lost 0.000 · armed 0.004 ... */
/* Why the paths went, with the last of them: "surprise removal: nvme0c0n1, nvme0c1n1 · ..." */
void view_put_causes(FILE *out, const struct model_window *w);
const char *view_cause(enum model_cause cause);	/* in words */
/* Whose bios an outage parked, the most first: "postgresql@16.service 11902 (postgres 812) · .." */
void view_put_who(FILE *out, const struct model_outage *o);
#define VIEW_UNIT_LEN	256
/* The unit or container that a cgroup path names, the path's last part else; cut to @size. */
const char *view_unit(char *buf, size_t size, const char *path);
/* "parked 5 (at most 2 ..."; @missing: facts that could not be told, see model_session_missing() */
void view_put_bios(FILE *out, const struct mpath_outage *s, __u32 missing);
void view_put_stalls(FILE *out, const struct mpath_outage *s);	/* p50 13.1 s · p99 ... */
/* @before, "reads 3: p50 ...; writes 5: ..."; nothing unless there are two kinds of them */
void view_put_stalls_by_op(FILE *out, const char *before, const struct model_outage *o);
void view_put_what_if(FILE *out, const struct model_window *w, __s64 setting_ns);
void view_put_data(FILE *out, const struct model_window *w);	/* complete (0 events lost) */
void view_put_remark(FILE *out, const struct model_remark *r, const struct view_opts *vo);
void view_put_remark_what(FILE *out, const struct model_remark *r);	/* without time and head */

/*
 * What the input is a part of: files that are not here, windows before, what counts with another
 * input. Lines, each of which begins with @before and ends with @after; nothing if it is whole.
 */
void view_put_part(FILE *out, const struct view_input *in, const char *before, const char *after);

/* "remark   " and what is damaged of it, a line each; of @several inputs with the name. */
void view_put_damage(FILE *out, const struct view_input *in, bool several);

/* When the i-th session of an input begins in what was read, CLOCK_BOOTTIME. */
__u64 view_session_from(const struct view_input *in, size_t i);

/* "record", or what else it is. */
const char *view_input_kind(const struct view_input *in);

/* "30 s" */
const char *view_setting(char *buf, size_t size, __u64 ms);

#endif /* REPORT_REPORT_H */
