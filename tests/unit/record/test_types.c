// SPDX-License-Identifier: GPL-2.0-only
/* The table of record types: whole, consistent, and obeyed by record_ok(). */
#include <string.h>

#include "base/array.h"
#include "record/types.h"
#include "tests/unit/feed.h"

static void test_rows(void **state)
{
	const struct record_type_info *info;
	bool context[REC_TYPES + 1] = { false };
	size_t type, other, i;

	(void)state;
	for (type = 1; type < REC_TYPES; type++) {
		info = record_type_info(type);
		assert_non_null(info);
		assert_int_not_equal(info->names, RECORD_NAMES_UNKNOWN);
		for (other = 1; other < type; other++)
			assert_string_not_equal(info->name, record_type_name(other));
		for (i = 0; i < RECORD_TEXTS && info->texts[i].size; i++)
			assert_true(info->texts[i].offset + info->texts[i].size <= info->min_len);
		assert_true(info->context < REC_TYPES);
		assert_false(info->context && context[info->context]);
		context[info->context] = true;
	}
	/* places of the context have no hole */
	for (i = 1; context[i]; i++)
		;
	for (; i < REC_TYPES; i++)
		assert_false(context[i]);
}

static void test_unknown(void **state)
{
	static const __u64 types[] = { 0, REC_TYPES, 0xffff, ~0ULL };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		assert_null(record_type_info(types[i]));
		assert_string_equal(record_type_name(types[i]), "unknown");
	}
}

/* A payload may be longer than it was, not shorter; each of its texts ends. */
static void test_payloads(void **state)
{
	static char payload[4096] __attribute__((aligned(8)));
	const struct record_type_info *info;
	const struct record_text *t;
	size_t type;

	(void)state;
	for (type = 1; type < REC_TYPES; type++) {
		struct record rec = {
			.type = (__u16)type,
			.version = RECORD_VERSION,
			.data = payload,
		};

		info = record_type_info(type);
		if (info->check)
			continue;
		memset(payload, 0, sizeof(payload));
		rec.len = info->min_len;
		assert_true(record_ok(&rec));
		rec.len = info->min_len + 8;
		assert_true(record_ok(&rec));
		rec.version++;
		assert_false(record_ok(&rec));
		rec.version--;
		for (t = info->texts; t < info->texts + RECORD_TEXTS && t->size; t++) {
			memset(payload + t->offset, 'a', t->size);
			assert_false(record_ok(&rec));
			payload[t->offset + t->size - 1] = '\0';
			assert_true(record_ok(&rec));
		}
		rec.len = info->min_len - 1;
		if (info->min_len)
			assert_false(record_ok(&rec));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_payloads),
	};

	return cmocka_run_group_tests_name("types", tests, NULL, NULL);
}
