// SPDX-License-Identifier: GPL-2.0-only
/* fault N: take N page faults, for a perf.data with that many events. */
#include <stdlib.h>
#include <sys/mman.h>

#define PAGES	1024
#define PAGE	4096

int main(int argc, char **argv)
{
	unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 0, i;
	volatile char *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || madvise((void *)p, PAGES * PAGE, MADV_NOHUGEPAGE))
		return 1;
	for (i = 0; i < n; i++) {
		if (i % PAGES == 0 && madvise((void *)p, PAGES * PAGE, MADV_DONTNEED))
			return 1;
		p[i % PAGES * PAGE] = 1;
	}
	return 0;
}
