// SPDX-License-Identifier: GPL-2.0-only
/* Topology codec: round trip, and bytes that are none. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "record/topology.h"
#include "tests/unit/feed.h"

static struct topo *example(void)
{
	struct topo *t = topo_new();
	struct topo_subsys *s;
	struct topo_head *h;
	struct topo_path *p;
	struct topo_ctrl *c;

	s = topo_add_subsys(t, 1);
	TOPO_TEXT(s->nqn, "nqn.b");
	s = topo_add_subsys(t, 0);
	TOPO_TEXT(s->nqn, "nqn.a");
	TOPO_TEXT(s->model, "QEMU NVMe Ctrl");
	TOPO_TEXT(s->serial, "s1");
	TOPO_TEXT(s->iopolicy, "numa");
	h = topo_add_head(t, 1, "nvme1n10");	/* no setting, no path */
	h->nsid = 10;
	h = topo_add_head(t, 0, "nvme0n2");
	h->nsid = 2;
	h->setting_s = 0;
	h->bytes = 1ULL << 40;
	TOPO_TEXT(h->uuid, "6f1a7c9e-3f6b-4a53-9d3e-0b6f8a1c2d3e");
	TOPO_TEXT(h->wwid, "eui.0025385b01424bf2");
	p = topo_add_path(t, "nvme0n2", "nvme0c10n2");
	p->ctrl = 10;
	TOPO_TEXT(p->transport, "tcp");
	TOPO_TEXT(p->address, "traddr=192.0.2.1,trsvcid=4420");
	TOPO_TEXT(p->state, "live");
	TOPO_TEXT(p->ana, "optimized");
	p = topo_add_path(t, "nvme0n2", "nvme0c2n2");	/* no controller */
	c = topo_add_ctrl(t, 0, 10);
	c->queues = 5;
	c->disks = 1;
	c->refused = TOPO_REFUSED_CHANGED;
	c->refused_nsid = 0xfffffffe;
	TOPO_TEXT(c->type, "io");
	TOPO_TEXT(c->transport, "tcp");
	TOPO_TEXT(c->address, "traddr=192.0.2.1,trsvcid=4420");
	TOPO_TEXT(c->state, "live");
	topo_add_ctrl(t, TOPO_NO_SUBSYS, 2);	/* nothing known of it */
	topo_sort(t);
	return t;
}

static void test_roundtrip(void **state)
{
	struct topo *a = example(), *b;
	void *buf, *again;
	size_t len, len2;

	(void)state;
	assert_string_equal(a->heads[0].name, "nvme0n2");
	assert_string_equal(a->paths[0].name, "nvme0c2n2");	/* 2 before 10 */
	assert_int_equal(a->subsys[0].instance, 0);
	assert_int_equal(topo_encode(a, &buf, &len), 0);
	assert_int_equal(topo_decode(buf, len, &b), 0);
	assert_int_equal(b->nr_subsys, 2);
	assert_int_equal(b->nr_heads, 2);
	assert_int_equal(b->nr_paths, 2);
	assert_int_equal(b->nr_ctrls, 2);
	assert_int_equal(b->ctrls[0].ctrl, 2);
	assert_memory_equal(a->ctrls, b->ctrls, 2 * sizeof(*a->ctrls));
	assert_int_equal(topo_find_ctrl(b, 10)->queues, 5);
	assert_int_equal(topo_find_ctrl(b, 2)->queues, TOPO_NO_QUEUES);
	assert_null(topo_find_ctrl(b, 3));
	assert_memory_equal(a->subsys, b->subsys, 2 * sizeof(*a->subsys));
	assert_memory_equal(a->heads, b->heads, 2 * sizeof(*a->heads));
	assert_memory_equal(a->paths, b->paths, 2 * sizeof(*a->paths));
	assert_int_equal(topo_find_head(b, "nvme1n10")->setting_s, TOPO_NO_SETTING);
	assert_int_equal(topo_find_head(b, "nvme0n2")->setting_s, 0);
	assert_string_equal(topo_find_subsys(b, 1)->nqn, "nqn.b");
	assert_null(topo_find_head(b, "nvme0n1"));
	assert_null(topo_find_subsys(b, 5));
	assert_int_equal(topo_encode(b, &again, &len2), 0);
	assert_int_equal(len, len2);
	assert_memory_equal(buf, again, len);
	free(buf);
	free(again);
	topo_free(a);
	topo_free(b);
	topo_free(NULL);
}

static void test_empty(void **state)
{
	struct topo *t = topo_new(), *u;
	size_t len;
	void *buf;

	(void)state;
	assert_int_equal(topo_encode(t, &buf, &len), 0);
	assert_int_equal(len, 0);
	assert_int_equal(topo_decode(buf, len, &u), 0);
	assert_int_equal(u->nr_heads, 0);
	free(buf);
	topo_free(t);
	topo_free(u);
}

/* Cut anywhere or change any byte: an error or a topology, never anything else. */
static void test_untrusted(void **state)
{
	struct topo *a = example(), *b;
	size_t len, i, errors = 0;
	char *copy;
	void *buf;
	int value, err;

	(void)state;
	assert_int_equal(topo_encode(a, &buf, &len), 0);
	for (i = 0; i < len; i++) {
		/* exactly as long as it is, so that the sanitizer sees a read beyond */
		copy = malloc(i ? i : 1);
		memcpy(copy, buf, i);
		err = topo_decode(copy, i, &b);
		free(copy);
		assert_true(!err || err == -EBADMSG);
		if (!err)
			topo_free(b);
		errors += err != 0;
	}
	assert_true(errors > len / 2);
	copy = malloc(len);
	for (i = 0; i < len; i++) {
		for (value = 0; value < 256; value += 5) {
			memcpy(copy, buf, len);
			copy[i] = (char)value;
			err = topo_decode(copy, len, &b);
			assert_true(!err || err == -EBADMSG);
			if (!err)
				topo_free(b);
		}
	}
	free(copy);
	free(buf);
	topo_free(a);
}

static void put_field(char **p, __u16 tag, __u16 len, const char *bytes)
{
	memcpy(*p, &tag, 2);
	memcpy(*p + 2, &len, 2);
	memcpy(*p + 4, bytes, len);
	*p += 4 + len;
}

static void test_future_fields(void **state)
{
	char buf[256], *p = buf;
	struct topo *t;

	(void)state;
	put_field(&p, 9, 0, "");		/* an element of an unknown kind */
	put_field(&p, 36, 4, "fake");		/* is not a head's name then */
	put_field(&p, 2, 0, "");		/* a head */
	put_field(&p, 500, 3, "new");		/* with an unknown field */
	put_field(&p, 36, 7, "nvme0n1");
	put_field(&p, 17, 3, "nqn");		/* and one of a subsystem: ignored */
	assert_int_equal(topo_decode(buf, (size_t)(p - buf), &t), 0);
	assert_int_equal(t->nr_heads, 1);
	assert_string_equal(t->heads[0].name, "nvme0n1");
	topo_free(t);
	p = buf;
	put_field(&p, 2, 0, "");
	put_field(&p, 36, 32, "0123456789012345678901234567890123456789");	/* too long */
	assert_int_equal(topo_decode(buf, (size_t)(p - buf), &t), -EBADMSG);
}

static void test_cut(void **state)
{
	char field[8];

	(void)state;
	TOPO_TEXT(field, "0123456789");
	assert_string_equal(field, "0123456");
	TOPO_TEXT(field, NULL);
	assert_string_equal(field, "");
}

static void test_too_long(void **state)
{
	struct topo *t = topo_new();
	size_t len;
	void *buf;
	int i;

	(void)state;
	for (i = 0; i < 40000; i++)
		memset(topo_add_path(t, "h", "p")->address, 'a', 255);
	assert_int_equal(topo_encode(t, &buf, &len), -E2BIG);
	topo_free(t);
}

static void test_path_state(void **state)
{
	static const struct {
		const char *state, *ana;
		enum path_state is;
	} cases[] = {
		{ "", "", PATH_UNKNOWN },
		{ "", "optimized", PATH_UNKNOWN },
		{ "live", "", PATH_USABLE },
		{ "live", "optimized", PATH_USABLE },
		{ "live", "non-optimized", PATH_NON_OPTIMIZED },
		{ "live", "inaccessible", PATH_UNUSABLE },
		{ "live", "change", PATH_UNUSABLE },
		{ "connecting", "optimized", PATH_UNUSABLE },
		{ "dead", "", PATH_UNUSABLE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct topo_path p = { 0 };

		TOPO_TEXT(p.state, cases[i].state);
		TOPO_TEXT(p.ana, cases[i].ana);
		assert_int_equal(topo_path_state(&p), cases[i].is);
		assert_int_equal(path_is_usable(cases[i].is),
				 cases[i].is == PATH_USABLE || cases[i].is == PATH_NON_OPTIMIZED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roundtrip), cmocka_unit_test(test_empty),
		cmocka_unit_test(test_untrusted), cmocka_unit_test(test_future_fields),
		cmocka_unit_test(test_cut), cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_path_state),
	};

	return cmocka_run_group_tests_name("topology", tests, NULL, NULL);
}
