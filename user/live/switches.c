// SPDX-License-Identifier: GPL-2.0-only
/*
 * A probe may be attached and never be hit: ftrace and kprobes can be switched off at any time, and
 * the kernel takes probes all the same. The other switches hide what loading needs.
 */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "live/switches.h"

struct kernel_switch {
	const char	*file;
	const char	*off;		/* what it says then */
	bool		stock;		/* in the way of probes only */
	const char	*text;
};

static const struct kernel_switch switches[] = {
	{ "/proc/sys/kernel/ftrace_enabled", "0", true,
	  "kernel.ftrace_enabled is 0: probes at the entry of functions are taken and never hit; "
	  "sysctl kernel.ftrace_enabled=1" },
	{ "/sys/kernel/debug/kprobes/enabled", "0", true,
	  "kprobes are switched off: they are taken and never hit; "
	  "echo 1 > /sys/kernel/debug/kprobes/enabled" },
	{ "/proc/sys/kernel/kptr_restrict", "2", true,
	  "kernel.kptr_restrict is 2, which hides the addresses in /proc/kallsyms from root, too; "
	  "sysctl kernel.kptr_restrict=1, for as long as the start takes" },
	{ "/sys/kernel/security/lockdown", "[confidentiality]", false,
	  "the kernel is locked down for confidentiality (/sys/kernel/security/lockdown): no BPF "
	  "program may read its memory; lockdown=integrity lets them" },
};

static bool is_off(const char *root, const struct kernel_switch *s)
{
	char path[256], line[128] = "";
	bool off = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", root, s->file);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		/* of several words the one in brackets holds */
		off = *s->off == '[' ? strstr(line, s->off) != NULL : !strcmp(line, s->off);
	}
	fclose(f);
	return off;
}

bool switch_in_the_way(const char *root, bool stock, unsigned int i, char text[SWITCH_TEXT])
{
	size_t k;

	for (k = 0; k < ARRAY_SIZE(switches); k++) {
		if ((switches[k].stock && !stock) || !is_off(root, &switches[k]) || i--)
			continue;
		snprintf(text, SWITCH_TEXT, "%s", switches[k].text);
		return true;
	}
	return false;
}
