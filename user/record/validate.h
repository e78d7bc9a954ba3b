/* SPDX-License-Identifier: GPL-2.0-only */
/* Checks of a record's payload, for all that take records: the model, views, the bundle. */
#ifndef RECORD_VALIDATE_H
#define RECORD_VALIDATE_H

#include "record/record.h"

/**
 * record_text_ok() - is a fixed-size text field of a record terminated?
 * Everything read from a file is untrusted; check before using it as a string.
 */
bool record_text_ok(const char *field, size_t size);

/**
 * record_check_event() - is this record an event of its type's size, with texts ended?
 * Returns the event, or NULL. Both the model and the views go through it.
 */
const struct mpath_event *record_check_event(const struct record *rec);

/**
 * record_ok() - is this a record of a known version, of its type's size, with texts ended?
 * A topology is only decoded by topo_decode(), which has checks of its own.
 */
bool record_ok(const struct record *rec);

#endif /* RECORD_VALIDATE_H */
