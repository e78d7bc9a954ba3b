// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scale: 1024 heads with 8 paths each, of one subsystem and of controllers of their own, with names
 * as long as they get. All lose all of their paths at once, and all come back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/record.h"
#include "tests/unit/feed.h"

#define HEADS	1024
#define PATHS	8

static void text(char *to, size_t size, const char *format, unsigned int a, unsigned int b)
{
	char s[300];
	size_t n = (size_t)snprintf(s, sizeof(s), format, a, b);

	memset(to, 'x', size);		/* filled up to its end */
	memcpy(to, s, n < size ? n : size - 1);
	to[size - 1] = '\0';
}

/* Names of a head and a path, no longer than others know them. */
static void head_name(char name[MPATH_NAME_LEN], unsigned int head)
{
	snprintf(name, MPATH_NAME_LEN, "nvme%un1", head);
}

static void path_name(char name[MPATH_NAME_LEN], unsigned int head, unsigned int path)
{
	snprintf(name, MPATH_NAME_LEN, "nvme%uc%un1", head, head * PATHS + path);
}

static struct topo *topology(bool fill)
{
	struct topo *t = topo_new();
	unsigned int i, k;

	for (i = 0; i < HEADS; i++) {
		struct topo_subsys *s = topo_add_subsys(t, (int)i);
		char name[MPATH_NAME_LEN];
		struct topo_head *h;

		head_name(name, i);
		text(s->nqn, fill ? sizeof(s->nqn) : 64, "nqn.2014-08.org.nvmexpress:uuid:%u.%u.",
		     i, 0);
		h = topo_add_head(t, (int)i, name);
		h->nsid = 1;
		h->setting_s = 30;
		text(h->uuid, fill ? sizeof(h->uuid) : 37, "%08x-%04x-", i, 0);
		text(h->wwid, fill ? sizeof(h->wwid) : 42, "uuid.%08x-%04x-", i, 0);
		for (k = 0; k < PATHS; k++) {
			struct topo_path *p;

			path_name(name, i, k);
			p = topo_add_path(t, t->heads[i].name, name);
			p->ctrl = (int)(i * PATHS + k);
			TOPO_TEXT(p->transport, "tcp");
			TOPO_TEXT(p->state, "live");
			TOPO_TEXT(p->ana, "non-optimized");
			text(p->address, fill ? sizeof(p->address) : 80, "traddr=10.%u.%u.1,", i,
			     k);
		}
	}
	return t;
}

/* It fits into a record with room to spare, also if every text is as long as it may be. */
static void test_topology_fits(void **state)
{
	struct topo *t = topology(true), *back;
	size_t len;
	void *buf;

	(void)state;
	assert_int_equal(topo_encode(t, &buf, &len), 0);
	assert_true(len > 1U << 20);
	assert_true(len < RECORD_MAX_LEN);
	assert_int_equal(topo_decode(buf, len, &back), 0);
	assert_int_equal(back->nr_heads, HEADS);
	assert_int_equal(back->nr_paths, HEADS * PATHS);
	assert_memory_equal(back->paths, t->paths, HEADS * PATHS * sizeof(*t->paths));
	free(buf);
	topo_free(t);
	topo_free(back);
}

static void of_head(struct feed *f, unsigned int head)
{
	f->head_id = head + 1;
	f->subsys = (int)head;
	head_name(f->head, head);
}

static void feed_topology(struct feed *f)
{
	struct topo *t = topology(false);
	size_t len;
	void *buf;

	assert_int_equal(topo_encode(t, &buf, &len), 0);
	put_record(f, REC_TOPOLOGY, buf, (__u32)len);
	free(buf);
	topo_free(t);
}

static void lose_all(struct feed *f)
{
	char name[MPATH_NAME_LEN];
	unsigned int i, k;

	for (k = 0; k < PATHS; k++) {
		for (i = 0; i < HEADS; i++) {
			int ctrl = (int)(i * PATHS + k);

			of_head(f, i);
			f->window = f->outage = 0;
			path_name(name, i, k);
			ev_ctrl_by(f, ctrl, MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING,
				   "nvme_tcp_error_recovery [nvme_t");
			ev_live(f, name, ctrl, false);
			ev_remove(f, name, ctrl, PATHS - 1 - k);
			if (k < PATHS - 1)
				continue;
			f->window = f->outage = 1;
			ev_work(f, MPATH_WORK_ARMED, 30000, 30000, 0);
		}
	}
}

static void return_all(struct feed *f)
{
	char name[MPATH_NAME_LEN];
	struct mpath_outage o;
	unsigned int i;

	for (i = 0; i < HEADS; i++) {
		of_head(f, i);
		f->window = f->outage = 1;
		path_name(name, i, 0);
		ev_add(f, name, (int)(i * PATHS), 1, 20000);
		ev_work(f, MPATH_WORK_CANCELLED, 30000, 20000, 0);
		ev_live(f, name, (int)(i * PATHS), true);
		ev_drained(f);
		o = outage(f, i, i, 0);
		o.drained_ns = f->now;
		put_outage(f, &o);
		put_who(f, 41, "/system.slice/db.service", i, 7, "db");
	}
}

static void test_all_at_once(void **state)
{
	struct model *m = model_new();
	struct feed f = feed_model(m);
	unsigned int i;

	(void)state;
	put_host(&f, "boot-1");
	put_clock(&f);
	put_start(&f);
	feed_topology(&f);
	at(&f, 10000);
	lose_all(&f);
	assert_int_equal(model_count(m, MODEL_PENDING), HEADS);
	at(&f, 20000);
	return_all(&f);
	put_end(&f);
	assert_int_equal(model_finish(m), 0);
	assert_null(model_remark(m, 0));
	assert_null(model_head(m, HEADS));
	assert_null(model_window(m, HEADS));
	assert_int_equal(model_count(m, MODEL_RECOVERED), HEADS);
	for (i = 0; i < HEADS; i++) {
		const struct model_window *w = model_window(m, i);

		assert_int_equal(w->missing, 0);
		assert_int_equal(w->head->subsys, i);
		assert_int_equal(w->nr_losses, PATHS);
		assert_int_equal(w->loss_causes[MODEL_CAUSE_CONNECTION], PATHS);
		assert_int_equal(w->counters->s.completed, i);
		assert_int_equal(w->counters->nr_who, 1);
		assert_int_equal(w->margin_ns, 20000 * MS);
	}
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_topology_fits),
		cmocka_unit_test(test_all_at_once),
	};

	return cmocka_run_group_tests_name("scale", tests, NULL, NULL);
}
