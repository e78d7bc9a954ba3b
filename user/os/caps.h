/* SPDX-License-Identifier: GPL-2.0-only */
/* Capabilities of this process: which are held, and giving them up. */
#ifndef OS_CAPS_H
#define OS_CAPS_H

#include <stdbool.h>
#include <stddef.h>

/* What loading and attaching the programs takes; CAP_SYS_ADMIN includes both. */
bool caps_have_bpf(void);
bool caps_have_perfmon(void);
/* What it takes besides where the driver is without the series: types of nvme_core, addresses. */
bool caps_have_sys_admin(void);
bool caps_have_syslog(void);

/**
 * caps_missing() - the capabilities that loading still needs
 * @buf:	"CAP_BPF and CAP_PERFMON", or one of them
 *
 * Returns false (and an empty @buf) if nothing is missing.
 */
bool caps_missing(char *buf, size_t size);

/*
 * Put aside what loading takes where the driver is without the series, and give up all others:
 * nvme_core may be loaded anew. None is in force until caps_take_up(), nor after caps_put_aside()
 * again. 0 or -errno.
 */
int caps_put_aside(void);
int caps_take_up(void);

/*
 * Give up all capabilities, for good. Map, ring and program descriptors that
 * are open stay usable. Returns 0 or -errno.
 */
int caps_drop(void);

#endif /* OS_CAPS_H */
