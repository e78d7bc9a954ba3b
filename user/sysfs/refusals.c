// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel's log says of namespaces and controllers that the driver did not take. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "sysfs/refusals.h"

#define MAX_CTRLS	4096
#define LOG_RECORD	8192		/* of /dev/kmsg; longer ones it refuses */

struct refusal {
	__s32			ctrl;
	enum topo_refusal	why;
	__u32			nsid;
};

struct refusals {
	struct refusal	*list;		/* one for each controller: the last */
	size_t		nr;
};

/* What the driver writes, 6.1 to 7.3; %u stands for the NSID. */
static const struct {
	const char		*text;
	enum topo_refusal	why;
} messages[] = {
	{ "IDs don't match for shared namespace %u", TOPO_REFUSED_MISMATCH },
	{ "identifiers changed for nsid %u", TOPO_REFUSED_CHANGED },
	{ "ignoring nsid %u because of duplicate IDs", TOPO_REFUSED_DUPLICATE },
	{ "globally duplicate IDs for nsid %u", TOPO_REFUSED_DUPLICATE },
	{ "duplicate IDs in subsystem for nsid %u", TOPO_REFUSED_DUPLICATE },
	{ "Duplicate unshared namespace %u", TOPO_REFUSED_UNSHARED },
	{ "block device for nsid %u not supported", TOPO_REFUSED_UNSUPPORTED },
	{ "Identify Descriptors failed (nsid=%u", TOPO_REFUSED_IDENTIFY },
	{ "Identify namespace failed (", TOPO_REFUSED_IDENTIFY },
	{ "Identify NS List failed (", TOPO_REFUSED_IDENTIFY },
	{ "Duplicate cntlid ", TOPO_REFUSED_CTRL },
	{ "Subsystem does not support multiple controllers", TOPO_REFUSED_CTRL },
	/* it is another controller now, or asks for its namespaces again */
	{ "pci function ", TOPO_REFUSED_NOT },
	{ "new ctrl: ", TOPO_REFUSED_NOT },
	{ "rescanning namespaces.", TOPO_REFUSED_NOT },
};

struct refusals *refusals_new(void)
{
	return calloc(1, sizeof(struct refusals));
}

void refusals_free(struct refusals *r)
{
	if (!r)
		return;
	free(r->list);
	free(r);
}

static struct refusal *find(const struct refusals *r, __s32 ctrl)
{
	size_t i;

	for (i = 0; i < r->nr; i++)
		if (r->list[i].ctrl == ctrl)
			return &r->list[i];
	return NULL;
}

static bool set(struct refusals *r, __s32 ctrl, enum topo_refusal why, __u32 nsid)
{
	struct refusal *one = find(r, ctrl), *more;

	if (one ? one->why == why && one->nsid == nsid : why == TOPO_REFUSED_NOT)
		return false;
	if (!one) {
		more = r->nr < MAX_CTRLS ? array_more(r->list, r->nr, sizeof(*more)) : NULL;
		if (!more)
			return false;
		r->list = more;
		one = &more[r->nr++];
	}
	*one = (struct refusal) { ctrl, why, nsid };
	return true;
}

/* Does @text begin as @message does, with a number for its %u? */
static bool is_message(const char *text, const char *message, __u32 *nsid)
{
	const char *mark = strstr(message, "%u");
	size_t before = mark ? (size_t)(mark - message) : strlen(message);
	unsigned long n;
	char *end;

	*nsid = 0;
	if (strncmp(text, message, before))
		return false;
	if (!mark)
		return true;
	text += before;
	if (*text < '0' || *text > '9')
		return false;
	n = strtoul(text, &end, 10);
	if (n > 0xffffffffUL || strncmp(end, mark + 2, strlen(mark + 2)))
		return false;
	*nsid = (__u32)n;
	return true;
}

bool refusals_line(struct refusals *r, const char *line)
{
	const char *at = strstr(line, "nvme nvme");
	int ctrl, end = 0;
	__u32 nsid;
	size_t i;

	if (!at || sscanf(at, "nvme nvme%9d: %n", &ctrl, &end) != 1 || !end)
		return false;
	for (i = 0; i < ARRAY_SIZE(messages); i++)
		if (is_message(at + end, messages[i].text, &nsid))
			return set(r, ctrl, messages[i].why, nsid);
	return false;
}

void refusals_text(struct refusals *r, const char *text)
{
	char line[512];
	size_t len;

	for (; *text; text += len, text += *text == '\n') {
		len = strcspn(text, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)(len < 511 ? len : 511), text);
		refusals_line(r, line);
	}
}

/* The namespace has a path there after all. */
static bool has_path(const struct topo *t, const struct refusal *one)
{
	const struct topo_head *head;
	size_t i;

	for (i = 0; one->nsid && i < t->nr_paths; i++) {
		if (t->paths[i].ctrl != one->ctrl)
			continue;
		head = topo_find_head(t, t->paths[i].head);
		if (head && head->nsid == one->nsid)
			return true;
	}
	return false;
}

void refusals_put(const struct refusals *r, struct topo *t)
{
	const struct refusal *one;
	size_t i;

	for (i = 0; i < t->nr_ctrls; i++) {
		one = find(r, t->ctrls[i].ctrl);
		if (!one || has_path(t, one))
			continue;
		t->ctrls[i].refused = one->why;
		t->ctrls[i].refused_nsid = one->nsid;
	}
}

int refusals_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

bool refusals_read(struct refusals *r, int fd)
{
	char line[LOG_RECORD + 1];
	bool changed = false;
	ssize_t n;

	for (;;) {
		n = read(fd, line, LOG_RECORD);
		if (n < 0 && errno == EPIPE)
			continue;	/* overwritten meanwhile: the next one is read */
		if (n <= 0)
			return changed;
		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		changed |= refusals_line(r, line);
	}
}
