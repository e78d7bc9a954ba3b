// SPDX-License-Identifier: GPL-2.0-only
/* A file of options: its lines. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/format.h"
#include "cmd/config.h"
#include "os/journal.h"

#define MAX_BYTES	65536
#define MAX_NAME	40

/* Lines that are for others: systemd's generator. */
static const char *const foreign[] = { "privileges", NULL };

static int cannot_read(const char *path, const char *why)
{
	char shown[512];

	say(SAY_ERROR, "nvme-mpathtop: %s: cannot read the file of options: %s",
	    fmt_text(shown, sizeof(shown), path), why);
	return -EINVAL;
}

/* Returns the whole of it, NULL after a message, or without one if it is not there (@absent). */
static char *slurp(const char *path, bool *absent)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char *text = NULL;
	size_t len = 0;
	struct stat st;
	ssize_t n = 1;

	*absent = fd < 0 && errno == ENOENT;
	if (fd < 0) {
		if (!*absent)
			cannot_read(path, strerror(errno));
		return NULL;
	}
	if (!fstat(fd, &st) && !S_ISREG(st.st_mode))
		cannot_read(path, "it is no file");
	else
		text = calloc(1, MAX_BYTES + 1);
	while (text && n > 0 && len < MAX_BYTES) {
		n = read(fd, text + len, MAX_BYTES - len);
		if (n > 0)
			len += (size_t)n;
	}
	close(fd);
	if (text && (n < 0 || len == MAX_BYTES || strlen(text) != len)) {
		cannot_read(path, n < 0		    ? strerror(errno) :
				  len == MAX_BYTES ? "it is longer than 64 KiB" :
						     "it is no text");
		free(text);
		text = NULL;
	}
	return text;
}

/* Without blanks at both ends. */
static char *trim(char *s)
{
	size_t len;

	while (isspace((unsigned char)*s))
		s++;
	len = strlen(s);
	while (len && isspace((unsigned char)s[len - 1]))
		s[--len] = '\0';
	return s;
}

/* Quotes around it go; a lone one, or one inside, is a mistake. NULL: so it is. */
static char *unquote(char *value)
{
	size_t len = strlen(value);

	if (len >= 2 && (*value == '"' || *value == '\'') && value[len - 1] == *value) {
		value[len - 1] = '\0';
		value++;
	}
	return strpbrk(value, "\"'\\") ? NULL : value;
}

/* TOTAL_SIZE becomes total-size. False: this is no name. */
static bool option_name(char *to, const char *from, size_t len)
{
	size_t i;

	if (!len || len >= MAX_NAME)
		return false;
	for (i = 0; i < len; i++) {
		if (!(from[i] >= 'A' && from[i] <= 'Z') && from[i] != '_')
			return false;
		to[i] = from[i] == '_' ? '-' : (char)tolower(from[i]);
	}
	to[len] = '\0';
	return true;
}

static bool is_foreign(const char *name)
{
	const char *const *f;

	for (f = foreign; *f; f++)
		if (!strcmp(*f, name))
			return true;
	return false;
}

static int take_line(const struct command *c, void *options, const char *where, char *line)
{
	size_t len = strcspn(line, "=");
	char name[MAX_NAME], shown[80];
	char *value;
	int err;

	if (!*line || *line == '#')
		return 0;
	if (!line[len] || !option_name(name, line, len)) {
		say(SAY_ERROR,
		    "nvme-mpathtop: %s\"%s\" is not of the form NAME=VALUE, such as "
		    "TOTAL_SIZE=2G",
		    where, fmt_text(shown, sizeof(shown), line));
		return -EINVAL;
	}
	if (is_foreign(name))
		return 0;
	value = unquote(line + len + 1);
	if (!value) {
		say(SAY_ERROR,
		    "nvme-mpathtop: %s%.*s: quotes around the value, or none, and no "
		    "backslash",
		    where, (int)len, line);
		return -EINVAL;
	}
	err = opts_set(c, options, where, name, strlen(name), value);
	if (err != -ENOENT)
		return err;
	say(SAY_ERROR,
	    "nvme-mpathtop: %sthere is no option %.*s; \"nvme-mpathtop %s --help\" lists "
	    "what there is: --total-size is TOTAL_SIZE",
	    where, (int)len, line, c->name);
	return -EINVAL;
}

int config_read(const struct command *c, void *options, const char *path, char **text)
{
	char shown[512], where[600], *line, *rest;
	unsigned int at = 0;
	bool absent;
	int err = 0;

	fmt_text(shown, sizeof(shown), path);
	free(*text);
	rest = *text = slurp(path, &absent);
	if (absent)
		say(SAY_NOTICE, "nvme-mpathtop: %s is not there: no options are taken from it",
		    shown);
	if (!*text)
		return absent ? 0 : -EINVAL;
	while (!err && (line = strsep(&rest, "\n"))) {
		snprintf(where, sizeof(where), "%s, line %u: ", shown, ++at);
		err = take_line(c, options, where, trim(line));
	}
	return err;
}
