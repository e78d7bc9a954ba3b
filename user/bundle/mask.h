/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names that are not to leave the house, and what stands in for them: the same
 * for the same name wherever it is met, so that a masked bundle can be followed.
 * Pure.
 */
#ifndef BUNDLE_MASK_H
#define BUNDLE_MASK_H

#include <stdio.h>

#include "record/topology.h"

struct mask;

/* NULL when memory is short. */
struct mask *mask_new(void);
void mask_free(struct mask *m);		/* NULL is fine */

enum mask_kind { MASK_HOST, MASK_SERIAL, MASK_HOSTNQN, MASK_HOSTID, MASK_ADDRESS, MASK_KINDS };

/**
 * mask_add() - a name to be masked
 * @text:	blanks at both ends do not count; "" is nothing. What is short, and the
 *		names of hosts, are masked as words of their own only
 *
 * A serial number is masked as the hexadecimal digits of a wwid, too.
 * Returns 0 or -ENOMEM.
 */
int mask_add(struct mask *m, enum mask_kind kind, const char *text);

/* The addresses in "traddr=192.0.2.1,trsvcid=4420,...", as sysfs has it for fabrics. */
int mask_add_addresses(struct mask *m, const char *address);

/* Write @len bytes of a text with everything masked. Writing errors stay in @out. */
void mask_put(const struct mask *m, FILE *out, const char *text, size_t len);

/* The same in place, cut if it gets too long. Returns 0 or -ENOMEM. */
int mask_field(const struct mask *m, char *field, size_t size);

/* Serials and addresses of a topology: to be masked, and masking all its texts. */
int mask_add_topo(struct mask *m, const struct topo *t);
int mask_topo(const struct mask *m, struct topo *t);

#endif /* BUNDLE_MASK_H */
