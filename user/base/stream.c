// SPDX-License-Identifier: GPL-2.0-only
/* Did writing to a stream fail? */
#include <errno.h>

#include "base/stream.h"

int stream_status(FILE *out)
{
	return ferror(out) ? -EIO : 0;
}
