/* SPDX-License-Identifier: GPL-2.0-only */
/* The clocks of this host, in ns. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <linux/types.h>

/* CLOCK_BOOTTIME, the clock of all records. */
__u64 boottime_ns(void);

/* CLOCK_REALTIME: since the epoch. */
__s64 realtime_ns(void);

#endif /* BASE_CLOCK_H */
