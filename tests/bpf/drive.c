// SPDX-License-Identifier: GPL-2.0-only
/* Loads the BPF programs, runs them with made-up arguments, reads their maps and events. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <pthread.h>
#include <string.h>

#include "drive.h"
#include "gen/tracepoint.skel.h"

#define TP_ARGS		12	/* as many as a raw tracepoint may have */
#define EVENTS_MAX	1024
#define CTRL		4	/* of every path */
#define PATH_DISK	0xffff800000080000ULL
#define REQUEST		0xffff800000090000ULL
#define BIO(n)		(0xffff800000100000ULL + 0x100 * (__u64)(n))

static struct mpath_tracepoint *skel;
static struct ring_buffer *ring;
static union drive_event seen[EVENTS_MAX];
static int nr_seen;
static _Atomic int runs_failed;
static struct drive_limits loaded;	/* sizes of the maps of `skel` */

struct drive_head target;

static int keep_event(void *ctx, void *data, size_t size)
{
	(void)ctx;
	if (nr_seen < EVENTS_MAX && size <= sizeof(*seen))
		memcpy(&seen[nr_seen++], data, size);
	return 0;
}

static void unload(void)
{
	ring_buffer__free(ring);
	ring = NULL;
	mpath_tracepoint__destroy(skel);
	skel = NULL;
}

static int load(const struct drive_limits *limits)
{
	skel = mpath_tracepoint__open();
	if (!skel)
		return -1;
	bpf_map__set_max_entries(skel->maps.events, limits->ring_bytes);
	bpf_map__set_max_entries(skel->maps.heads, limits->heads);
	bpf_map__set_max_entries(skel->maps.bios, limits->bios);
	bpf_map__set_max_entries(skel->maps.outages, limits->outages);
	if (limits->who)
		bpf_map__set_max_entries(skel->maps.who, limits->who);
	if (mpath_tracepoint__load(skel))
		return -1;
	ring = ring_buffer__new(bpf_map__fd(skel->maps.events), keep_event, NULL, NULL);
	loaded = *limits;
	return ring ? 0 : -1;
}

/* Status -1: something is left. */
static int empty_hash(struct bpf_map *map)
{
	int fd = bpf_map__fd(map), more;
	char key[64], next[64];

	if (bpf_map__key_size(map) > sizeof(key))
		return -1;
	for (more = !bpf_map_get_next_key(fd, NULL, key); more; memcpy(key, next, sizeof(key))) {
		more = !bpf_map_get_next_key(fd, key, next);
		bpf_map_delete_elem(fd, key);
	}
	return bpf_map_get_next_key(fd, NULL, key) == -ENOENT ? 0 : -1;
}

/* Programs and maps as freshly loaded: loading takes a hundred times as long. */
static int reset(void)
{
	static const struct mpath_losses no_losses;
	static const struct mpath_meta no_meta;
	__u32 zero = 0;

	ring_buffer__consume(ring);
	memset(skel->bss, 0, sizeof(*skel->bss));
	if (bpf_map_update_elem(bpf_map__fd(skel->maps.losses), &zero, &no_losses, 0))
		return -1;
	if (bpf_map_update_elem(bpf_map__fd(skel->maps.meta), &zero, &no_meta, 0))
		return -1;
	if (empty_hash(skel->maps.heads) || empty_hash(skel->maps.bios))
		return -1;
	return empty_hash(skel->maps.outages) || empty_hash(skel->maps.who) ? -1 : 0;
}

int drive_setup(void **state)
{
	static const struct drive_limits small = {
		.ring_bytes = DRIVE_RING_BYTES,
		.heads = DRIVE_HEADS,
		.bios = DRIVE_BIOS,
		.outages = DRIVE_OUTAGES,
	};
	const struct drive_limits *limits = *state ? *state : &small;

	target = (struct drive_head) { .disk = DRIVE_DISK(0), .subsys = 3, .nsid = 1 };
	runs_failed = 0;
	if (skel && memcmp(limits, &loaded, sizeof(loaded)))
		unload();
	if (skel ? !reset() : !load(limits)) {
		nr_seen = 0;
		return 0;
	}
	print_error("the BPF programs cannot be %s\n",
		    ring ? "reset" : "loaded: root (or CAP_BPF, CAP_PERFMON) needed?");
	unload();
	return -1;
}

/* Programs and maps stay for the next test. */
int drive_teardown(void **state)
{
	(void)state;
	return runs_failed ? -1 : 0;
}

/* Called by any task, so a failure is left for the end of the test. */
static void tp_run(struct bpf_program *prog, const __u64 *args)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args,
		    .ctx_size_in = TP_ARGS * sizeof(*args));
	int err = bpf_prog_test_run_opts(bpf_program__fd(prog), &opts);

	if (!err)
		return;
	print_error("%s was not run: %s\n", bpf_program__name(prog), strerror(-err));
	runs_failed++;
}

/* Run the program of a tracepoint that begins with the head. */
#define HEAD_TP(name, ...)								\
	tp_run(skel->progs.mpath_##name, \
	       (const __u64[TP_ARGS]) { target.disk, target.subsys, target.nsid, target.window, \
					__VA_ARGS__ })

void path_add(unsigned int paths)
{
	HEAD_TP(path_add, PATH_DISK, CTRL, paths, MARGIN_MS);
}

void path_live(bool usable)
{
	HEAD_TP(path_live, PATH_DISK, CTRL, 1, MPATH_CTRL_LIVE, usable);
}

void path_remove(unsigned int paths_left)
{
	HEAD_TP(path_remove, PATH_DISK, CTRL, MPATH_CTRL_DELETING, paths_left);
}

void failover_status(unsigned int bios, __u16 status)
{
	HEAD_TP(failover, PATH_DISK, CTRL, REQUEST, status, 5000, bios);
}

void failover(unsigned int bios)
{
	failover_status(bios, 0x371);
}

void bio_park(unsigned int bio, enum mpath_park_reason reason)
{
	HEAD_TP(bio_park, BIO(bio), reason, 0, 1);
}

void bio_park_aged(unsigned int bio, __u64 age_ns)
{
	HEAD_TP(bio_park, BIO(bio), MPATH_PARK_FAILOVER, age_ns, 1);
}

void bio_unpark(unsigned int bio)
{
	HEAD_TP(bio_unpark, BIO(bio));
}

void bio_fail(unsigned int bio)
{
	HEAD_TP(bio_fail, BIO(bio));
}

void round_end(void)
{
	HEAD_TP(requeue_work, 1);
}

void work_armed(void)
{
	target.window++;
	HEAD_TP(remove_work, MPATH_WORK_ARMED, DELAY_MS, DELAY_MS, MPATH_RESULT_NONE);
}

void work_moved(void)
{
	HEAD_TP(remove_work, MPATH_WORK_MOVED, DELAY_MS, 1, MPATH_RESULT_NONE);
}

void work_cancelled(void)
{
	HEAD_TP(remove_work, MPATH_WORK_CANCELLED, DELAY_MS, MARGIN_MS, MPATH_RESULT_NONE);
}

void work_ran(enum mpath_work_result result)
{
	HEAD_TP(remove_work, MPATH_WORK_RAN, DELAY_MS, 0, result);
}

void head_remove(enum mpath_remove_reason reason)
{
	HEAD_TP(head_remove, reason);
}

void heal(__u32 flags)
{
	tp_run(skel->progs.mpath_heal, (const __u64[TP_ARGS]) { target.disk, ~0ULL, flags });
}

void ctrl_state(int ctrl, enum mpath_ctrl_state from, enum mpath_ctrl_state to)
{
	tp_run(skel->progs.mpath_ctrl_state, (const __u64[TP_ARGS]) { ctrl, from, to });
}

void path_return(void)
{
	path_add(1);
	work_cancelled();
	path_live(true);
}

struct other_task {
	unsigned int bio;
	enum mpath_park_reason reason;
	bool fails;
};

static void *other_task_main(void *arg)
{
	const struct other_task *t = arg;

	if (t->fails)
		bio_fail(t->bio);
	else
		bio_park(t->bio, t->reason);
	return NULL;
}

static void other_task_run(struct other_task t)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, other_task_main, &t), 0);
	pthread_join(thread, NULL);
}

void other_task_parks(unsigned int bio, enum mpath_park_reason reason)
{
	other_task_run((struct other_task) { .bio = bio, .reason = reason });
}

void other_task_fails(unsigned int bio)
{
	other_task_run((struct other_task) { .bio = bio, .fails = true });
}

struct mpath_head head_seen(void)
{
	struct mpath_head h = {};

	bpf_map_lookup_elem(bpf_map__fd(skel->maps.heads), &target.disk, &h);
	return h;
}

void head_forget(void)
{
	assert_int_equal(bpf_map_delete_elem(bpf_map__fd(skel->maps.heads), &target.disk), 0);
}

struct mpath_losses losses_seen(void)
{
	struct mpath_losses l;
	__u32 zero = 0;

	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(skel->maps.losses), &zero, &l), 0);
	return l;
}

static int outage_read(__u32 head_id, __u32 outage, struct mpath_outage_state *s)
{
	struct mpath_outage_key key = { head_id, outage };

	return bpf_map_lookup_elem(bpf_map__fd(skel->maps.outages), &key, s);
}

bool outage_exists(__u32 head_id, __u32 outage)
{
	struct mpath_outage_state s;
	int err = outage_read(head_id, outage, &s);

	if (err)
		assert_int_equal(err, -ENOENT);
	return !err;
}

/* What holds at any time between two events, of every outage. */
static void check_books(const struct mpath_outage_state *s)
{
	__u64 parked = s->o.parked[0] + s->o.parked[1], done = s->o.completed + s->o.failed;
	__u64 ops = 0, stalls = 0, stall_ops = 0, sum = 0;
	int i;

	for (i = 0; i < MPATH_OPS; i++) {
		ops += s->o.ops[i];
		sum += s->o.stall_op_sum_ns[i];
		assert_true(s->o.stall_op_max_ns[i] <= s->o.stall_max_ns);
	}
	for (i = 0; i < MPATH_HIST_BUCKETS; i++) {
		stalls += s->o.stall[i];
		stall_ops = s->o.stall_op[MPATH_OP_READ][i];
		stall_ops += s->o.stall_op[MPATH_OP_WRITE][i];
		assert_true(stall_ops <= s->o.stall[i]);
	}
	assert_int_equal(parked, done + depth(s));
	assert_int_equal(ops, parked);
	/* of the untimed ones those that are done leave no stall */
	assert_true(s->nameless <= depth(s));
	assert_true(stalls <= done && stalls + s->o.untimed >= done);
	if (!depth(s))
		assert_int_equal(stalls + s->o.untimed, done);
	if (s->o.untimed)
		assert_true(s->o.flags &
			    (MPATH_OUTAGE_MAP_FULL | MPATH_OUTAGE_LATE | MPATH_OUTAGE_UNSEEN));
	else
		assert_false(s->o.flags & MPATH_OUTAGE_MAP_FULL);
	assert_int_equal(sum, s->o.stall_sum_ns);
	assert_true(s->o.passes >= parked);
	assert_true(s->o.depth_max >= depth(s));
	assert_true(s->o.stall_sum_ns >= s->o.stall_max_ns);
	assert_true(s->o.stall_max_ns * done >= s->o.stall_sum_ns);
	assert_int_equal(!done, !s->o.last_done_ns);
	assert_int_equal(!s->o.completed, !s->o.first_taken_ns);
	assert_int_equal(!(s->gate & MPATH_GATE_CLOSED), !s->o.drained_ns);
	if (s->gate & MPATH_GATE_CLOSED)
		assert_int_equal(s->gate, MPATH_GATE_CLOSED);
}

struct mpath_outage_state outage_seen(__u32 head_id, __u32 outage)
{
	struct mpath_outage_state s = {};

	assert_int_equal(outage_read(head_id, outage, &s), 0);
	assert_int_equal(s.o.head_id, head_id);
	assert_int_equal(s.o.outage, outage);
	check_books(&s);
	return s;
}

__u64 depth(const struct mpath_outage_state *s)
{
	return s->gate & MPATH_GATE_DEPTH;
}

bool drained(const struct mpath_outage_state *s)
{
	return s->gate == MPATH_GATE_CLOSED;
}

unsigned int who_seen(__u32 head_id, __u32 outage, struct mpath_who *first)
{
	int fd = bpf_map__fd(skel->maps.who);
	struct mpath_who_key key, *before = NULL;
	unsigned int n = 0;

	while (!bpf_map_get_next_key(fd, before, &key)) {
		before = &key;
		if (key.head_id != head_id || key.outage != outage)
			continue;
		if (!n++)
			assert_int_equal(bpf_map_lookup_elem(fd, &key, first), 0);
	}
	return n;
}

bool outage_next(struct mpath_outage_key *key)
{
	int fd = bpf_map__fd(skel->maps.outages);

	return !bpf_map_get_next_key(fd, key->head_id ? key : NULL, key);
}

int events(__u16 type)
{
	int i, n = 0;

	ring_buffer__consume(ring);
	for (i = 0; i < nr_seen; i++)
		n += !type || seen[i].h.type == type;
	return n;
}

const union drive_event *event(__u16 type, int nth)
{
	int i;

	ring_buffer__consume(ring);
	for (i = 0; i < nr_seen; i++)
		if ((!type || seen[i].h.type == type) && !nth--)
			return &seen[i];
	fail_msg("there is no such event of type %d", type);
	return NULL;
}

void events_drop(void)
{
	ring_buffer__consume(ring);
	nr_seen = 0;
}
