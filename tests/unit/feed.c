// SPDX-License-Identifier: GPL-2.0-only
/* Makes records concisely for tests. */
#include <stdlib.h>
#include <string.h>

#include "bpf/mpath_hist.h"
#include "tests/unit/feed.h"

struct feed feed_to(int (*put)(void *ctx, const struct record *rec), void *ctx)
{
	struct feed f = { .put = put, .ctx = ctx, .head_id = 1, .nsid = 1 };

	strcpy(f.head, "nvme0n1");
	return f;
}

void at(struct feed *f, __u64 ms)
{
	f->now = ms * MS;
}

void put_record(struct feed *f, __u16 type, const void *data, __u32 len)
{
	struct record rec = {
		.type = type,
		.version = RECORD_VERSION,
		.len = len,
		.time_ns = f->now,
		.data = data,
	};

	assert_int_equal(f->put(f->ctx, &rec), 0);
}

void put_host(struct feed *f, const char *boot_id)
{
	struct rec_host h = { .name = "host",
			      .kernel = "6.12.0",
			      .machine = "x86_64",
			      .tool = "nvme-mpathtop test" };

	strcpy(h.boot_id, boot_id);
	put_record(f, REC_HOST, &h, sizeof(h));
}

void put_clock(struct feed *f)
{
	struct rec_clock c = { .boottime_ns = f->now, .realtime_ns = REAL0 + (__s64)f->now };

	put_record(f, REC_CLOCK, &c, sizeof(c));
}

void put_start_stock(struct feed *f)
{
	struct rec_start s = { .abi_version = MPATH_ABI_VERSION, .programs = 20 };

	f->seq = 0;
	put_record(f, REC_START, &s, sizeof(s));
}

void put_start(struct feed *f)
{
	struct rec_start s = { .abi_version = MPATH_ABI_VERSION,
			       .features = REC_FEATURE_TRACEPOINTS,
			       .programs = 11 };

	f->seq = 0;
	put_record(f, REC_START, &s, sizeof(s));
}

void put_start_pinned(struct feed *f, __u64 attachment, bool continues)
{
	struct rec_start s = { .abi_version = MPATH_ABI_VERSION,
			       .features = REC_FEATURE_TRACEPOINTS,
			       .programs = 11,
			       .flags = continues ? REC_START_CONTINUES : 0,
			       .attachment = attachment };

	if (!continues)
		f->seq = 0;
	put_record(f, REC_START, &s, sizeof(s));
}

void put_end(struct feed *f)
{
	put_record(f, REC_END, NULL, 0);
}

void put_gap(struct feed *f, __u64 from_ms, __u64 to_ms, __u64 records)
{
	struct rec_gap g = {
		.from_ns = from_ms * MS, .to_ns = to_ms * MS, .records = records, .error = 28
	};

	put_record(f, REC_GAP, &g, sizeof(g));
}

void put_losses(struct feed *f, __u64 ring_full, __u64 heads_full)
{
	struct mpath_losses l = { .ring_full = ring_full, .head_map_full = heads_full };

	put_record(f, REC_LOSSES, &l, sizeof(l));
}

void put_topology(struct feed *f, const char *nqn, int paths, __s64 setting_s)
{
	struct topo *t = topo_new();
	struct topo_subsys *s = topo_add_subsys(t, f->subsys);
	struct topo_head *h;
	size_t len;
	void *buf;
	int i;

	TOPO_TEXT(s->nqn, nqn);
	if (paths >= 0) {
		h = topo_add_head(t, f->subsys, f->head);
		h->nsid = f->nsid;
		h->setting_s = setting_s;
		TOPO_TEXT(h->uuid, "6f1a7c9e-3f6b-4a53-9d3e-0b6f8a1c2d3e");
	}
	for (i = 0; i < paths; i++) {
		char name[] = "nvme0cXn1";
		struct topo_path *p;

		name[6] = (char)('0' + i);
		p = topo_add_path(t, f->head, name);
		p->ctrl = i;
		TOPO_TEXT(p->transport, "pcie");
		TOPO_TEXT(p->state, "live");
		TOPO_TEXT(p->ana, "optimized");
	}
	assert_int_equal(topo_encode(t, &buf, &len), 0);
	put_record(f, REC_TOPOLOGY, buf, (__u32)len);
	free(buf);
	topo_free(t);
}

static void put_event(struct feed *f, __u16 type, struct mpath_event *ev, __u32 len)
{
	ev->version = MPATH_ABI_VERSION;
	ev->type = type;
	ev->len = len;
	ev->time_ns = f->now;
	ev->seq = ++f->seq;
	if (type != MPATH_EV_CTRL_STATE) {
		ev->head_id = f->head_id;
		ev->window = f->window;
		ev->outage = f->outage;
		ev->subsys = f->subsys;
		ev->nsid = f->nsid;
		memcpy(ev->head, f->head, sizeof(ev->head));
	}
	put_record(f, REC_EVENT, ev, len);
}

void ev_path(struct feed *f, __u16 type, struct mpath_ev_path *ev, const char *path, int ctrl)
{
	strcpy(ev->path, path);
	ev->ctrl = ctrl;
	put_event(f, type, &ev->h, sizeof(*ev));
}

void ev_add(struct feed *f, const char *path, int ctrl, __u32 paths, __s64 ms_left)
{
	struct mpath_ev_path ev = { .paths = paths, .ms_left = ms_left };

	ev_path(f, MPATH_EV_PATH_ADD, &ev, path, ctrl);
}

void ev_live(struct feed *f, const char *path, int ctrl, bool usable)
{
	struct mpath_ev_path ev = { .usable = usable,
				    .ana_state = 1,
				    .ctrl_state = usable ? MPATH_CTRL_LIVE : MPATH_CTRL_DELETING };

	ev_path(f, MPATH_EV_PATH_LIVE, &ev, path, ctrl);
}

void ev_ana(struct feed *f, const char *path, int ctrl, __u8 ana)
{
	struct mpath_ev_path ev = { .usable = ana <= 2,
				    .ana_state = ana,
				    .ctrl_state = MPATH_CTRL_LIVE };

	ev_path(f, MPATH_EV_PATH_LIVE, &ev, path, ctrl);
}

void ev_remove(struct feed *f, const char *path, int ctrl, __u32 left)
{
	struct mpath_ev_path ev = { .paths = left,
				    .last = !left,
				    .ctrl_state = MPATH_CTRL_DELETING };

	ev_path(f, MPATH_EV_PATH_REMOVE, &ev, path, ctrl);
}

void ev_work(struct feed *f, __u8 action, __u64 delay_ms, __s64 ms_left, __u8 result)
{
	struct mpath_ev_remove_work ev = {
		.delay_ms = delay_ms, .ms_left = ms_left, .action = action, .result = result
	};

	put_event(f, MPATH_EV_REMOVE_WORK, &ev.h, sizeof(ev));
}

void ev_gone(struct feed *f, __u32 reason)
{
	struct mpath_ev_head_remove ev = { .reason = reason };

	put_event(f, MPATH_EV_HEAD_REMOVE, &ev.h, sizeof(ev));
}

void ev_bio(struct feed *f, __u8 what, __u64 stall_ns)
{
	struct mpath_ev_bio ev = { .what = what, .stall_ns = stall_ns, .bytes = 4096, .op = 1 };

	put_event(f, MPATH_EV_BIO, &ev.h, sizeof(ev));
}

void ev_drained(struct feed *f)
{
	struct mpath_event ev = { 0 };

	put_event(f, MPATH_EV_DRAINED, &ev, sizeof(ev));
}

void ev_ctrl(struct feed *f, int ctrl, __u8 from, __u8 to)
{
	struct mpath_ev_ctrl_state ev = { .ctrl = ctrl, .old_state = from, .new_state = to };

	put_event(f, MPATH_EV_CTRL_STATE, &ev.h, sizeof(ev));
}

void ev_ctrl_by(struct feed *f, int ctrl, __u8 from, __u8 to, const char *callers)
{
	struct mpath_ev_ctrl_state ev = { .ctrl = ctrl, .old_state = from, .new_state = to };
	size_t i, len;

	for (i = 0; i < MPATH_CALLERS && *callers; i++) {
		len = strcspn(callers, "<");
		memcpy(ev.callers[i], callers, len < MPATH_NAME_LEN ? len : MPATH_NAME_LEN - 1);
		callers += len + (callers[len] == '<');
	}
	put_event(f, MPATH_EV_CTRL_STATE, &ev.h, sizeof(ev));
}

struct mpath_outage outage(const struct feed *f, __u64 parked, __u64 completed, __u64 failed)
{
	struct mpath_outage o = {
		.head_id = f->head_id,
		.outage = f->outage,
		.window = f->window,
		.parked = { parked, 0 },
		.passes = parked,
		.completed = completed,
		.failed = failed,
		.depth = parked - completed - failed,
		.depth_max = parked,
		.ops = { 0, parked, 0 },
		.start_ns = f->now,
	};

	if (completed + failed) {
		o.stall[mpath_hist_index(13 * SEC)] = (__u32)(completed + failed);
		o.stall_max_ns = 13 * SEC;
		o.stall_sum_ns = 13 * SEC * (completed + failed);
		o.stall_op[MPATH_OP_WRITE][mpath_hist_index(13 * SEC)] = (__u32)(completed +
										 failed);
		o.stall_op_max_ns[MPATH_OP_WRITE] = o.stall_max_ns;
		o.stall_op_sum_ns[MPATH_OP_WRITE] = o.stall_sum_ns;
		o.last_done_ns = f->now;
	}
	return o;
}

void put_outage(struct feed *f, const struct mpath_outage *o)
{
	put_record(f, REC_OUTAGE, o, sizeof(*o));
}

void put_who(struct feed *f, __u64 cgroup, const char *path, __u64 parked, __u32 pid,
	     const char *comm)
{
	struct rec_who r = { .w = { .cgroup = cgroup,
				    .head_id = f->head_id,
				    .outage = f->outage,
				    .parked = parked,
				    .pid = pid } };

	strcpy(r.path, path);
	strcpy(r.w.comm, comm);
	put_record(f, REC_WHO, &r, sizeof(r));
}

void scene_two_paths(struct feed *f)
{
	put_host(f, "boot-1");
	put_clock(f);
	put_topology(f, SCENE_NQN, 2, 30);
	put_start(f);
}

void put_whose(struct feed *f)
{
	put_topology(f, SCENE_NQN, 0, 30);
}

void scene_lose(struct feed *f, __u64 ms)
{
	at(f, ms);
	ev_live(f, "nvme0c0n1", 0, false);
	ev_remove(f, "nvme0c0n1", 0, 1);
	at(f, ms + 100);
	ev_live(f, "nvme0c1n1", 1, false);
	at(f, ms + 103);
	ev_remove(f, "nvme0c1n1", 1, 0);
	at(f, ms + 104);
	f->window++;
	f->outage++;
	ev_work(f, MPATH_WORK_ARMED, 30000, 30000, 0);
}

void scene_return(struct feed *f, __u64 ms, int ctrl)
{
	char path[] = "nvme0cXn1";
	struct mpath_outage o;

	path[6] = (char)('0' + ctrl);
	at(f, f->now / MS + ms);
	ev_add(f, path, ctrl, 1, 30000 - (__s64)ms);
	ev_work(f, MPATH_WORK_CANCELLED, 30000, 30000 - (__s64)ms, 0);
	at(f, f->now / MS + 410);
	ev_live(f, path, ctrl, true);
	at(f, f->now / MS + 110);
	ev_bio(f, MPATH_BIO_TAKEN, ms * MS);
	o = outage(f, 5, 5, 0);
	o.first_taken_ns = f->now;
	at(f, f->now / MS + 60);
	ev_drained(f);
	o.drained_ns = f->now;
	put_outage(f, &o);
}
