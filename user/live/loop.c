// SPDX-License-Identifier: GPL-2.0-only
/* A live session: sources, signals, clock, one loop. */
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
#include <sys/utsname.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"
#include "base/version.h"
#include "bpf/mpath_event.h"
#include "live/loop.h"
#include "live/module.h"
#include "os/caps.h"
#include "os/signals.h"
#include "os/uevent.h"
#include "record/facts.h"
#include "sysfs/topology_source.h"

/* Before an event the last clock pair is at most this old: NTP slews the wall clock. */
#define CLOCK_MAX_AGE	(60 * NS_PER_S)
/* To attach again may fail while a module is being loaded: tried again after this, and doubled. */
#define RETRY_S		1
#define RETRY_MAX_S	64

struct live_loop {
	struct live		*live;
	struct topology_source		*topo;
	int			epoll_fd, signal_fd, clock_fd, retry_fd;
	unsigned int		retry_s;	/* 0: nothing failed */
	bool			reloaded;	/* what is attached is not what was at first */
	struct live_loop_opts	opts;
	__u64			clock_ns;	/* of the last clock pair */
	__u32			top_head_id;	/* of all events so far */
	bool			end;
	int			err;
	char			error[700];
};

struct live_loop *live_loop_new(void)
{
	struct live_loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->epoll_fd = -1;
	loop->signal_fd = -1;
	loop->clock_fd = -1;
	loop->retry_fd = -1;
	return loop;
}

void live_loop_free(struct live_loop *loop)
{
	if (!loop)
		return;
	live_free(loop->live);
	topology_source_free(loop->topo);
	if (loop->clock_fd >= 0)
		close(loop->clock_fd);
	if (loop->retry_fd >= 0)
		close(loop->retry_fd);
	if (loop->signal_fd >= 0)
		close(loop->signal_fd);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	free(loop);
}

const char *live_loop_error(const struct live_loop *loop)
{
	return loop->error;
}

void live_loop_kick(struct live_loop *loop)
{
	topology_source_request(loop->topo, false);
}

/* ---- records ---- */

static int put(struct live_loop *loop, __u16 type, __u64 time_ns, const void *data, __u32 len)
{
	struct record rec = {
		.type = type,
		.version = RECORD_VERSION,
		.len = len,
		.time_ns = time_ns,
		.data = data,
	};

	return loop->opts.fn(loop->opts.ctx, &rec);
}

static int put_host(struct live_loop *loop)
{
	struct rec_host host = {};
	struct utsname uts;
	FILE *f;

	uname(&uts);
	snprintf(host.name, sizeof(host.name), "%s", uts.nodename);
	snprintf(host.kernel, sizeof(host.kernel), "%s", uts.release);
	snprintf(host.machine, sizeof(host.machine), "%s", uts.machine);
	snprintf(host.tool, sizeof(host.tool), "nvme-mpathtop %s", MPATHTOP_VERSION);
	f = fopen("/proc/sys/kernel/random/boot_id", "re");
	if (f) {
		if (fgets(host.boot_id, sizeof(host.boot_id), f))
			host.boot_id[strcspn(host.boot_id, "\n")] = '\0';
		fclose(f);
	}
	return put(loop, REC_HOST, boottime_ns(), &host, sizeof(host));
}

static int put_start(struct live_loop *loop)
{
	struct rec_start start = {
		.abi_version = MPATH_ABI_VERSION,
		.features = (live_has_series(loop->live) ? REC_FEATURE_TRACEPOINTS : 0) |
			    facts_features(live_missing(loop->live)),
		.programs = live_attached(loop->live),
		.flags = live_continues(loop->live) ? REC_START_CONTINUES :
			 loop->reloaded		    ? REC_START_RELOADED :
						      0,
		.attachment = live_attachment(loop->live),
	};

	topology_source_look(loop->topo, live_missing(loop->live) & FACT(ANA));
	return put(loop, REC_START, boottime_ns(), &start, sizeof(start));
}

/* The clocks cannot be read at once: the one that counts in the middle of the other. */
static int put_clock(struct live_loop *loop)
{
	struct rec_clock clock;
	__u64 before = boottime_ns(), after;

	clock.realtime_ns = realtime_ns();
	after = boottime_ns();
	clock.boottime_ns = before + (after - before) / 2;
	loop->clock_ns = after;
	return put(loop, REC_CLOCK, clock.boottime_ns, &clock, sizeof(clock));
}

/*
 * Does an event tell of a head disk that none told of before? They are numbered as they are seen.
 */
static bool is_new_disk(struct live_loop *loop, const struct record *rec)
{
	const struct mpath_event *e = rec->data;

	if (rec->type != REC_EVENT || e->head_id <= loop->top_head_id)
		return false;
	loop->top_head_id = e->head_id;
	return true;
}

/* After these the topology may be another one. */
static bool changes_topology(const struct record *rec)
{
	const struct mpath_event *e = rec->data;

	if (rec->type != REC_EVENT)
		return false;
	switch (e->type) {
	case MPATH_EV_PATH_ADD:
	case MPATH_EV_PATH_LIVE:
	case MPATH_EV_PATH_REMOVE:
	case MPATH_EV_REMOVE_WORK:
	case MPATH_EV_HEAD_REMOVE:
	case MPATH_EV_CTRL_STATE:
	/* these may be the first sign of what no event tells */
	case MPATH_EV_FAILOVER:
	case MPATH_EV_BIO:
	case MPATH_EV_DRAINED:
		return true;
	default:
		return false;
	}
}

static int on_record(void *ctx, const struct record *rec)
{
	struct live_loop *loop = ctx;
	bool anew = is_new_disk(loop, rec);
	int err = 0;

	if (rec->type == REC_EVENT && boottime_ns() - loop->clock_ns > CLOCK_MAX_AGE)
		err = put_clock(loop);
	if (anew || changes_topology(rec))
		topology_source_request(loop->topo, anew);
	return err ? err : loop->opts.fn(loop->opts.ctx, rec);
}

/* What happened before sysfs was read is told first: it is in the ring by now. */
static int on_topology(void *ctx, const struct record *rec)
{
	struct live_loop *loop = ctx;
	int err;

	if (rec->type == REC_TOPOLOGY && loop->live && !loop->opts.no_events) {
		err = live_poll(loop->live, on_record, loop);
		err = err ? err : live_count_losses(loop->live, on_record, loop);
		if (err)
			return err;
		live_take_topology(loop->live, rec);
	}
	return on_record(loop, rec);
}

/* ---- opening ---- */

static int watch_fd(struct live_loop *loop, int fd, __u32 events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

/* Readable when the wall clock was set; the time itself is never reached. */
static int arm_clock(struct live_loop *loop)
{
	struct itimerspec it = { .it_value.tv_sec = (time_t)1 << 40 };

	return timerfd_settime(loop->clock_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &it,
			       NULL) &&
			       errno != ECANCELED ?
		       -errno :
		       0;
}

static int open_loop(struct live_loop *loop)
{
	int err;

	loop->clock_fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->retry_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (loop->clock_fd < 0 || loop->epoll_fd < 0 || loop->retry_fd < 0)
		return -errno;
	err = arm_clock(loop);
	err = err ? err : watch_fd(loop, loop->retry_fd, EPOLLIN);
	err = err ? err : watch_fd(loop, loop->signal_fd, EPOLLIN);
	err = err ? err : watch_fd(loop, loop->clock_fd, EPOLLIN);
	if (!loop->opts.no_events)
		err = err ? err : watch_fd(loop, live_fd(loop->live), EPOLLIN);
	err = err ? err : watch_fd(loop, topology_source_fd(loop->topo), EPOLLIN);
	if (loop->opts.timer_fn)
		err = err ? err : watch_fd(loop, loop->opts.timer_fd, EPOLLIN);
	if (err || loop->opts.hangup_fd < 0)
		return err;
	/* Without EPOLLIN only errors are told. A regular file refuses: never mind. */
	err = watch_fd(loop, loop->opts.hangup_fd, 0);
	return err == -EPERM ? 0 : err;
}

/* Signals came: is one of them a reason to end? */
static bool is_end(struct live_loop *loop)
{
	struct signalfd_siginfo si;
	bool end = false;

	while (read(loop->signal_fd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGHUP && loop->opts.hangup_fn)
			loop->opts.hangup_fn(loop->opts.ctx);
		else
			end = true;
	}
	return end;
}

/* Asleep until a module was loaded. Returns 0, or -ECANCELED if it is time to end instead. */
static int await_module(struct live_loop *loop, int uevent_fd)
{
	struct pollfd fds[] = {
		{ .fd = uevent_fd, .events = POLLIN },
		{ .fd = loop->signal_fd, .events = POLLIN },
		{ .fd = loop->opts.hangup_fd },
	};
	struct uevent ev;
	int n;

	for (;;) {
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return -errno;
		if ((fds[1].revents && is_end(loop)) || fds[2].revents)
			return -ECANCELED;
		while ((n = uevent_next(uevent_fd, &ev)))
			if (n < 0 || uevent_has(&ev, "SUBSYSTEM=module"))
				return 0;
	}
}

/* The programs need nvme_core, which may come later, with the first controller. */
static int load_programs(struct live_loop *loop)
{
	int fd, err = live_load(loop->live, &loop->opts.live);

	if (err != -ENODEV || !loop->opts.waiting)
		return err;
	fd = uevent_open();
	if (fd < 0)
		return err;
	/* once more: it may have come before there were ears */
	err = live_load(loop->live, &loop->opts.live);
	if (err == -ENODEV)
		loop->opts.waiting();
	while (err == -ENODEV) {
		err = await_module(loop, fd);
		if (!err)
			err = live_load(loop->live, &loop->opts.live);
	}
	close(fd);
	return err;
}

static int open_error(struct live_loop *loop, const char *what, int err)
{
	snprintf(loop->error, sizeof(loop->error), "%s: %s", what, strerror(-err));
	return err;
}

int live_loop_open(struct live_loop *loop, const struct live_loop_opts *opts)
{
	int err;

	loop->opts = *opts;
	loop->live = live_new();
	loop->topo = topology_source_new();
	if (!loop->live || !loop->topo)
		return open_error(loop, "session", -ENOMEM);
	err = topology_source_open(loop->topo);
	if (err)
		return open_error(loop, "cannot listen for uevents", err);
	loop->signal_fd = signals_open(true, 0);
	if (loop->signal_fd < 0)
		return open_error(loop, "cannot have signals told", loop->signal_fd);
	if (!opts->no_events)
		err = load_programs(loop);
	if (!opts->no_events && !err)
		err = live_attach(loop->live);
	if (err) {
		snprintf(loop->error, sizeof(loop->error), "%s", live_error(loop->live));
		return err;
	}
	err = open_loop(loop);
	if (err)
		return open_error(loop, "cannot set up the event loop", err);
	/* with the series the programs hold the module: it can't be loaded anew */
	err = opts->no_events || live_has_series(loop->live) ? caps_drop() : caps_put_aside();
	return err ? open_error(loop, "cannot give up capabilities", err) : 0;
}

/* ---- nvme_core goes and comes ---- */

static void say_detached(const struct live_loop *loop, const char *why)
{
	if (loop->opts.detached)
		loop->opts.detached(why);
}

/* It is gone, and with it the places of the programs: what they left is all there will be. */
static int detach(struct live_loop *loop)
{
	int err = live_finish(loop->live, on_record, loop);

	err = err ? err : put(loop, REC_UNLOADED, boottime_ns(), NULL, 0);
	live_free(loop->live);
	loop->live = NULL;
	loop->top_head_id = 0;
	loop->reloaded = true;
	say_detached(loop, NULL);
	return err;
}

static void retry_later(struct live_loop *loop, const char *why)
{
	struct itimerspec it = {};

	if (!loop->retry_s)
		say_detached(loop, why);
	loop->retry_s = !loop->retry_s			? RETRY_S :
			loop->retry_s < RETRY_MAX_S ? 2 * loop->retry_s :
						      RETRY_MAX_S;
	it.it_value.tv_sec = loop->retry_s;
	timerfd_settime(loop->retry_fd, 0, &it, NULL);
}

static int load_again(struct live_loop *loop)
{
	struct live_opts opts = loop->opts.live;
	int err;

	opts.anew = true;
	err = caps_take_up();
	err = err ? err : live_load(loop->live, &opts);
	err = err ? err : live_attach(loop->live);
	return err ? err : caps_put_aside();
}

static int attach_again(struct live_loop *loop)
{
	int err;

	loop->live = live_new();
	if (!loop->live)
		return -ENOMEM;
	err = load_again(loop);
	if (err) {
		retry_later(loop, live_error(loop->live));
		live_free(loop->live);
		loop->live = NULL;
		return caps_put_aside();
	}
	loop->retry_s = 0;
	err = watch_fd(loop, live_fd(loop->live), EPOLLIN);
	err = err ? err : put_start(loop);
	topology_source_request(loop->topo, true);
	return err ? err : topology_source_read(loop->topo, on_topology, loop);
}

/* Is nvme_core another one than that which is watched? Then watch the present one, if any. */
static int check_module(struct live_loop *loop)
{
	__u64 module = module_load_id();
	int err = 0;

	if (loop->opts.no_events)
		return 0;
	if (loop->live && module != live_module(loop->live))
		err = detach(loop);
	return !err && !loop->live && module ? attach_again(loop) : err;
}

/* ---- running ---- */

/*
 * A continued attachment begins with START, so that what follows is known to be
 * about the same heads; and what happened meanwhile comes before what is now.
 */
static int begin(struct live_loop *loop)
{
	bool continues = !loop->opts.no_events && live_continues(loop->live);
	int err = continues ? put_start(loop) : 0;

	err = err ? err : put_host(loop);
	err = err ? err : put_clock(loop);	/* so that the others have a wall time */
	if (continues)
		err = err ? err : live_catch_up(loop->live, on_record, loop);
	else if (!loop->opts.no_events)
		err = err ? err : put_start(loop);
	err = err ? err : topology_source_read(loop->topo, on_topology, loop);
	/* it may have gone since, or before the collector of what is pinned began */
	return err ? err : check_module(loop);
}

static int finish(struct live_loop *loop)
{
	int err;

	if (loop->opts.no_events)
		return 0;
	err = loop->live ? live_finish(loop->live, on_record, loop) : 0;
	err = err ? err : put_clock(loop);
	return err ? err : put(loop, REC_END, boottime_ns(), NULL, 0);
}

static int handle_live(struct live_loop *loop)
{
	int err = live_poll(loop->live, on_record, loop);

	if (live_wants_topology(loop->live))
		topology_source_request(loop->topo, false);
	return err;
}

static int handle_topology(struct live_loop *loop)
{
	int err = topology_source_poll(loop->topo, on_topology, loop);

	if (!err && topology_source_module_moved(loop->topo))
		err = check_module(loop);
	/* the time goes on, and with it the patience with events */
	if (!err && topology_source_confirmed(loop->topo) && !loop->opts.no_events)
		err = put_clock(loop);
	return err;
}

static int handle(struct live_loop *loop, const struct epoll_event *ev)
{
	__u64 expired;
	int fd = ev->data.fd;

	if (loop->live && fd == live_fd(loop->live))
		return handle_live(loop);
	if (fd == topology_source_fd(loop->topo))
		return handle_topology(loop);
	if (fd == loop->retry_fd)
		return read(fd, &expired, sizeof(expired)) < 0 ? 0 : check_module(loop);
	if (loop->opts.timer_fn && fd == loop->opts.timer_fd)
		return loop->opts.timer_fn(loop->opts.ctx);
	if (fd == loop->signal_fd) {
		loop->end |= is_end(loop);
		return 0;
	}
	if (fd == loop->clock_fd) {
		if (read(fd, &expired, sizeof(expired)) < 0 && errno == ECANCELED)
			return put_clock(loop);
		return 0;
	}
	return ev->events & (EPOLLERR | EPOLLHUP) ? -EPIPE : 0;
}

int live_loop_run(struct live_loop *loop)
{
	struct epoll_event events[8];
	int i, n, err = begin(loop);

	while (!err && !loop->end) {
		n = epoll_wait(loop->epoll_fd, events, 8, -1);
		if (n < 0 && errno != EINTR)
			err = -errno;
		for (i = 0; i < n && !err; i++)
			err = handle(loop, &events[i]);
	}
	return err ? err : finish(loop);
}
