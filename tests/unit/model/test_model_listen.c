// SPDX-License-Identifier: GPL-2.0-only
/* Listeners: who is called when, in which order, and what an error of one means for the others. */
#include <errno.h>
#include <string.h>

#include "tests/unit/fixture.h"

/* All calls, in their order: the letter of the listener, then that of the function. */
static char calls[4096];

struct ear {
	char	letter;
	int	err;		/* of record_after, once */
	bool	was_open, is_open;	/* the last window, at record_before and record_after */
	bool	saw_topology, early;	/* in record_after; before that */
	size_t	records, losses;
};

static void note(const struct ear *e, char what)
{
	size_t len = strlen(calls);

	assert_true(len + 3 < sizeof(calls));
	calls[len] = e->letter;
	calls[len + 1] = what;
	calls[len + 2] = '\0';
}

static bool any_open(const struct model *of)
{
	const struct model_head *h = model_head(of, 0);

	return h && h->window && !h->window->ended;
}

static int before(void *ctx, const struct model *of, const struct record *rec)
{
	struct ear *e = ctx;

	(void)rec;
	note(e, '(');
	e->was_open = any_open(of);
	e->early |= model_topology(of) != NULL;
	e->records++;
	return 0;
}

static int window_changed(void *ctx, const struct model *of, enum model_change what,
			  const struct model_window *w)
{
	(void)of;
	note(ctx, "OMES"[what]);
	assert_int_equal(w->ended, what == MODEL_ENDED || what == MODEL_SETTLED);
	return 0;
}

static int outage_over(void *ctx, const struct model *of, const struct model_head *h, __u64 from_ns,
		       __u64 to_ns)
{
	(void)of;
	(void)h;
	note(ctx, 'o');
	assert_true(from_ns < to_ns);
	return 0;
}

static int loss(void *ctx, const struct model *of, const struct model_head *h,
		const struct model_path *p, bool first)
{
	struct ear *e = ctx;

	(void)of;
	(void)h;
	assert_true(p->lost_ns);
	note(e, 'l');
	e->losses += first;
	return 0;
}

static int after(void *ctx, const struct model *of, const struct record *rec)
{
	struct ear *e = ctx;
	int err = e->err;

	note(e, ')');
	e->is_open = any_open(of);
	if (model_topology(of)) {
		assert_int_equal(rec->type, REC_TOPOLOGY);
		e->saw_topology = true;
	}
	e->err = 0;
	return err;
}

static void listen_all(struct ear *e)
{
	const struct model_listener l = {
		.record_before = before,
		.window = window_changed,
		.outage = outage_over,
		.loss = loss,
		.record_after = after,
		.ctx = e,
	};

	assert_int_equal(model_listen(m, &l), 0);
}

/* What was called for the last record. */
static const char *last_calls(void)
{
	const char *begin = strstr(calls, "a("), *next;

	while (begin && (next = strstr(begin + 2, "a(")))
		begin = next;
	return begin ? begin : "";
}

static int test_begin(void **state)
{
	calls[0] = '\0';
	return setup(state);
}

/* Each call goes to all, in the order in which they came; changes are inside of their record. */
static void test_order(void **state)
{
	struct ear a = { .letter = 'a' }, b = { .letter = 'b' };

	(void)state;
	listen_all(&a);
	listen_all(&b);
	at(&f, 10000);
	ev_live(&f, "nvme0c0n1", 0, false);
	assert_string_equal(last_calls(), "a(b(albla)b)");
	ev_live(&f, "nvme0c0n1", 0, true);
	assert_string_equal(last_calls(), "a(b(a)b)");
	scene_lose(&f, 20000);
	assert_non_null(strstr(calls, "aObO"));
	scene_return(&f, 1000, 2);
	assert_non_null(strstr(calls, "aEbE"));
	assert_non_null(strstr(calls, "aobo"));
	assert_non_null(strstr(calls, "aSbS"));
	assert_null(strstr(calls, "bOaO"));
	assert_int_equal(a.records, b.records);
	assert_int_equal(a.losses, b.losses);
	assert_true(a.losses >= 3);
}

/* A record's own change is not there before it, and is there after it. */
static void test_before_and_after(void **state)
{
	struct ear a = { .letter = 'a' };

	(void)state;
	listen_all(&a);
	scene_lose(&f, 10000);
	assert_true(a.is_open);
	at(&f, 12000);
	ev_gone(&f, MPATH_REMOVE_EXPIRED);
	assert_true(a.was_open);
	assert_false(a.is_open);
	assert_memory_equal(last_calls(), "a(", 2);
	assert_non_null(strstr(last_calls(), "aE"));
	assert_string_equal(last_calls() + strlen(last_calls()) - 2, "a)");
}

/* model_finish() is no record. */
static void test_finish(void **state)
{
	struct ear a = { .letter = 'a' };
	size_t records;

	(void)state;
	listen_all(&a);
	scene_lose(&f, 10000);
	scene_return(&f, 1000, 2);
	scene_lose(&f, 20000);
	records = a.records;
	calls[0] = '\0';
	assert_int_equal(model_finish(m), 0);
	assert_int_equal(a.records, records);
	assert_null(strchr(calls, '('));
}

/* The others hear it all the same, the first error is returned, and only for that record. */
static void test_errors(void **state)
{
	struct ear a = { .letter = 'a', .err = -EPIPE }, b = { .letter = 'b', .err = -EIO };
	const struct record rec = { .type = REC_END, .version = RECORD_VERSION, .time_ns = f.now };

	(void)state;
	listen_all(&a);
	listen_all(&b);
	assert_int_equal(model_feed(m, &rec), -EPIPE);
	assert_string_equal(calls, "a(b(a)b)");
	assert_int_equal(model_error(m), 0);
	assert_int_equal(model_feed(m, &rec), 0);
	b.err = -EIO;
	assert_int_equal(model_feed(m, &rec), -EIO);
}

/* Any number of them; one that has gone is not called. */
static void test_many(void **state)
{
	struct ear ears[100] = {};
	size_t i;

	(void)state;
	for (i = 0; i < 100; i++) {
		ears[i].letter = 'a';
		listen_all(&ears[i]);
	}
	model_unlisten(m, &ears[40]);
	model_unlisten(m, &ears[0]);
	put_end(&f);
	for (i = 0; i < 100; i++)
		assert_int_equal(ears[i].records, i != 0 && i != 40);
	listen_all(&ears[0]);
	put_end(&f);
	assert_int_equal(ears[0].records, 1);
	assert_int_equal(ears[99].records, 2);
	assert_int_equal(ears[40].records, 0);
}

/* The topology is there decoded, for the record that has it only. */
static void test_topology(void **state)
{
	struct ear a = { .letter = 'a' };
	const struct record bad = { .type = REC_TOPOLOGY,
				    .version = RECORD_VERSION,
				    .len = 8,
				    .data = "\1\2\3\4\5\6\7\10",
				    .time_ns = f.now };

	(void)state;
	listen_all(&a);
	put_end(&f);
	assert_false(a.saw_topology);
	put_topology(&f, SCENE_NQN, 20, 2);
	assert_true(a.saw_topology);
	a.saw_topology = false;
	put_end(&f);
	assert_int_equal(model_feed(m, &bad), 0);
	assert_false(a.saw_topology);
	assert_false(a.early);
}

/* A record that makes no sense is told of as well: who counts records counts it. */
static void test_bad_record(void **state)
{
	struct ear a = { .letter = 'a' };
	const struct record rec = { .type = REC_CLOCK, .version = RECORD_VERSION, .len = 0 };
	const struct record unknown = { .type = 999, .version = RECORD_VERSION };

	(void)state;
	listen_all(&a);
	assert_int_equal(model_feed(m, &rec), 0);
	assert_int_equal(model_feed(m, &unknown), 0);
	assert_string_equal(calls, "a(a)a(a)");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_begin, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_order),      TEST(test_before_and_after),
		TEST(test_finish),     TEST(test_errors),
		TEST(test_many),       TEST(test_topology),
		TEST(test_bad_record),
	};

	return cmocka_run_group_tests_name("model_listen", tests, NULL, NULL);
}
