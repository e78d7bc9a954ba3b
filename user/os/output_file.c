// SPDX-License-Identifier: GPL-2.0-only
/* A file that a command writes once. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/output_file.h"
#include "os/replace_file.h"

static void complain(const char *text)
{
	fprintf(stderr, "nvme-mpathtop: %s\n", text);
}

static mode_t mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0640 & ~mask;
}

int outfile_open(struct outfile *o, const char *path)
{
	int err = -ENOMEM;

	*o = (struct outfile) { .fd = STDOUT_FILENO, .out.fd = STDOUT_FILENO };
	if (!strcmp(path, "-")) {
		o->f = fdstream_open(&o->out);
		if (!o->f)
			complain(strerror(ENOMEM));
		return o->f ? 0 : err;
	}
	o->t = textfile_new(path, mode());
	if (o->t) {
		textfile_once(o->t);
		err = textfile_begin(o->t, &o->f);
	}
	if (!err) {
		o->fd = textfile_fd(o->t);
		return 0;
	}
	complain(o->t ? textfile_error(o->t) : strerror(ENOMEM));
	textfile_free(o->t);
	return err;
}

static int end_output(struct outfile *o, int err)
{
	int written = fdstream_flush(&o->out, o->f);
	char text[128];

	/* why it could not be written says more than that */
	err = written ? written : err;
	fclose(o->f);
	if (err && err != -EPIPE) {		/* who went knows it */
		snprintf(text, sizeof(text), "standard output: cannot write: %s", strerror(-err));
		complain(text);
	}
	return err;
}

int outfile_close(struct outfile *o, int err)
{
	if (!o->t)
		return end_output(o, err);
	err = err ? textfile_fail(o->t, err) : textfile_end(o->t);
	if (err)
		complain(textfile_error(o->t));
	textfile_free(o->t);
	return err;
}

void outfile_cancel(struct outfile *o)
{
	if (o->t)
		textfile_free(o->t);
	else
		fclose(o->f);
}
