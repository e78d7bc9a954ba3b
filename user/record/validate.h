/* SPDX-License-Identifier: GPL-2.0-only */
/* Checks of parts of a payload, for all that take records; of a whole one see record/types.h. */
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

#endif /* RECORD_VALIDATE_H */
