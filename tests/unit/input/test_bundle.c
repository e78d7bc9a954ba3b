// SPDX-License-Identifier: GPL-2.0-only
/* Bundles: what is refused, what is masked, what damage does. */
#define _GNU_SOURCE	/* memmem */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "bundle/make.h"
#include "bundle/read.h"
#include "input/open.h"
#include "os/tmpdir.h"
#include "record/reader.h"
#include "record/segments.h"
#include "record/writer.h"
#include "tests/unit/feed.h"

static char tmp[] = "/tmp/test_bundle.XXXXXX";

static int make_tmp(void **state)
{
	(void)state;
	strcpy(strstr(tmp, "bundle.") + 7, "XXXXXX");
	assert_non_null(mkdtemp(tmp));
	setenv("TMPDIR", tmp, 1);
	return 0;
}

static int remove_tmp(void **state)
{
	(void)state;
	rmtree(tmp);
	return 0;
}

/* ---- a tar file, made by hand: the tools would not make such ---- */

struct tar {
	char	bytes[1 << 16];
	size_t	len;
};

static void member(struct tar *t, const char *name, char type, const char *link, const char *size,
		   const char *data)
{
	char *h = t->bytes + t->len;
	unsigned int sum = 0, i;
	size_t len = strlen(data);

	assert_true(t->len + 1024 + len < sizeof(t->bytes));
	memset(h, 0, 512);
	snprintf(h, 100, "%s", name);
	strcpy(h + 100, "0000644");
	strcpy(h + 108, "0000000");
	strcpy(h + 116, "0000000");
	if (size)
		memcpy(h + 124, size, strlen(size));
	else
		snprintf(h + 124, 12, "%011o", (unsigned int)len & 0xffffff);
	strcpy(h + 136, "00000000000");
	memset(h + 148, ' ', 8);
	h[156] = type;
	snprintf(h + 157, 100, "%s", link);
	memcpy(h + 257,
	       "ustar\0"
	       "00",
	       8);
	for (i = 0; i < 512; i++)
		sum += (unsigned char)h[i];
	snprintf(h + 148, 8, "%06o", sum);
	t->len += 512;
	memset(t->bytes + t->len, 0, (len + 511) & ~511ULL);
	memcpy(t->bytes + t->len, data, len);
	t->len += (len + 511) & ~511ULL;
}

static void file(struct tar *t, const char *name, const char *data)
{
	member(t, name, '0', "", NULL, data);
}

static void end(struct tar *t)
{
	memset(t->bytes + t->len, 0, 1024);
	t->len += 1024;
}

#define PREFIX	BUNDLE_PREFIX "/"

static void begin(struct tar *t)
{
	t->len = 0;
	file(t, PREFIX BUNDLE_MANIFEST, "{}\n");
}

/* ---- what is refused ---- */

static int nothing_to(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return 0;
}

static int nothing_data(void *ctx, const void *bytes, size_t len)
{
	size_t *sum = ctx;

	(void)bytes;
	*sum += len;
	return 0;
}

static int nothing_end(void *ctx)
{
	(void)ctx;
	return 0;
}

static int try_bytes(const void *bytes, size_t len, __u64 max_total, char *why, size_t size)
{
	size_t sum = 0;
	const struct bundle_sink sink = {
		.directory = nothing_to,
		.begin = nothing_to,
		.data = nothing_data,
		.end = nothing_end,
		.ctx = &sum,
		.max_total = max_total,
	};

	return bundle_read(-1, bytes, len, &sink, why, size);
}

static struct tar tar;
static char why[512];

static int try(void)
{
	end(&tar);
	return try_bytes(tar.bytes, tar.len, 0, why, sizeof(why));
}

static void test_good(void **state)
{
	(void)state;
	begin(&tar);
	member(&tar, PREFIX "sys/class/", '5', "", NULL, "");
	file(&tar, PREFIX "sys/class/nvme/nvme0/address", "0000:01:00.0\n");
	file(&tar, PREFIX "record/00000001.mpr", "x");
	assert_int_equal(try(), 0);
}

static void test_names(void **state)
{
	static const char *const bad[] = {
		"/etc/passwd",
		"../x",
		"etc/passwd",
		PREFIX "../x",
		PREFIX "a/../../../x",
		PREFIX "a/..",
		PREFIX ".",
		PREFIX "a//b",
		PREFIX "/etc/x",
		PREFIX "a b",
		PREFIX "a\\b",
		PREFIX "a\x1b[2J",
		PREFIX "a\nb",
		PREFIX "a\xff",
		PREFIX "$(x)",
		PREFIX "a;b",
		BUNDLE_PREFIX "-other/x",
		PREFIX "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17",
		BUNDLE_PREFIX,
	};
	static const char *const good[] = {
		PREFIX "a",
		PREFIX "a/b.c",
		PREFIX "..a",
		PREFIX "a...",
		PREFIX "nqn:x@y+z,1=2%20~",
		PREFIX "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin(&tar);
		file(&tar, bad[i], "x");
		if (try() != -EPERM || strlen(why) < 10 || strchr(why, '\x1b') || strchr(why, '\n'))
			fail_msg("\"%s\" is not refused as it should: %s", bad[i], why);
	}
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		begin(&tar);
		file(&tar, good[i], "x");
		if (try())
			fail_msg("\"%s\" is refused: %s", good[i], why);
	}
}

static void test_kinds(void **state)
{
	static const char types[] = { '1', '2', '3', '4', '6' };	/* links, devices, pipe */
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(types); i++) {
		begin(&tar);
		member(&tar, PREFIX "x", types[i], PREFIX "manifest.json", NULL, "");
		assert_int_equal(try(), -EPERM);
	}
	/* a link, and then a file through it */
	begin(&tar);
	member(&tar, PREFIX "d", '2', "/etc", NULL, "");
	file(&tar, PREFIX "d/passwd", "x");
	assert_int_equal(try(), -EPERM);
}

static void test_no_bundle(void **state)
{
	(void)state;
	tar.len = 0;
	file(&tar, PREFIX "other", "x");
	assert_int_equal(try(), -EBADMSG);
	tar.len = 0;
	member(&tar, PREFIX "d/", '5', "", NULL, "");
	assert_int_equal(try(), -EBADMSG);
	tar.len = 0;
	assert_int_equal(try(), -EBADMSG);
	assert_int_equal(try_bytes("hello", 5, 0, why, sizeof(why)), -EBADMSG);
	assert_int_equal(try_bytes("", 0, 0, why, sizeof(why)), -EBADMSG);
}

static void test_sizes(void **state)
{
	size_t i;

	(void)state;
	begin(&tar);
	member(&tar, PREFIX "giant", '0', "", "77777777777", "");	/* 8 GiB, says the header */
	assert_int_equal(try(), -E2BIG);
	assert_non_null(strstr(why, "giant"));
	begin(&tar);
	for (i = 0; i < 10; i++) {
		char name[64];

		snprintf(name, sizeof(name), PREFIX "part%zu", i);
		file(&tar, name, "0123456789");
	}
	end(&tar);
	assert_int_equal(try_bytes(tar.bytes, tar.len, 50, why, sizeof(why)), -E2BIG);
	assert_int_equal(try_bytes(tar.bytes, tar.len, 103, why, sizeof(why)), 0);
}

/* Cut anywhere, and any bit of the headers turned: an error or not, but nothing bad. */
static void test_damage(void **state)
{
	size_t i, len;
	char *copy;

	(void)state;
	begin(&tar);
	file(&tar, PREFIX "a", "some text");
	end(&tar);
	for (len = 0; len < tar.len; len += 7) {
		/* of its own size, so that reading beyond the end is seen */
		copy = malloc(len ? len : 1);
		memcpy(copy, tar.bytes, len);
		if (len < 1536)
			assert_true(try_bytes(copy, len, 0, why, sizeof(why)) < 0);
		else
			try_bytes(copy, len, 0, why, sizeof(why));
		free(copy);
	}
	for (i = 0; i < 2048 * 8; i += 3) {
		tar.bytes[i / 8] ^= (char)(1 << i % 8);
		try_bytes(tar.bytes, tar.len, 0, why, sizeof(why));
		tar.bytes[i / 8] ^= (char)(1 << i % 8);
	}
}

/* ---- unpacking ---- */

static void write_gz(const char *path)
{
	gzFile gz = gzopen(path, "w");

	end(&tar);
	assert_int_equal(gzwrite(gz, tar.bytes, (unsigned int)tar.len), tar.len);
	assert_int_equal(gzclose(gz), Z_OK);
}

static void test_unpack(void **state)
{
	struct input *s;
	char path[256], text[8] = "";
	struct stat st;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/b.tar.gz", tmp);
	begin(&tar);
	file(&tar, PREFIX "record/00000001.mpr", "abc");
	file(&tar, PREFIX "sys/x", "y");
	write_gz(path);
	assert_int_equal(input_open(path, INPUT_ALL, &s), 0);
	assert_int_equal(input_kind(s), INPUT_BUNDLE);
	assert_int_equal(stat(input_root(s), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	snprintf(path, sizeof(path), "%s/00000001.mpr", input_record(s));
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, text, 8), 3);
	close(fd);
	assert_string_equal(text, "abc");
	snprintf(path, sizeof(path), "%s", input_root(s));
	input_free(s);
	assert_int_equal(access(path, F_OK), -1);
}

/* Who wants the recording gets that alone; what is refused is refused all the same. */
static void test_unpack_recording(void **state)
{
	struct input *s;
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/b.tar.gz", tmp);
	begin(&tar);
	file(&tar, PREFIX "sys/class/x", "y");
	file(&tar, PREFIX "record/00000001.mpr", "abc");
	file(&tar, PREFIX "recordings", "z");
	write_gz(path);
	assert_int_equal(input_open(path, INPUT_RECORDING, &s), 0);
	assert_int_equal(input_kind(s), INPUT_BUNDLE);
	assert_int_equal(access(input_record(s), F_OK), 0);
	assert_null(strstr(input_record_name(s), input_root(s)));
	assert_non_null(strstr(input_record_name(s), "b.tar.gz/record"));
	snprintf(path, sizeof(path), "%s/sys", input_root(s));
	assert_int_equal(access(path, F_OK), -1);
	snprintf(path, sizeof(path), "%s/recordings", input_root(s));
	assert_int_equal(access(path, F_OK), -1);
	input_free(s);

	snprintf(path, sizeof(path), "%s/b.tar.gz", tmp);
	begin(&tar);
	file(&tar, PREFIX "record/00000001.mpr", "abc");
	file(&tar, PREFIX "sys/../../../x", "y");
	write_gz(path);
	assert_int_equal(input_open(path, INPUT_RECORDING, &s), -EPERM);
}

/* Twice the same name, or a file where a directory is: refused, and nothing is left. */
static void test_unpack_refused(void **state)
{
	static const char *const second[] = { PREFIX "sys/x", PREFIX "sys/x/y", PREFIX "sys" };
	struct input *s = (void *)1;
	char path[256], cmd[300];
	size_t i;

	(void)state;
	snprintf(path, sizeof(path), "%s/b.tar.gz", tmp);
	for (i = 0; i < sizeof(second) / sizeof(second[0]); i++) {
		begin(&tar);
		file(&tar, PREFIX "sys/x", "1");
		file(&tar, second[i], "2");
		write_gz(path);
		assert_true(input_open(path, INPUT_ALL, &s) < 0);
		assert_null(s);
		snprintf(cmd, sizeof(cmd), "! ls -d %s/nvme-mpathtop.* >/dev/null 2>&1", tmp);
		assert_int_equal(system(cmd), 0);
	}
}

/* What else the host was booted with stays there: proc/cmdline has what is about NVMe. */
static void test_log_without_cmdline(void **state)
{
	static const char *const lines[][2] = {
		{ "6,1,0,-;Command line: BOOT_IMAGE=/vmlinuz secret=abc nvme_core.multipath=Y\n",
		  "<6>[    0.000000] Command line: (left out)\n" },
		{ "5,7,1000001,-;Kernel command line: secret=abc\n",
		  "<5>[    1.000001] Kernel command line: (left out)\n" },
		{ "5,8,2,-;Unknown kernel command line parameters \"secret=abc\", will be passed "
		  "to user space.\n",
		  "<5>[    0.000002] Unknown kernel command line parameters (left out)\n" },
		{ "4,9,12345678,c;nvme nvme0: Command line: is not one\n SUBSYSTEM=nvme\n",
		  "<4>[   12.345678] nvme nvme0: Command line: is not one\n" },
		{ "no record", "" },
	};
	char line[256], *text;
	size_t i, len;
	FILE *out;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		out = open_memstream(&text, &len);
		snprintf(line, sizeof(line), "%s", lines[i][0]);
		bundle_log_line(out, line);
		fclose(out);
		assert_string_equal(text, lines[i][1]);
		free(text);
	}
}

/* ---- masks ---- */

static const char *masked(const struct mask *m, const char *text)
{
	static char buf[512];

	snprintf(buf, sizeof(buf), "%s", text);
	assert_int_equal(mask_field(m, buf, sizeof(buf)), 0);
	return buf;
}

static void test_mask(void **state)
{
	struct mask *m = mask_new();

	(void)state;
	mask_add(m, MASK_HOST, "db1\n");
	mask_add(m, MASK_SERIAL, "  S4YNNE0N801309  ");
	mask_add(m, MASK_SERIAL, "abc");
	mask_add(m, MASK_SERIAL, "S4YNNE0N801309");		/* again: the same */
	mask_add(m, MASK_SERIAL, "");
	mask_add(m, MASK_HOST, "web7.example.com");
	mask_add_addresses(m, "traddr=192.0.2.1,trsvcid=4420,host_traddr=192.0.2.10\n");
	assert_string_equal(masked(m, "db1: a db1.example db12 xdb1"),
			    "host-1: a host-1.example db12 xdb1");
	assert_string_equal(masked(m, "nqn.2014:PM1733:S4YNNE0N801309x"),
			    "nqn.2014:PM1733:serial-1x");
	assert_string_equal(masked(m, "abc abcd"), "serial-2 abcd");
	/* as the kernel writes a wwid: hexadecimal */
	assert_string_equal(masked(m, "nvme.144d-5334594e4e45304e383031333039-504d-1"),
			    "nvme.144d-serial-1-504d-1");
	assert_string_equal(masked(m, "traddr=192.0.2.1,trsvcid=4420"),
			    "traddr=address-1,trsvcid=4420");
	assert_string_equal(masked(m, "192.0.2.10 192.0.2.100"), "address-2 192.0.2.100");
	assert_string_equal(masked(m, "web7.example.com web7 web7x"), "host-2 host-2 web7x");
	assert_string_equal(masked(m, ""), "");
	mask_free(m);
	mask_free(NULL);
}

/* A secret that begins as a shorter one does is not left half. */
static void test_mask_longest(void **state)
{
	struct mask *m = mask_new();

	(void)state;
	mask_add(m, MASK_SERIAL, "SERIAL");
	mask_add(m, MASK_SERIAL, "SERIALNUMBER");
	assert_string_equal(masked(m, "SERIALNUMBER SERIAL"), "serial-2 serial-1");
	mask_free(m);
}

static int put_writer(void *ctx, const struct record *rec)
{
	return record_writer_put(ctx, rec);
}

#define SECRET	"SN0123456789"

static void put_secret_topology(struct feed *f)
{
	struct topo *t = topo_new();
	struct topo_subsys *s = topo_add_subsys(t, 0);
	size_t len;
	void *buf;

	TOPO_TEXT(s->nqn, "nqn.2026:" SECRET);
	TOPO_TEXT(s->serial, SECRET);
	topo_add_head(t, 0, "nvme0n1")->nsid = 1;
	TOPO_TEXT(t->heads[0].wwid, "nvme.144d-534e30313233343536373839-50-1");
	TOPO_TEXT(topo_add_path(t, "nvme0n1", "nvme0c0n1")->address, "traddr=192.0.2.7");
	assert_int_equal(topo_encode(t, &buf, &len), 0);
	put_record(f, REC_TOPOLOGY, buf, (__u32)len);
	free(buf);
	topo_free(t);
}

static void write_record(const char *dir)
{
	struct record_writer *w = record_writer_new();
	struct feed f = { .put = put_writer, .ctx = w, .head_id = 1, .nsid = 1 };

	strcpy(f.head, "nvme0n1");
	assert_int_equal(record_writer_open(w, dir, NULL), 0);
	scene_two_paths(&f);
	put_secret_topology(&f);
	scene_lose(&f, 1000);
	put_record(&f, 999, "host " SECRET, 17);	/* of a kind that is not known */
	put_record(&f, REC_WHO, "unit " SECRET, 17);	/* too short */
	scene_return(&f, 20000, 2);
	put_end(&f);
	record_writer_free(w);
}

/* All of a segment, and whether a text is in it. */
static bool holds(const char *path, const char *text)
{
	static char bytes[1 << 17];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, bytes, sizeof(bytes));

	assert_true(n > 0);
	close(fd);
	return memmem(bytes, (size_t)n, text, strlen(text)) != NULL;
}

static size_t records_of(const char *path, size_t *remarks)
{
	struct record_reader *r = record_reader_new();
	struct record rec;
	size_t n = 0;

	assert_int_equal(record_reader_open(r, path), 0);
	while (record_reader_next(r, &rec) > 0)
		n++;
	for (*remarks = 0; record_reader_remark(r, *remarks); (*remarks)++)
		;
	record_reader_free(r);
	return n;
}

static void stage_record(struct stage *s, struct mask *m, const char *dir, char *path, size_t size)
{
	assert_int_equal(stage_open(s), 0);
	s->mask = m;
	bundle_add_record(s, dir, 1 << 30);
	assert_int_equal(s->err, 0);
	snprintf(path, size, "%s/record/00000001.mpr", s->path);
}

static void test_mask_record(void **state)
{
	char dir[256], in[300], out[300];
	struct mask *m = mask_new();
	struct stage s;
	size_t all, some, remarks;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/rec", tmp);
	snprintf(in, sizeof(in), "%s/00000001.mpr", dir);
	write_record(dir);
	/* unmasked it is the same file */
	stage_record(&s, NULL, dir, out, sizeof(out));
	assert_true(holds(out, SECRET));
	assert_true(holds(out, "host"));
	stage_free(&s);
	assert_int_equal(bundle_mask_record(m, dir), 0);
	stage_record(&s, m, dir, out, sizeof(out));
	assert_false(holds(out, SECRET));
	assert_false(holds(out, "534e30313233343536373839"));
	assert_false(holds(out, "192.0.2.7"));
	assert_true(holds(out, "nqn.2026:serial-1"));
	all = records_of(in, &remarks);
	some = records_of(out, &remarks);
	assert_int_equal(some, all - 1);	/* the one that is not known */
	assert_int_equal(remarks, 0);
	assert_int_equal(s.nr_notes, 1);
	stage_free(&s);
	mask_free(m);
}

/* What is behind damage is not masked, so it does not come along; that there is damage does. */
static void test_mask_damaged(void **state)
{
	char dir[256], in[300], out[300];
	struct mask *m = mask_new();
	struct stage s;
	size_t remarks, before, n;
	struct stat st;
	int fd;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/rec", tmp);
	snprintf(in, sizeof(in), "%s/00000001.mpr", dir);
	write_record(dir);
	assert_int_equal(stat(in, &st), 0);
	fd = open(in, O_WRONLY);
	assert_int_equal(pwrite(fd, "\xff", 1, st.st_size / 2), 1);
	close(fd);
	before = records_of(in, &remarks);
	assert_int_equal(remarks, 1);
	assert_int_equal(bundle_mask_record(m, dir), 0);
	stage_record(&s, m, dir, out, sizeof(out));
	n = records_of(out, &remarks);
	assert_true(n + 1 >= before && n <= before);
	assert_int_equal(remarks, 1);
	assert_false(holds(out, SECRET));
	stage_free(&s);
	mask_free(m);
}

#define IN_TMP(test) cmocka_unit_test_setup_teardown(test, make_tmp, remove_tmp)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),  cmocka_unit_test(test_names),
		cmocka_unit_test(test_kinds), cmocka_unit_test(test_no_bundle),
		cmocka_unit_test(test_sizes), cmocka_unit_test(test_damage),
		IN_TMP(test_unpack),	      IN_TMP(test_unpack_recording),
		IN_TMP(test_unpack_refused),  cmocka_unit_test(test_log_without_cmdline),
		cmocka_unit_test(test_mask),  cmocka_unit_test(test_mask_longest),
		IN_TMP(test_mask_record),     IN_TMP(test_mask_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
