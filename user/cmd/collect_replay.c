// SPDX-License-Identifier: GPL-2.0-only
/* collect --replay: a recording in the place of the live sources. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"
#include "cmd/collect_replay.h"
#include "cmd/options.h"
#include "input/open.h"
#include "os/signals.h"
#include "record/reader.h"

struct replay {
	struct input		*source;
	struct record_reader	*reader;
	struct model		*model;
	struct export		*export;
	int			signal_fd;
	bool			real_time, end;
	bool			begun;
	__s64			delta_ns;	/* boot time of the recording less that of now */
	struct rec_clock	clock;		/* the last one of the recording */
	__s64			real_delta_ns;	/* its wall time less that of now */
	bool			has_clock;
	__u64			damages;
};

static int fail(const char *text)
{
	fprintf(stderr, "nvme-mpathtop collect: %s\n", text);
	return EXIT_ERROR;
}

/* Serve the timer of the files until this moment, or for ever if it is 0. */
static int sleep_until(struct replay *r, __s64 boot_ns)
{
	struct pollfd fds[] = {
		{ .fd = r->signal_fd, .events = POLLIN },
		{ .fd = export_fd(r->export), .events = POLLIN },
	};

	while (!r->end) {
		__s64 left = boot_ns ? boot_ns - (__s64)boottime_ns() : 1;
		int err = 0;

		if (left <= 0)
			return 0;
		if (poll(fds, 2, boot_ns ? (int)(left / (__s64)NS_PER_MS) + 1 : -1) < 0 &&
		    errno != EINTR)
			return -errno;
		r->end = fds[0].revents;
		if (fds[1].revents)
			err = export_poll(r->export);
		if (err)
			return err;
	}
	return 0;
}

/* Its first clock is now. Returns where the payload is, in @moved if it had to be another. */
static const void *move_clock(struct replay *r, const struct record *rec, struct rec_clock *moved)
{
	memcpy(moved, rec->data, sizeof(*moved));
	r->clock = *moved;
	if (!r->real_time)
		return rec->data;
	if (!r->has_clock)
		r->real_delta_ns = moved->realtime_ns - (realtime_ns() + (__s64)moved->boottime_ns -
							 ((__s64)boottime_ns() + r->delta_ns));
	moved->realtime_ns -= r->real_delta_ns;
	return moved;
}

static int play(struct replay *r, const struct record *rec)
{
	struct record shifted = *rec;
	struct rec_clock moved;
	int err = 0;

	if (r->real_time && !r->begun) {
		r->begun = true;
		r->delta_ns = (__s64)rec->time_ns - (__s64)boottime_ns();
		export_shift(r->export, r->delta_ns);
	}
	if (r->real_time)
		err = sleep_until(r, (__s64)rec->time_ns - r->delta_ns);
	if (err || r->end)
		return err;
	if (rec->type == REC_CLOCK && rec->len >= sizeof(moved)) {
		shifted.data = move_clock(r, rec, &moved);
		r->has_clock = true;
	}
	return model_feed(r->model, &shifted);
}

/* Is this record beyond the end that was asked for? */
static bool is_beyond(const struct replay *r, const struct record *rec, __s64 until_ns)
{
	return r->has_clock && !(rec->flags & RECORD_REPEAT) && rec->type != REC_HOST &&
	       r->clock.realtime_ns + (__s64)(rec->time_ns - r->clock.boottime_ns) > until_ns;
}

static int play_all(struct replay *r, const struct when *until)
{
	struct record rec;
	__s64 until_ns = 0;
	int ret = 0;

	if (until->kind != WHEN_NONE && when_resolve(until, true, 0, &until_ns))
		return -ERANGE;
	while (!r->end && (ret = record_reader_next(r->reader, &rec)) > 0) {
		if (until->kind != WHEN_NONE && is_beyond(r, &rec, until_ns))
			return 0;
		if (record_reader_damage(r->reader, &r->damages))
			model_set_damaged(r->model);
		ret = play(r, &rec);
		if (ret)
			return ret;
	}
	if (ret < 0)
		return ret;
	if (record_reader_damage(r->reader, &r->damages))
		model_set_damaged(r->model);
	return r->real_time ? sleep_until(r, 0) : 0;
}

/* What of the recording the metrics are without. */
static bool say_damage(const struct replay *r)
{
	const struct record_remark *damage;
	size_t i;

	for (i = 0; (damage = record_reader_remark(r->reader, i)); i++)
		fail(damage->text);
	return i;
}

static int run(struct replay *r, const struct replay_opts *opts, const struct export_opts *eo)
{
	static const struct model_limit limit = { .windows = EXPORT_WINDOWS };
	int err;

	if (!r->reader || !r->model || !r->export)
		return fail(strerror(ENOMEM));
	model_set_limit(r->model, &limit);
	if (input_open(opts->path, INPUT_RECORDING, &r->source))
		return EXIT_ERROR;
	record_reader_call(r->reader, input_record_name(r->source));
	if (record_reader_open(r->reader, input_record(r->source)))
		return fail(record_reader_error(r->reader));
	if (export_open(r->export, r->model, eo))
		return EXIT_ERROR;
	/* signals end it in order, as they end the live collector */
	if (r->real_time)
		r->signal_fd = signals_open(true, 0);
	err = r->real_time && r->signal_fd < 0 ? r->signal_fd : 0;
	if (!err && r->real_time) {
		printf("metrics in %s\n", eo->textfile);
		fflush(stdout);
	}
	if (!err)
		err = play_all(r, &opts->until);
	if (err)
		return fail(strerror(-err));
	if (export_finish(r->export))
		return EXIT_ERROR;
	return say_damage(r) ? EXIT_INCOMPLETE : EXIT_OK;
}

int collect_replay(const struct replay_opts *opts, const struct export_opts *eo)
{
	struct replay r = { .signal_fd = -1, .real_time = opts->real_time };
	struct export_opts files = *eo;
	int status;

	if (!r.real_time)
		files.interval_ns = 0;
	r.reader = record_reader_new();
	r.model = model_new();
	r.export = export_new();
	status = run(&r, opts, &files);
	if (r.signal_fd >= 0)
		close(r.signal_fd);
	export_free(r.export);
	model_free(r.model);
	record_reader_free(r.reader);
	input_free(r.source);
	return status;
}
