// SPDX-License-Identifier: GPL-2.0-only
/* The live source: ring buffer, counter snapshots, losses. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/units.h"
#include "live/internal.h"
#include "os/cgroups.h"

#define SNAPSHOT_NS	NS_PER_S
/*
 * A finished outage is deleted a second after it was read, so that no program
 * can still be counting into it; a removed head after its disk is long gone.
 */
#define OUTAGE_KEEP_NS	NS_PER_S
#define HEAD_KEEP_NS	(10 * NS_PER_S)
#define READ_TRIES	8
#define MAX_HEAD_ID	(1U << 24)	/* heads are numbered as they come: beyond is nonsense */

/* ---- records ---- */

static void yield(struct live *s, __u16 type, __u64 time_ns, const void *data, __u32 len)
{
	struct record rec = {
		.type = type,
		.version = RECORD_VERSION,
		.len = len,
		.time_ns = time_ns,
		.data = data,
	};
	int err = s->fn(s->ctx, &rec);

	if (err && !s->err)
		s->err = err;
}

static bool key_before(const struct mpath_outage *o, const struct mpath_outage_key *key)
{
	return o->head_id != key->head_id ? o->head_id < key->head_id : o->outage < key->outage;
}

/* Where in the list an outage is, or belongs. */
static size_t seen_place(const struct live *s, const struct mpath_outage_key *key)
{
	size_t from = 0, to = s->nr_seen, at;

	while (from < to) {
		at = from + (to - from) / 2;
		if (key_before(&s->seen[at]->o, key))
			from = at + 1;
		else
			to = at;
	}
	return from;
}

static struct seen_outage *seen_find(const struct live *s, const struct mpath_outage_key *key)
{
	size_t at = seen_place(s, key);
	struct seen_outage *seen = at < s->nr_seen ? s->seen[at] : NULL;

	return seen && seen->o.head_id == key->head_id && seen->o.outage == key->outage ? seen :
											  NULL;
}

/* To be filled in with an outage of this key. */
static struct seen_outage *seen_add(struct live *s, const struct mpath_outage_key *key)
{
	struct seen_outage *seen = calloc(1, sizeof(*seen));
	size_t at = seen_place(s, key);
	struct seen_outage **more = seen ? array_more(s->seen, s->nr_seen, sizeof(*more)) : NULL;

	if (!more) {
		free(seen);
		return NULL;
	}
	s->seen = more;
	memmove(s->seen + at + 1, s->seen + at, (s->nr_seen++ - at) * sizeof(*s->seen));
	s->seen[at] = seen;
	return seen;
}

/*
 * Read the counters of one outage. They are copied while programs count, so the
 * copy is taken again until it agrees with itself; the last one is taken as it
 * is. Of an outage that is over it always does in the end.
 */
static int read_outage(struct live *s, const struct mpath_outage_key *key, struct mpath_outage *o)
{
	struct mpath_outage_state state;
	bool closed, balanced;
	int try;

	for (try = 0; try < READ_TRIES; try++) {
		if (bpf_map_lookup_elem(bpf_map__fd(s->maps.outages), key, &state))
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
static __u64 snapshot(struct live *s, const struct mpath_outage_key *key, __u64 now)
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
		seen = seen_add(s, key);
	if (!seen)
		return now;	/* no memory: it is said again next time */
	seen->o = o;
	seen->read_ns = now;
	seen->present = true;
	return now;
}

/*
 * A snapshot is of use only behind an event that told of its head: an outage may begin between the
 * reading of the ring and that of the map.
 */
static bool is_told(const struct live *s, __u32 head_id)
{
	return s->taken_over || (head_id < s->nr_told && s->told[head_id]);
}

static void tell(struct live *s, __u32 head_id)
{
	size_t room = head_id + 64UL, i;
	__u8 *more;

	if (head_id < s->nr_told && s->told[head_id])
		return;
	if (head_id >= s->nr_told) {
		more = realloc(s->told, room);
		if (!more)
			return;		/* by the next event of it */
		memset(more + s->nr_told, 0, room - s->nr_told);
		s->told = more;
		s->nr_told = room;
	}
	s->told[head_id] = 1;
	/* what was yielded of it before, of an attachment taken over, may have told nobody */
	for (i = 0; i < s->nr_seen; i++)
		if (s->seen[i]->o.head_id == head_id)
			memset(&s->seen[i]->o.start_ns, 0xff, sizeof(s->seen[i]->o.start_ns));
}

/*
 * Runs of programs that were skipped are events that nobody saw. They are not in the
 * map, the kernel counts them.
 */
static void read_losses(struct live *s, bool always)
{
	struct mpath_losses losses = {};
	struct live_program p;
	unsigned int i;
	__u32 zero = 0;

	if (bpf_map_lookup_elem(bpf_map__fd(s->maps.losses), &zero, &losses))
		return;
	for (i = 0; !live_program(s, i, &p); i++)
		losses.skipped += p.missed;
	if (!always && !memcmp(&losses, &s->losses, sizeof(losses)))
		return;
	s->losses = losses;
	yield(s, REC_LOSSES, boottime_ns(), &losses, sizeof(losses));
}

static int on_event(void *ctx, void *data, size_t size)
{
	const struct mpath_event *e = data;
	struct mpath_outage_key key;
	struct live *s = ctx;

	if (size < sizeof(*e) || e->len > size)
		return 0;
	/* what is missing of an outage is told before its end */
	if (e->type == MPATH_EV_DRAINED)
		read_losses(s, false);
	if (e->head_id && e->head_id < MAX_HEAD_ID)
		tell(s, e->head_id);
	yield(s, REC_EVENT, e->time_ns, data, e->len);
	if (e->type == MPATH_EV_DRAINED) {
		key.head_id = e->head_id;
		key.outage = e->outage;
		/* with the time of the event, so that the records' times keep rising */
		snapshot(s, &key, e->time_ns);
	}
	return 0;
}

static int watch_fd(struct live *s, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

int live_open_reading(struct live *s)
{
	int err;

	s->ring = ring_buffer__new(bpf_map__fd(s->maps.events), on_event, s, NULL);
	if (!s->ring)
		return -errno;
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	s->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (s->epoll_fd < 0 || s->timer_fd < 0)
		return -errno;
	err = watch_fd(s, ring_buffer__epoll_fd(s->ring));
	return err ? err : watch_fd(s, s->timer_fd);
}

void live_close_reading(struct live *s)
{
	ring_buffer__free(s->ring);
	s->ring = NULL;
	if (s->timer_fd >= 0)
		close(s->timer_fd);
	if (s->epoll_fd >= 0)
		close(s->epoll_fd);
	s->timer_fd = -1;
	s->epoll_fd = -1;
	while (s->nr_seen)
		free(s->seen[--s->nr_seen]);
	free(s->seen);
	s->seen = NULL;
	free(s->told);
	s->told = NULL;
	s->nr_told = 0;
}

/* Read all outages of heads that were told of. Returns whether there is any. */
static bool walk_outages(struct live *s, __u64 now)
{
	int fd = bpf_map__fd(s->maps.outages);
	struct mpath_outage_key key, next;
	bool more, any = false;
	size_t i;

	for (i = 0; i < s->nr_seen; i++)
		s->seen[i]->present = false;
	more = !bpf_map_get_next_key(fd, NULL, &next);
	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		any = true;
		if (is_told(s, key.head_id))
			snapshot(s, &key, now);
	}
	return any;
}

/*
 * Forget outages that are over and were read a second ago, and again just now, as were their
 * submitters.
 */
static void forget_outages(struct live *s, __u64 now)
{
	int fd = bpf_map__fd(s->maps.outages);
	struct mpath_outage_key key;
	size_t i, n = 0;

	for (i = 0; i < s->nr_seen; i++) {
		struct seen_outage *seen = s->seen[i];

		if (seen->present && seen->o.drained_ns && now - seen->read_ns >= OUTAGE_KEEP_NS) {
			key.head_id = seen->o.head_id;
			key.outage = seen->o.outage;
			bpf_map_delete_elem(fd, &key);
			seen->present = false;
		}
		if (seen->present)
			s->seen[n++] = seen;
		else
			free(seen);
	}
	s->nr_seen = n;
}

static void yield_who(struct live *s, const struct mpath_who *w, __u64 now)
{
	struct rec_who rec = { .w = *w };
	const char *path = cgroups_path(s->cgroups, w->cgroup);
	size_t len = strlen(path);

	/* the end of a path tells more than its beginning */
	if (len >= sizeof(rec.path))
		path += len + 1 - sizeof(rec.path);
	strcpy(rec.path, path);
	yield(s, REC_WHO, now, &rec, sizeof(rec));
}

static __u64 parked(const struct mpath_outage *o)
{
	return o->parked[MPATH_PARK_NO_USABLE_PATH] + o->parked[MPATH_PARK_FAILOVER];
}

static bool outage_present(struct live *s, const struct mpath_outage_key *key)
{
	struct mpath_outage_state state;

	return !bpf_map_lookup_elem(bpf_map__fd(s->maps.outages), key, &state);
}

/*
 * Say whose the bios of an outage are, if it has parked more since that was said last; forget those
 * of outages that are forgotten.
 */
static void walk_who(struct live *s, __u64 now)
{
	int fd = bpf_map__fd(s->maps.who);
	struct mpath_who_key key, next;
	struct mpath_outage_key of;
	struct seen_outage *seen;
	struct mpath_who w;
	bool more;
	size_t i;

	more = !bpf_map_get_next_key(fd, NULL, &next);
	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		of.head_id = key.head_id;
		of.outage = key.outage;
		seen = seen_find(s, &of);
		/* one that has just begun was not seen yet */
		if (!seen && !outage_present(s, &of))
			bpf_map_delete_elem(fd, &key);
		else if (seen && seen->who_parked != parked(&seen->o) &&
			 !bpf_map_lookup_elem(fd, &key, &w))
			yield_who(s, &w, now);
	}
	for (i = 0; i < s->nr_seen; i++)
		s->seen[i]->who_parked = parked(&s->seen[i]->o);
}

/* Forget heads that were removed. Returns whether such are left. */
static bool walk_heads(struct live *s, __u64 now)
{
	int fd = bpf_map__fd(s->maps.heads);
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

static void tick(struct live *s, bool on)
{
	struct itimerspec it = {};

	if (on == s->ticking)
		return;
	if (on)
		it.it_value.tv_sec = it.it_interval.tv_sec = SNAPSHOT_NS / NS_PER_S;
	timerfd_settime(s->timer_fd, 0, &it, NULL);
	s->ticking = on;
}

int live_fd(const struct live *s)
{
	return s->epoll_fd;
}

int live_poll(struct live *s, record_fn fn, void *ctx)
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
		walk_who(s, now);
		forget_outages(s, now);
		heads = walk_heads(s, now);
		s->wants_topology |= live_heal(s, now);
		read_losses(s, false);
		if (!outages && !heads && !s->active)
			tick(s, false);
		s->active = false;
	}
	return s->err;
}

bool live_wants_topology(struct live *s)
{
	bool wants = s->wants_topology;

	s->wants_topology = false;
	return wants;
}

int live_count_losses(struct live *s, record_fn fn, void *ctx)
{
	s->fn = fn;
	s->ctx = ctx;
	s->err = 0;
	read_losses(s, false);
	return s->err;
}

static int yield_rest(struct live *s, record_fn fn, void *ctx)
{
	__u64 now;

	s->fn = fn;
	s->ctx = ctx;
	s->err = 0;
	ring_buffer__consume(s->ring);
	now = boottime_ns();
	walk_outages(s, now);
	walk_who(s, now);
	forget_outages(s, now);
	read_losses(s, true);
	return s->err;
}

int live_catch_up(struct live *s, record_fn fn, void *ctx)
{
	s->active = true;
	tick(s, true);	/* there may be outages and heads to forget */
	return yield_rest(s, fn, ctx);
}

int live_finish(struct live *s, record_fn fn, void *ctx)
{
	if (!s->pinned)
		live_detach(s);
	return yield_rest(s, fn, ctx);
}
