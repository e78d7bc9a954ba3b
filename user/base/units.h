/* SPDX-License-Identifier: GPL-2.0-only */
/* Nanoseconds in a unit of time. Unsigned: cast where the sum may be negative, or is a double. */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#define NS_PER_US	1000ULL
#define NS_PER_MS	1000000ULL
#define NS_PER_S	1000000000ULL

#endif /* BASE_UNITS_H */
