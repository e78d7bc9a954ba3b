// SPDX-License-Identifier: GPL-2.0-only
/* What Prometheus is told: counters, gauges, text. */
#include "metrics/families.h"
#include "record/facts.h"
#include "tests/unit/metrics/metrics_fixture.h"

/* HELP and TYPE, once, before the samples, and all of these in a row. */
static void check_form(const char *all)
{
	char family[100] = "", seen[8192] = "", word[128];
	const char *p, *line = all;
	size_t n;

	for (; *line; line = p + 1) {
		p = strchr(line, '\n');
		assert_non_null(p);
		if (!strncmp(line, "# HELP ", 7)) {
			n = strcspn(line + 7, " ");
			snprintf(family, sizeof(family), "%.*s", (int)n, line + 7);
			snprintf(word, sizeof(word), " %s ", family);
			assert_null(strstr(seen, word));
			assert_true(strlen(seen) + strlen(word) < sizeof(seen));
			strcat(seen, word);
			snprintf(word, sizeof(word), "# TYPE %s ", family);
			assert_int_equal(strncmp(p + 1, word, strlen(word)), 0);
		} else if (*line != '#') {
			assert_int_equal(strncmp(line, family, strlen(family)), 0);
			assert_non_null(memchr(line, ' ', (size_t)(p - line)));
		}
	}
}

static void test_zero_from_the_start(void **state)
{
	(void)state;
	scene_two_paths(&f);
	check_form(write_text());
	expect("head_info{" LABELS ",nsid=\"1\",nqn=\"nqn.2014-08.org.nvmexpress:uuid:subsys0\","
	       "uuid=\"6f1a7c9e-3f6b-4a53-9d3e-0b6f8a1c2d3e\",wwid=\"\",model=\"\",serial=\"\"} 1");
	expect("head_state{" LABELS ",state=\"healthy\"} 1");
	expect("head_state{" LABELS ",state=\"grace\"} 0");
	expect("head_paths{" LABELS "} 2");
	expect("head_paths_usable{" LABELS "} 2");
	expect("head_delayed_removal_seconds{" LABELS "} 30");
	expect("windows_total{" LABELS ",outcome=\"recovered\"} 0");
	expect("windows_total{" LABELS ",outcome=\"removed\"} 0");
	expect("windows_total{" LABELS ",outcome=\"not_armed\"} 0");
	expect("stall_seconds_bucket{" LABELS ",le=\"0.001\"} 0");
	expect("stall_seconds_bucket{" LABELS ",le=\"600\"} 0");
	expect("stall_seconds_bucket{" LABELS ",le=\"+Inf\"} 0");
	expect("bios_failed_total{" LABELS ",waited=\"no\"} 0");
	expect("path_usable{" LABELS ",controller=\"nvme1\",path=\"nvme0c1n1\"} 1");
	expect("collector_programs_attached 11");
	expect_no("window_deadline_timestamp_seconds{");
	expect_no("head_unusable_since_timestamp_seconds{");
	expect_no("queue_since_timestamp_seconds{");
	/* a recording has no collector that runs */
	expect_no("collector_running");
	expect_no("collector_cpu_seconds_total");
}

/* The text goes to the file that this variable names, for who compares it with the table. */
static void keep_text(const char *variable)
{
	const char *name = getenv(variable);
	FILE *out = name ? fopen(name, "w") : NULL;

	if (out) {
		fputs(text, out);
		fclose(out);
	}
}

/* Of one path I/O is in flight and none ends, of the other nothing could be read. */
static void test_stuck(void **state)
{
	struct disk_stat d = { .id = 7, .ios = { 10, 20 }, .in_flight = 3 };
	struct stats *stats = stats_new();

	(void)state;
	scene_two_paths(&f);
	self.live = true;
	self.running = true;
	self.now_ns = 90 * SEC;
	self.now_real_ns = REAL0 + 90 * (__s64)SEC;
	write_text();
	expect_no("path_inflight{");
	self.stats = stats;
	stats_begin(stats, 60 * SEC);
	assert_int_equal(stats_put(stats, "nvme0c0n1", &d), 0);
	stats_end(stats);
	stats_begin(stats, 75 * SEC);
	assert_int_equal(stats_put(stats, "nvme0c0n1", &d), 0);
	stats_end(stats);
	write_text();
	expect("path_inflight{" LABELS ",controller=\"nvme0\",path=\"nvme0c0n1\"} 3");
	expect("path_stuck_since_timestamp_seconds{" LABELS
	       ",controller=\"nvme0\",path=\"nvme0c0n1\"} 1789182305");
	expect_no("path_inflight{" LABELS ",controller=\"nvme1\"");
	expect_no("path_stuck_since_timestamp_seconds{" LABELS ",controller=\"nvme1\"");
	keep_text("METRICS_OF_STUCK");
	d.ios[STATS_WRITE]++;
	stats_begin(stats, 80 * SEC);
	assert_int_equal(stats_put(stats, "nvme0c0n1", &d), 0);
	stats_end(stats);
	write_text();
	expect("path_inflight{" LABELS ",controller=\"nvme0\",path=\"nvme0c0n1\"} 3");
	expect_no("path_stuck_since_timestamp_seconds{");
	stats_free(stats);
	self.stats = NULL;
}

static void test_open_window(void **state)
{
	struct mpath_outage o;

	(void)state;
	scene_two_paths(&f);
	scene_lose(&f, 6386);
	at(&f, 7000);
	o = outage(&f, 5, 0, 0);
	o.start_ns = 6500 * MS;
	put_outage(&f, &o);
	write_text();
	expect("head_state{" LABELS ",state=\"grace\"} 1");
	expect("head_paths{" LABELS "} 0");
	expect("window_deadline_timestamp_seconds{" LABELS "} 1789182281.49");
	expect("head_unusable_since_timestamp_seconds{" LABELS "} 1789182251.486");
	expect("queue_depth{" LABELS "} 5");
	expect("queue_since_timestamp_seconds{" LABELS "} 1789182251.5");
	expect("bios_parked_total{" LABELS ",reason=\"no_usable_path\"} 5");
	expect("path_losses_total{" LABELS ",cause=\"removal\"} 2");
	expect("windows_total{" LABELS ",outcome=\"recovered\"} 0");
	expect_no("path_usable{");
}

static void test_recovered(void **state)
{
	(void)state;
	scene_two_paths(&f);
	scene_lose(&f, 6386);
	scene_return(&f, 27396, 2);
	check_form(write_text());
	expect("windows_total{" LABELS ",outcome=\"recovered\"} 1");
	expect("windows_near_miss_total{" LABELS "} 1");
	expect("windows_close_total{" LABELS "} 1");
	expect("windows_incomplete_total{" LABELS "} 0");
	expect("window_duration_seconds_bucket{" LABELS ",le=\"20\"} 0");
	expect("window_duration_seconds_bucket{" LABELS ",le=\"30\"} 1");
	expect("window_duration_seconds_sum{" LABELS "} 27.396");
	expect("window_margin_seconds_bucket{" LABELS ",le=\"2\"} 0");
	expect("window_margin_seconds_bucket{" LABELS ",le=\"5\"} 1");
	expect("outage_duration_seconds_sum{" LABELS "} 27.81");
	expect("outage_duration_seconds_count{" LABELS "} 1");
	/* 13 s lie between the edges 10 and 20 */
	expect("stall_seconds_bucket{" LABELS ",le=\"10\"} 0");
	expect("stall_seconds_bucket{" LABELS ",le=\"20\"} 5");
	expect("stall_seconds_count{" LABELS "} 5");
	expect("stall_seconds_sum{" LABELS "} 65");
	expect("recovery_phase_seconds_sum{" LABELS ",phase=\"namespace\"} 27.4");
	expect("recovery_phase_seconds_sum{" LABELS ",phase=\"path\"} 0.41");
	expect("recovery_phase_seconds_sum{" LABELS ",phase=\"first_io\"} 0.11");
	expect("recovery_phase_seconds_sum{" LABELS ",phase=\"drain\"} 0.06");
	expect("bios_completed_total{" LABELS "} 5");
	expect("queue_depth{" LABELS "} 0");
	expect("path_usable{" LABELS ",controller=\"nvme2\",path=\"nvme0c2n1\"} 1");
	expect_no("window_deadline_timestamp_seconds{");
}

/* Snapshots of one outage come again and again; what they say counts once. */
static void test_snapshots_count_once(void **state)
{
	struct mpath_outage o;
	int i;

	(void)state;
	scene_two_paths(&f);
	scene_lose(&f, 1000);
	for (i = 1; i <= 5; i++) {
		at(&f, 2000 + 1000 * (__u64)i);
		o = outage(&f, 10 * (__u64)i, 2 * (__u64)i, (__u64)i);
		o.failed_unparked = 7;
		put_outage(&f, &o);
		put_outage(&f, &o);
	}
	/* a copy that was torn: nothing falls, nothing is counted again later */
	o = outage(&f, 30, 2, 1);
	put_outage(&f, &o);
	o = outage(&f, 51, 10, 5);
	put_outage(&f, &o);
	write_text();
	expect("bios_parked_total{" LABELS ",reason=\"no_usable_path\"} 51");
	expect("bios_completed_total{" LABELS "} 10");
	expect("bios_failed_total{" LABELS ",waited=\"yes\"} 5");
	expect("bios_failed_total{" LABELS ",waited=\"no\"} 7");
	expect("stall_seconds_count{" LABELS "} 15");
	expect("stall_seconds_sum{" LABELS "} 195");
}

/* Which of the two it is comes a moment after the end. */
static void test_removed_or_closed(void **state)
{
	(void)state;
	self.live = true;
	self.running = true;
	scene_two_paths(&f);
	scene_lose(&f, 1000);
	at(&f, 5000);
	ev_work(&f, MPATH_WORK_RAN, 4000, 0, MPATH_RESULT_REMOVED);
	write_text();
	expect("windows_total{" LABELS ",outcome=\"removed\"} 0");
	at(&f, 5001);
	ev_gone(&f, MPATH_REMOVE_CLOSED);
	write_text();
	expect("windows_total{" LABELS ",outcome=\"removed\"} 0");
	expect("windows_total{" LABELS ",outcome=\"closed\"} 1");
	expect("head_state{" LABELS ",state=\"removed\"} 1");
}

/* What happened to a head under one name stays there when it comes back under another. */
static void test_other_name(void **state)
{
	struct mpath_outage o;

	(void)state;
	scene_two_paths(&f);
	scene_lose(&f, 1000);
	at(&f, 2000);
	o = outage(&f, 5, 0, 0);
	put_outage(&f, &o);
	at(&f, 5000);
	ev_work(&f, MPATH_WORK_RAN, 4000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&f, MPATH_REMOVE_EXPIRED);
	strcpy(f.head, "nvme7n1");
	f.subsys = 7;
	at(&f, 5500);
	put_topology(&f, SCENE_NQN, 1, 30);
	o = outage(&f, 5, 0, 5);	/* the last of what was queued */
	o.drained_ns = f.now;
	put_outage(&f, &o);
	write_text();
	expect("windows_total{" LABELS ",outcome=\"removed\"} 1");
	expect("bios_failed_total{" LABELS ",waited=\"yes\"} 5");
	expect_no("head_state{" LABELS);
	expect("windows_total{device=\"nvme7n1\",subsystem=\"nvme-subsys7\","
	       "outcome=\"removed\"} 0");
	expect("bios_failed_total{device=\"nvme7n1\",subsystem=\"nvme-subsys7\",waited=\"yes\"} 0");
	expect("head_state{device=\"nvme7n1\",subsystem=\"nvme-subsys7\",state=\"healthy\"} 1");
}

static void test_removal_was_all(void **state)
{
	(void)state;
	scene_two_paths(&f);
	scene_lose(&f, 1000);
	at(&f, 5000);
	ev_work(&f, MPATH_WORK_RAN, 4000, 0, MPATH_RESULT_REMOVED);
	at(&f, 7001);
	put_clock(&f);	/* two seconds later nothing more is expected */
	write_text();
	expect("windows_total{" LABELS ",outcome=\"removed\"} 1");
}

static void test_gauges_go_counters_stay(void **state)
{
	(void)state;
	scene_two_paths(&f);
	scene_lose(&f, 1000);
	at(&f, 31104);
	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&f, MPATH_REMOVE_EXPIRED);
	self.live = true;
	self.now_ns = 32 * SEC;
	self.now_real_ns = REAL0 + 32 * (__s64)SEC;
	write_text();
	expect("head_state{" LABELS ",state=\"removed\"} 1");
	expect_no("path_usable{");
	self.now_ns = (32 + METRICS_KEEP_S) * SEC;
	write_text();
	expect("head_state{" LABELS ",state=\"removed\"} 1");
	self.now_ns += SEC;
	write_text();
	expect_no("head_state{");
	expect_no("head_info{");
	expect_no("queue_depth{");
	expect("windows_total{" LABELS ",outcome=\"removed\"} 1");
	/* the next disk of that name goes on with them */
	f.head_id = 2;
	f.window = 0;
	at(&f, 700000);
	ev_add(&f, "nvme0c5n1", 5, 1, MPATH_NO_WINDOW);
	ev_live(&f, "nvme0c5n1", 5, true);
	self.now_ns = 700 * SEC;
	write_text();
	expect("head_state{" LABELS ",state=\"healthy\"} 1");
	expect("windows_total{" LABELS ",outcome=\"removed\"} 1");
}

/* Two namespaces, one after the other, with the same names: one series. */
static void test_same_names(void **state)
{
	const char *p;
	int n = 0;

	(void)state;
	scene_two_paths(&f);
	at(&f, 1000);
	put_topology(&f, "nqn.2014-08.org.nvmexpress:uuid:another", 1, 5);
	write_text();
	for (p = text; (p = strstr(p, "\nnvme_mpath_head_paths{" LABELS "}")); p++)
		n++;
	assert_int_equal(n, 1);
	expect("head_delayed_removal_seconds{" LABELS "} 5");
}

static void test_unknown_is_absent(void **state)
{
	(void)state;
	put_host(&f, "boot-1");
	put_topology(&f, "nqn.1", 0, TOPO_NO_SETTING);
	write_text();
	expect("windows_total{" LABELS ",outcome=\"removed\"} 0");
	expect_no("head_delayed_removal_seconds{");
	expect_no("collector_programs_attached");
	expect_no("queue_depth{");	/* no program counts */
	/* no clock: no wall time */
	f.window = 1;
	ev_work(&f, MPATH_WORK_ARMED, 30000, 30000, 0);
	write_text();
	expect("head_state{" LABELS ",state=\"grace\"} 1");
	expect_no("window_deadline_timestamp_seconds{");
}

static void test_escaping(void **state)
{
	char nqn[300];
	int i;

	(void)state;
	put_topology(&f, "nqn\"} 1\nevil{a=\"\\\x01\xff\xc3\xa4", 1, 30);
	check_form(write_text());
	expect("head_info{" LABELS ",nsid=\"1\",nqn=\"nqn\\\"} "
	       "1\\\\x0aevil{a=\\\"\\\\\\\\\\\\x01\\\\xff\\\\xc3\\\\xa4\","
	       "uuid=\"6f1a7c9e-3f6b-4a53-9d3e-0b6f8a1c2d3e\",wwid=\"\",model=\"\",serial=\"\"} "
	       "1");
	/* the longest there is, all of it to be escaped twice */
	memset(nqn, '\\', sizeof(nqn));
	nqn[222] = '\0';
	put_topology(&f, nqn, 1, 30);
	check_form(write_text());
	/* and a name from the kernel */
	for (i = 0; i < MPATH_NAME_LEN - 1; i++)
		f.head[i] = i % 2 ? '"' : '\xff';
	f.head[i] = '\0';
	f.head_id = 9;
	ev_add(&f, f.head, 7, 1, MPATH_NO_WINDOW);
	check_form(write_text());
	for (i = 0; text[i]; i++)
		assert_true(text[i] == '\n' || (text[i] >= ' ' && text[i] < 0x7f));
}

static void test_causes(void **state)
{
	struct mpath_ev_path live = {
		.h = { .version = MPATH_ABI_VERSION,
		       .type = MPATH_EV_PATH_LIVE,
		       .len = sizeof(live),
		       .head_id = 1,
		       .nsid = 1,
		       .head = "nvme0n1",
		       .time_ns = SEC,
		       .seq = 1 },
		.path = "nvme0c0n1",
		.ctrl_state = MPATH_CTRL_LIVE,
		.ana_state = 3,
	};

	(void)state;
	scene_two_paths(&f);
	at(&f, 1000);
	put_record(&f, REC_EVENT, &live, sizeof(live));
	live.h.seq = 2;
	memcpy(live.path, "nvme0c1n1", 10);
	live.ctrl_state = MPATH_CTRL_CONNECTING;
	put_record(&f, REC_EVENT, &live, sizeof(live));
	live.h.seq = 3;		/* it is lost already */
	live.ctrl_state = MPATH_CTRL_DEAD;
	put_record(&f, REC_EVENT, &live, sizeof(live));
	write_text();
	expect("path_losses_total{" LABELS ",cause=\"ana_change\"} 1");
	expect("path_losses_total{" LABELS ",cause=\"reset\"} 1");	/* nothing told why */
	expect("path_losses_total{" LABELS ",cause=\"reset_failed\"} 0");
	expect("head_state{" LABELS ",state=\"no_usable_path\"} 1");
	expect("collector_events_total 3");
}

static void expect_failovers(__u64 ana, __u64 controller, __u64 host, __u64 other, __u64 unknown)
{
	static const char *const names[] = { "ana", "controller_pathing", "host_pathing", "other",
					     "unknown" };
	const __u64 values[] = { ana, controller, host, other, unknown };
	char line[256];
	size_t i;

	write_text();
	for (i = 0; i < 5; i++) {
		snprintf(line, sizeof(line), "failovers_total{" LABELS ",status_class=\"%s\"} %llu",
			 names[i], (unsigned long long)values[i]);
		expect(line);
	}
}

/*
 * Every snapshot of an outage tells all of it; one of an earlier version does not tell the classes.
 */
static void test_failovers(void **state)
{
	struct mpath_outage o;

	(void)state;
	scene_two_paths(&f);
	expect_failovers(0, 0, 0, 0, 0);
	scene_lose(&f, 1000);
	o = outage(&f, 5, 0, 0);
	o.failovers = 4;
	o.failover_status[MPATH_STATUS_ANA] = 1;
	o.failover_status[MPATH_STATUS_HOST] = 3;
	put_outage(&f, &o);
	expect_failovers(1, 0, 3, 0, 0);
	o.failovers = 7;
	o.failover_status[MPATH_STATUS_CONTROLLER] = 2;
	o.failover_status[MPATH_STATUS_OTHER] = 1;
	put_outage(&f, &o);
	expect_failovers(1, 2, 3, 1, 0);
	put_outage(&f, &o);
	expect_failovers(1, 2, 3, 1, 0);
	o.outage++;
	put_record(&f, REC_OUTAGE, &o, MPATH_OUTAGE_LEN_2);
	expect_failovers(1, 2, 3, 1, 7);
	o.failovers = 8;
	put_record(&f, REC_OUTAGE, &o, MPATH_OUTAGE_LEN_1);
	expect_failovers(1, 2, 3, 1, 8);
}

static void lines_at(__u64 ms, const char *cause, unsigned int n)
{
	char line[128];

	at(&f, ms);
	put_clock(&f);
	self.now_ns = ms * MS;
	write_text();
	snprintf(line, sizeof(line), "path_losses_total{" LABELS ",cause=\"%s\"} %u", cause, n);
	expect(line);
}

/* The driver lets go of a controller, and finds a moment later that the device is not there. */
static void test_loss_is_counted_when_its_cause_is_settled(void **state)
{
	(void)state;
	self.live = true;
	self.running = true;
	scene_two_paths(&f);
	at(&f, 1000);
	ev_ctrl_by(&f, 0, MPATH_CTRL_LIVE, MPATH_CTRL_DELETING, "nvme_remove [nvme]");
	ev_live(&f, "nvme0c0n1", 0, false);
	lines_at(1010, "removal", 0);
	ev_ctrl_by(&f, 0, MPATH_CTRL_DELETING, MPATH_CTRL_DEAD, "nvme_remove [nvme]");
	ev_remove(&f, "nvme0c0n1", 0, 1);
	lines_at(2900, "surprise_removal", 0);
	lines_at(3000, "surprise_removal", 1);
	expect("path_losses_total{" LABELS ",cause=\"removal\"} 0");
	lines_at(9000, "surprise_removal", 1);
	/* the last file has all; what comes to be known after the two seconds changes nothing */
	at(&f, 10000);
	ev_ctrl_by(&f, 1, MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING, "nvme_timeout [nvme]");
	ev_live(&f, "nvme0c1n1", 1, false);
	lines_at(10500, "timeout", 0);
	self.running = false;
	lines_at(10600, "timeout", 1);
	ev_ctrl_by(&f, 1, MPATH_CTRL_RESETTING, MPATH_CTRL_DELETING, "nvme_reset_work [nvme]");
	ev_remove(&f, "nvme0c1n1", 1, 0);
	lines_at(20000, "timeout", 1);
	expect("path_losses_total{" LABELS ",cause=\"reset_failed\"} 0");
}

/* Of programs that had no place for some facts. */
static __u32 facts_gone;

static int put_with_gone(void *ctx, const struct record *rec)
{
	struct record copy = *rec;
	struct rec_start start;

	if (rec->type != REC_START)
		return model_feed(ctx, rec);
	memcpy(&start, rec->data, sizeof(start));
	start.features |= facts_features(facts_gone);
	copy.data = &start;
	return model_feed(ctx, &copy);
}

/* Each fact in turn: who needs it is absent, and nobody else; one at least needs it. */
static void test_missing_facts(void **state)
{
	const struct metrics_family *family;
	char sample[128];
	unsigned int fact, absent;

	(void)state;
	for (fact = 0; fact < MPATH_FACTS; fact++) {
		end();
		begin();
		facts_gone = 1U << fact;
		f = feed_to(put_with_gone, m);
		at(&f, 5);
		scene_two_paths(&f);
		check_form(write_text());
		absent = 0;
		for (family = metrics_families; family->name; family++) {
			snprintf(sample, sizeof(sample), "# TYPE %s ", family->name);
			if (family->needs & facts_gone)
				assert_null(strstr(text, sample));
			else
				assert_non_null(strstr(text, sample));
			absent += !!(family->needs & facts_gone);
		}
		if (!absent)
			fail_msg("no metric needs %s", fact_row(fact)->name);
	}
	facts_gone = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_zero_from_the_start, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stuck, setup, teardown),
		cmocka_unit_test_setup_teardown(test_open_window, setup, teardown),
		cmocka_unit_test_setup_teardown(test_recovered, setup, teardown),
		cmocka_unit_test_setup_teardown(test_snapshots_count_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_removed_or_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_removal_was_all, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gauges_go_counters_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown_is_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_escaping, setup, teardown),
		cmocka_unit_test_setup_teardown(test_causes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failovers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missing_facts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_loss_is_counted_when_its_cause_is_settled,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
