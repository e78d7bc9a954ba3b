// SPDX-License-Identifier: GPL-2.0-only
/* Uevents, by netlink. */
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/uevent.h"

#define KERNEL_UEVENTS	1		/* multicast group; 2 is udev's */

int uevent_open(void)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = KERNEL_UEVENTS };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
			NETLINK_KOBJECT_UEVENT);
	int err;

	if (fd < 0)
		return -errno;
	if (!bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int uevent_next(int fd, struct uevent *ev)
{
	struct sockaddr_nl from;
	struct iovec iov = { .iov_base = ev->text, .iov_len = sizeof(ev->text) - 1 };
	struct msghdr msg = { .msg_name = &from, .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	for (;;) {
		msg.msg_namelen = sizeof(from);
		n = recvmsg(fd, &msg, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == ENOBUFS ? -ENOBUFS : 0;
		if (from.nl_pid)		/* 0: from the kernel */
			continue;
		ev->len = (size_t)n;
		ev->text[n] = '\0';
		return 1;
	}
}

static bool has(const struct uevent *ev, const char *pair, size_t len)
{
	const char *p = ev->text, *end = p + ev->len;

	for (; p < end; p += strlen(p) + 1)
		if (!strncmp(p, pair, len))
			return true;
	return false;
}

bool uevent_has(const struct uevent *ev, const char *pair)
{
	return has(ev, pair, strlen(pair) + 1);
}

bool uevent_begins(const struct uevent *ev, const char *pair)
{
	return has(ev, pair, strlen(pair));
}
