// SPDX-License-Identifier: GPL-2.0-only
/* A model that gets topologies and no events: each is taken as if it were the first one. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fixture.h"

#define NS_UUID	"6f1a7c9e-3f6b-4a53-9d3e-0b6f8a1c2d3e"

/* A host without events; m knows nothing else. */
static int begin(void **state)
{
	(void)state;
	setup_empty();
	model_topologies_only(m);
	put_host(&f, "boot-1");
	put_clock(&f);
	return 0;
}

/* One head, the states of its paths one after the other; NULL: no further path. */
static void put_states(const char *a, const char *b)
{
	const char *const states[] = { a, b };
	struct topo *t = topo_new();
	struct topo_subsys *s = topo_add_subsys(t, f.subsys);
	struct topo_head *h = topo_add_head(t, f.subsys, f.head);
	size_t i, len;
	void *buf;

	TOPO_TEXT(s->nqn, SCENE_NQN);
	h->nsid = f.nsid;
	h->setting_s = 20;
	TOPO_TEXT(h->uuid, NS_UUID);
	for (i = 0; i < 2 && states[i]; i++) {
		struct topo_path *p = topo_add_path(t, f.head, i ? "nvme0c1n1" : "nvme0c0n1");

		p->ctrl = (__s32)i;
		TOPO_TEXT(p->state, states[i]);
		TOPO_TEXT(p->ana, "optimized");
	}
	assert_int_equal(topo_encode(t, &buf, &len), 0);
	put_record(&f, REC_TOPOLOGY, buf, (__u32)len);
	free(buf);
	topo_free(t);
}

static int head_state(void)
{
	assert_non_null(model_head(m, 0));
	return model_head_state(model_head(m, 0));
}

/* What a later topology says of a path counts, and a path that it does not list is no path. */
static void test_paths(void **state)
{
	(void)state;
	put_states("live", "live");
	assert_int_equal(head_state(), HEAD_HEALTHY);
	at(&f, 2000);
	put_states("live", "connecting");
	assert_int_equal(head_state(), HEAD_DEGRADED);
	assert_int_equal(model_head_usable(model_head(m, 0)), 1);
	at(&f, 3000);
	put_states("connecting", "connecting");
	assert_int_equal(head_state(), HEAD_NO_USABLE_PATH);
	at(&f, 4000);
	put_states("live", NULL);
	assert_int_equal(head_state(), HEAD_HEALTHY);
	assert_int_equal(model_head(m, 0)->nr_paths, 1);
	assert_null(model_head(m, 1));
	assert_null(model_session(m, 1));
}

/* A head is there while it is listed; nothing is kept of one that went. */
static void test_heads(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		at(&f, 1000 + 10 * (__u64)i);
		put_topology(&f, SCENE_NQN, 2, 20);
		assert_int_equal(head_state(), HEAD_HEALTHY);
		at(&f, 1005 + 10 * (__u64)i);
		put_topology(&f, SCENE_NQN, -1, 0);
		assert_null(model_head(m, 0));
	}
	assert_null(model_remark(m, 0));
	assert_null(model_session(m, 1));
}

/* With events it is otherwise: they know better what a path is. */
static void test_with_events(void **state)
{
	(void)state;
	put_states("live", "connecting");
	assert_int_equal(head_state(), HEAD_HEALTHY);
	put_topology(&f, SCENE_NQN, -1, 0);
	assert_int_equal(head_state(), HEAD_REMOVED);
}

/* What was recorded before stays: the head and its windows, in their own session. */
static void test_after_recording(void **state)
{
	const struct model_head *h = model_head(m, 0);
	const struct model_window *w;
	const struct model_session *recorded = model_current(m);

	(void)state;
	scene_lose(&f, 10000);
	scene_return(&f, 1000, 2);
	put_end(&f);
	w = window(0);
	model_topologies_only(m);
	at(&f, 90000);
	put_host(&f, "boot-1");
	assert_ptr_not_equal(model_current(m), recorded);
	put_states("live", "live");
	assert_ptr_equal(model_head(m, 0), h);
	assert_int_equal(head_state(), HEAD_HEALTHY);
	at(&f, 91000);
	put_states("live", "connecting");
	assert_int_equal(head_state(), HEAD_DEGRADED);
	at(&f, 92000);
	put_topology(&f, SCENE_NQN, -1, 0);
	assert_int_equal(head_state(), HEAD_REMOVED);
	at(&f, 93000);
	put_states("live", NULL);
	assert_ptr_equal(model_head(m, 0), h);
	assert_int_equal(head_state(), HEAD_HEALTHY);
	assert_ptr_equal(h->window, w);
	assert_ptr_equal(w->session, recorded);
	assert_int_equal(w->outcome, MODEL_RECOVERED);
	assert_null(model_head(m, 1));
	assert_null(model_session(m, 2));
}

/* A window that was open when the collector ended does not wait for ever. */
static void test_open_window(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	model_topologies_only(m);
	at(&f, 90000);
	put_host(&f, "boot-1");
	put_states("live", "live");
	at(&f, 95000);
	put_clock(&f);
	assert_true(window(0)->ended);
	assert_int_equal(window(0)->outcome, MODEL_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_paths, begin, teardown),
		cmocka_unit_test_setup_teardown(test_heads, begin, teardown),
		cmocka_unit_test_setup_teardown(test_with_events, setup, teardown),
		cmocka_unit_test_setup_teardown(test_after_recording, setup, teardown),
		cmocka_unit_test_setup_teardown(test_open_window, setup, teardown),
	};

	return cmocka_run_group_tests_name("model_topologies", tests, NULL, NULL);
}
