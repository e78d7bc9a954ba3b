// SPDX-License-Identifier: GPL-2.0-only
/* Who stalled: records, and what is shown of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/json_model.h"
#include "report/report.h"
#include "tests/unit/fixture.h"

static char shown[2048];

static const char *who(const struct model_outage *o)
{
	FILE *out = fmemopen(shown, sizeof(shown), "w");

	assert_non_null(out);
	view_put_who(out, o);
	fclose(out);
	return shown;
}

/* Twelve bios: those of two units, one queued more later, and some that no record has. */
static void test_records(void **state)
{
	const struct model_outage *c;
	struct mpath_outage o;

	(void)state;
	scene_lose(&f, 10000);
	o = outage(&f, 12, 0, 0);
	put_outage(&f, &o);
	put_who(&f, 41, "/system.slice/postgresql@16.service", 3, 812, "postgres");
	put_who(&f, 42, "/user.slice/user-0.slice/session-1.scope", 4, 0, "");
	put_who(&f, 41, "", 6, 812, "postgres");	/* the cgroup is gone: its name stays */
	c = window(0)->counters;
	assert_int_equal(c->nr_who, 2);
	assert_int_equal(c->who[0].parked, 6);
	assert_string_equal(c->who[0].path, "/system.slice/postgresql@16.service");
	assert_int_equal(model_outage_who_other(c), 2);
	assert_string_equal(who(c),
			    "postgresql@16.service 6 (postgres 812) \xc2\xb7 session-1.scope 4 "
			    "\xc2\xb7 other 2");
}

/* They belong to their own outage; of one that is not known they are nonsense. */
static void test_of_an_outage(void **state)
{
	struct mpath_outage o;

	(void)state;
	scene_lose(&f, 10000);
	put_who(&f, 41, "/a", 3, 0, "");	/* no snapshot came before */
	o = outage(&f, 3, 0, 0);
	put_outage(&f, &o);
	put_who(&f, 41, "/a", 3, 0, "");
	scene_return(&f, 1000, 2);
	scene_lose(&f, 20000);
	o = outage(&f, 5, 0, 0);
	put_outage(&f, &o);
	put_who(&f, 41, "/a", 5, 0, "");
	assert_int_equal(window(0)->counters->who[0].parked, 3);
	assert_int_equal(window(1)->counters->who[0].parked, 5);
	put_end(&f);
	model_finish(m);
	assert_int_equal(model_remark(m, 0)->kind, REMARK_OPEN_AT_END);
	assert_int_equal(model_remark(m, 1)->kind, REMARK_BAD_RECORD);
	assert_int_equal(model_remark(m, 1)->b, 1);
}

/* Of many cgroups the model keeps the first, and shows the largest. */
static void test_many(void **state)
{
	const struct model_outage *c;
	struct mpath_outage o;
	char path[32];
	int i;

	(void)state;
	scene_lose(&f, 10000);
	o = outage(&f, 10000, 0, 0);
	put_outage(&f, &o);
	for (i = 1; i <= 100; i++) {
		snprintf(path, sizeof(path), "/pod%d", i);
		put_who(&f, (__u64)i, path, (__u64)i, 0, "");
	}
	c = window(0)->counters;
	assert_int_equal(c->nr_who, MODEL_WHO);
	assert_int_equal(model_outage_who_other(c), 10000 - 64 * 65 / 2);
	assert_string_equal(who(c),
			    "pod64 64 \xc2\xb7 pod63 63 \xc2\xb7 pod62 62 \xc2\xb7 pod61 61 "
			    "\xc2\xb7 pod60 60 \xc2\xb7 other 9690");
}

static void test_bad_records(void **state)
{
	struct mpath_outage o;
	struct rec_who r = {};

	(void)state;
	scene_lose(&f, 10000);
	o = outage(&f, 12, 0, 0);
	put_outage(&f, &o);
	r.w.head_id = f.head_id;
	r.w.outage = f.outage;
	memset(r.path, 'x', sizeof(r.path));
	put_record(&f, REC_WHO, &r, sizeof(r));
	memset(r.path, 0, sizeof(r.path));
	memset(r.w.comm, 'x', sizeof(r.w.comm));
	put_record(&f, REC_WHO, &r, sizeof(r));
	put_record(&f, REC_WHO, &r, sizeof(r.w));
	assert_int_equal(window(0)->counters->nr_who, 0);
}

/* Not recorded is null; nothing parked is nobody. */
static void test_json(void **state)
{
	struct json_object *o, *v;
	struct mpath_outage s;

	(void)state;
	scene_lose(&f, 10000);
	s = outage(&f, 2, 0, 0);
	put_outage(&f, &s);
	o = json_counters(window(0)->counters);
	assert_true(json_object_object_get_ex(o, "who", &v));
	assert_null(v);
	assert_true(json_object_object_get_ex(o, "who_other", &v));
	assert_null(v);
	json_object_put(o);
	put_who(&f, 41, "/system.slice/a.service", 1, 7, "a\033b");
	o = json_counters(window(0)->counters);
	assert_true(json_object_object_get_ex(o, "who_other", &v));
	assert_int_equal(json_object_get_int(v), 1);
	assert_true(json_object_object_get_ex(o, "who", &v));
	assert_int_equal(json_object_array_length(v), 1);
	v = json_object_array_get_idx(v, 0);
	assert_string_equal(json_object_get_string(json_object_object_get(v, "unit")), "a.service");
	assert_int_equal(json_object_get_int(json_object_object_get(v, "cgroup")), 41);
	assert_null(strchr(who(window(0)->counters), 033));
	json_object_put(o);
}

static void test_units(void **state)
{
	static const struct {
		const char *path, *unit;
	} cases[] = {
		{ "/", "/" },
		{ "", "" },
		{ "/init.scope", "init.scope" },
		{ "/system.slice/ssh.service", "ssh.service" },
		{ "/system.slice/containerd.service/supervised", "containerd.service" },
		{ "/user.slice/user-0.slice/user@0.service/app.slice/run-r1.scope",
		  "run-r1.scope" },
		{ "/kubepods/burstable/pod9f2", "pod9f2" },
		{ "/kubepods/burstable/pod9f2/", "pod9f2" },
		{ "/system.slice/docker-0123456789abcdef0123456789abcdef"
		  "0123456789abcdef0123456789abcdef.scope",
		  "docker-0123456789ab.scope" },
		{ "/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		  "0123456789ab" },
		{ "/machine.slice/.service", ".service" },
	};
	char buf[VIEW_UNIT_LEN], tiny[4];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(view_unit(buf, sizeof(buf), cases[i].path), cases[i].unit);
	assert_string_equal(view_unit(tiny, sizeof(tiny), "/a/bcdef"), "bcd");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_records),	TEST(test_of_an_outage), TEST(test_many),
		TEST(test_bad_records), TEST(test_json),	 cmocka_unit_test(test_units),
	};

	return cmocka_run_group_tests_name("who stalled", tests, NULL, NULL);
}
