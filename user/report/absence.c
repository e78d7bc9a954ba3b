// SPDX-License-Identifier: GPL-2.0-only
/* What is absent, in words. */
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "report/absence.h"

const char *view_absence_rule(const struct absence *a)
{
	static const char *const names[ABSENCES] = {
		[ABSENT_DISK] = "no-disk",
		[ABSENT_PATHS] = "no-path",
		[ABSENT_SOME] = "path-missing",
		[ABSENT_NAMESPACE] = "no-namespace",
		[ABSENT_SECOND] = "single-connection",
		[ABSENT_SUBSYSTEM] = "discovery-only",
	};

	return names[a->kind];
}

const char *view_absence_reason(const struct absence *a)
{
	static const char *const names[ABSENT_REASONS] = {
		[ABSENT_NOT_KNOWN] = "unknown",
		[ABSENT_BY_ANA] = "ana",
		[ABSENT_BY_STATE] = "controller_state",
		[ABSENT_BY_QUEUES] = "no_io_queue",
		[ABSENT_REFUSED] = "refused",
		[ABSENT_SHORTLY] = "changing",
		[ABSENT_BY_CONNECTION] = "not_connected",
	};

	return names[a->reason];
}

const char *view_absence_object(const struct absence *a, char *buf, size_t size)
{
	if (a->kind == ABSENT_DISK)
		snprintf(buf, size, "%s", a->head);
	else if (a->kind == ABSENT_SUBSYSTEM)
		*buf = '\0';
	else
		snprintf(buf, size, "nvme%d", a->ctrl);
	return buf;
}

/* ---- what ---- */

static const char *plural(__u32 n)
{
	return n == 1 ? "" : "s";
}

static const char *state_of(const struct absence *a)
{
	return *a->state ? a->state : "in an unknown state";
}

static const char *refusal(enum topo_refusal why)
{
	static const char *const words[TOPO_REFUSALS] = {
		[TOPO_REFUSED_NOT] = "",
		[TOPO_REFUSED_MISMATCH] = "its identifiers are not those that the head's "
					  "other paths had",
		[TOPO_REFUSED_CHANGED] = "its identifiers are not those that it had before",
		[TOPO_REFUSED_DUPLICATE] = "another namespace has the same identifiers",
		[TOPO_REFUSED_UNSHARED] = "it says that it is not shared, but another controller "
					  "has it, too",
		[TOPO_REFUSED_UNSUPPORTED] = "this kernel has no disk for its command set",
		[TOPO_REFUSED_IDENTIFY] = "it did not answer when it was asked what it is",
		[TOPO_REFUSED_CTRL] = "the subsystem takes no second controller of this kind",
	};

	return words[why];
}

static void put_reason(const struct absence *a, char *buf, size_t size)
{
	char nsid[32] = "a namespace";

	if (a->nsid)
		snprintf(nsid, sizeof(nsid), "namespace %u", a->nsid);
	if (a->reason == ABSENT_REFUSED && a->refused == TOPO_REFUSED_CTRL)
		snprintf(buf, size, "the kernel refused the controller: %s", refusal(a->refused));
	else if (a->reason == ABSENT_REFUSED)
		snprintf(buf, size, "the kernel refused %s: %s", nsid, refusal(a->refused));
	else if (a->reason == ABSENT_BY_QUEUES)
		snprintf(buf, size, "it has no I/O queue, so it is not scanned");
	else if (a->reason == ABSENT_BY_STATE)
		snprintf(buf, size, "it is not live");
	else
		snprintf(buf, size, "it lists none, was never scanned, or the kernel refused it");
}

static void disk_what(const struct absence *a, char *buf, size_t size)
{
	if (a->reason == ABSENT_BY_ANA)
		snprintf(buf, size,
			 "never became a disk: its %u path%s wait%s for ANA (%s: %s), the "
			 "controllers are live",
			 a->count, plural(a->count), a->count == 1 ? "s" : "", a->path,
			 *a->ana ? a->ana : "unknown");
	else if (a->reason == ABSENT_BY_STATE)
		snprintf(buf, size,
			 "is no disk: no controller of its %u path%s is live (%s: nvme%d is %s)",
			 a->count, plural(a->count), a->path, a->ctrl, state_of(a));
	else
		snprintf(buf, size,
			 "is no disk, although %s could be used: it comes or goes just now, or the "
			 "kernel could not add it",
			 a->path);
}

static void some_what(const struct absence *a, char *buf, size_t size, const char *reason)
{
	if (a->reason == ABSENT_REFUSED)
		snprintf(buf, size, "has paths, but not all that it should: %s", reason);
	else if (a->count == 1)
		snprintf(buf, size,
			 "is live, but has no path to %s of its subsystem, which others have",
			 a->head);
	else
		snprintf(buf, size,
			 "is live, but has no path to %s of its subsystem, which others have; %u "
			 "paths are missing there in all",
			 a->head, a->count);
}

const char *view_absence_what(const struct absence *a, char *buf, size_t size)
{
	char reason[300];

	put_reason(a, reason, sizeof(reason));
	switch (a->kind) {
	case ABSENT_DISK:
		disk_what(a, buf, size);
		break;
	case ABSENT_PATHS:
		snprintf(buf, size, "is %s and its subsystem has %u head%s, but no path by it: %s",
			 state_of(a), a->count, plural(a->count), reason);
		break;
	case ABSENT_SOME:
		some_what(a, buf, size, reason);
		break;
	case ABSENT_NAMESPACE:
		snprintf(buf, size, "is %s, but there is no namespace, and so no disk: %s",
			 state_of(a), reason);
		break;
	case ABSENT_SECOND:
		snprintf(buf, size,
			 "is the only connection to its subsystem: %u head%s no other path",
			 a->count, a->count == 1 ? " has" : "s have");
		break;
	default:
		snprintf(buf, size,
			 "of %u controller%s each is for discovery only: no subsystem with "
			 "namespaces is connected",
			 a->count, plural(a->count));
		break;
	}
	return buf;
}

/* ---- what to do ---- */

static const char *refusal_advice(enum topo_refusal why)
{
	static const char *const words[TOPO_REFUSALS] = {
		[TOPO_REFUSED_NOT] = "",
		[TOPO_REFUSED_MISMATCH] = "let the target export it with the same UUID, NGUID and "
					  "EUI64 by every controller, as before",
		[TOPO_REFUSED_CHANGED] = "if the target put another volume there, remove the disk "
					 "and take it in anew; else give it the old UUID, NGUID "
					 "and EUI64 back",
		[TOPO_REFUSED_DUPLICATE] = "give each namespace identifiers of its own; cloned "
					   "volumes and some consumer disks have the same",
		[TOPO_REFUSED_UNSHARED] = "let the target mark it as shared (NMIC)",
		[TOPO_REFUSED_UNSUPPORTED] = "use a kernel that supports its command set, such as "
					     "CONFIG_BLK_DEV_ZONED=y for zones",
		[TOPO_REFUSED_IDENTIFY] = "see what the target or the device reports",
		[TOPO_REFUSED_CTRL] = "give each controller a controller ID of its own, and let "
				      "the subsystem allow several (CMIC)",
	};

	return words[why];
}

const char *view_absence_advice(const struct absence *a, char *buf, size_t size)
{
	if (a->kind == ABSENT_SECOND)
		snprintf(buf, size,
			 "connect the other ports of the subsystem as well (nvme connect-all, and "
			 "its configuration in /etc/nvme), or know that it has no redundancy");
	else if (a->kind == ABSENT_SUBSYSTEM)
		snprintf(buf, size,
			 "connect a subsystem that they offer (nvme discover, nvme connect-all)");
	else if (a->kind == ABSENT_SOME && a->reason == ABSENT_NOT_KNOWN)
		snprintf(buf, size,
			 "if the namespace is not meant for one controller only: map it there, and "
			 "echo 1 > /sys/class/nvme/nvme%d/rescan_controller",
			 a->ctrl);
	else if (a->reason == ABSENT_BY_ANA)
		snprintf(buf, size,
			 "the target decides: let it make the namespace's ANA group optimized or "
			 "non-optimized for a path of this host; the disk appears by itself then");
	else if (a->reason == ABSENT_BY_STATE)
		snprintf(buf, size,
			 "see in the kernel log why nvme%d does not become live, and whether its "
			 "address answers",
			 a->ctrl);
	else if (a->reason == ABSENT_BY_QUEUES)
		snprintf(buf, size,
			 "see in the kernel log why its queues could not be created, then echo 1 > "
			 "/sys/class/nvme/nvme%d/reset_controller",
			 a->ctrl);
	else if (a->reason == ABSENT_REFUSED)
		snprintf(buf, size, "%s; then echo 1 > /sys/class/nvme/nvme%d/rescan_controller",
			 refusal_advice(a->refused), a->ctrl);
	else if (a->reason == ABSENT_SHORTLY)
		snprintf(buf, size, "look again; if it stays so, the kernel log says why");
	else
		snprintf(buf, size,
			 "see whether the target maps a namespace to this host there (nvme list-ns "
			 "/dev/nvme%d), and the kernel log for nvme%d; then echo 1 > "
			 "/sys/class/nvme/nvme%d/rescan_controller",
			 a->ctrl, a->ctrl, a->ctrl);
	return buf;
}

size_t view_put_absences(FILE *out, const struct topo *t, const char *first, const char *indent,
			 bool minor)
{
	char object[64], what[ABSENCE_LEN], shown[2 * ABSENCE_LEN];
	struct absence *list = NULL;
	size_t nr = 0, i, put = 0;

	if (!t || walk(t, &list, &nr))
		return 0;
	for (i = 0; i < nr; i++) {
		if (list[i].minor && !minor)
			continue;
		view_absence_object(&list[i], object, sizeof(object));
		fprintf(out, "%s%s%s", put++ ? indent : first,
			fmt_text(shown, sizeof(shown), object), *object ? " " : "");
		view_absence_what(&list[i], what, sizeof(what));
		fprintf(out, "%s\n", fmt_text(shown, sizeof(shown), what));
	}
	free(list);
	return put;
}
