// SPDX-License-Identifier: GPL-2.0-only
/* Plays a recording. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "model/model.h"
#include "record/reader.h"
#include "record/validate.h"
#include "top/player.h"

#define WINDOWS		10000		/* that are kept */
#define LONG_BACK_NS	10000000000ULL	/* records are out of order by less than this */

struct player {
	const char		*path, *name;
	struct record_reader	*reader;
	struct model		*model;
	struct history		*history;
	struct record		next;		/* not fed yet */
	bool			has_next, finished;
	__u64			damages;
	char			boot_id[sizeof(((struct rec_host *)0)->boot_id)];
	__u64			base_ns, base_pos;	/* of the present boot */
	__u64			last_ns;	/* of the newest record read */
	__u64			pos, length;
	char			error[700];
};

struct player *player_new(void)
{
	return calloc(1, sizeof(struct player));
}

static void drop(struct player *p)
{
	record_reader_free(p->reader);
	history_free(p->history);
	model_free(p->model);
	p->reader = NULL;
	p->model = NULL;
	p->history = NULL;
}

void player_free(struct player *p)
{
	if (p)
		drop(p);
	free(p);
}

const char *player_error(const struct player *p)
{
	return p->error;
}

static int fail(struct player *p, int err)
{
	char shown[512];

	snprintf(p->error, sizeof(p->error), "%s: cannot go on: %s",
		 fmt_text(shown, sizeof(shown), p->name), strerror(-err));
	return err;
}

/* ---- one record after the other ---- */

/* Another boot has another clock: its time goes on where that of the one before ended. */
static void rebase(struct player *p, const struct record *rec)
{
	const struct rec_host *host = rec->data;
	bool other;

	if (!p->base_ns) {
		p->base_ns = rec->time_ns;
		p->last_ns = rec->time_ns;
	}
	other = rec->time_ns + LONG_BACK_NS < p->last_ns;
	if (rec->type == REC_HOST && rec->len >= sizeof(*host) &&
	    record_text_ok(host->boot_id, sizeof(host->boot_id))) {
		other |= *p->boot_id && strcmp(p->boot_id, host->boot_id);
		strcpy(p->boot_id, host->boot_id);
	}
	if (other) {
		p->base_pos += p->last_ns - p->base_ns;
		p->base_ns = rec->time_ns;
		p->last_ns = rec->time_ns;
	}
	if (rec->time_ns > p->last_ns)
		p->last_ns = rec->time_ns;
}

/* Read ahead by one; 1, 0 at the end, -errno. */
static int read_next(struct player *p)
{
	int ret = record_reader_next(p->reader, &p->next);

	p->has_next = ret > 0;
	if (ret > 0)
		rebase(p, &p->next);
	return ret;
}

static __u64 pos_of(const struct player *p, __u64 time_ns)
{
	return p->base_pos + (time_ns > p->base_ns ? time_ns - p->base_ns : 0);
}

static int begin(struct player *p)
{
	struct model_limit limit = { .windows = WINDOWS };
	int err;

	drop(p);
	p->reader = record_reader_new();
	p->model = model_new();
	p->history = p->model ? history_new(p->model) : NULL;
	if (!p->reader || !p->history)
		return fail(p, -ENOMEM);
	model_set_limit(p->model, &limit);
	record_reader_call(p->reader, p->name);
	err = record_reader_open(p->reader, p->path);
	if (err) {
		snprintf(p->error, sizeof(p->error), "%s", record_reader_error(p->reader));
		return err;
	}
	p->damages = 0;
	p->boot_id[0] = '\0';
	p->base_ns = p->base_pos = p->last_ns = p->pos = 0;
	p->finished = false;
	err = read_next(p);
	return err < 0 ? fail(p, err) : 0;
}

static int feed(struct player *p)
{
	/* damage before this record concerns what was open there */
	if (record_reader_damage(p->reader, &p->damages))
		model_set_damaged(p->model);
	return model_feed(p->model, &p->next);
}

int player_seek(struct player *p, __u64 pos_ns)
{
	int err;

	if (pos_ns > p->length)
		pos_ns = p->length;
	if (!p->reader || pos_ns < p->pos) {
		err = begin(p);
		if (err)
			return err;
	}
	while (p->has_next && pos_of(p, p->next.time_ns) <= pos_ns) {
		err = feed(p);
		if (!err)
			err = read_next(p);
		if (err < 0)
			return fail(p, err);
	}
	if (!p->has_next && !p->finished) {
		p->finished = true;
		err = model_finish(p->model);
		if (err)
			return fail(p, err);
	}
	p->pos = pos_ns;
	return 0;
}

/* ---- */

int player_open(struct player *p, const char *path, const char *name)
{
	struct record_reader *reader = record_reader_new();
	struct record rec;
	int ret = -ENOMEM;

	p->path = path;
	p->name = name;
	if (reader) {
		record_reader_call(reader, name);
		ret = record_reader_open(reader, path);
	}
	if (ret) {
		snprintf(p->error, sizeof(p->error), "%s",
			 reader ? record_reader_error(reader) : "out of memory");
		record_reader_free(reader);
		return ret;
	}
	while ((ret = record_reader_next(reader, &rec)) > 0) {
		rebase(p, &rec);
		p->length = pos_of(p, p->last_ns);
	}
	record_reader_free(reader);
	return ret ? fail(p, ret) : player_seek(p, 0);
}

__u64 player_length(const struct player *p)
{
	return p->length;
}

__u64 player_pos(const struct player *p)
{
	return p->pos;
}

/* The record that is read ahead may be of the next boot already, but only from its place on. */
__u64 player_now(const struct player *p)
{
	return p->pos >= p->base_pos ? p->base_ns + (p->pos - p->base_pos) : model_now(p->model);
}

const struct model *player_model(const struct player *p)
{
	return p->model;
}

const struct history *player_history(const struct player *p)
{
	return p->history;
}
