// SPDX-License-Identifier: GPL-2.0-only
/* A live session: sources, signals, clock, one loop. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
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
#include "os/caps.h"
#include "os/signals.h"
#include "os/uevent.h"
#include "sysfs/topology_source.h"

/* Before an event the last clock pair is at most this old: NTP slews the wall clock. */
#define CLOCK_MAX_AGE	(60 * NS_PER_S)

struct session {
	struct src_live		*live;
	struct src_topo		*topo;
	int			epoll_fd, signal_fd, clock_fd;
	struct session_opts	opts;
	__u64			clock_ns;	/* of the last clock pair */
	__u32			top_head_id;	/* of all events so far */
	bool			end;
	int			err;
	char			error[700];
};

struct session *session_new(void)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->epoll_fd = -1;
	s->signal_fd = -1;
	s->clock_fd = -1;
	return s;
}

void session_free(struct session *s)
{
	if (!s)
		return;
	src_live_free(s->live);
	src_topo_free(s->topo);
	if (s->clock_fd >= 0)
		close(s->clock_fd);
	if (s->signal_fd >= 0)
		close(s->signal_fd);
	if (s->epoll_fd >= 0)
		close(s->epoll_fd);
	free(s);
}

const char *session_error(const struct session *s)
{
	return s->error;
}

void session_kick(struct session *s)
{
	src_topo_kick(s->topo, false);
}

unsigned int session_attached(const struct session *s)
{
	return src_live_attached(s->live);
}

/* ---- records ---- */

static int put(struct session *s, __u16 type, __u64 time_ns, const void *data, __u32 len)
{
	struct record rec = {
		.type = type,
		.version = RECORD_VERSION,
		.len = len,
		.time_ns = time_ns,
		.data = data,
	};

	return s->opts.fn(s->opts.ctx, &rec);
}

static int put_host(struct session *s)
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
	return put(s, REC_HOST, boottime_ns(), &host, sizeof(host));
}

static int put_start(struct session *s)
{
	struct rec_start start = {
		.abi_version = MPATH_ABI_VERSION,
		.features = src_live_has_series(s->live) ? REC_FEATURE_TRACEPOINTS : 0,
		.programs = src_live_attached(s->live),
		.flags = src_live_continues(s->live) ? REC_START_CONTINUES : 0,
		.attachment = src_live_attachment(s->live),
	};

	return put(s, REC_START, boottime_ns(), &start, sizeof(start));
}

/* The clocks cannot be read at once: the one that counts in the middle of the other. */
static int put_clock(struct session *s)
{
	struct rec_clock clock;
	__u64 before = boottime_ns(), after;

	clock.realtime_ns = realtime_ns();
	after = boottime_ns();
	clock.boottime_ns = before + (after - before) / 2;
	s->clock_ns = after;
	return put(s, REC_CLOCK, clock.boottime_ns, &clock, sizeof(clock));
}

/* Does an event tell of a head disk that none told of before? They are numbered as they are seen. */
static bool is_new_disk(struct session *s, const struct record *rec)
{
	const struct mpath_event *e = rec->data;

	if (rec->type != REC_EVENT || e->head_id <= s->top_head_id)
		return false;
	s->top_head_id = e->head_id;
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
		return true;
	default:
		return false;
	}
}

static int on_record(void *ctx, const struct record *rec)
{
	struct session *s = ctx;
	bool anew = is_new_disk(s, rec);
	int err = 0;

	if (rec->type == REC_EVENT && boottime_ns() - s->clock_ns > CLOCK_MAX_AGE)
		err = put_clock(s);
	if (anew || changes_topology(rec))
		src_topo_kick(s->topo, anew);
	return err ? err : s->opts.fn(s->opts.ctx, rec);
}

/* ---- opening ---- */

static int watch_fd(struct session *s, int fd, __u32 events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	return epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

/* Readable when the wall clock was set; the time itself is never reached. */
static int arm_clock(struct session *s)
{
	struct itimerspec it = { .it_value.tv_sec = (time_t)1 << 40 };

	return timerfd_settime(s->clock_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &it,
			       NULL) &&
			       errno != ECANCELED ?
		       -errno :
		       0;
}

static int open_loop(struct session *s)
{
	int err;

	s->clock_fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->clock_fd < 0 || s->epoll_fd < 0)
		return -errno;
	err = arm_clock(s);
	err = err ? err : watch_fd(s, s->signal_fd, EPOLLIN);
	err = err ? err : watch_fd(s, s->clock_fd, EPOLLIN);
	if (!s->opts.no_events)
		err = err ? err : watch_fd(s, src_live_fd(s->live), EPOLLIN);
	err = err ? err : watch_fd(s, src_topo_fd(s->topo), EPOLLIN);
	if (s->opts.timer_fn)
		err = err ? err : watch_fd(s, s->opts.timer_fd, EPOLLIN);
	if (err || s->opts.hangup_fd < 0)
		return err;
	/* Without EPOLLIN only errors are told. A regular file refuses: never mind. */
	err = watch_fd(s, s->opts.hangup_fd, 0);
	return err == -EPERM ? 0 : err;
}

/* Asleep until a module was loaded. Returns 0, or -ECANCELED if it is time to end instead. */
static int await_module(struct session *s, int uevent_fd)
{
	struct pollfd fds[] = {
		{ .fd = uevent_fd, .events = POLLIN },
		{ .fd = s->signal_fd, .events = POLLIN },
		{ .fd = s->opts.hangup_fd },
	};
	struct uevent ev;
	int n;

	for (;;) {
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return -errno;
		if (fds[1].revents || fds[2].revents)
			return -ECANCELED;
		while ((n = uevent_next(uevent_fd, &ev)))
			if (n < 0 || uevent_has(&ev, "SUBSYSTEM=module"))
				return 0;
	}
}

/* The programs need nvme_core, which may come later, with the first controller. */
static int load_programs(struct session *s)
{
	int fd, err = src_live_load(s->live, &s->opts.live);

	if (err != -ENODEV || !s->opts.waiting)
		return err;
	fd = uevent_open();
	if (fd < 0)
		return err;
	/* once more: it may have come before there were ears */
	err = src_live_load(s->live, &s->opts.live);
	if (err == -ENODEV)
		s->opts.waiting();
	while (err == -ENODEV) {
		err = await_module(s, fd);
		if (!err)
			err = src_live_load(s->live, &s->opts.live);
	}
	close(fd);
	return err;
}

static int open_error(struct session *s, const char *what, int err)
{
	snprintf(s->error, sizeof(s->error), "%s: %s", what, strerror(-err));
	return err;
}

int session_open(struct session *s, const struct session_opts *opts)
{
	int err;

	s->opts = *opts;
	s->live = src_live_new();
	s->topo = src_topo_new();
	if (!s->live || !s->topo)
		return open_error(s, "session", -ENOMEM);
	err = src_topo_open(s->topo);
	if (err)
		return open_error(s, "cannot listen for uevents", err);
	s->signal_fd = signals_open(true, 0);
	if (s->signal_fd < 0)
		return open_error(s, "cannot have signals told", s->signal_fd);
	if (!opts->no_events)
		err = load_programs(s);
	if (!opts->no_events && !err)
		err = src_live_attach(s->live);
	if (err) {
		snprintf(s->error, sizeof(s->error), "%s", src_live_error(s->live));
		return err;
	}
	err = open_loop(s);
	if (err)
		return open_error(s, "cannot set up the event loop", err);
	err = caps_drop();
	return err ? open_error(s, "cannot give up capabilities", err) : 0;
}

/* ---- running ---- */

/*
 * A continued attachment begins with START, so that what follows is known to be
 * about the same heads; and what happened meanwhile comes before what is now.
 */
static int begin(struct session *s)
{
	bool continues = !s->opts.no_events && src_live_continues(s->live);
	int err = continues ? put_start(s) : 0;

	err = err ? err : put_host(s);
	err = err ? err : put_clock(s);	/* so that the others have a wall time */
	if (continues)
		err = err ? err : src_live_catch_up(s->live, on_record, s);
	else if (!s->opts.no_events)
		err = err ? err : put_start(s);
	return err ? err : src_topo_read(s->topo, on_record, s);
}

static int finish(struct session *s)
{
	int err;

	if (s->opts.no_events)
		return 0;
	err = src_live_finish(s->live, on_record, s);
	err = err ? err : put_clock(s);
	return err ? err : put(s, REC_END, boottime_ns(), NULL, 0);
}

static int handle(struct session *s, const struct epoll_event *ev)
{
	struct signalfd_siginfo si;
	__u64 expired;
	int fd = ev->data.fd;

	if (fd == src_live_fd(s->live))
		return src_live_poll(s->live, on_record, s);
	if (fd == src_topo_fd(s->topo))
		return src_topo_poll(s->topo, on_record, s);
	if (s->opts.timer_fn && fd == s->opts.timer_fd)
		return s->opts.timer_fn(s->opts.ctx);
	if (fd == s->signal_fd) {
		if (read(fd, &si, sizeof(si)) == sizeof(si))
			s->end = true;
		return 0;
	}
	if (fd == s->clock_fd) {
		if (read(fd, &expired, sizeof(expired)) < 0 && errno == ECANCELED)
			return put_clock(s);
		return 0;
	}
	return ev->events & (EPOLLERR | EPOLLHUP) ? -EPIPE : 0;
}

int session_run(struct session *s)
{
	struct epoll_event events[8];
	int i, n, err = begin(s);

	while (!err && !s->end) {
		n = epoll_wait(s->epoll_fd, events, 8, -1);
		if (n < 0 && errno != EINTR)
			err = -errno;
		for (i = 0; i < n && !err; i++)
			err = handle(s, &events[i]);
	}
	return err ? err : finish(s);
}
