// SPDX-License-Identifier: GPL-2.0-only
/* Capabilities of this process, through libcap-ng. */
#include <cap-ng.h>
#include <errno.h>
#include <stdio.h>

#include "base/array.h"
#include "os/caps.h"

static bool have(unsigned int cap)
{
	if (capng_get_caps_process())
		return false;
	return capng_have_capability(CAPNG_EFFECTIVE, cap) == 1 ||
	       capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_ADMIN) == 1;
}

bool caps_have_bpf(void)
{
	return have(CAP_BPF);
}

bool caps_have_perfmon(void)
{
	return have(CAP_PERFMON);
}

bool caps_have_sys_admin(void)
{
	return have(CAP_SYS_ADMIN);
}

bool caps_have_syslog(void)
{
	return have(CAP_SYSLOG);
}

bool caps_missing(char *buf, size_t size)
{
	bool bpf = caps_have_bpf(), perfmon = caps_have_perfmon();

	snprintf(buf, size, "%s%s%s", bpf ? "" : "CAP_BPF", bpf || perfmon ? "" : " and ",
		 perfmon ? "" : "CAP_PERFMON");
	return !bpf || !perfmon;
}

int caps_drop(void)
{
	if (capng_get_caps_process())
		return -EIO;
	/* The bounding set can be lowered only with CAP_SETPCAP: as far as it goes. */
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) == 1) {
		capng_clear(CAPNG_SELECT_BOTH);
		if (!capng_apply(CAPNG_SELECT_BOTH))
			return 0;
	}
	capng_clear(CAPNG_SELECT_CAPS);
	return capng_apply(CAPNG_SELECT_CAPS) ? -EPERM : 0;
}

static const unsigned int loading[] = { CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN, CAP_SYSLOG };

static int keep(capng_type_t sets, bool bounding)
{
	bool had[ARRAY_SIZE(loading)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(loading); i++)
		had[i] = capng_have_capability(CAPNG_PERMITTED, loading[i]) == 1;
	capng_clear(bounding ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS);
	for (i = 0; i < ARRAY_SIZE(loading); i++)
		if (had[i])
			capng_update(CAPNG_ADD, sets, loading[i]);
	return capng_apply(bounding ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS) ? -EPERM : 0;
}

int caps_put_aside(void)
{
	if (capng_get_caps_process())
		return -EIO;
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) == 1 &&
	    !keep(CAPNG_PERMITTED, true))
		return 0;
	return capng_get_caps_process() ? -EIO : keep(CAPNG_PERMITTED, false);
}

int caps_take_up(void)
{
	if (capng_get_caps_process())
		return -EIO;
	return keep(CAPNG_PERMITTED | CAPNG_EFFECTIVE, false);
}
