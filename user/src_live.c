// SPDX-License-Identifier: GPL-2.0-only
/* The live source: life cycle, ring buffer, counter snapshots, losses. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "../bpf/mpath_maps.h"
#include "caps.h"
#include "mpath.skel.h"
#include "probe.h"
#include "src_live.h"

#define NSEC_PER_SEC	1000000000ULL
#define SNAPSHOT_NS	NSEC_PER_SEC
/*
 * A finished outage is deleted a second after it was read, so that no program
 * can still be counting into it; a removed head after its disk is long gone.
 */
#define OUTAGE_KEEP_NS	NSEC_PER_SEC
#define HEAD_KEEP_NS	(10 * NSEC_PER_SEC)
#define READ_TRIES	8

/*
 * In the order of attaching. What takes bios off the books comes before what
 * puts them there, and what ends an outage before what begins one: nothing is
 * remembered of which the end could be missed.
 */
static const struct {
	const char *program, *tracepoint;
} table[] = {
	{ "mpath_requeue_work",	"nvme_mpath_requeue_work" },
	{ "mpath_bio_unpark",	"nvme_mpath_bio_unpark" },
	{ "mpath_bio_fail",	"nvme_mpath_bio_fail" },
	{ "mpath_bio_park",	"nvme_mpath_bio_park" },
	{ "mpath_failover",	"nvme_mpath_failover" },
	{ "mpath_path_add",	"nvme_mpath_path_add" },
	{ "mpath_path_live",	"nvme_mpath_path_live" },
	{ "mpath_path_remove",	"nvme_mpath_path_remove" },
	{ "mpath_head_remove",	"nvme_mpath_head_remove" },
	{ "mpath_remove_work",	"nvme_mpath_remove_work" },
	{ "mpath_ctrl_state",	"nvme_ctrl_state" },
};

#define PROGRAMS	(sizeof(table) / sizeof(*table))

/* A snapshot that was yielded: what has not changed is not said again. */
struct seen_outage {
	struct mpath_outage	o;
	__u64			read_ns;
	bool			present;	/* found by the walk under way */
};

struct src_live {
	struct mpath		*skel;
	struct ring_buffer	*ring;
	struct bpf_link		*links[PROGRAMS];
	int			epoll_fd, timer_fd;
	bool			ticking;
	bool			active;		/* something came since the last tick */
	struct seen_outage	*seen;
	size_t			nr_seen, room_seen;
	struct mpath_losses	losses;		/* as yielded */
	record_fn		fn;		/* of the poll under way */
	void			*ctx;
	int			err;		/* first failure of fn */
	char			error[640];
};

__u64 boottime_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

const char *src_live_tracepoint(unsigned int i)
{
	return i < PROGRAMS ? table[i].tracepoint : NULL;
}

const char *src_live_error(const struct src_live *s)
{
	return s->error;
}

static __attribute__((format(printf, 3, 4))) int fail(struct src_live *s, int err,
						      const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->error, sizeof(s->error), fmt, ap);
	va_end(ap);
	return err;
}

/* ---- life cycle ---- */

static int print_nothing(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

static int print_down(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, fmt, ap);
}

struct src_live *src_live_new(void)
{
	struct src_live *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->epoll_fd = -1;
	s->timer_fd = -1;
	return s;
}

static int check_host(struct src_live *s)
{
	char caps[64];

	if (probe_btf() == PROBE_NO)
		return fail(s, -EOPNOTSUPP, "this kernel has no type information in "
			    "/sys/kernel/btf/vmlinux; it must be built with CONFIG_DEBUG_INFO_BTF=y");
	if (caps_missing(caps, sizeof(caps)))
		return fail(s, -EPERM, "loading BPF programs takes %s, which this process lacks; "
			    "run it as root or give it the capabilities, as in "
			    "setpriv --ambient-caps or AmbientCapabilities= of systemd", caps);
	if (probe_nvme_core() == PROBE_NO)
		return fail(s, -ENODEV, "the kernel module nvme_core is not loaded; load it "
			    "(modprobe nvme), built with this project's patch series");
	return 0;
}

static int load_error(struct src_live *s, int err)
{
	switch (-err) {
	case EPERM:
	case EACCES:
		return fail(s, err, "the kernel refused the BPF programs: %s; is it locked down "
			    "(/sys/kernel/security/lockdown), or does a container or LSM forbid "
			    "bpf()? -v shows what libbpf says", strerror(-err));
	case ENOMEM:
		return fail(s, err, "no memory for the BPF maps; fewer parked bios need less, "
			    "and RLIMIT_MEMLOCK may be too low");
	default:
		return fail(s, err, "the BPF programs cannot be loaded: %s; "
			    "-v shows what libbpf says", strerror(-err));
	}
}

static int set_size(struct bpf_map *map, __u32 entries)
{
	return entries ? bpf_map__set_max_entries(map, entries) : 0;
}

static int watch_fd(struct src_live *s, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

static int on_event(void *ctx, void *data, size_t size);

static int open_waiting(struct src_live *s)
{
	int err;

	s->ring = ring_buffer__new(bpf_map__fd(s->skel->maps.events), on_event, s, NULL);
	if (!s->ring)
		return -errno;
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	s->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (s->epoll_fd < 0 || s->timer_fd < 0)
		return -errno;
	err = watch_fd(s, ring_buffer__epoll_fd(s->ring));
	return err ? err : watch_fd(s, s->timer_fd);
}

int src_live_load(struct src_live *s, const struct src_live_opts *opts)
{
	static const struct src_live_opts defaults;
	int err = check_host(s);

	if (err)
		return err;
	if (!opts)
		opts = &defaults;
	libbpf_set_print(opts->verbose ? print_down : print_nothing);
	s->skel = mpath__open();
	if (!s->skel)
		return load_error(s, errno ? -errno : -ENOMEM);
	err = set_size(s->skel->maps.events, opts->ring_bytes);
	err = err ? err : set_size(s->skel->maps.heads, opts->max_heads);
	err = err ? err : set_size(s->skel->maps.bios, opts->max_bios);
	err = err ? err : set_size(s->skel->maps.outages, opts->max_outages);
	if (err)
		return fail(s, err, "a size for the BPF maps is not usable: %s", strerror(-err));
	err = mpath__load(s->skel);
	if (err)
		return load_error(s, err);
	err = open_waiting(s);
	if (err)
		return fail(s, err, "the ring buffer cannot be opened: %s", strerror(-err));
	return 0;
}

static int attach_error(struct src_live *s, const char *tracepoint, int err)
{
	if (err != -ENOENT)
		return fail(s, err, "tracepoint nvme:%s cannot be attached to: %s",
			    tracepoint, strerror(-err));
	if (probe_nvme_core() == PROBE_NO)
		return fail(s, -ENODEV, "nvme_core was unloaded just now");
	return fail(s, -EOPNOTSUPP, "the nvme_core of this kernel has no tracepoint nvme:%s: it was "
		    "built without this project's patch series; install the patched modules and "
		    "reload nvme_core, see 'nvme-mpathtop features'", tracepoint);
}

static void detach(struct src_live *s)
{
	size_t i = PROGRAMS;

	/* the other way round, for the same reason */
	while (i--) {
		bpf_link__destroy(s->links[i]);
		s->links[i] = NULL;
	}
}

int src_live_attach(struct src_live *s)
{
	struct bpf_program *prog;
	size_t i;
	int err;

	for (i = 0; i < PROGRAMS; i++) {
		prog = bpf_object__find_program_by_name(s->skel->obj, table[i].program);
		if (!prog)
			return fail(s, -ENOENT, "program %s is not in this build",
				    table[i].program);
		s->links[i] = bpf_program__attach_raw_tracepoint(prog, table[i].tracepoint);
		if (s->links[i])
			continue;
		err = errno ? -errno : -EINVAL;
		detach(s);
		return attach_error(s, table[i].tracepoint, err);
	}
	return 0;
}

void src_live_free(struct src_live *s)
{
	if (!s)
		return;
	detach(s);
	ring_buffer__free(s->ring);
	if (s->timer_fd >= 0)
		close(s->timer_fd);
	if (s->epoll_fd >= 0)
		close(s->epoll_fd);
	mpath__destroy(s->skel);
	free(s->seen);
	free(s);
}

/* ---- programs ---- */

unsigned int src_live_attached(const struct src_live *s)
{
	unsigned int i, n = 0;

	for (i = 0; i < PROGRAMS; i++)
		n += !!s->links[i];
	return n;
}

int src_live_program(const struct src_live *s, unsigned int i, struct src_live_program *p)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	struct bpf_program *prog;

	if (i >= PROGRAMS)
		return -ENOENT;
	memset(p, 0, sizeof(*p));
	p->name = table[i].program;
	p->tracepoint = table[i].tracepoint;
	p->attached = s->links[i];
	if (!s->skel)
		return 0;
	prog = bpf_object__find_program_by_name(s->skel->obj, table[i].program);
	if (!prog || bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
		return 0;
	p->runs = info.run_cnt;
	p->missed = info.recursion_misses;
	return 0;
}

/* ---- records ---- */

static void yield(struct src_live *s, __u16 type, __u64 time_ns, const void *data, __u32 len)
{
	struct record rec = {
		.type = type, .version = RECORD_VERSION, .len = len,
		.time_ns = time_ns, .data = data,
	};
	int err = s->fn(s->ctx, &rec);

	if (err && !s->err)
		s->err = err;
}

static struct seen_outage *seen_find(struct src_live *s, const struct mpath_outage_key *key)
{
	size_t i;

	for (i = 0; i < s->nr_seen; i++)
		if (s->seen[i].o.head_id == key->head_id && s->seen[i].o.outage == key->outage)
			return &s->seen[i];
	return NULL;
}

static struct seen_outage *seen_add(struct src_live *s)
{
	if (s->nr_seen == s->room_seen) {
		size_t room = s->room_seen ? 2 * s->room_seen : 16;
		void *p = realloc(s->seen, room * sizeof(*s->seen));

		if (!p)
			return NULL;
		s->seen = p;
		s->room_seen = room;
	}
	memset(&s->seen[s->nr_seen], 0, sizeof(*s->seen));
	return &s->seen[s->nr_seen++];
}

/*
 * Read the counters of one outage. They are copied while programs count, so the
 * copy is taken again until it agrees with itself; the last one is taken as it
 * is. Of an outage that is over it always does in the end.
 */
static int read_outage(struct src_live *s, const struct mpath_outage_key *key,
		       struct mpath_outage *o)
{
	struct mpath_outage_state state;
	bool closed, balanced;
	int try;

	for (try = 0; try < READ_TRIES; try++) {
		if (bpf_map_lookup_elem(bpf_map__fd(s->skel->maps.outages), key, &state))
			return -ENOENT;
		closed = state.gate & MPATH_GATE_CLOSED;
		*o = state.o;
		/* A new entry is filled in after it appeared: the key is always right. */
		o->head_id = key->head_id;
		o->outage = key->outage;
		/* What knocks at a closed gate counts up for a moment. */
		o->depth = closed ? 0 : state.gate & MPATH_GATE_DEPTH;
		balanced = o->parked[MPATH_PARK_NO_USABLE_PATH] + o->parked[MPATH_PARK_FAILOVER] ==
			   o->completed + o->failed + o->depth;
		if (balanced && closed == !!o->drained_ns)
			break;
	}
	return 0;
}

/*
 * Read one outage and yield it if it changed. Returns when it was last
 * yielded, or 0 if it is not in the map.
 */
static __u64 snapshot(struct src_live *s, const struct mpath_outage_key *key, __u64 now)
{
	struct seen_outage *seen = seen_find(s, key);
	struct mpath_outage o;

	if (read_outage(s, key, &o))
		return 0;
	if (seen)
		seen->present = true;
	if (seen && !memcmp(&seen->o, &o, sizeof(o)))
		return seen->read_ns;
	yield(s, REC_OUTAGE, now, &o, sizeof(o));
	if (!seen)
		seen = seen_add(s);
	if (!seen)
		return now;	/* no memory: it is said again next time */
	seen->o = o;
	seen->read_ns = now;
	seen->present = true;
	return now;
}

static int on_event(void *ctx, void *data, size_t size)
{
	const struct mpath_event *e = data;
	struct mpath_outage_key key;
	struct src_live *s = ctx;

	if (size < sizeof(*e) || e->len > size)
		return 0;
	yield(s, REC_EVENT, e->time_ns, data, e->len);
	if (e->type == MPATH_EV_DRAINED) {
		key.head_id = e->head_id;
		key.outage = e->outage;
		/* with the time of the event, so that the records' times keep rising */
		snapshot(s, &key, e->time_ns);
	}
	return 0;
}

/*
 * Runs that a program missed are events that nobody saw. They are not in the
 * map, the kernel counts them.
 */
static void read_losses(struct src_live *s, bool always)
{
	struct mpath_losses losses = {};
	struct src_live_program p;
	unsigned int i;
	__u32 zero = 0;

	if (bpf_map_lookup_elem(bpf_map__fd(s->skel->maps.losses), &zero, &losses))
		return;
	for (i = 0; !src_live_program(s, i, &p); i++)
		losses.ring_full += p.missed;
	if (!always && !memcmp(&losses, &s->losses, sizeof(losses)))
		return;
	s->losses = losses;
	yield(s, REC_LOSSES, boottime_ns(), &losses, sizeof(losses));
}

/*
 * Read all outages, forget those that are over and were read a second ago.
 * Returns whether any is left.
 */
static bool walk_outages(struct src_live *s, __u64 now)
{
	int fd = bpf_map__fd(s->skel->maps.outages);
	struct mpath_outage_key key, next;
	struct seen_outage *seen;
	bool more, left = false;
	size_t i, n = 0;
	__u64 read_ns;

	for (i = 0; i < s->nr_seen; i++)
		s->seen[i].present = false;
	more = !bpf_map_get_next_key(fd, NULL, &next);
	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		read_ns = snapshot(s, &key, now);
		seen = seen_find(s, &key);
		if (read_ns && seen && seen->o.drained_ns && now - read_ns >= OUTAGE_KEEP_NS) {
			bpf_map_delete_elem(fd, &key);
			seen->present = false;
		} else {
			left = true;
		}
	}
	for (i = 0; i < s->nr_seen; i++)
		if (s->seen[i].present)
			s->seen[n++] = s->seen[i];
	s->nr_seen = n;
	return left;
}

/* Forget heads that were removed. Returns whether such are left. */
static bool walk_heads(struct src_live *s, __u64 now)
{
	int fd = bpf_map__fd(s->skel->maps.heads);
	struct mpath_head head;
	bool more, left = false;
	__u64 key, next;

	more = !bpf_map_get_next_key(fd, NULL, &next);
	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		if (bpf_map_lookup_elem(fd, &key, &head) || !head.gone_ns)
			continue;
		if (!head.outage && now > head.gone_ns && now - head.gone_ns >= HEAD_KEEP_NS)
			bpf_map_delete_elem(fd, &key);
		else
			left = true;
	}
	return left;
}

static void tick(struct src_live *s, bool on)
{
	struct itimerspec it = {};

	if (on == s->ticking)
		return;
	if (on)
		it.it_value.tv_sec = it.it_interval.tv_sec = SNAPSHOT_NS / NSEC_PER_SEC;
	timerfd_settime(s->timer_fd, 0, &it, NULL);
	s->ticking = on;
}

int src_live_fd(const struct src_live *s)
{
	return s->epoll_fd;
}

int src_live_poll(struct src_live *s, record_fn fn, void *ctx)
{
	bool outages, heads;
	__u64 now, expired;

	s->fn = fn;
	s->ctx = ctx;
	s->err = 0;
	if (ring_buffer__consume(s->ring) > 0) {
		s->active = true;
		tick(s, true);
	}
	if (read(s->timer_fd, &expired, sizeof(expired)) == sizeof(expired)) {
		now = boottime_ns();
		outages = walk_outages(s, now);
		heads = walk_heads(s, now);
		read_losses(s, false);
		if (!outages && !heads && !s->active)
			tick(s, false);
		s->active = false;
	}
	return s->err;
}

int src_live_finish(struct src_live *s, record_fn fn, void *ctx)
{
	s->fn = fn;
	s->ctx = ctx;
	s->err = 0;
	detach(s);
	ring_buffer__consume(s->ring);
	walk_outages(s, boottime_ns());
	read_losses(s, true);
	return s->err;
}
