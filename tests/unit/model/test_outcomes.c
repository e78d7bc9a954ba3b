// SPDX-License-Identifier: GPL-2.0-only
/* The rows of the outcomes; and that schema, metrics' texts and man page have each of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "model/outcomes.h"

/* A file of the source tree. To be freed. */
static char *read_text(const char *path)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = fopen(path, "re");

	if (!f || getdelim(&text, &len, '\0', f) < 0)
		fail_msg("%s: cannot be read; this test runs in the top directory", path);
	fclose(f);
	return text;
}

/* What @path has between @from and @to names the outcome, as @format writes it. */
static void wants(const char *path, const char *from, const char *to, const char *format,
		  const char *name)
{
	char *text = read_text(path), *begin = strstr(text, from), *end, wanted[64];

	end = begin ? strstr(begin + strlen(from), to) : NULL;
	if (!end)
		fail_msg("%s: nothing between \"%s\" and \"%s\"", path, from, to);
	*end = '\0';
	snprintf(wanted, sizeof(wanted), format, name);
	if (!strstr(begin, wanted))
		fail_msg("%s: the outcome %s is missing", path, name);
	free(text);
}

static void test_rows(void **state)
{
	bool placed[MODEL_OUTCOMES] = { false };
	int o, other;

	(void)state;
	for (o = 0; o < MODEL_OUTCOMES; o++) {
		const struct outcome_row *row = outcome_row(o);

		assert_true(row->name && row->word && row->headline && row->what_if && row->cell);
		assert_in_range(row->place, 0, MODEL_OUTCOMES - 1);
		assert_false(placed[row->place]);
		placed[row->place] = true;
		assert_int_equal(outcome_at(row->place), o);
		assert_true(row->severity < OUTCOME_SEVERITIES);
		assert_false(outcome_saved(o) && outcome_gone(o));
		for (other = 0; other < o; other++) {
			assert_string_not_equal(row->name, outcome_row(other)->name);
			assert_int_not_equal(row->urgency, outcome_row(other)->urgency);
		}
	}
	assert_int_equal(outcome_at(MODEL_OUTCOMES), MODEL_OUTCOMES);
	assert_string_equal(outcome_row(MODEL_OUTCOMES)->name, "unknown");
	assert_string_equal(outcome_row(99)->name, "unknown");
}

static void test_fates(void **state)
{
	(void)state;
	assert_true(outcome_saved(MODEL_RECOVERED) && outcome_saved(MODEL_LATE_RESCUE));
	assert_true(outcome_gone(MODEL_REMOVED) && outcome_gone(MODEL_CLOSED) &&
		    outcome_gone(MODEL_NOT_ARMED));
	assert_false(outcome_saved(MODEL_PENDING) || outcome_gone(MODEL_PENDING));
	assert_false(outcome_saved(MODEL_UNKNOWN) || outcome_gone(MODEL_UNKNOWN));
}

static void test_schema(void **state)
{
	static const char schema[] = "user/share/schema/report-2.json";
	int o;

	(void)state;
	for (o = 0; o < MODEL_OUTCOMES; o++) {
		const char *name = outcome_row(o)->name;

		wants(schema, "\n  \"outcome\": {", "]", "    \"%s\"", name);
		wants(schema, "\n  \"outcomes\": {", "]", "    \"%s\"", name);
		wants(schema, "\n  \"outcomes\": {", "\n  }", "    \"%s\": {", name);
	}
}

static void test_man(void **state)
{
	int o;

	(void)state;
	for (o = 0; o < MODEL_OUTCOMES; o++)
		wants("user/share/nvme-mpathtop.8", "\nOutcomes:\n", "\n.El\n", "\n.It %s\n",
		      outcome_row(o)->headline);
}

/* A window that is open is no outcome of a metric. */
static void test_metrics_text(void **state)
{
	int o;

	(void)state;
	for (o = 0; o < MODEL_OUTCOMES; o++)
		if (o != MODEL_PENDING)
			wants("user/share/prometheus/README.md", "\n- **outcome**:", "\n- **", "%s",
			      outcome_row(o)->name);
}

/* Each list of outcomes in @path has those that take the head away, and no other. */
static void check_lists(const char *path, const char *before, const char *between,
			const char *after)
{
	char *text = read_text(path), *at = text, wanted[256];
	size_t len = 0, lists = 0;
	int o;

	for (o = 0; o < MODEL_OUTCOMES; o++)
		if (outcome_gone(o))
			len += (size_t)snprintf(wanted + len, sizeof(wanted) - len, "%s%s",
						len ? between : "", outcome_row(o)->name);
	snprintf(wanted + len, sizeof(wanted) - len, "%s", after);
	while ((at = strstr(at, before))) {
		at += strlen(before);
		lists++;
		if (strncmp(at, wanted, strlen(wanted)))
			fail_msg("%s: a list is not %s", path, wanted);
	}
	if (!lists)
		fail_msg("%s: no \"%s\"", path, before);
	free(text);
}

static void test_lists(void **state)
{
	(void)state;
	check_lists("user/share/prometheus/alerts.yml", "outcome=~\"", "|", "\"");
	check_lists("user/share/prometheus/dashboard.json", "outcome=~\\\"", "|", "\\\"");
	check_lists("tests/prom/cases.py", "\nGONE = (\"", "\", \"", "\")");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),	     cmocka_unit_test(test_fates),
		cmocka_unit_test(test_schema),	     cmocka_unit_test(test_man),
		cmocka_unit_test(test_metrics_text), cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
