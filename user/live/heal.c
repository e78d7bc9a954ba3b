// SPDX-License-Identifier: GPL-2.0-only
/*
 * The live source: what the maps hold against what the kernel has. While an outage is open and does
 * not change, sysfs is asked for its head, and the program mpath_heal puts right what skipped runs
 * left. Nothing of it happens without an outage.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/units.h"
#include "live/internal.h"
#include "record/topology.h"

#define QUIET_NS	(3 * NS_PER_S)	/* unchanged for so long: something may be wrong */
/* with a path that can be used for so long, a requeue work has taken all there was */
#define EMPTY_NS	(15 * NS_PER_S)

static struct live_listed *listed_get(struct live *s, const char *name)
{
	struct live_listed *more;
	size_t i;

	for (i = 0; i < s->nr_listed; i++)
		if (!strcmp(s->listed[i].name, name))
			return &s->listed[i];
	more = array_more(s->listed, s->nr_listed, sizeof(*more));
	if (!more)
		return NULL;
	s->listed = more;
	more += s->nr_listed++;
	memset(more, 0, sizeof(*more));
	topo_text(more->name, sizeof(more->name), name);
	return more;
}

static __u32 flags_of(const struct topo *t, const char *head)
{
	__u32 flags = 0;
	size_t i;

	for (i = 0; i < t->nr_paths; i++) {
		if (strcmp(t->paths[i].head, head))
			continue;
		flags |= MPATH_HEAL_LISTED;
		if (path_is_usable(topo_path_state(&t->paths[i])))
			flags |= MPATH_HEAL_USABLE;
	}
	return flags;
}

void live_take_topology(struct live *s, const struct record *rec)
{
	struct live_listed *l;
	struct topo *t;
	size_t i, n = 0;
	__u32 flags;

	if (topo_decode(rec->data, rec->len, &t))
		return;
	for (i = 0; i < t->nr_heads; i++) {
		l = listed_get(s, t->heads[i].name);
		flags = flags_of(t, t->heads[i].name);
		if (l && (!l->since_ns || l->flags != flags)) {
			l->flags = flags;
			l->since_ns = rec->time_ns;
		}
	}
	for (i = 0; i < s->nr_listed; i++)
		if (topo_find_head(t, s->listed[i].name))
			s->listed[n++] = s->listed[i];
	s->nr_listed = n;
	topo_free(t);
}

/* What sysfs says of a head, and has said for a while; 0: nothing that would help. */
static __u32 said_of(const struct live *s, const struct mpath_head *h, __u64 now)
{
	const struct live_listed *l = NULL;
	size_t i;

	for (i = 0; i < s->nr_listed && !l; i++)
		if (!strcmp(s->listed[i].name, h->name))
			l = &s->listed[i];
	if (!l || now < l->since_ns + QUIET_NS)
		return 0;
	if (l->flags & MPATH_HEAL_USABLE && now >= l->since_ns + EMPTY_NS)
		return l->flags | MPATH_HEAL_EMPTY;
	return l->flags;
}

static void heal(struct live *s, __u64 disk, __u32 flags, __u64 now)
{
	__u64 args[3] = { disk, now - QUIET_NS, flags };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(args));

	bpf_prog_test_run_opts(s->heal_fd, &opts);
}

/* Has an outage of this head not changed for a while, and not ended? */
static bool is_stuck(const struct live *s, __u32 head_id, __u64 now)
{
	size_t i;

	for (i = 0; i < s->nr_seen; i++)
		if (s->seen[i]->o.head_id == head_id && !s->seen[i]->o.drained_ns &&
		    now >= s->seen[i]->read_ns + QUIET_NS)
			return true;
	return false;
}

bool live_heal(struct live *s, __u64 now)
{
	int fd = bpf_map__fd(s->maps.heads);
	struct mpath_head head;
	bool more, any = false;
	__u64 key, next;

	if (s->heal_fd < 0 || now < s->healed_ns + QUIET_NS)
		return false;
	more = !bpf_map_get_next_key(fd, NULL, &next);
	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		if (bpf_map_lookup_elem(fd, &key, &head) || !is_stuck(s, head.id, now))
			continue;
		any = true;
		heal(s, key, said_of(s, &head, now), now);
	}
	if (any)
		s->healed_ns = now;
	return any;
}
