// SPDX-License-Identifier: GPL-2.0-only
/*
 * A recording: reader, model, timeline, every report, what-if, advise, check. An input
 * that begins as a segment does is read as one. Any other is a list of records
 * that get right checksums here, or nothing would come past the reader:
 * type (1 byte), flags (1), length (2), time (8), payload.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analysis/advise.h"
#include "analysis/timeline.h"
#include "base/crc32c.h"
#include "base/json.h"
#include "check/output.h"
#include "fuzz.h"
#include "model/model.h"
#include "record/reader.h"
#include "record/writer.h"
#include "report/event.h"
#include "report/html.h"
#include "report/json.h"
#include "report/text.h"

static void put(int fd, const void *bytes, size_t len)
{
	if (write(fd, bytes, len) != (ssize_t)len)
		abort();
}

static void put_header(int fd)
{
	struct record_file_header h = {
		.magic = RECORD_MAGIC,
		.format_version = RECORD_FORMAT_VERSION,
		.abi_version = MPATH_ABI_VERSION,
		.segment = 1,
	};

	h.crc = crc32c(0, &h, offsetof(struct record_file_header, crc));
	put(fd, &h, sizeof(h));
}

static void put_records(int fd, const uint8_t *data, size_t size)
{
	struct record rec = { .version = RECORD_VERSION };
	uint16_t len;
	char *image;

	while (size >= 12) {
		rec.type = data[0];
		rec.flags = data[1];
		memcpy(&len, data + 2, 2);
		memcpy(&rec.time_ns, data + 4, 8);
		data += 12;
		size -= 12;
		rec.len = len < size ? len : (uint32_t)size;
		rec.data = data;
		image = malloc(record_image_len(rec.len));
		record_put_image(image, &rec, rec.flags);
		put(fd, image, record_image_len(rec.len));
		free(image);
		data += rec.len;
		size -= rec.len;
	}
}

static int on_window(void *ctx, const struct model *m, enum model_change what,
		     const struct model_window *w)
{
	view_change_text(fuzz_sink(), m, what, w, ctx);
	view_change_json(fuzz_sink(), m, what, w, ctx);
	return 0;
}

static int on_record_after(void *ctx, const struct model *m, const struct record *rec)
{
	view_event_text(fuzz_sink(), m, rec, ctx);
	view_event_json(fuzz_sink(), m, rec, ctx);
	return 0;
}

static void read_all(struct record_reader *r, struct model *m, struct view_opts *vo)
{
	const struct model_listener lines = {
		.window = on_window,
		.record_after = on_record_after,
		.ctx = vo,
	};
	struct record rec;
	int n = 0;

	if (model_listen(m, &lines))
		abort();
	while (record_reader_next(r, &rec) > 0) {
		if (model_feed(m, &rec))
			abort();	/* there is memory */
		if (++n % 16 == 0)
			model_trim(m, 4);
	}
	if (record_reader_remark(r, 0))
		model_set_damaged(m);
	model_finish(m);
}

static void show_all(const struct view_input *in, struct view_opts *vo)
{
	const struct check_of of = { "record", "fuzz", "", "" };
	struct advise *a = advise_new();
	struct check *c = check_new();
	const struct model_window *w;
	struct advice advice;
	size_t i;

	view_text_report(fuzz_sink(), in, 1, vo);
	view_json_report(fuzz_sink(), in, 1, vo);
	view_html_report(fuzz_sink(), in, 1, vo);
	for (i = 0; (w = model_window(in->m, i)); i++)
		advise_add(a, w);
	advise_ask(a, 950, 20, &advice);
	advise_free(a);
	if (check_record(c, in->m))
		abort();
	check_view_text(fuzz_sink(), c, &of);
	json_write(fuzz_sink(), check_view_json(c, &of), JSON_C_TO_STRING_PLAIN);
	check_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view_opts vo = { .utc = true, .what_if = true, .setting_ns = 5000000000 };
	struct record_reader *r = record_reader_new();
	struct model *m = model_new();
	struct timeline *tl = timeline_new(m);
	struct view_input in = { .name = "fuzz", .m = m, .reader = r, .timeline = tl };
	int fd = memfd_create("record", MFD_CLOEXEC);
	char path[64];

	if (size >= 8 && !memcmp(data, RECORD_MAGIC, 8)) {
		put(fd, data, size);
	} else {
		put_header(fd);
		put_records(fd, data, size);
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!record_reader_open(r, path)) {
		read_all(r, m, &vo);
		show_all(&in, &vo);
	}
	timeline_free(tl);
	model_free(m);
	record_reader_free(r);
	close(fd);
	return 0;
}
