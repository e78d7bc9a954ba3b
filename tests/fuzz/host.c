// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host: files of sysfs with any content, below a root in memory. An input is
 * lines of a digit, which file, and its text up to the next line.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "check/output.h"
#include "fuzz.h"
#include "os/tmpdir.h"
#include "sysfs/host.h"

static const char *const files[] = {
	"sys/class/nvme-subsystem/nvme-subsys0/subsysnqn",
	"sys/class/nvme-subsystem/nvme-subsys0/serial",
	"sys/class/nvme-subsystem/nvme-subsys0/nvme0n1/nsid",
	"sys/class/nvme-subsystem/nvme-subsys0/nvme0n1/delayed_removal_secs",
	"sys/class/nvme-subsystem/nvme-subsys0/nvme0n1/holders/dm-0/dm/uuid",
	"sys/class/nvme/nvme0/subsysnqn",
	"sys/class/nvme/nvme0/transport",
	"sys/class/nvme/nvme0/state",
	"sys/class/nvme/nvme0/ctrl_loss_tmo",
	"sys/class/nvme/nvme0/fast_io_fail_tmo",
	"sys/class/nvme/nvme0/address",
	"sys/class/nvme/nvme0/nvme0c0n1/ana_state",
	"sys/class/nvme/nvme1/nvme1n1/nsid",
	"sys/module/nvme_core/parameters/multipath",
	"proc/sys/kernel/hung_task_timeout_secs",
	"proc/sys/kernel/hostname",
	"etc/udev/rules.d/x.rules",
};
#define NR_FILES	(sizeof(files) / sizeof(files[0]))

static char root[64];

static void write_file(const char *name, const char *text, size_t len)
{
	char path[256], *slash;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	for (slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		abort();
	close(fd);
}

static void make_tree(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *end = p + size, *eol;

	write_file("sys/class/x", "", 0);
	for (; p < end; p = eol + 1) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (!eol)
			eol = end;
		if (*p >= 'a' && *p < 'a' + (char)NR_FILES && eol > p)
			write_file(files[*p - 'a'], p + 1, (size_t)(eol - p - 1));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct check_of of = { "tree", "fuzz", "", "" };
	struct check *c = check_new();
	struct host *h;

	if (!*root)
		snprintf(root, sizeof(root), "/dev/shm/fuzz_host.%d", (int)getpid());
	mkdir(root, 0700);
	make_tree(data, size);
	if (host_read(root, &h))
		abort();
	h->series = size & 1 ? PROBE_NO : PROBE_YES;
	if (check_host(c, h))
		abort();
	check_view_text(fuzz_sink(), c, &of);
	json_write(fuzz_sink(), check_view_json(c, &of), 0);
	host_free(h);
	check_free(c);
	rmtree(root);
	return 0;
}
