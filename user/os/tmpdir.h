/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A private directory below TMPDIR, for what is unpacked or put together. A signal that
 * ends the program (SIGINT, SIGTERM, SIGHUP, if nobody else takes them) removes it, too.
 */
#ifndef OS_TMPDIR_H
#define OS_TMPDIR_H

/* Where it would be: for messages. */
const char *tmpdir_where(void);

/* Its path, for tmpdir_remove(). 0 or -errno. */
int tmpdir_make(char **path);

/* With all that is in it; frees @path. NULL is fine. */
void tmpdir_remove(char *path);

/* Remove a directory of our own with all that is in it; links are removed, not followed. */
void rmtree(const char *path);

#endif /* OS_TMPDIR_H */
