// SPDX-License-Identifier: GPL-2.0-only
/* Why a host has no multipath head. */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sysfs/no_head.h"

/* Controllers, -1: there is no driver. */
static int controllers(const char *sysfs)
{
	char path[512];
	struct dirent *de;
	int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/class/nvme", sysfs);
	dir = opendir(path);
	if (!dir)
		return -1;
	while ((de = readdir(dir)))
		n += de->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* 'Y', 'N', or 0: not known. */
static char multipath(const char *sysfs)
{
	char path[512], value = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/module/nvme_core/parameters/multipath", sysfs);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, &value, 1) != 1)
		value = 0;
	close(fd);
	return value;
}

void top_host_no_head(const char *sysfs, char *buf, size_t size)
{
	int n = controllers(sysfs);
	char on = multipath(sysfs);
	const char *why, *what;
	char count[80];

	if (n < 0) {
		why = "The nvme driver is not loaded.";
		what = "Load it with \"modprobe nvme\", or for fabrics nvme-tcp, nvme-rdma, "
		       "nvme-fc.";
	} else if (on == 'N') {
		why = "The nvme driver does not use several paths: nvme_core.multipath is N.";
		what = "Boot with nvme_core.multipath=Y on the kernel's command line, or without "
		       "multipath=N in /etc/modprobe.d.";
	} else if (!on) {
		why = "This kernel's nvme driver cannot use several paths.";
		what = "It must be built with CONFIG_NVME_MULTIPATH=y.";
	} else if (!n) {
		why = "There is no NVMe controller.";
		what = "Plug one in, or connect to a subsystem (nvme connect-all).";
	} else {
		snprintf(count, sizeof(count),
			 "There %s %d NVMe controller%s, but no shared namespace.",
			 n == 1 ? "is" : "are", n, n == 1 ? "" : "s");
		why = count;
		what = "A disk with a single port has a head only with "
		       "nvme_core.multipath_always_on=Y "
		       "(in the patched driver and from Linux 6.15 on). \"nvme list-subsys\" shows "
		       "the paths.";
	}
	snprintf(buf, size,
		 "This host has no NVMe multipath head.\n\n%s\n%s\n\nA head that appears is "
		 "shown at once. A recording of another host: nvme-mpathtop top --replay DIR",
		 why, what);
}
