// SPDX-License-Identifier: GPL-2.0-only
/* A bundle: names that come out of it are harmless, and sizes bounded. */
#include <stdlib.h>
#include <string.h>

#include "bundle/read.h"
#include "fuzz.h"

#define MAX_TOTAL	(1 << 20)

static int named(void *ctx, const char *name)
{
	const char *p;

	(void)ctx;
	if (!*name || *name == '/' || strlen(name) > BUNDLE_MAX_NAME || strstr(name, "//"))
		abort();
	for (p = name; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (!strncmp(p, "../", 3) || !strcmp(p, ".."))
			abort();
	}
	return 0;
}

static int data(void *ctx, const void *bytes, size_t len)
{
	size_t *sum = ctx;

	(void)bytes;
	*sum += len;
	if (*sum > MAX_TOTAL)
		abort();
	return 0;
}

static int end(void *ctx)
{
	(void)ctx;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char why[256];
	size_t sum = 0;
	const struct bundle_sink sink = {
		.directory = named,
		.begin = named,
		.data = data,
		.end = end,
		.ctx = &sum,
		.max_total = MAX_TOTAL,
	};

	if (bundle_read(-1, bytes, size, &sink, why, sizeof(why)) &&
	    !memchr(why, '\0', sizeof(why)))
		abort();
	return 0;
}
