// SPDX-License-Identifier: GPL-2.0-only
/* What of the kernel's log goes into a bundle. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "bundle/make.h"

#define LOG_RECORD	8192		/* of /dev/kmsg; longer ones it refuses */

/*
 * What the kernel was booted with is its business, but for what proc/cmdline in the bundle has of
 * it.
 */
static bool has_cmdline(const char *text, size_t *len)
{
	static const char *const begins[] = {
		"Command line: ",
		"Kernel command line: ",
		"Unknown kernel command line parameters ",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(begins); i++) {
		*len = strlen(begins[i]);
		if (!strncmp(text, begins[i], *len))
			return true;
	}
	return false;
}

/* "6,1234,5678901,-;text": priority, number, microseconds. */
void bundle_log_line(FILE *out, char *line)
{
	char *text = strchr(line, ';');
	unsigned long long us;
	unsigned int prio;
	size_t len;

	if (!text || sscanf(line, "%u,%*u,%llu", &prio, &us) != 2)
		return;
	text++;
	text[strcspn(text, "\n")] = '\0';
	fprintf(out, "<%u>[%5llu.%06llu] ", prio & 7, us / 1000000, us % 1000000);
	if (has_cmdline(text, &len))
		fprintf(out, "%.*s(left out)\n", (int)len, text);
	else
		fprintf(out, "%s\n", text);
}

static char *read_log(size_t *len, int *err)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char *text = NULL, line[LOG_RECORD + 1];
	FILE *out;
	ssize_t n;

	*err = fd < 0 ? -errno : 0;
	out = fd < 0 ? NULL : open_memstream(&text, len);
	while (out) {
		n = read(fd, line, LOG_RECORD);
		if (n < 0 && errno == EPIPE)
			continue;	/* overwritten meanwhile: the next one is read */
		if (n <= 0)
			break;
		line[n] = '\0';
		bundle_log_line(out, line);
	}
	if (fd >= 0)
		close(fd);
	if (out)
		fclose(out);
	return text;
}

void bundle_add_log(struct stage *s, __u64 bytes)
{
	char *text, *from;
	size_t len = 0;
	int err;

	if (!bytes) {
		stage_note(s, "kernel.log: left out: it was not wanted");
		return;
	}
	text = read_log(&len, &err);
	if (!text) {
		stage_note(s, "kernel.log: left out: cannot read /dev/kmsg: %s; run as root",
			   strerror(-err));
		return;
	}
	from = len > bytes ? text + len - bytes : text;
	/* whole lines */
	if (from > text && strchr(from, '\n'))
		from = strchr(from, '\n') + 1;
	stage_text(s, "kernel.log", from, len - (size_t)(from - text));
	free(text);
}
