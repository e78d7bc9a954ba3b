// SPDX-License-Identifier: GPL-2.0-only
/*
 * What top does: the live console, and the replay of a recording in it.
 *
 * One loop: the terminal, the next refresh and a change of the window's size are
 * behind one epoll descriptor, which the session watches beside its sources.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/format.h"
#include "base/units.h"
#include "console/console.h"
#include "input/open.h"
#include "live/loop.h"
#include "model/model.h"
#include "os/signals.h"
#include "record/reader.h"
#include "sysfs/no_head.h"
#include "sysfs/statistics.h"
#include "sysfs/topology_source.h"
#include "top/player.h"
#include "top/statistics.h"
#include "top/term.h"
#include "top/top.h"

#define SOON_NS		100000000ULL	/* after an event; they come in swarms */
#define COUNTDOWN_NS	250000000ULL	/* between two looks at a countdown */
#define WINDOWS		10000		/* that are kept */
#define BATCH_COLS	200
#define MAX_ATTRS	256

struct top {
	struct console		*console;
	struct console_data	d;
	struct screen		screen;
	struct model		*model;		/* live; that of a replay is the player's */
	struct input		*replayed;	/* what --replay names, unpacked if need be */
	struct history		*history;
	struct statistics		*src;
	struct stats		*stats;
	struct live_loop		*loop;
	struct player		*player;
	struct console_attrs	attrs[MAX_ATTRS];
	struct top_opts		o;
	bool			no_events;
	int			epoll_fd, timer_fd, signal_fd;
	bool			dirty;		/* something happened since it was drawn */
	bool			drawing;	/* the terminal is ours */
	__u64			read_ns;	/* when the statistics were */
	__u64			played_ns;	/* boot time up to which the player is told of */
	double			pos;		/* of the player, ns */
	__u64			drawn;		/* batch: so far */
	char			alert[800], empty[1024], source[80];
};

/* ---- the model's side ---- */

static int new_model(struct top *t)
{
	struct model_limit limit = { .windows = WINDOWS };

	t->model = model_new();
	t->history = t->model ? history_new(t->model) : NULL;
	if (!t->history)
		return -ENOMEM;
	model_set_limit(t->model, &limit);
	t->d.m = t->model;
	t->d.history = t->history;
	return 0;
}

/* History: what was recorded until now. */
static int read_record(struct top *t)
{
	struct record_reader *reader = record_reader_new();
	struct record rec;
	__u64 damages = 0;
	int ret = reader ? record_reader_open(reader, t->o.record) : -ENOMEM;

	if (ret)
		fprintf(stderr, "nvme-mpathtop top: %s\n",
			reader ? record_reader_error(reader) : strerror(ENOMEM));
	while (!ret && (ret = record_reader_next(reader, &rec)) > 0) {
		if (record_reader_damage(reader, &damages))
			model_set_damaged(t->model);
		ret = model_feed(t->model, &rec);
	}
	if (!ret && record_reader_damage(reader, &damages))
		model_set_damaged(t->model);
	record_reader_free(reader);
	return ret;
}

/* ---- looking ---- */

static void read_attrs(struct top *t, const struct model_head *h)
{
	size_t i, n = 0;

	for (i = 0; h && i < h->nr_paths && n < MAX_ATTRS; i++) {
		if (h->paths[i].gone)
			continue;
		memcpy(t->attrs[n].path, h->paths[i].name, sizeof(t->attrs[n].path));
		statistics_path(t->src, h->paths[i].name, h->paths[i].ctrl, &t->attrs[n].a);
		n++;
	}
	t->d.attrs = t->attrs;
	t->d.nr_attrs = n;
}

/* Live: statistics, if it is time to, and of the topology what no uevent tells. */
static int look(struct top *t)
{
	const struct model_head *detail;
	__u64 now = boottime_ns();

	t->d.now_ns = now;
	if (now - t->read_ns < console_interval(t->console) * 9 / 10)
		return 0;
	t->read_ns = now;
	if (t->no_events)
		live_loop_kick(t->loop);
	detail = console_head_wanted(t->console, t->model);
	read_attrs(t, detail);
	if (!model_head(t->model, 0))
		top_host_no_head(SYSFS, t->empty, sizeof(t->empty));
	return top_statistics_read(t->src, t->model, detail, t->stats, now);
}

static void say_position(struct top *t)
{
	__u64 at = player_pos(t->player) / NS_PER_S, of = player_length(t->player) / NS_PER_S;
	double speed = (double)t->o.speed;
	int n = console_speed(t->console);

	for (; n > 0; n--)
		speed *= 2;
	for (; n < 0; n++)
		speed /= 2;
	snprintf(t->source, sizeof(t->source), "%s x%g %llu:%02llu/%llu:%02llu%s",
		 input_kind(t->replayed) == INPUT_RECORD ? "replay" : input_kind_name(t->replayed),
		 speed, (unsigned long long)at / 60, (unsigned long long)at % 60,
		 (unsigned long long)of / 60, (unsigned long long)of % 60,
		 player_pos(t->player) >= player_length(t->player) ? " end" : "");
}

static int go_to(struct top *t, double pos)
{
	double end = (double)player_length(t->player);
	int err;

	t->pos = pos < 0 ? 0 : pos > end ? end : pos;
	err = player_seek(t->player, (__u64)t->pos);
	if (err)
		return err;
	t->d.m = player_model(t->player);
	t->d.history = player_history(t->player);
	t->d.now_ns = player_now(t->player);
	say_position(t);
	return 0;
}

/* Replay: on by the time that went by. */
static int play(struct top *t)
{
	__u64 now = boottime_ns();
	double went = (double)(now - t->played_ns) * (double)t->o.speed;
	int n = console_speed(t->console);

	t->played_ns = now;
	for (; n > 0; n--)
		went *= 2;
	for (; n < 0; n++)
		went /= 2;
	if (console_paused(t->console))
		went = 0;
	return go_to(t, t->pos + went + (double)console_take_seek(t->console));
}

/* ---- showing ---- */

static bool any_countdown(const struct top *t)
{
	const struct model_head *h;
	size_t i;

	for (i = 0; (h = model_head(t->d.m, i)); i++)
		if (model_head_state(h) == HEAD_GRACE)
			return true;
	return false;
}

/* When to wake up next; never while it is paused, or nothing more can come. */
static void set_timer(struct top *t)
{
	__u64 next = console_interval(t->console);
	struct itimerspec it = { .it_value = { 0, 0 } };

	if (!t->o.batch && next > COUNTDOWN_NS && (t->player || any_countdown(t)))
		next = COUNTDOWN_NS;
	if (t->dirty && next > SOON_NS && !t->o.batch)
		next = SOON_NS;
	if (!console_paused(t->console) &&
	    !(t->player && player_pos(t->player) >= player_length(t->player))) {
		it.it_value.tv_sec = (time_t)(next / NS_PER_S);
		it.it_value.tv_nsec = (long)(next % NS_PER_S);
	}
	timerfd_settime(t->timer_fd, 0, &it, NULL);
}

static int compose(struct top *t)
{
	int rows, cols, err;

	term_size(&rows, &cols);
	t->screen.ascii = !term_wide();
	err = screen_resize(&t->screen, rows, cols);
	return err ? err : console_draw(t->console, &t->d, &t->screen);
}

static int draw(struct top *t)
{
	int err = compose(t);

	if (!err)
		err = term_draw(&t->screen);
	t->dirty = false;
	return err < 0 ? err : 0;
}

/* -ECANCELED: that was the last one. */
static int print(struct top *t)
{
	int err = console_batch(t->console, &t->d, stdout, BATCH_COLS);

	if (!err && fflush(stdout))
		err = -errno;
	t->dirty = false;
	if (!err && t->o.count && ++t->drawn >= t->o.count)
		return -ECANCELED;
	return err;
}

static int refresh(struct top *t)
{
	int err = t->player ? play(t) : look(t);

	if (!err)
		err = t->o.batch ? print(t) : draw(t);
	set_timer(t);
	return err;
}

/* ---- the loop's side ---- */

static int on_record(void *ctx, const struct record *rec)
{
	struct top *t = ctx;
	int err = model_feed(t->model, rec);

	/* the first records of a session come in one go: all of them, then the screen */
	if (!err && !t->dirty) {
		t->dirty = true;
		set_timer(t);
	}
	return err;
}

/* -ECANCELED: the user wants to leave, -EIO: the terminal is gone. */
static int on_keys(struct top *t)
{
	bool paused = console_paused(t->console), changed = false;
	int key, err;

	while ((key = term_key()) != CKEY_NONE) {
		if (key < 0)
			return key;
		if (!console_key(t->console, key))
			continue;
		changed = true;
		if (console_quit(t->console))
			return -ECANCELED;
		/* a key goes on from what the one before has moved to, however fast they come */
		err = t->player ? play(t) : 0;
		if (!err)
			err = compose(t);
		if (err)
			return err;
	}
	if (!changed)
		return 0;
	if (t->player || paused != console_paused(t->console))
		return refresh(t);
	t->d.now_ns = boottime_ns();
	if (console_head_wanted(t->console, t->model) && !t->d.nr_attrs)
		t->read_ns = 0;		/* this view shows more than was read */
	if (!t->read_ns)
		return refresh(t);
	set_timer(t);
	return draw(t);
}

static int on_event(void *ctx)
{
	struct top *t = ctx;
	struct epoll_event ev[4];
	struct signalfd_siginfo si;
	__u64 expired;
	int i, n = epoll_wait(t->epoll_fd, ev, 4, 0), err = 0;

	for (i = 0; i < n && !err; i++) {
		if (ev[i].data.fd == t->timer_fd) {
			if (read(t->timer_fd, &expired, sizeof(expired)) == sizeof(expired))
				err = refresh(t);
		} else if (ev[i].data.fd == t->signal_fd) {
			if (read(t->signal_fd, &si, sizeof(si)) != sizeof(si))
				continue;
			if (si.ssi_signo != SIGWINCH)
				err = -ECANCELED;
			else if (t->drawing) {
				term_resized();
				err = draw(t);
			}
		} else {
			err = ev[i].events & EPOLLIN ? on_keys(t) : -EIO;
		}
	}
	return err;
}

static int add_fd(struct top *t, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(t->epoll_fd, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

/* A session takes care of the signals that end it; a replay has none. */
static int open_loop(struct top *t)
{
	int err;

	t->signal_fd = signals_open(t->player, SIGWINCH);
	if (t->signal_fd < 0)
		return t->signal_fd;
	t->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	t->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (t->timer_fd < 0 || t->epoll_fd < 0)
		return -errno;
	err = add_fd(t, t->signal_fd);
	err = err ? err : add_fd(t, t->timer_fd);
	return err || t->o.batch ? err : add_fd(t, STDIN_FILENO);
}

static int open_terminal(struct top *t)
{
	int err;

	if (t->o.batch)
		return 0;
	err = term_open(!t->o.no_color && !getenv("NO_COLOR"));
	t->drawing = !err;
	if (err)
		fprintf(stderr,
			"nvme-mpathtop top: the terminal type \"%s\" is not known here: "
			"set TERM to one that is, or use -b\n",
			getenv("TERM"));
	return err;
}

/* ---- live ---- */

/* Without events there is still something to see. */
static int open_session(struct top *t)
{
	struct live_loop_opts opts = {
		.live.verbose = t->o.verbose,
		.fn = on_record,
		.ctx = t,
		.hangup_fd = t->o.batch ? STDOUT_FILENO : -1,
		.timer_fd = t->epoll_fd,
		.timer_fn = on_event,
	};

	t->loop = live_loop_new();
	if (!t->loop)
		return -ENOMEM;
	if (!live_loop_open(t->loop, &opts))
		return 0;
	snprintf(t->alert, sizeof(t->alert), "NO EVENTS, paths only: %s", live_loop_error(t->loop));
	fprintf(stderr, "nvme-mpathtop top: %s\n", live_loop_error(t->loop));
	live_loop_free(t->loop);
	t->no_events = opts.no_events = true;
	model_topologies_only(t->model);
	t->d.alert = t->alert;
	t->loop = live_loop_new();
	if (!t->loop)
		return -ENOMEM;
	if (!live_loop_open(t->loop, &opts))
		return 0;
	fprintf(stderr, "nvme-mpathtop top: %s\n", live_loop_error(t->loop));
	return -ECANCELED;
}

static int run_live(struct top *t)
{
	int err = new_model(t);

	t->src = statistics_new(SYSFS);
	t->stats = stats_new();
	if (err || !t->src || !t->stats)
		return -ENOMEM;
	t->d.stats = t->stats;
	t->d.source = "live";
	t->d.empty = t->empty;
	top_host_no_head(SYSFS, t->empty, sizeof(t->empty));
	if (t->o.record && read_record(t))
		return -EINVAL;
	err = open_loop(t);
	if (err)
		return err;
	if (open_session(t) || open_terminal(t))
		return -EINVAL;
	return live_loop_run(t->loop);
}

/* ---- replay ---- */

/* From one end to the other, without waiting. */
static int print_all(struct top *t)
{
	__u64 pos = 0, end = player_length(t->player);
	char shown[1024];
	int err;

	printf("%-8s %s\n", input_kind_name(t->replayed),
	       fmt_text(shown, sizeof(shown), t->o.replay));
	do {
		err = go_to(t, (double)pos);
		if (!err)
			err = print(t);
		if (pos >= end)
			break;
		pos = end - pos < console_interval(t->console) ? end :
								 pos + console_interval(t->console);
	} while (!err);
	return err;
}

static int run_replay(struct top *t)
{
	struct pollfd p;
	int err, n;

	t->player = player_new();
	if (!t->player)
		return -ENOMEM;
	if (input_open(t->o.replay, INPUT_RECORDING, &t->replayed))
		return -EINVAL;
	if (player_open(t->player, input_record(t->replayed), input_record_name(t->replayed))) {
		fprintf(stderr, "nvme-mpathtop top: %s\n", player_error(t->player));
		return -EINVAL;
	}
	t->d.source = t->source;
	t->d.empty = "This recording has no NVMe multipath head up to here.";
	if (t->o.batch)
		return print_all(t);
	err = open_loop(t);
	if (err)
		return err;
	if (open_terminal(t))
		return -EINVAL;
	t->played_ns = boottime_ns();
	p = (struct pollfd) { .fd = t->epoll_fd, .events = POLLIN };
	err = refresh(t);
	while (!err) {
		n = poll(&p, 1, -1);
		if (n < 0 && errno != EINTR)
			err = -errno;
		else if (n > 0)
			err = on_event(t);
	}
	return err;
}

/* ---- */

static void free_all(struct top *t)
{
	term_close();
	live_loop_free(t->loop);
	player_free(t->player);
	input_free(t->replayed);
	console_free(t->console);
	screen_free(&t->screen);
	statistics_free(t->src);
	stats_free(t->stats);
	history_free(t->history);
	model_free(t->model);
	if (t->epoll_fd >= 0)
		close(t->epoll_fd);
	if (t->timer_fd >= 0)
		close(t->timer_fd);
	if (t->signal_fd >= 0)
		close(t->signal_fd);
	free(t);
}

int top_run(const struct top_opts *opts)
{
	struct top *t = calloc(1, sizeof(*t));
	int err = -ENOMEM;

	if (!t)
		return err;
	t->epoll_fd = t->timer_fd = t->signal_fd = -1;
	t->o = *opts;
	t->o.batch |= !term_usable();
	t->d.utc = opts->utc;
	t->console = console_new(opts->replay);
	if (t->console) {
		console_set_interval(t->console, opts->interval_ns);
		console_set_filter(t->console, opts->head ? opts->head : "");
		err = opts->replay ? run_replay(t) : run_live(t);
	}
	free_all(t);
	return err;
}
