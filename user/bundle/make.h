/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of which a bundle is made. Errors stay in stage.err. */
#ifndef BUNDLE_MAKE_H
#define BUNDLE_MAKE_H

#include "bundle/staging.h"

/* ---- bundle/host.c ---- */

/* Names of this host: of itself, its disks, its addresses. 0 or -ENOMEM. */
int bundle_mask_host(struct mask *m);

/* sysfs of nvme and the heads, module parameters, limits, udev rules about nvme. */
void bundle_add_host(struct stage *s);

/* ---- bundle/log.c ---- */

/* One record of /dev/kmsg, which is changed, as dmesg -r shows it, but without the command line. */
void bundle_log_line(FILE *out, char *line);

/* The newest @bytes of the kernel's log. */
void bundle_add_log(struct stage *s, __u64 bytes);

/* ---- bundle/recording.c ---- */

/*
 * Names in a recording. Returns 0 or -errno after a message on stderr: there is
 * no recording.
 */
int bundle_mask_record(struct mask *m, const char *dir);

/* The newest segments of a recording, @bytes of them, at least one. */
void bundle_add_record(struct stage *s, const char *dir, __u64 bytes);

/* ---- bundle/write.c ---- */

/*
 * Everything as a compressed tar file, the manifest first. 0 or -errno; @why says more than that,
 * or is empty.
 */
int bundle_write(const struct stage *s, int fd, __s64 now_s, char *why, size_t size);

#endif /* BUNDLE_MAKE_H */
