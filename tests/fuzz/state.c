// SPDX-License-Identifier: GPL-2.0-only
/*
 * A state of the counters, which gets a right checksum here. What is taken is written as text, and
 * saved; a state that the tool saved is taken, and saved again as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "fuzz.h"
#include "metrics/metrics.h"

#define MAGIC	"NVMEMPS\n"

struct state {
	void	*bytes;
	size_t	len;
};

/* Returns whether it is a state; @saved: what it is saved as */
static int load_and_save(const struct state *from, struct state *saved)
{
	static const struct metrics_self self = { .version = "fuzz" };
	struct model *m = model_new();
	struct metrics *x = metrics_new(m);
	int ok = !metrics_load(x, from->bytes, from->len);

	if (ok &&
	    (metrics_save(x, &saved->bytes, &saved->len) || metrics_write(x, &self, fuzz_sink())))
		abort();
	metrics_free(x);
	model_free(m);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct state in = { malloc(size + 1), size }, first, again;
	uint32_t crc = 0;

	memcpy(in.bytes, data, size);
	if (size >= 16) {
		memcpy(in.bytes, MAGIC, 8);
		memcpy((char *)in.bytes + 12, &crc, 4);
		crc = crc32c(0, in.bytes, size);
		memcpy((char *)in.bytes + 12, &crc, 4);
	}
	if (load_and_save(&in, &first)) {
		if (!load_and_save(&first, &again) || first.len != again.len ||
		    memcmp(first.bytes, again.bytes, first.len))
			abort();
		free(first.bytes);
		free(again.bytes);
	}
	free(in.bytes);
	return 0;
}
