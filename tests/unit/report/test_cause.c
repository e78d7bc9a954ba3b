// SPDX-License-Identifier: GPL-2.0-only
/* Why paths went: what events decide, and where it is kept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/internal.h"
#include "record/validate.h"
#include "report/event.h"
#include "tests/unit/fixture.h"

#define UNKNOWN	MODEL_CAUSE_UNKNOWN

/* ---- decisions ---- */

static struct mpath_ev_ctrl_state change(__u8 from, __u8 to, const char *caller0,
					 const char *caller1)
{
	struct mpath_ev_ctrl_state ev = { .h.len = sizeof(ev), .old_state = from, .new_state = to };

	snprintf(ev.callers[0], sizeof(ev.callers[0]), "%s", caller0);
	snprintf(ev.callers[1], sizeof(ev.callers[1]), "%s", caller1);
	return ev;
}

static void test_states_and_callers(void **state)
{
	static const struct {
		__u8 from, to;
		const char *caller0, *caller1, *transport;
		enum model_cause before, want;
	} cases[] = {
		/* a command timed out */
		{ MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING, "nvme_timeout [nvme]",
		  "blk_mq_rq_timed_out", "pcie", UNKNOWN, MODEL_CAUSE_TIMEOUT },
		{ MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING, "nvme_tcp_error_recovery [nvme_tcp]",
		  "nvme_tcp_timeout [nvme_tcp]", "tcp", UNKNOWN, MODEL_CAUSE_TIMEOUT },
		{ MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING, "nvme_timeout.cold [nvme]", "", "",
		  UNKNOWN, MODEL_CAUSE_TIMEOUT },
		/* the connection broke, or its keep-alive did */
		{ MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING, "nvme_tcp_error_recovery [nvme_tcp]",
		  "nvme_tcp_state_change [nvme_tcp]", "tcp", UNKNOWN, MODEL_CAUSE_CONNECTION },
		{ MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING, "nvme_tcp_state_change [nvme_tcp",
		  "tcp_fin", "tcp", UNKNOWN, MODEL_CAUSE_CONNECTION },
		{ MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING, "nvme_tcp_timeout [nvme_tcp]",
		  "nvme_tcp_io_work [nvme_tcp]", "tcp", UNKNOWN, MODEL_CAUSE_TIMEOUT },
		{ MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING, "nvme_reset_ctrl [nvme_core]",
		  "nvme_keep_alive_work [nvme_core]", "tcp", UNKNOWN, MODEL_CAUSE_KEEP_ALIVE },
		/* somebody reset it; a function of another name is not that one */
		{ MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING, "nvme_reset_ctrl [nvme_core]",
		  "nvme_sysfs_reset [nvme_core]", "pcie", UNKNOWN, MODEL_CAUSE_RESET },
		{ MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING, "nvme_timeout_handler", "", "pcie",
		  UNKNOWN, MODEL_CAUSE_RESET },
		{ MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING, "", "", "", UNKNOWN, MODEL_CAUSE_RESET },
		/* the reset goes on: that is no other cause */
		{ MPATH_CTRL_RESETTING, MPATH_CTRL_CONNECTING, "nvme_reset_work [nvme]", "", "pcie",
		  MODEL_CAUSE_TIMEOUT, MODEL_CAUSE_TIMEOUT },
		{ MPATH_CTRL_CONNECTING, MPATH_CTRL_RESETTING, "nvme_tcp_error_recovery [nvme_tcp]",
		  "", "tcp", MODEL_CAUSE_TIMEOUT, MODEL_CAUSE_TIMEOUT },
		{ MPATH_CTRL_CONNECTING, MPATH_CTRL_LIVE, "", "", "tcp", MODEL_CAUSE_TIMEOUT,
		  UNKNOWN },
		/* it did not come up */
		{ MPATH_CTRL_CONNECTING, MPATH_CTRL_DELETING, "nvme_reset_work [nvme]",
		  "process_one_work", "pcie", MODEL_CAUSE_RESET, MODEL_CAUSE_RESET_FAILED },
		{ MPATH_CTRL_DELETING, MPATH_CTRL_DEAD, "nvme_reset_work [nvme]", "", "pcie",
		  MODEL_CAUSE_TIMEOUT, MODEL_CAUSE_RESET_FAILED },
		{ MPATH_CTRL_DELETING, MPATH_CTRL_DEAD, "", "", "pcie", MODEL_CAUSE_RESET,
		  MODEL_CAUSE_RESET_FAILED },
		/* the driver lets go of it, and the device answers, or it does not */
		{ MPATH_CTRL_LIVE, MPATH_CTRL_DELETING, "nvme_remove [nvme]", "pci_device_remove",
		  "pcie", UNKNOWN, MODEL_CAUSE_REMOVAL },
		{ MPATH_CTRL_LIVE, MPATH_CTRL_DELETING, "", "", "pcie", UNKNOWN,
		  MODEL_CAUSE_REMOVAL },
		{ MPATH_CTRL_DELETING, MPATH_CTRL_DEAD, "nvme_remove [nvme]", "pci_device_remove",
		  "pcie", MODEL_CAUSE_REMOVAL, MODEL_CAUSE_SURPRISE },
		{ MPATH_CTRL_DELETING, MPATH_CTRL_DEAD, "nvme_remove [nvme]", "pci_device_remove",
		  "pcie", MODEL_CAUSE_TIMEOUT, MODEL_CAUSE_SURPRISE },
		{ MPATH_CTRL_DELETING, MPATH_CTRL_DEAD, "", "", "", MODEL_CAUSE_REMOVAL,
		  MODEL_CAUSE_SURPRISE },
		{ MPATH_CTRL_DEAD, MPATH_CTRL_DELETING, "nvme_remove [nvme]", "pci_device_remove",
		  "pcie", MODEL_CAUSE_RESET_FAILED, MODEL_CAUSE_RESET_FAILED },
		/* somebody disconnects it; or it is given up after a lost connection */
		{ MPATH_CTRL_LIVE, MPATH_CTRL_DELETING, "nvme_delete_ctrl_sync [nvme_core]",
		  "nvme_sysfs_delete [nvme_core]", "tcp", UNKNOWN, MODEL_CAUSE_DISCONNECT },
		{ MPATH_CTRL_LIVE, MPATH_CTRL_DELETING, "", "", "loop", UNKNOWN,
		  MODEL_CAUSE_DISCONNECT },
		{ MPATH_CTRL_LIVE, MPATH_CTRL_DELETING, "", "", "", UNKNOWN, UNKNOWN },
		{ MPATH_CTRL_CONNECTING, MPATH_CTRL_DELETING, "nvme_delete_ctrl [nvme_core]",
		  "nvme_tcp_reconnect_or_remove", "tcp", MODEL_CAUSE_CONNECTION,
		  MODEL_CAUSE_CONNECTION },
		{ MPATH_CTRL_CONNECTING, MPATH_CTRL_DELETING, "nvme_delete_ctrl_sync [nvme_core]",
		  "nvme_sysfs_delete [nvme_core]", "tcp", MODEL_CAUSE_CONNECTION,
		  MODEL_CAUSE_CONNECTION },
		{ MPATH_CTRL_DELETING, MPATH_CTRL_DELETING_NOIO, "", "", "tcp",
		  MODEL_CAUSE_DISCONNECT, MODEL_CAUSE_DISCONNECT },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mpath_ev_ctrl_state ev = change(cases[i].from, cases[i].to, cases[i].caller0,
						       cases[i].caller1);
		enum model_cause got = cause_of_ctrl(&ev, cases[i].transport, cases[i].before);

		if (got != cases[i].want)
			fail_msg("case %zu: %s, not %s", i, model_cause_name(got),
				 model_cause_name(cases[i].want));
	}
}

static void test_paths(void **state)
{
	static const struct {
		__u16 type;
		__u8 ctrl_state, ana_state;
		const char *transport;
		enum model_cause ctrl, want;
	} cases[] = {
		{ MPATH_EV_PATH_LIVE, MPATH_CTRL_LIVE, 3, "tcp", UNKNOWN, MODEL_CAUSE_ANA },
		{ MPATH_EV_PATH_LIVE, MPATH_CTRL_LIVE, 15, "tcp", UNKNOWN, MODEL_CAUSE_ANA },
		{ MPATH_EV_PATH_LIVE, MPATH_CTRL_LIVE, 1, "tcp", UNKNOWN, MODEL_CAUSE_NAMESPACE },
		{ MPATH_EV_PATH_REMOVE, MPATH_CTRL_LIVE, 0, "pcie", UNKNOWN,
		  MODEL_CAUSE_NAMESPACE },
		{ MPATH_EV_PATH_LIVE, MPATH_CTRL_RESETTING, 1, "pcie", MODEL_CAUSE_TIMEOUT,
		  MODEL_CAUSE_TIMEOUT },
		{ MPATH_EV_PATH_LIVE, MPATH_CTRL_CONNECTING, 3, "tcp", UNKNOWN, MODEL_CAUSE_RESET },
		{ MPATH_EV_PATH_REMOVE, MPATH_CTRL_DELETING, 0, "pcie", UNKNOWN,
		  MODEL_CAUSE_REMOVAL },
		{ MPATH_EV_PATH_REMOVE, MPATH_CTRL_DELETING_NOIO, 0, "tcp", UNKNOWN,
		  MODEL_CAUSE_DISCONNECT },
		{ MPATH_EV_PATH_REMOVE, MPATH_CTRL_DELETING, 0, "", UNKNOWN, UNKNOWN },
		{ MPATH_EV_PATH_REMOVE, MPATH_CTRL_DEAD, 0, "pcie", UNKNOWN, UNKNOWN },
		{ MPATH_EV_PATH_REMOVE, MPATH_CTRL_DEAD, 0, "pcie", MODEL_CAUSE_RESET_FAILED,
		  MODEL_CAUSE_RESET_FAILED },
		{ MPATH_EV_PATH_REMOVE, 77, 0, "pcie", UNKNOWN, UNKNOWN },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mpath_ev_path ev = { .h.type = cases[i].type,
					    .ana_state = cases[i].ana_state,
					    .ctrl_state = cases[i].ctrl_state };
		enum model_cause got = cause_of_path(&ev, cases[i].transport, cases[i].ctrl);

		if (got != cases[i].want)
			fail_msg("case %zu: %s, not %s", i, model_cause_name(got),
				 model_cause_name(cases[i].want));
	}
}

/* ---- in the model ---- */

static void path_event(__u16 type, const char *path, int ctrl, __u8 ctrl_state, __u8 ana,
		       __u32 left)
{
	struct mpath_ev_path ev = { .ctrl_state = ctrl_state,
				    .ana_state = ana,
				    .paths = left,
				    .last = type == MPATH_EV_PATH_REMOVE && !left };

	ev_path(&f, type, &ev, path, ctrl);
}

static void armed(void)
{
	f.window++;
	f.outage++;
	ev_work(&f, MPATH_WORK_ARMED, 30000, 30000, 0);
}

static void pulled(const char *path, int ctrl, __u32 left)
{
	ev_ctrl_by(&f, ctrl, MPATH_CTRL_LIVE, MPATH_CTRL_DELETING, "nvme_remove [nvme]");
	path_event(MPATH_EV_PATH_LIVE, path, ctrl, MPATH_CTRL_DELETING, 1, 0);
	ev_ctrl_by(&f, ctrl, MPATH_CTRL_DELETING, MPATH_CTRL_DEAD, "nvme_remove [nvme]");
	path_event(MPATH_EV_PATH_LIVE, path, ctrl, MPATH_CTRL_DEAD, 1, 0);
	path_event(MPATH_EV_PATH_REMOVE, path, ctrl, MPATH_CTRL_DEAD, 0, left);
}

/* One path is reset for a timeout and does not come up, the other one is pulled. */
static void test_two_causes(void **state)
{
	const struct model_window *w;

	(void)state;
	at(&f, 10000);
	ev_ctrl_by(&f, 0, MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING,
		   "nvme_timeout [nvme]<blk_mq_rq_timed_out");
	path_event(MPATH_EV_PATH_LIVE, "nvme0c0n1", 0, MPATH_CTRL_RESETTING, 1, 0);
	assert_int_equal(model_head(m, 0)->paths[0].cause, MODEL_CAUSE_TIMEOUT);
	ev_ctrl_by(&f, 0, MPATH_CTRL_RESETTING, MPATH_CTRL_DELETING, "nvme_reset_work [nvme]");
	ev_ctrl_by(&f, 0, MPATH_CTRL_DELETING, MPATH_CTRL_DEAD, "nvme_reset_work [nvme]");
	assert_int_equal(model_head(m, 0)->paths[0].cause, MODEL_CAUSE_RESET_FAILED);
	at(&f, 11000);
	path_event(MPATH_EV_PATH_REMOVE, "nvme0c0n1", 0, MPATH_CTRL_DEAD, 0, 1);
	at(&f, 12000);
	pulled("nvme0c1n1", 1, 0);
	armed();
	w = window(0);
	assert_int_equal(w->nr_losses, 2);
	assert_string_equal(w->losses[0].path, "nvme0c0n1");
	assert_int_equal(w->losses[0].cause, MODEL_CAUSE_RESET_FAILED);
	assert_int_equal(w->losses[0].lost_ns, 10000 * MS);
	assert_string_equal(w->losses[1].path, "nvme0c1n1");
	assert_int_equal(w->losses[1].cause, MODEL_CAUSE_SURPRISE);
	assert_int_equal(w->losses[1].ctrl, 1);
	assert_int_equal(w->loss_causes[MODEL_CAUSE_SURPRISE], 1);
	assert_int_equal(w->loss_causes[MODEL_CAUSE_RESET_FAILED], 1);
	assert_int_equal(w->head->losses[MODEL_CAUSE_SURPRISE], 1);
	assert_int_equal(w->head->losses[MODEL_CAUSE_RESET_FAILED], 1);
	scene_return(&f, 1000, 2);
	assert_int_equal(window(0)->nr_losses, 2);
	assert_int_equal(model_head(m, 0)->losses[MODEL_CAUSE_UNKNOWN], 0);
}

/* A path that comes back by itself is counted with the cause it had, and has none any more. */
static void test_reset_and_back(void **state)
{
	const struct model_head *h = model_head(m, 0);

	(void)state;
	at(&f, 10000);
	ev_ctrl_by(&f, 0, MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING, "nvme_timeout [nvme]");
	path_event(MPATH_EV_PATH_LIVE, "nvme0c0n1", 0, MPATH_CTRL_RESETTING, 1, 0);
	assert_int_equal(h->losses[MODEL_CAUSE_TIMEOUT], 0);
	ev_ctrl(&f, 0, MPATH_CTRL_RESETTING, MPATH_CTRL_CONNECTING);
	ev_ctrl(&f, 0, MPATH_CTRL_CONNECTING, MPATH_CTRL_LIVE);
	ev_live(&f, "nvme0c0n1", 0, true);
	assert_int_equal(h->losses[MODEL_CAUSE_TIMEOUT], 1);
	assert_int_equal(h->paths[0].cause, UNKNOWN);
	/* the next time nobody tells why, and the old cause is not used again */
	ev_ctrl(&f, 0, MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING);
	path_event(MPATH_EV_PATH_LIVE, "nvme0c0n1", 0, MPATH_CTRL_RESETTING, 1, 0);
	assert_int_equal(h->paths[0].cause, MODEL_CAUSE_RESET);
}

/*
 * Inaccessible at first, then disconnected: it left for that. Nothing is said by an ANA change that
 * has passed.
 */
static void test_ana_then_disconnected(void **state)
{
	const struct model_head *h = model_head(m, 0);

	(void)state;
	at(&f, 10000);
	path_event(MPATH_EV_PATH_LIVE, "nvme0c0n1", 0, MPATH_CTRL_LIVE, 3, 0);
	assert_int_equal(h->paths[0].cause, MODEL_CAUSE_ANA);
	at(&f, 20000);
	ev_ctrl_by(&f, 0, MPATH_CTRL_LIVE, MPATH_CTRL_DELETING,
		   "nvme_delete_ctrl_sync [nvme_core]<nvme_sysfs_delete [nvme_core]");
	path_event(MPATH_EV_PATH_LIVE, "nvme0c0n1", 0, MPATH_CTRL_DELETING, 3, 0);
	path_event(MPATH_EV_PATH_REMOVE, "nvme0c0n1", 0, MPATH_CTRL_DELETING_NOIO, 0, 1);
	assert_int_equal(h->paths[0].cause, MODEL_CAUSE_DISCONNECT);
	assert_int_equal(h->paths[0].lost_ns, 10000 * MS);
	assert_int_equal(h->losses[MODEL_CAUSE_DISCONNECT], 1);
	assert_int_equal(h->losses[MODEL_CAUSE_ANA], 0);
}

/* Nothing tells why a path is deleted, until its device is found to be gone. */
static void test_found_out_late(void **state)
{
	const struct model_head *h = model_head(m, 0);

	(void)state;
	ev_add(&f, "nvme0c7n1", 7, 3, MPATH_NO_WINDOW);	/* no topology has it */
	ev_live(&f, "nvme0c7n1", 7, true);
	at(&f, 10000);
	ev_ctrl(&f, 7, MPATH_CTRL_LIVE, MPATH_CTRL_DELETING);
	path_event(MPATH_EV_PATH_LIVE, "nvme0c7n1", 7, MPATH_CTRL_DELETING, 1, 0);
	assert_int_equal(h->paths[2].cause, UNKNOWN);
	ev_ctrl_by(&f, 7, MPATH_CTRL_DELETING, MPATH_CTRL_DEAD, "nvme_remove [nvme]");
	assert_int_equal(h->paths[2].cause, MODEL_CAUSE_SURPRISE);
	path_event(MPATH_EV_PATH_REMOVE, "nvme0c7n1", 7, MPATH_CTRL_DEAD, 0, 2);
	assert_int_equal(h->losses[MODEL_CAUSE_SURPRISE], 1);
	assert_int_equal(h->losses[UNKNOWN], 0);
}

/* More losses than a window keeps: the last ones, and how many of each cause. */
static void test_many_paths(void **state)
{
	const struct model_window *w;
	char name[MPATH_NAME_LEN];
	int i;

	(void)state;
	for (i = 10; i < 24; i++) {
		snprintf(name, sizeof(name), "nvme0c%dn1", i);
		ev_add(&f, name, i, (__u32)i - 7, MPATH_NO_WINDOW);
		ev_live(&f, name, i, true);
	}
	at(&f, 10000);
	for (i = 10; i < 24; i++) {
		snprintf(name, sizeof(name), "nvme0c%dn1", i);
		pulled(name, i, (__u32)(25 - i));
	}
	scene_lose(&f, 20000);
	w = window(0);
	assert_int_equal(w->nr_losses, 16);
	assert_int_equal(w->loss_causes[MODEL_CAUSE_SURPRISE], 14);
	assert_int_equal(w->loss_causes[MODEL_CAUSE_REMOVAL], 2);
	assert_string_equal(w->losses[0].path, "nvme0c18n1");
	assert_string_equal(w->losses[5].path, "nvme0c23n1");
}

static const char *watched(const struct record *rec)
{
	static char text[512];
	const struct view_opts vo = { .utc = true };
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	view_event_text(out, m, rec, &vo);
	fclose(out);
	return text;
}

static int keep(void *ctx, const struct record *rec)
{
	const char **text = ctx;

	assert_int_equal(model_feed(m, rec), 0);
	*text = watched(rec);
	return 0;
}

/* watch says why when it says that. */
static void test_watch(void **state)
{
	const char *text = "";

	(void)state;
	at(&f, 10000);
	f.put = keep;
	f.ctx = &text;
	ev_ctrl_by(&f, 0, MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING, "nvme_timeout [nvme]");
	assert_non_null(strstr(text, "live -> resetting by nvme_timeout [nvme]"));
	path_event(MPATH_EV_PATH_LIVE, "nvme0c0n1", 0, MPATH_CTRL_RESETTING, 1, 0);
	assert_non_null(strstr(text, "controller resetting (timeout)"));
	path_event(MPATH_EV_PATH_REMOVE, "nvme0c1n1", 1, MPATH_CTRL_LIVE, 1, 1);
	assert_non_null(strstr(text, "(namespace removed)"));
	f.put = NULL;
}

/* A controller event of an older version has no callers; one whose texts do not end is refused. */
static void test_short_and_bad(void **state)
{
	struct mpath_ev_ctrl_state ev = { .ctrl = 0,
					  .old_state = MPATH_CTRL_LIVE,
					  .new_state = MPATH_CTRL_RESETTING };
	struct record rec = { .type = REC_EVENT, .version = RECORD_VERSION, .data = &ev };

	(void)state;
	ev.h.version = MPATH_ABI_VERSION;
	ev.h.type = MPATH_EV_CTRL_STATE;
	memset(ev.callers, 'x', sizeof(ev.callers));
	ev.h.len = rec.len = MPATH_EV_CTRL_STATE_LEN_1;
	assert_non_null(record_check_event(&rec));
	assert_int_equal(cause_of_ctrl(&ev, "", UNKNOWN), MODEL_CAUSE_RESET);
	ev.h.len = rec.len = sizeof(ev);
	assert_null(record_check_event(&rec));
	memset(ev.callers, 0, sizeof(ev.callers));
	assert_non_null(record_check_event(&rec));
	ev.h.len = rec.len = MPATH_EV_CTRL_STATE_LEN_1 - 8;
	assert_null(record_check_event(&rec));
}

/* Numbers of controllers are not trusted. */
static void test_far_controllers(void **state)
{
	(void)state;
	ev_ctrl(&f, -5, MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING);
	ev_ctrl(&f, INT32_MAX, MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING);
	ev_ctrl(&f, 60000, MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING);
	at(&f, 10000);
	path_event(MPATH_EV_PATH_LIVE, "nvme0c0n1", INT32_MAX, MPATH_CTRL_DEAD, 1, 0);
	assert_int_equal(model_head(m, 0)->paths[0].cause, UNKNOWN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states_and_callers),
		cmocka_unit_test(test_paths),
		TEST(test_two_causes),
		TEST(test_reset_and_back),
		TEST(test_ana_then_disconnected),
		TEST(test_found_out_late),
		TEST(test_many_paths),
		TEST(test_watch),
		cmocka_unit_test(test_short_and_bad),
		TEST(test_far_controllers),
	};

	return cmocka_run_group_tests_name("causes of path losses", tests, NULL, NULL);
}
