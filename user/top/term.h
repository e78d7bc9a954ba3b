/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The terminal: shows a screen, yields keys, and is left as it was found, also
 * when the program crashes. There is one.
 */
#ifndef TOP_TERM_H
#define TOP_TERM_H

#include "console/screen.h"

/* Can a screen be drawn: are both ends a terminal, and one that can place its cursor? */
bool term_usable(void);

/**
 * term_open() - take the terminal over
 * @color:	false: monochrome, whatever it can do
 *
 * Returns 0, or -ENOTTY if its type is not known.
 */
int term_open(bool color);

/* Give it back. May be called at any time, more than once. */
void term_close(void);

/* False: nothing but ASCII can be shown. */
bool term_wide(void);

/* As large as it is now. */
void term_size(int *rows, int *cols);

/* The window may have another size. */
void term_resized(void);

/*
 * Show a screen; what is shown already costs nothing. Returns 1 if anything was drawn, 0, -ENOMEM.
 */
int term_draw(const struct screen *s);

/*
 * The next key: a character, or one of console/keys.h; CKEY_NONE if there is none, -EIO if the
 * terminal is gone. Never blocks for long.
 */
int term_key(void);

#endif /* TOP_TERM_H */
