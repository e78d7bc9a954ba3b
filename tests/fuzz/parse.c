// SPDX-License-Identifier: GPL-2.0-only
/* Everything that takes a text: options, numbers, times, sizes, masks; and a topology's bytes. */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "base/json.h"
#include "base/parse.h"
#include "base/time_arg.h"
#include "bundle/mask.h"
#include "cmd/options.h"
#include "fuzz.h"
#include "record/topology.h"
#include "report/html_writer.h"

static void values(const char *text)
{
	char buf[64], one[1] = "x";
	struct when w;
	__s64 ns;
	__u64 v;

	parse_number(text, &v);
	parse_duration(text, &v);
	parse_size(text, &v);
	if (!when_parse(text, &w) && w.kind != WHEN_NONE)
		when_resolve(&w, true, 1789182245000000000LL, &ns);
	fmt_text(buf, sizeof(buf), text);
	if (strlen(buf) >= sizeof(buf))
		abort();
	fmt_text(one, sizeof(one), text);
	fmt_nqn(buf, sizeof(buf), text, 20);
}

/*
 * A command line that is wrong, or asks for help, ends the program: here, only the parsing of it.
 */
static jmp_buf after_options;
static bool in_options;

void __real_exit(int status) __attribute__((noreturn));
void __wrap_exit(int status) __attribute__((noreturn));

void __wrap_exit(int status)
{
	if (in_options)
		longjmp(after_options, 1);
	__real_exit(status);
}

struct options {
	const char	*string, *file, *optional;
	__u64		number, duration, size;
	struct when	since;
	bool		flag;
};

static const struct opt table[] = {
	OPT_JSON(struct options, flag),
	OPT_SINCE(struct options, since),
	OPT_STRING('s', "string", struct options, string, "TEXT", "h"),
	OPT_FILE('f', "file", struct options, file, "FILE", "h"),
	OPT_OPTIONAL(0, "optional", struct options, optional, "TEXT", "h"),
	OPT_NUMBER('n', "number", struct options, number, "N", 1, 100, "h"),
	OPT_DURATION('d', "duration", struct options, duration, "D", 0, 1000, "h"),
	OPT_SIZE(0, "size", struct options, size, "S", 0, 1 << 20, "h"),
	OPT_END,
};

/* Words of a command line, separated by newlines. */
static void options(char *text)
{
	const struct command c = {
		.name = "x", .summary = "x", .args = "[A]", .max_args = 2, .options = table
	};
	char *argv[34] = { (char *)"x" }, **args;
	struct options o = {};
	int argc = 1;

	while (argc < 33 && text)
		argv[argc++] = strsep(&text, "\n");
	in_options = !setjmp(after_options);
	if (in_options && opts_parse(&c, &o, argc, argv, &args) > 2)
		abort();
	in_options = false;
}

static void topology(const uint8_t *data, size_t size)
{
	struct topo *t, *again;
	void *buf;
	size_t len;

	if (topo_decode(data, size, &t))
		return;
	/* what can be read can be written, and is then the same */
	if (!topo_encode(t, &buf, &len)) {
		if (topo_decode(buf, len, &again))
			abort();
		if (again->nr_heads != t->nr_heads || again->nr_paths != t->nr_paths)
			abort();
		topo_free(again);
		free(buf);
	}
	topo_free(t);
}

/* The first line is a secret, which must be nowhere in what comes out of the rest. */
static void masks(const char *text)
{
	size_t len = strcspn(text, "\n"), size;
	struct mask *m = mask_new();
	char secret[64], *out;
	FILE *f;

	if (len < 8 || len >= sizeof(secret) || !text[len]) {
		mask_free(m);
		return;
	}
	snprintf(secret, sizeof(secret), "%.*s", (int)len, text);
	mask_add(m, MASK_SERIAL, secret);
	mask_add_addresses(m, secret);
	f = open_memstream(&out, &size);
	mask_put(m, f, text, strlen(text));
	fclose(f);
	free(out);
	mask_free(m);
}

static void escapes(const char *text)
{
	struct json_object *o = json_object_new_object();
	struct html h;

	json_add_text(o, "x", text);
	json_write(fuzz_sink(), o, 0);
	if (!html_open(&h, fuzz_sink()))
		html_element(&h, "p", "%s", text);
	html_close(&h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	static int quiet;

	if (!quiet++ && (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)))
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	values(text);
	masks(text);
	escapes(text);
	options(text);
	topology(data, size);
	free(text);
	return 0;
}
