// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a long recording for `make bench-report`: records DIR EVENTS EVERY.
 * A head with two paths; each round one path goes and comes back as another
 * controller, in every EVERY-th round both go, so that a window opens.
 */
#include <stdio.h>
#include <stdlib.h>

#include "record/writer.h"
#include "tests/unit/feed.h"

static int put_file(void *ctx, const struct record *rec)
{
	return record_writer_put(ctx, rec);
}

static const char *path_name(char *buf, size_t size, int ctrl)
{
	snprintf(buf, size, "nvme0c%dn1", ctrl);
	return buf;
}

static void leave(struct feed *f, int ctrl, unsigned int left)
{
	char name[32];

	ev_ctrl(f, ctrl, MPATH_CTRL_LIVE, MPATH_CTRL_DELETING);
	ev_live(f, path_name(name, sizeof(name), ctrl), ctrl, false);
	ev_remove(f, name, ctrl, left);
}

static void join(struct feed *f, int ctrl, unsigned int paths, long long ms_left)
{
	char name[32];

	ev_ctrl(f, ctrl, MPATH_CTRL_CONNECTING, MPATH_CTRL_LIVE);
	ev_add(f, path_name(name, sizeof(name), ctrl), ctrl, paths, ms_left);
	if (ms_left != MPATH_NO_WINDOW)
		ev_work(f, MPATH_WORK_CANCELLED, 30000, ms_left, 0);
	ev_live(f, name, ctrl, true);
}

static void one_path(struct feed *f, int ctrl[2], int next)
{
	leave(f, ctrl[0], 1);
	at(f, f->now / MS + 1000);
	join(f, next, 2, MPATH_NO_WINDOW);
	ctrl[0] = ctrl[1];
	ctrl[1] = next;
}

static void both_paths(struct feed *f, int ctrl[2], int next)
{
	struct mpath_outage o;

	leave(f, ctrl[0], 1);
	leave(f, ctrl[1], 0);
	f->window++;
	f->outage++;
	ev_work(f, MPATH_WORK_ARMED, 30000, 30000, 0);
	ev_bio(f, MPATH_BIO_FIRST, 0);
	o = outage(f, 5, 0, 0);
	put_outage(f, &o);
	at(f, f->now / MS + 13000);
	join(f, next, 1, 17000);
	ev_bio(f, MPATH_BIO_TAKEN, 13 * SEC);
	ev_drained(f);
	o = outage(f, 5, 5, 0);
	o.first_taken_ns = f->now;
	o.drained_ns = f->now;
	put_outage(f, &o);
	ctrl[0] = next;
	ctrl[1] = next;
}

int main(int argc, char **argv)
{
	struct record_writer_opts opts = { .segment_bytes = 256ULL << 20,
					   .total_bytes = 1ULL << 40 };
	struct record_writer *w = record_writer_new();
	struct feed f = { .put = put_file, .ctx = w, .head_id = 1, .nsid = 1, .head = "nvme0n1" };
	unsigned long long events, every, round;
	int ctrl[2] = { 0, 1 }, next = 2;

	if (argc != 4 || !w || record_writer_open(w, argv[1], &opts)) {
		fprintf(stderr, "usage: records DIR EVENTS EVERY; %s\n",
			w ? record_writer_error(w) : "out of memory");
		return 1;
	}
	events = strtoull(argv[2], NULL, 10);
	every = strtoull(argv[3], NULL, 10);
	at(&f, 5);
	scene_two_paths(&f);
	for (round = 1; f.seq < events; round++, next++) {
		at(&f, f.now / MS + 1000);
		if (every && round % every == 0) {
			both_paths(&f, ctrl, next++);
			join(&f, next, 2, MPATH_NO_WINDOW);
			ctrl[1] = next;
		} else {
			one_path(&f, ctrl, next);
		}
	}
	put_end(&f);
	record_writer_free(w);
	printf("%llu events\n", (unsigned long long)f.seq);
	return 0;
}
