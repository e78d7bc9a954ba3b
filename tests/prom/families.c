// SPDX-License-Identifier: GPL-2.0-only
/*
 * families < README.md > NEW: the same, with the table of metrics and the numbers of series as
 * the rows in metrics/families.c have them.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "metrics/families.h"

#define TABLE	"| name | type | labels |"
#define NUMBERS	"A head has at most "

static const char *const labels_of[] = {
	[METRICS_OF_HEAD] = "device, subsystem",
	[METRICS_OF_PATH] = "device, subsystem, controller, path",
	[METRICS_OF_COLLECTOR] = "",
};

/* A "|" would end the cell. */
static void print_query(const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			putchar('\\');
		putchar(*text);
	}
}

static void print_row(const struct metrics_family *f)
{
	const char *of = labels_of[f->of], *more = f->label ? f->label->name : f->more;

	printf("| `%s` | %s | %s%s%s | %s | %s | `", f->name, f->type, of, *of && more ? ", " : "",
	       more ? more : "", f->unit ? f->unit : "", f->help);
	print_query(f->example);
	puts("` |");
}

static void print_table(void)
{
	const struct metrics_family *f;

	puts("| name | type | labels | unit | meaning | example query |");
	puts("|---|---|---|---|---|---|");
	for (f = metrics_families; f->name; f++)
		print_row(f);
}

static void print_numbers(void)
{
	size_t of[3] = {}, counters = 0;
	const struct metrics_family *f;

	for (f = metrics_families; f->name; f++) {
		of[f->of] += metrics_family_series(f);
		if (f->of == METRICS_OF_HEAD && f->kind != METRICS_NO_FIELD)
			counters += metrics_family_series(f);
	}
	printf(NUMBERS
	       "%zu, of which %zu are counters, and each of its paths has %zu; %d paths of a "
	       "head are shown at most. The collector has %zu.\n",
	       of[METRICS_OF_HEAD], counters, of[METRICS_OF_PATH], METRICS_PATHS,
	       of[METRICS_OF_COLLECTOR]);
}

int main(void)
{
	bool in_table = false, table = false, numbers = false;
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		in_table = in_table && *line == '|';
		if (!strncmp(line, TABLE, strlen(TABLE))) {
			print_table();
			in_table = table = true;
		} else if (!strncmp(line, NUMBERS, strlen(NUMBERS))) {
			print_numbers();
			numbers = true;
		} else if (!in_table) {
			fputs(line, stdout);
		}
	}
	if (table && numbers)
		return 0;
	fprintf(stderr, "families: no line begins with \"%s\"\n", table ? NUMBERS : TABLE);
	return 1;
}
