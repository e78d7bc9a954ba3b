/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plays a recording: feeds a model up to a point of it. A position counts
 * nanoseconds from the first record; between two boots nothing passes.
 */
#ifndef TOP_PLAYER_H
#define TOP_PLAYER_H

#include "console/history.h"
#include "model/types.h"

struct player;

/* Returns NULL when memory is short. */
struct player *player_new(void);
void player_free(struct player *p);	/* NULL is fine */

/*
 * Look through a recording, a file or a directory. @name: what messages call it; both have to
 * stay. 0, or -errno: player_error() says why.
 */
int player_open(struct player *p, const char *path, const char *name);
const char *player_error(const struct player *p);

/* Of the whole recording. */
__u64 player_length(const struct player *p);

/**
 * player_seek() - have model and history as they were at a position
 * Backwards means from the beginning. What player_model() gave before may be gone.
 * Returns 0 or -errno, as player_open().
 */
int player_seek(struct player *p, __u64 pos_ns);

__u64 player_pos(const struct player *p);
/* What the clock of the model is there. */
__u64 player_now(const struct player *p);
const struct model *player_model(const struct player *p);
const struct history *player_history(const struct player *p);

#endif /* TOP_PLAYER_H */
