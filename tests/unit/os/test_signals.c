// SPDX-License-Identifier: GPL-2.0-only
/* Signals as data: those that somebody had ignored stay so. */
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/signals.h"
#include "tests/unit/feed.h"

/* Signals that are read after each of them was raised once, as bits; in a process of its own. */
static int taken(int ignored)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGTERM };
	struct signalfd_siginfo si;
	int fd, status, i, bits = 0;
	pid_t pid = fork();

	if (pid) {
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		return WEXITSTATUS(status);
	}
	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	if (ignored)
		signal(ignored, SIG_IGN);
	fd = signals_open(true, 0);
	for (i = 0; i < 3; i++)
		raise(numbers[i]);
	while (read(fd, &si, sizeof(si)) == sizeof(si))
		for (i = 0; i < 3; i++)
			bits |= (int)si.ssi_signo == numbers[i] ? 1 << i : 0;
	_exit(bits);
}

static void test_ignored(void **state)
{
	(void)state;
	assert_int_equal(taken(0), 7);
	assert_int_equal(taken(SIGHUP), 6);
	assert_int_equal(taken(SIGINT), 5);
	assert_int_equal(taken(SIGTERM), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_ignored) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
