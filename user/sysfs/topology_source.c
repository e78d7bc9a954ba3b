// SPDX-License-Identifier: GPL-2.0-only
/* When to read the topology: uevents and kicks, a moment after the first one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/units.h"
#include "os/uevent.h"
#include "sysfs/refusals.h"
#include "sysfs/topology_source.h"

#define SETTLE_NS	200000000L	/* uevents come in swarms */
/* For states that nothing tells of; more seldom if reading takes more than a hundredth of it. */
#define LOOK_NS		(10 * NS_PER_S)
#define LOOK_FACTOR	100

/* When a change is read again: events are waited for so long, see model/believe.c. */
static const __u64 confirm_ns[] = { 2500 * NS_PER_MS, 11 * NS_PER_S };

struct topology_source {
	int	epoll_fd, uevent_fd, timer_fd;
	int	log_fd;			/* the kernel's log, -1: it may not be read */
	struct refusals *refusals;
	bool	due;			/* the timer runs */
	bool	anew;			/* to be yielded even if it is the same */
	void	*last;			/* payload yielded last */
	size_t	last_len;
	bool	too_large;		/* said that it does not fit into a record */
	__u64	changed_ns;		/* when it was another one last */
	size_t	confirms;		/* readings since then, of confirm_ns[] */
	bool	confirmed, moved;	/* as asked for, and not yet answered */
	bool	look, has_ana;
	__u64	cost_ns;		/* of the last reading */
};

struct topology_source *topology_source_new(void)
{
	struct topology_source *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->epoll_fd = -1;
	s->uevent_fd = -1;
	s->timer_fd = -1;
	s->log_fd = -1;
	s->refusals = refusals_new();
	if (!s->refusals) {
		free(s);
		return NULL;
	}
	return s;
}

void topology_source_free(struct topology_source *s)
{
	if (!s)
		return;
	if (s->log_fd >= 0)
		close(s->log_fd);
	if (s->timer_fd >= 0)
		close(s->timer_fd);
	if (s->uevent_fd >= 0)
		close(s->uevent_fd);
	if (s->epoll_fd >= 0)
		close(s->epoll_fd);
	refusals_free(s->refusals);
	free(s->last);
	free(s);
}

int topology_source_open(struct topology_source *s)
{
	struct epoll_event ev = { .events = EPOLLIN };

	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	s->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (s->epoll_fd < 0 || s->timer_fd < 0)
		return -errno;
	s->uevent_fd = uevent_open();
	if (s->uevent_fd < 0)
		return s->uevent_fd;
	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->timer_fd, &ev) ||
	    epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->uevent_fd, &ev))
		return -errno;
	/* why a namespace has no path is said nowhere else; without it the reason is not known */
	s->log_fd = refusals_open();
	if (s->log_fd >= 0)
		epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->log_fd, &ev);
	return 0;
}

int topology_source_fd(const struct topology_source *s)
{
	return s->epoll_fd;
}

static void set_timer(struct topology_source *s, __u64 ns)
{
	struct itimerspec it = {
		.it_value.tv_sec = (time_t)(ns / NS_PER_S),
		.it_value.tv_nsec = (long)(ns % NS_PER_S),
	};

	timerfd_settime(s->timer_fd, 0, &it, NULL);
}

void topology_source_request(struct topology_source *s, bool anew)
{
	s->anew |= anew;
	if (s->due)
		return;
	set_timer(s, SETTLE_NS);
	s->due = true;
}

bool topology_source_confirmed(struct topology_source *s)
{
	bool confirmed = s->confirmed;

	s->confirmed = false;
	return confirmed;
}

bool topology_source_module_moved(struct topology_source *s)
{
	bool moved = s->moved;

	s->moved = false;
	return moved;
}

void topology_source_look(struct topology_source *s, bool look)
{
	s->look = look;
}

/* Asleep, unless something is to be read once more. */
static void sleep_on(struct topology_source *s, __u64 now)
{
	__u64 due, rest = LOOK_FACTOR * s->cost_ns;

	if (s->due)
		return;
	if (s->confirms < ARRAY_SIZE(confirm_ns)) {
		due = s->changed_ns + confirm_ns[s->confirms];
		set_timer(s, due > now ? due - now : 1);
	} else if (s->look && s->has_ana) {
		set_timer(s, rest > LOOK_NS ? rest : LOOK_NS);
	}
}

static bool any_ana(const struct topo *t)
{
	size_t i;

	for (i = 0; i < t->nr_paths; i++)
		if (*t->paths[i].ana)
			return true;
	return false;
}

/* Other block devices (loop, dm) come and go by the hundred on some hosts. */
static bool uevent_matters(const struct uevent *ev)
{
	return uevent_has(ev, "SUBSYSTEM=nvme") || uevent_has(ev, "SUBSYSTEM=nvme-subsystem") ||
	       (uevent_has(ev, "SUBSYSTEM=block") && uevent_begins(ev, "DEVNAME=nvme"));
}

static void take_uevents(struct topology_source *s)
{
	struct uevent ev;
	int n;

	/* of those that were lost one may be ours */
	while ((n = uevent_next(s->uevent_fd, &ev))) {
		if (n < 0 || uevent_has(&ev, "DEVPATH=/module/nvme_core"))
			s->moved = true;
		if (n < 0 || uevent_matters(&ev))
			topology_source_request(s, false);
	}
}

/* A topology beyond what a record holds: said once, until there is one again that fits. */
static int too_large(struct topology_source *s, __u64 now, record_fn fn, void *ctx)
{
	struct rec_gap gap = { .from_ns = now, .to_ns = now, .records = 1, .error = E2BIG };
	struct record rec = {
		.type = REC_GAP,
		.version = RECORD_VERSION,
		.len = sizeof(gap),
		.time_ns = now,
		.data = &gap,
	};

	if (s->too_large)
		return 0;
	s->too_large = true;
	return fn(ctx, &rec);
}

static int read_now(struct topology_source *s, record_fn fn, void *ctx)
{
	struct record rec = { .type = REC_TOPOLOGY, .version = RECORD_VERSION };
	struct topo *t;
	void *payload;
	size_t len;
	int err;

	/* what went or came while it is read may be in it or not */
	rec.time_ns = boottime_ns();
	if (topo_scan(SYSFS, &t))
		return 0;
	if (s->log_fd >= 0)
		refusals_read(s->refusals, s->log_fd);
	refusals_put(s->refusals, t);
	s->has_ana = any_ana(t);
	err = topo_encode(t, &payload, &len);
	topo_free(t);
	s->cost_ns = boottime_ns() - rec.time_ns;
	if (err)
		return err == -E2BIG ? too_large(s, rec.time_ns, fn, ctx) : 0;
	s->too_large = false;
	if (!s->anew && s->last && s->last_len == len && !memcmp(s->last, payload, len)) {
		free(payload);
		return 0;
	}
	s->changed_ns = rec.time_ns;
	s->confirms = 0;
	s->anew = false;
	free(s->last);
	s->last = payload;
	s->last_len = len;
	rec.data = payload;
	rec.len = len;
	return fn(ctx, &rec);
}

int topology_source_read(struct topology_source *s, record_fn fn, void *ctx)
{
	int err = read_now(s, fn, ctx);

	sleep_on(s, boottime_ns());
	return err;
}

/* Was this reading late enough, and is all as it was? */
static void note_confirmed(struct topology_source *s, __u64 now)
{
	if (s->confirms == ARRAY_SIZE(confirm_ns) || now < s->changed_ns + confirm_ns[s->confirms])
		return;
	s->confirms++;
	s->confirmed = true;
}

int topology_source_poll(struct topology_source *s, record_fn fn, void *ctx)
{
	__u64 expired, now;
	int err;

	take_uevents(s);
	if (s->log_fd >= 0 && refusals_read(s->refusals, s->log_fd))
		topology_source_request(s, false);
	if (read(s->timer_fd, &expired, sizeof(expired)) != sizeof(expired))
		return 0;
	s->due = false;
	now = boottime_ns();
	err = read_now(s, fn, ctx);
	note_confirmed(s, now);
	sleep_on(s, now);
	return err;
}
