// SPDX-License-Identifier: GPL-2.0-only
/*
 * CRC-32C. Where the processor has an instruction for it (x86-64 with SSE 4.2)
 * that is used: a report reads millions of records a second. Elsewhere two
 * tables of 16 do a byte a step; they fit into two cache lines.
 */
#include <string.h>

#include "base/crc32c.h"

/* Remainders of the low and of the high nibble of a byte, polynomial 0x82f63b78 reflected. */
static const __u32 low[16] = {
	0x00000000, 0xf26b8303, 0xe13b70f7, 0x1350f3f4, 0xc79a971f, 0x35f1141c,
	0x26a1e7e8, 0xd4ca64eb, 0x8ad958cf, 0x78b2dbcc, 0x6be22838, 0x9989ab3b,
	0x4d43cfd0, 0xbf284cd3, 0xac78bf27, 0x5e133c24,
};
static const __u32 high[16] = {
	0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
	0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
	0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

__u32 crc32c_tables(__u32 crc, const void *data, size_t len)
{
	const unsigned char *p = data;

	crc = ~crc;
	while (len--) {
		crc ^= *p++;
		crc = (crc >> 8) ^ low[crc & 15] ^ high[(crc >> 4) & 15];
	}
	return ~crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static __u32 crc32c_sse42(__u32 crc, const void *data, size_t len)
{
	const unsigned char *p = data;
	unsigned long long c = (__u32)~crc, word;

	for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		c = __builtin_ia32_crc32di(c, word);
	}
	for (; len; len--)
		c = __builtin_ia32_crc32qi((__u32)c, *p++);
	return ~(__u32)c;
}

__u32 crc32c(__u32 crc, const void *data, size_t len)
{
	if (__builtin_cpu_supports("sse4.2"))
		return crc32c_sse42(crc, data, len);
	return crc32c_tables(crc, data, len);
}
#else
__u32 crc32c(__u32 crc, const void *data, size_t len)
{
	return crc32c_tables(crc, data, len);
}
#endif
