// SPDX-License-Identifier: GPL-2.0-only
/* The clocks of this host, in ns. */
#include <time.h>

#include "base/clock.h"
#include "base/units.h"

static __u64 clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (__u64)ts.tv_sec * NS_PER_S + (__u64)ts.tv_nsec;
}

__u64 boottime_ns(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

__s64 realtime_ns(void)
{
	return (__s64)clock_ns(CLOCK_REALTIME);
}
