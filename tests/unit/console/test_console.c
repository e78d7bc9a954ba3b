// SPDX-License-Identifier: GPL-2.0-only
/*
 * The console: what is on the screen, what keys do, whatever the model holds and however large it
 * is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "console/console.h"
#include "tests/unit/feed.h"

struct scene {
	struct model		*m;
	struct history		*history;
	struct stats		*stats;
	struct console		*c;
	struct console_data	d;
	struct screen		s;
	struct feed		f;
	char			*text;		/* of the screen */
};

static int setup(void **state)
{
	struct scene *sc = calloc(1, sizeof(*sc));

	sc->m = model_new();
	sc->history = history_new(sc->m);
	sc->stats = stats_new();
	sc->c = console_new(false);
	sc->f = feed_model(sc->m);
	sc->d = (struct console_data) {
		.m = sc->m,
		.history = sc->history,
		.source = "live",
		.utc = true,
		.empty = "There is nothing here. Plug something in.",
	};
	assert_int_equal(screen_resize(&sc->s, 24, 80), 0);
	*state = sc;
	return 0;
}

static int teardown(void **state)
{
	struct scene *sc = *state;

	screen_free(&sc->s);
	console_free(sc->c);
	stats_free(sc->stats);
	history_free(sc->history);
	model_free(sc->m);
	free(sc->text);
	free(sc);
	return 0;
}

static const char *draw(struct scene *sc)
{
	size_t size;
	FILE *out;

	free(sc->text);
	sc->text = NULL;
	sc->d.now_ns = sc->f.now;
	assert_int_equal(console_draw(sc->c, &sc->d, &sc->s), 0);
	out = open_memstream(&sc->text, &size);
	assert_int_equal(screen_print(&sc->s, out), 0);
	fclose(out);
	return sc->text;
}

static void keys(struct scene *sc, const char *text)
{
	for (; *text; text++) {
		console_key(sc->c, *text == '\r' ? CKEY_ENTER : *text);
		draw(sc);
	}
}

#define sees(sc, text)		assert_non_null(strstr(draw(sc), text))
#define sees_not(sc, text)	assert_null(strstr(draw(sc), text))

/* Two heads: nvme0n1 lost all paths at 10 s, nvme1n1 has two. */
static void two_heads(struct scene *sc)
{
	struct topo *t = topo_new();
	void *buf;
	size_t len;
	int i;

	at(&sc->f, 1000);
	put_host(&sc->f, "boot");
	put_clock(&sc->f);
	put_start(&sc->f);
	for (i = 0; i < 2; i++) {
		char head[32], path[32], nqn[64];
		struct topo_subsys *s = topo_add_subsys(t, i);
		struct topo_path *p;
		struct topo_head *h;
		int k;

		snprintf(nqn, sizeof(nqn), "nqn.2026-11.org.example:disk%d", i);
		TOPO_TEXT(s->nqn, nqn);
		TOPO_TEXT(s->model, "A Model");
		snprintf(head, sizeof(head), "nvme%dn1", i);
		h = topo_add_head(t, i, head);
		h->nsid = 1;
		h->setting_s = 30;
		for (k = 0; k < 2; k++) {
			snprintf(path, sizeof(path), "nvme%dc%dn1", i, 2 * i + k);
			p = topo_add_path(t, head, path);
			p->ctrl = 2 * i + k;
			TOPO_TEXT(p->state, "live");
			TOPO_TEXT(p->transport, "tcp");
			TOPO_TEXT(p->address, "traddr=192.0.2.1,trsvcid=4420");
		}
	}
	assert_int_equal(topo_encode(t, &buf, &len), 0);
	put_record(&sc->f, REC_TOPOLOGY, buf, (__u32)len);
	free(buf);
	topo_free(t);
}

static void lose(struct scene *sc)
{
	struct mpath_outage o;

	at(&sc->f, 10000);
	sc->f.window = sc->f.outage = 1;
	ev_live(&sc->f, "nvme0c0n1", 0, false);
	ev_remove(&sc->f, "nvme0c0n1", 0, 1);
	ev_live(&sc->f, "nvme0c1n1", 1, false);
	ev_remove(&sc->f, "nvme0c1n1", 1, 0);
	ev_work(&sc->f, MPATH_WORK_ARMED, 30000, 30000, 0);
	ev_bio(&sc->f, MPATH_BIO_FIRST, 0);
	at(&sc->f, 11000);
	o = outage(&sc->f, 12, 0, 0);
	o.start_ns = 10 * SEC;
	put_outage(&sc->f, &o);
}

/* ---- */

static void test_nothing(void **state)
{
	struct scene *sc = *state;

	sees(sc, "There is nothing here. Plug something in.");
	keys(sc, "2");
	sees(sc, "There is nothing here");
	keys(sc, "4");
	sees(sc, "nothing has happened yet");
	keys(sc, "3");
	sees(sc, "There is nothing here");
	two_heads(sc);
	sees(sc, "no window was seen yet");
	keys(sc, "1");
	sees(sc, "nvme0n1");
	sees_not(sc, "There is nothing here");
}

static void test_states(void **state)
{
	struct scene *sc = *state;

	two_heads(sc);
	sees(sc, "Heads 2: 2 healthy");
	ev_live(&sc->f, "nvme0c0n1", 0, false);
	sees(sc, "1 degraded");
	sees(sc, "1/2");
	lose(sc);
	sees(sc, "Heads 2: 1 GRACE · 1 healthy");
	sees(sc, "0/0");
	at(&sc->f, 41000);
	ev_work(&sc->f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&sc->f, MPATH_REMOVE_EXPIRED);
	sees(sc, "1 removed");
	sees(sc, "1 REMOVED");
}

/* The time that is left falls, and the bar with it, also when nothing comes from the kernel. */
static void test_countdown(void **state)
{
	struct scene *sc = *state;
	const char *row;
	int i, before = 1000, blocks;

	two_heads(sc);
	lose(sc);
	for (i = 12; i < 40; i += 9) {
		char left[16];

		at(&sc->f, (__u64)i * 1000);
		snprintf(left, sizeof(left), 40 - i >= 10 ? " %ds" : " %d.0s", 40 - i);
		sees(sc, left);
		row = strstr(sc->text, "GRACE  ");
		assert_non_null(row);
		for (blocks = 0; *row != '\n'; row++)
			blocks += !strncmp(row, "█", 3);
		assert_true(blocks < before);
		before = blocks;
	}
	at(&sc->f, 42000);
	sees(sc, "-2.0s");		/* past it, and the kernel has not said anything */
}

/* A head without a path is in every list. */
static void test_zero_paths_everywhere(void **state)
{
	struct scene *sc = *state;

	two_heads(sc);
	lose(sc);
	sees(sc, "nvme0n1");
	sees(sc, "12");
	keys(sc, "2");
	sees(sc, "nvme0n1  GRACE");
	sees(sc, "gone");
	keys(sc, "3");
	sees(sc, "OPEN");
	keys(sc, "4");
	sees(sc, "LAST PATH LOST");
	keys(sc, "1/0/0\r");		/* no such text: the filter hides all */
	sees(sc, "no head matches the filter");
}

/* Missing is "-"; what is known to be nothing is 0. */
static void test_missing(void **state)
{
	struct scene *sc = *state;
	struct disk_stat d = { .id = 1, .ios = { 10 } };
	char *row;

	two_heads(sc);
	row = strstr(draw(sc), "nvme0n1");
	*strchr(row, '\n') = '\0';
	assert_null(strstr(row + 7, " 0 "));
	sc->d.stats = sc->stats;
	stats_begin(sc->stats, SEC);
	stats_put(sc->stats, "nvme0n1", &d);
	stats_end(sc->stats);
	row = strstr(draw(sc), "nvme0n1");
	*strchr(row, '\n') = '\0';
	assert_null(strstr(row, " 0"));	/* one reading: no rate yet */
	stats_begin(sc->stats, 2 * SEC);
	stats_put(sc->stats, "nvme0n1", &d);
	stats_end(sc->stats);
	row = strstr(draw(sc), "nvme0n1");
	*strchr(row, '\n') = '\0';
	assert_non_null(strstr(row, " 0"));	/* none in a second: that is known */
	d.ios[STATS_READ] = 12355;
	sees(sc, "Windows 0");
	sees(sc, "Lost events 0");
	sc->d.alert = "no events";
	sees(sc, "Windows -");
	sees(sc, "Lost events -");
	stats_begin(sc->stats, 3 * SEC);
	stats_put(sc->stats, "nvme0n1", &d);
	stats_end(sc->stats);
	sees(sc, "12.3k");
}

static void test_prompts(void **state)
{
	struct scene *sc = *state;

	two_heads(sc);
	keys(sc, "/NVME1");
	sees(sc, "Filter");
	sees_not(sc, "nvme0n1 ");
	console_key(sc->c, CKEY_ESC);		/* as it was before */
	sees(sc, "nvme0n1");
	keys(sc, "/disk1\r");			/* a part of the NQN */
	sees(sc, "nvme1n1");
	sees_not(sc, "nvme0n1");
	keys(sc, "/");
	console_key(sc->c, 'U' - '@');
	keys(sc, "HEALTHY\r");
	sees(sc, "nvme0n1");
	keys(sc, "d2.5\r");
	assert_int_equal(console_interval(sc->c), 2500 * MS);
	keys(sc, "dnonsense\r");
	assert_int_equal(console_interval(sc->c), 2500 * MS);
	keys(sc, "d0\r");
	assert_int_equal(console_interval(sc->c), 2500 * MS);
	assert_false(console_paused(sc->c));
	keys(sc, "p");
	assert_true(console_paused(sc->c));
	sees(sc, "PAUSED");
	keys(sc, "hq");				/* of the help only */
	assert_false(console_quit(sc->c));
	keys(sc, "q");
	assert_true(console_quit(sc->c));
}

/* Whatever is sorted or comes, the selected head stays the selected one. */
static void test_selection(void **state)
{
	struct scene *sc = *state;

	two_heads(sc);
	draw(sc);
	console_key(sc->c, CKEY_DOWN);
	draw(sc);
	keys(sc, "sr");
	lose(sc);
	keys(sc, "\r");
	sees(sc, "nvme1n1  healthy");
	console_key(sc->c, CKEY_ESC);
	draw(sc);
	console_key(sc->c, CKEY_HOME);
	console_key(sc->c, CKEY_ENTER);
	draw(sc);
	assert_non_null(console_head_wanted(sc->c, sc->m));
}

/* Nothing of what devices say reaches the terminal as it is. */
static void test_hostile(void **state)
{
	struct scene *sc = *state;
	struct topo *t = topo_new();
	struct topo_subsys *s = topo_add_subsys(t, 0);
	struct topo_head *h = topo_add_head(t, 0, "nvme0n1\033[2J");
	struct topo_path *p = topo_add_path(t, "nvme0n1\033[2J", "nvme\007c\n1");
	size_t len, i;
	const char *view;
	void *buf;

	TOPO_TEXT(s->nqn, "nqn\033]0;owned\007\xc3\x28");
	TOPO_TEXT(s->model, "\033[31mred\t\t\t");
	TOPO_TEXT(s->serial, "\xff\xfe\xf0\x9f\x92");
	TOPO_TEXT(p->address, "\033c");
	TOPO_TEXT(p->transport, "\n\n\n");
	h->nsid = 1;
	at(&sc->f, 1000);
	put_host(&sc->f, "boot");
	put_clock(&sc->f);
	assert_int_equal(topo_encode(t, &buf, &len), 0);
	put_record(&sc->f, REC_TOPOLOGY, buf, (__u32)len);
	free(buf);
	topo_free(t);
	sc->f.head_id = 0;
	ev_live(&sc->f, "\033[1m\n", 0, false);
	assert_int_equal(screen_resize(&sc->s, 50, 250), 0);
	for (view = "1234"; *view; view++) {
		console_key(sc->c, *view);
		draw(sc);
		for (i = 0; i < (size_t)sc->s.rows * (size_t)sc->s.cols; i++) {
			assert_true(sc->s.cells[i].ch >= 0x20 && sc->s.cells[i].ch != 0x7f);
			assert_true(sc->s.cells[i].ch < 0x80 || sc->s.cells[i].ch > 0x9f);
		}
	}
	console_key(sc->c, '2');
	sees(sc, "\\x1b");
}

/* A live controller without a path is on the screen, with a head beside it and without. */
static void test_absent(void **state)
{
	struct scene *sc = *state;
	struct topo *t = topo_new();
	struct topo_ctrl *c;
	size_t len, i;
	char *out = NULL;
	void *buf;
	FILE *f;

	at(&sc->f, 1000);
	put_host(&sc->f, "boot");
	put_clock(&sc->f);
	topo_add_subsys(t, 0);
	c = topo_add_ctrl(t, 0, 0);
	TOPO_TEXT(c->state, "live");
	c->refused = TOPO_REFUSED_DUPLICATE;
	c->refused_nsid = 1;
	for (i = 0; i < 2; i++) {
		assert_int_equal(topo_encode(t, &buf, &len), 0);
		put_record(&sc->f, REC_TOPOLOGY, buf, (__u32)len);
		free(buf);
		assert_int_equal(screen_resize(&sc->s, 24, 140), 0);
		sees(sc, i ? "nvme0 is live and its subsystem has 1 head, but no path by it" :
			     "nvme0 is live, but there is no namespace");
		sees(sc, "another namespace has the same");
		sees_not(sc, "Plug something in");
		f = open_memstream(&out, &len);
		assert_int_equal(console_batch(sc->c, &sc->d, f, 100), 0);
		fclose(f);
		assert_non_null(strstr(out, "another namespace has the same"));
		free(out);
		topo_add_head(t, 0, "nvme0n1")->nsid = 2;
	}
	topo_free(t);
}

static unsigned int seed = 1;

static unsigned int draw_lot(unsigned int below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % below;
}

/* Any keys in any order, at any size: the sanitizers watch. */
static void test_any_keys(void **state)
{
	static const int some[] = {
		CKEY_UP,
		CKEY_DOWN,
		CKEY_LEFT,
		CKEY_RIGHT,
		CKEY_PAGE_UP,
		CKEY_PAGE_DOWN,
		CKEY_HOME,
		CKEY_END,
		CKEY_ENTER,
		CKEY_ESC,
		CKEY_TAB,
		CKEY_BACKTAB,
		CKEY_BACKSPACE,
		CKEY_F1,
		CKEY_NONE,
		'1',
		'2',
		'3',
		'4',
		'/',
		's',
		'<',
		'>',
		'r',
		'p',
		'd',
		'+',
		'-',
		'h',
		'n',
		'v',
	};
	struct scene *sc = *state;
	int i;

	two_heads(sc);
	for (i = 0; i < 6000; i++) {
		if (i == 2000)
			lose(sc);
		if (i == 4000) {
			at(&sc->f, 20000);
			ev_add(&sc->f, "nvme0c7n1", 7, 1, 20000);
			ev_work(&sc->f, MPATH_WORK_CANCELLED, 30000, 20000, 0);
			ev_live(&sc->f, "nvme0c7n1", 7, true);
			ev_drained(&sc->f);
		}
		if (i % 50 == 0) {
			sc->s.ascii = draw_lot(2);
			assert_int_equal(screen_resize(&sc->s, 1 + (int)draw_lot(110),
						       1 + (int)draw_lot(310)),
					 0);
		}
		console_key(sc->c, some[draw_lot(sizeof(some) / sizeof(some[0]))]);
		sc->d.now_ns = sc->f.now + draw_lot(5) * SEC;
		assert_int_equal(console_draw(sc->c, &sc->d, &sc->s), 0);
	}
}

static void test_batch(void **state)
{
	struct scene *sc = *state;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	two_heads(sc);
	lose(sc);
	sc->d.now_ns = sc->f.now;
	assert_int_equal(console_batch(sc->c, &sc->d, out, 200), 0);
	fclose(out);
	assert_non_null(strstr(text, "nvme0n1"));
	assert_non_null(strstr(text, "nvme1n1"));
	assert_non_null(strstr(text, "SUBSYSTEM"));
	for (size = 0; text[size]; size++)
		assert_true(text[size] == '\n' || (text[size] >= ' ' && text[size] < 0x7f));
	free(text);
}

/* ---- what it is made of ---- */

static void test_compact(void **state)
{
	static const struct {
		double v;
		const char *text;
	} counts[] = {
		{ 0, "0" },	    { 0.01, "0.1" },   { 0.4, "0.4" },	   { 7, "7" },
		{ 7.25, "7.2" },    { 9999, "9999" },  { 10000, "10.0k" }, { 123456, "123k" },
		{ 999999, "1.0M" }, { 2.5e9, "2.5G" },
	};
	static const struct {
		__u64 ns;
		const char *text;
	} times[] = {
		{ 0, "0ns" },
		{ 999, "999ns" },
		{ 1500, "1.5us" },
		{ 412000, "412us" },
		{ 4200 * MS, "4.2s" },
		{ 9895 * MS, "9.9s" },
		{ 9990 * MS, "10s" },
		{ 75 * SEC, "75s" },
		{ 120 * SEC, "2.0m" },
		{ 3 * 3600 * SEC, "3.0h" },
		{ 50 * 86400 * SEC, "50d" },
	};
	char buf[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		assert_string_equal(fmt_compact_count(buf, sizeof(buf), counts[i].v),
				    counts[i].text);
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		assert_string_equal(fmt_compact_time(buf, sizeof(buf), times[i].ns), times[i].text);
	/* all of them fit into a column */
	assert_true(strlen(fmt_compact_time(buf, sizeof(buf), ~0ULL)) < 12);
}

static void test_screen(void **state)
{
	struct screen s = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out;

	(void)state;
	assert_int_equal(screen_resize(&s, 3, 10), 0);
	assert_int_equal(screen_text(&s, 0, 7, INK_BOLD, "a█cdef"), 13);
	screen_field(&s, 1, 0, 5, true, INK_NORMAL, "xy");
	screen_field(&s, 1, 6, 4, false, INK_NORMAL, "too long");
	screen_text(&s, -1, 0, INK_BOLD, "above");
	screen_text(&s, 3, 0, INK_BOLD, "below");
	screen_text(&s, 2, -2, INK_BOLD, "left");
	screen_text(&s, 2, 4, INK_BOLD, "\xe2\x96\033[m\xff");
	out = open_memstream(&text, &size);
	screen_print(&s, out);
	fclose(out);
	assert_string_equal(text, "       a█c\n   xy too\nft  ??[m?\n");
	free(text);
	s.ascii = true;
	screen_text(&s, 0, 0, INK_NORMAL, "█·é");
	assert_int_equal(screen_cell(&s, 0, 0)->ch, '#');
	assert_int_equal(screen_cell(&s, 0, 1)->ch, '-');
	assert_int_equal(screen_cell(&s, 0, 2)->ch, '?');
	screen_free(&s);
}

/* Lanes: the worst state of a time, and what a lane forgets. */
static void test_lanes(void **state)
{
	struct scene *sc = *state;
	const struct model_head *h;
	const struct history_lane *l;
	int i;

	two_heads(sc);
	lose(sc);
	h = model_head(sc->m, 0);
	l = history_lane(sc->history, h, 0);
	assert_non_null(l);
	assert_int_equal(history_worst(l, 0, SEC), PATH_UNKNOWN);
	assert_int_equal(history_worst(l, 2 * SEC, 3 * SEC), 1 + HEAD_HEALTHY);
	assert_int_equal(history_worst(l, 9 * SEC, 11 * SEC), 1 + HEAD_GRACE);
	l = history_lane(sc->history, h, 1);
	assert_string_equal(l->name, "nvme0c0n1");
	assert_int_equal(history_worst(l, 2 * SEC, 3 * SEC), PATH_USABLE);
	assert_int_equal(history_worst(l, 12 * SEC, 13 * SEC), PATH_GONE);
	sc->f.subsys = 1;
	sc->f.head_id = 2;
	strcpy(sc->f.head, "nvme1n1");
	for (i = 0; i < 1000; i++) {
		at(&sc->f, 20000 + (__u64)i * 10);
		ev_live(&sc->f, "nvme1c2n1", 2, i % 2);
	}
	l = history_lane(sc->history, model_head(sc->m, 1), 1);
	assert_int_equal(history_worst(l, 29 * SEC, 30 * SEC), PATH_UNUSABLE);
	assert_int_equal(history_worst(l, 31 * SEC, 32 * SEC), PATH_USABLE);
	/* forgotten */
	assert_int_equal(history_worst(l, 20 * SEC, 20 * SEC + 1), PATH_UNKNOWN);
	assert_true(history_events(sc->history) > 1000);
}

/* The last event of a window, and the place of the record's event that brought it. */
static size_t window_event(const struct history *h)
{
	size_t i = history_events(h);

	while (i-- && !history_event(h, i)->text)
		;
	assert_true(i > 0 && i < history_events(h));
	return i - 1;
}

/* An event comes before the windows that it ends, whatever the order in which it is understood. */
static void test_order_of_events(void **state)
{
	struct scene *sc = *state;
	const struct model_session *old, *own;
	size_t i;

	two_heads(sc);
	lose(sc);
	ev_gone(&sc->f, MPATH_REMOVE_EXPIRED);
	i = window_event(sc->history);
	assert_int_equal(i + 2, history_events(sc->history));
	assert_int_equal(history_event(sc->history, i)->type, REC_EVENT);
	assert_int_equal(history_event(sc->history, i)->ev.type, MPATH_EV_HEAD_REMOVE);

	/*
	 * nor does it matter that a START is of the session that it begins, its windows of the last
	 */
	at(&sc->f, 60000);
	scene_two_paths(&sc->f);
	scene_lose(&sc->f, 70000);
	old = model_current(sc->m);
	at(&sc->f, 5);
	put_start(&sc->f);
	i = window_event(sc->history);
	own = history_event(sc->history, i)->session;
	assert_int_equal(history_event(sc->history, i)->type, REC_START);
	assert_ptr_equal(own, model_current(sc->m));
	assert_ptr_not_equal(own, old);
	assert_ptr_equal(history_event(sc->history, i + 1)->session, old);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_nothing),
		TEST(test_states),
		TEST(test_countdown),
		TEST(test_zero_paths_everywhere),
		TEST(test_missing),
		TEST(test_prompts),
		TEST(test_selection),
		TEST(test_hostile),
		TEST(test_absent),
		TEST(test_any_keys),
		TEST(test_batch),
		TEST(test_lanes),
		TEST(test_order_of_events),
		cmocka_unit_test(test_compact),
		cmocka_unit_test(test_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
