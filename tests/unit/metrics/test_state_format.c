// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state of the counters, from one version of the tool to another, and from nobody knows where.
 */
#include <errno.h>

#include "base/crc32c.h"
#include "metrics/families.h"
#include "tests/unit/metrics/metrics_fixture.h"

#define STATE_4		"tests/unit/metrics/state-4.bin"
#define TEXT_4		"tests/unit/metrics/state-4.txt"
#define HEADER		16
#define TAG_COUNTS	1
#define TAG_SNAPSHOT	2

/* A state that is put together, or taken apart. */
static unsigned char state[1 << 20];
static size_t len;

/* ---- helpers ---- */

static void seal(void)
{
	__u32 crc;

	memset(state + 12, 0, sizeof(crc));
	crc = crc32c(0, state, len);
	memcpy(state + 12, &crc, sizeof(crc));
}

static void begin_state(void)
{
	static const __u32 version = 5;

	memset(state, 0, HEADER);
	memcpy(state, "NVMEMPS\n", 8);
	memcpy(state + 8, &version, sizeof(version));
	len = HEADER;
}

static void put(__u16 tag, const void *bytes, __u16 size)
{
	memcpy(state + len, &tag, 2);
	memcpy(state + len + 2, &size, 2);
	if (size)
		memcpy(state + len + 4, bytes, size);
	len += 4U + size;
}

static void put_u64(__u16 tag, __u64 v)
{
	put(tag, &v, sizeof(v));
}

/* The element of nvme0n1, nvme-subsys0. */
static void put_counts(void)
{
	put(TAG_COUNTS, NULL, 0);
	put(32, "nvme0n1", 7);
}

static void save(void)
{
	size_t size;
	void *buf;

	assert_int_equal(metrics_save(x, &buf, &size), 0);
	assert_true(size <= sizeof(state));
	memcpy(state, buf, size);
	len = size;
	free(buf);
}

/* Into new metrics. */
static int load(void)
{
	void *exact = malloc(len);
	int ret;

	memcpy(exact, state, len);	/* so that a byte behind it is seen to be read */
	end();
	begin();
	ret = metrics_load(x, exact, len);
	free(exact);
	return ret;
}

static int seal_and_load(void)
{
	seal();
	return load();
}

/* How often a field is there, in elements of that kind (0: before all) */
static int count_fields(__u16 kind, __u16 tag, const void *bytes, size_t size)
{
	size_t at = HEADER;
	__u16 head[2], in = 0;
	int n = 0;

	for (; at < len; at += 4U + head[1]) {
		memcpy(head, state + at, sizeof(head));
		if (head[0] < 16)
			in = head[0];
		n += in == kind && head[0] == tag && head[1] == size &&
		     !memcmp(state + at + 4, bytes, size);
	}
	return n;
}

static void read_state_4(void)
{
	FILE *in = fopen(STATE_4, "r");

	assert_non_null(in);
	len = fread(state, 1, sizeof(state), in);
	fclose(in);
	assert_true(len > 144);
	assert_int_equal(state[8], 4);
}

static void expect_text_4(void)
{
	FILE *in = fopen(TEXT_4, "r");
	char line[512];
	int lines = 0;

	assert_non_null(in);
	write_text();
	while (fgets(line, sizeof(line), in)) {
		if (*line == '#')
			continue;
		line[strcspn(line, "\n")] = '\0';
		expect(line + strlen("nvme_mpath_"));
		lines++;
	}
	fclose(in);
	assert_int_equal(lines, 197);
}

/* What is no metric, of the fixture's last snapshot and head. */
static void expect_lists_4(void)
{
	const struct metrics_snapshot *s = &x->last_snapshots[2];
	const struct metrics_counted *c = &x->counted_up_to[2];
	size_t i;

	assert_int_equal(x->nr_entries, 3);
	assert_int_equal(x->nr_last_snapshots, 3);
	assert_int_equal(x->nr_counted_up_to, 3);
	assert_string_equal(x->t.boot_id, "boot-4");
	assert_int_equal(x->t.attachment, 77);
	assert_string_equal(x->entries[2]->c.device, "nvme9n1");
	assert_int_equal(x->entries[2]->c.subsys, 9);
	assert_int_equal(x->entries[2]->c.open, 3);
	assert_int_equal(x->entries[2]->c.changed, x->t.changed);
	assert_int_equal(s->head_id, 21);
	assert_int_equal(s->outage, 22);
	assert_string_equal(s->device, "nvme9n1");
	assert_int_equal(s->subsys, 9);
	assert_int_equal(s->drained_ns, 23);
	/* its numbers rise from 5000 on */
	assert_int_equal(s->bios.parked[0], 5000);
	assert_int_equal(s->bios.completed, 5002);
	assert_int_equal(s->bios.failed[METRICS_FAILED_AT_ONCE], 5004);
	assert_int_equal(s->bios.failovers[METRICS_CLASSES - 1], 5009);
	for (i = 0; i <= METRICS_EDGES; i++)
		assert_int_equal(s->bios.stall.bucket[i], 5010 + i);
	assert_int_equal(s->bios.stall.sum_ns, 5025);
	assert_int_equal(c->head_id, 31);
	assert_int_equal(c->number, 32);
	assert_int_equal(c->not_armed, 1);
}

/* ---- upgrades ---- */

static void test_version_4(void **unused)
{
	int i;

	(void)unused;
	read_state_4();
	assert_int_equal(load(), 0);
	expect_text_4();
	expect_no("head_state{");	/* which heads there are, no event told yet */
	expect_lists_4();
	for (i = 0; i < 2; i++) {
		save();
		assert_int_equal(state[8], 5);
		assert_int_equal(load(), 0);
		expect_text_4();
		expect_lists_4();
	}
}

static void test_later_version(void **unused)
{
	(void)unused;
	begin_state();
	state[8] = 6;
	assert_int_equal(seal_and_load(), -EPROTONOSUPPORT);
	read_state_4();
	state[16]++;	/* a version 4 that never was */
	assert_int_equal(seal_and_load(), -EPROTONOSUPPORT);
}

/* What a tool wrote that did not know a counter yet: it is 0, the others go on. */
static void test_earlier_tool(void **unused)
{
	(void)unused;
	begin_state();
	put_u64(0x0440, 11);
	put_counts();
	put_u64(0x0100 + MODEL_RECOVERED, 7);
	put_u64(0x02c0 + 2 * PHASE_PATH, 1500 * MS);
	put_u64(0x02c0 + 2 * PHASE_PATH + 1, 3);
	assert_int_equal(seal_and_load(), 0);
	write_text();
	expect("windows_total{" LABELS ",outcome=\"recovered\"} 7");
	expect("windows_total{" LABELS ",outcome=\"removed\"} 0");
	expect("windows_incomplete_total{" LABELS "} 0");
	expect("recovery_phase_seconds_sum{" LABELS ",phase=\"path\"} 1.5");
	expect("recovery_phase_seconds_count{" LABELS ",phase=\"path\"} 3");
	expect("collector_events_total 11");
}

/* What a tool wrote that knew more, changed by this one: all of it is still there, in its place. */
static void test_later_tool(void **unused)
{
	(void)unused;
	begin_state();
	put(200, "totals", 6);
	put_counts();
	put_u64(0x0100 + MODEL_RECOVERED, 7);
	put_u64(0x0100 + 40, 8);	/* an outcome */
	put(0x7000, "counts", 6);
	put(0x7001, NULL, 0);
	put(TAG_SNAPSHOT, NULL, 0);
	put(50, "nvme0n1", 7);
	put_u64(0x7002, 9);
	put(9, "element", 7);		/* of a kind, with tags that mean something elsewhere */
	put(32, "nvme0n1", 7);
	put_u64(0x0100, 10);
	put(TAG_COUNTS, NULL, 0);
	put(32, "nvme8n1", 7);
	put(0x7000, "other", 5);
	assert_int_equal(seal_and_load(), 0);
	assert_int_equal(x->nr_entries, 2);
	f = feed_model(m);
	at(&f, 5);
	scene_two_paths(&f);
	scene_lose(&f, 6386);
	scene_return(&f, 27396, 2);
	write_text();
	expect("windows_total{" LABELS ",outcome=\"recovered\"} 8");
	save();
	assert_int_equal(count_fields(0, 200, "totals", 6), 1);
	assert_int_equal(count_fields(TAG_COUNTS, 0x0100 + 40, "\x08\0\0\0\0\0\0", 8), 1);
	assert_int_equal(count_fields(TAG_COUNTS, 0x0100 + MODEL_RECOVERED, "\x08\0\0\0\0\0\0", 8),
			 1);
	assert_int_equal(count_fields(TAG_COUNTS, 0x7000, "counts", 6), 1);
	assert_int_equal(count_fields(TAG_COUNTS, 0x7000, "other", 5), 1);
	assert_int_equal(count_fields(TAG_COUNTS, 0x7001, "", 0), 1);
	assert_int_equal(count_fields(TAG_COUNTS, 32, "nvme0n1", 7), 1);
	assert_int_equal(count_fields(9, 9, "element", 7), 1);
	assert_int_equal(count_fields(9, 32, "nvme0n1", 7), 1);
	assert_int_equal(count_fields(9, 0x0100, "\x0a\0\0\0\0\0\0", 8), 1);
	assert_int_equal(load(), 0);
	write_text();
	expect("windows_total{" LABELS ",outcome=\"recovered\"} 8");
}

/* A snapshot's unknown fields go with it. */
static void test_snapshot_of_a_later_tool(void **unused)
{
	(void)unused;
	begin_state();
	put_u64(16, 77);
	put(TAG_SNAPSHOT, NULL, 0);
	put(50, "nvme0n1", 7);
	put_u64(0x7002, 9);
	assert_int_equal(seal_and_load(), 0);
	save();
	assert_int_equal(count_fields(TAG_SNAPSHOT, 0x7002, "\x09\0\0\0\0\0\0", 8), 1);
}

/* Values count to the next edge above their own, wherever edges are now. */
static void test_other_edges(void **unused)
{
	const __u64 values[] = { 12 * SEC, 3 * SEC, 4, 5 * SEC, 1, 601 * SEC, 2, ~0ULL, 3 };

	(void)unused;
	begin_state();
	put_counts();
	put(0x0280, values, sizeof(values));
	assert_int_equal(seal_and_load(), 0);
	write_text();
	expect("stall_seconds_bucket{" LABELS ",le=\"2\"} 0");
	expect("stall_seconds_bucket{" LABELS ",le=\"5\"} 5");
	expect("stall_seconds_bucket{" LABELS ",le=\"600\"} 5");
	expect("stall_seconds_bucket{" LABELS ",le=\"+Inf\"} 10");
	expect("stall_seconds_sum{" LABELS "} 12");
}

/* The room of each family is its own, and each number finds its place again. */
static void test_tags(void **unused)
{
	const struct metrics_family *a, *b;

	(void)unused;
	for (a = metrics_families; a->name; a++) {
		if (!a->tag)
			continue;
		assert_true(a->tag >= 256 && a->tag % 64 == 0 && a->kind != METRICS_NO_FIELD);
		assert_in_range(metrics_family_numbers(a), 1, 64);
		for (b = a + 1; b->name; b++)
			assert_int_not_equal(a->tag, b->tag);
	}
}

/* ---- no state that a tool wrote ---- */

static void test_twice(void **unused)
{
	(void)unused;
	begin_state();
	put_counts();
	put_u64(0x0100 + MODEL_RECOVERED, 7);
	put_u64(0x0100 + MODEL_RECOVERED, 9);	/* the last one counts */
	assert_int_equal(seal_and_load(), 0);
	write_text();
	expect("windows_total{" LABELS ",outcome=\"recovered\"} 9");
	put_counts();
	assert_int_equal(seal_and_load(), -EBADMSG);
}

static void expect_bad(__u16 tag, const void *bytes, __u16 size)
{
	begin_state();
	put_counts();
	put(tag, bytes, size);
	assert_int_equal(seal_and_load(), -EBADMSG);
}

static void test_bad_fields(void **unused)
{
	static const char zeros[64];

	(void)unused;
	expect_bad(32, "nvme\0n1", 7);
	expect_bad(32, "nvme0n1nvme0n1nvme0n1nvme0n1nvme", 32);
	expect_bad(33, zeros, 8);
	expect_bad(0x0100, zeros, 7);
	expect_bad(0x0100, zeros, 9);
	expect_bad(0x0280, zeros, 7);
	expect_bad(0x0280, zeros, 16);
	expect_bad(0x0280, zeros, 0);
	begin_state();
	put_counts();
	len -= 1;
	assert_int_equal(seal_and_load(), -EBADMSG);
	begin_state();
	put_u64(0x7000, 1);
	len -= 10;
	assert_int_equal(seal_and_load(), -EBADMSG);
}

static void test_too_many(void **unused)
{
	char name[16];
	int i;

	(void)unused;
	begin_state();
	for (i = 0; i <= METRICS_HEADS; i++) {
		put(TAG_COUNTS, NULL, 0);
		put(32, name, (__u16)snprintf(name, sizeof(name), "nvme%dn1", i));
	}
	assert_int_equal(seal_and_load(), -EBADMSG);
	begin_state();
	for (i = 0; i <= 65536; i++)
		put(TAG_SNAPSHOT, NULL, 0);
	assert_int_equal(seal_and_load(), -EBADMSG);
}

/* The checksum is right, the rest is not: taken or refused, and what was taken can be saved. */
static void load_anyhow(void)
{
	int ret = seal_and_load();

	assert_true(!ret || ret == -EBADMSG || ret == -EPROTONOSUPPORT);
	if (ret)
		return;
	write_text();
	save();
	assert_int_equal(load(), 0);
}

static void each_byte_wrong(void)
{
	unsigned char *whole = malloc(len);
	size_t whole_len = len, i;
	int bit;

	memcpy(whole, state, len);
	for (i = 0; i < whole_len; i++) {
		for (bit = 0; bit < 8; bit += 3) {
			memcpy(state, whole, whole_len);
			len = whole_len;
			state[i] ^= (unsigned char)(1 << bit);
			load_anyhow();
		}
		memcpy(state, whole, whole_len);
		len = i > HEADER ? i : HEADER;
		load_anyhow();
	}
	free(whole);
}

static void test_each_byte_wrong(void **unused)
{
	(void)unused;
	begin_state();
	put_u64(16, 77);
	put(19, "boot-1", 6);
	put_counts();
	put_u64(0x0100 + MODEL_RECOVERED, 7);
	put(0x0280, "\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0", 24);
	put(0x7000, "counts", 6);
	put(TAG_SNAPSHOT, NULL, 0);
	put(50, "nvme0n1", 7);
	put_u64(0x0340, 9);
	put(3, NULL, 0);
	put(64, "\1\0\0\0", 4);
	put(9, NULL, 0);
	put(32, "nvme0n1", 7);
	each_byte_wrong();
}

/* Of version 4 that much is left to go wrong: how many structures there are, and ends of texts. */
static void test_wrong_version_4(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 8; i < 400; i++) {
		read_state_4();
		state[i] ^= 0x81;
		load_anyhow();
	}
	for (i = HEADER; i < 3000; i += 7) {
		read_state_4();
		len = i;
		assert_int_equal(seal_and_load(), -EBADMSG);
	}
	read_state_4();
	memset(state + 144, 'a', 32);	/* the first device */
	assert_int_equal(seal_and_load(), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_version_4, setup, teardown),
		cmocka_unit_test_setup_teardown(test_later_version, setup, teardown),
		cmocka_unit_test_setup_teardown(test_earlier_tool, setup, teardown),
		cmocka_unit_test_setup_teardown(test_later_tool, setup, teardown),
		cmocka_unit_test_setup_teardown(test_snapshot_of_a_later_tool, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_edges, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tags, setup, teardown),
		cmocka_unit_test_setup_teardown(test_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_each_byte_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_version_4, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
