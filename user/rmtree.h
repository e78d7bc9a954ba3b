/* SPDX-License-Identifier: GPL-2.0-only */
/* Remove a directory of our own with all that is in it; links are removed, not followed. */
#ifndef RMTREE_H
#define RMTREE_H

void rmtree(const char *path);

#endif /* RMTREE_H */
