/* SPDX-License-Identifier: GPL-2.0-only */
/* CRC-32C (Castagnoli), as iSCSI, ext4 and NVMe use it. */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stddef.h>
#include <linux/types.h>

/**
 * crc32c() - checksum of @len bytes
 * @crc:	0 to begin, or the result for the bytes before
 */
__u32 crc32c(__u32 crc, const void *data, size_t len);

/* The same without a special instruction, for processors that have none. */
__u32 crc32c_tables(__u32 crc, const void *data, size_t len);

#endif /* BASE_CRC32C_H */
