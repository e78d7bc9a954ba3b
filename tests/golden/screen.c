// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints a screen of the console: screen RECORD SECONDS ROWSxCOLS[a] [KEYS]
 *
 * SECONDS into the recording, after these keys: \r Enter, \e Esc, \t Tab, \d Down, \u Up. With
 * "a" behind the size in ASCII only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/console.h"
#include "top/player.h"

static int press(struct console *c, const char **keys)
{
	static const struct {
		char letter;
		int key;
	} names[] = {
		{ 'r', CKEY_ENTER }, { 'e', CKEY_ESC }, { 't', CKEY_TAB },
		{ 'd', CKEY_DOWN },  { 'u', CKEY_UP },
	};
	int key = *(*keys)++;
	size_t i;

	if (key == '\\' && **keys) {
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (names[i].letter == **keys)
				key = names[i].key;
		(*keys)++;
	}
	return console_key(c, key);
}

int main(int argc, char **argv)
{
	struct player *p = player_new();
	struct console *c = console_new(true);
	struct console_data d = { .source = "replay", .utc = true, .empty = "no head" };
	struct screen s = { 0 };
	const char *keys = argc > 4 ? argv[4] : "";
	int rows = 0, cols = 0;
	char ascii = 0;

	if (argc < 4 || sscanf(argv[3], "%dx%d%c", &rows, &cols, &ascii) < 2 || !p || !c) {
		fprintf(stderr, "usage: screen RECORD SECONDS ROWSxCOLS[a] [KEYS]\n");
		return 2;
	}
	if (player_open(p, argv[1], argv[1]) || player_seek(p, (__u64)(atof(argv[2]) * 1e9))) {
		fprintf(stderr, "screen: %s\n", player_error(p));
		return 1;
	}
	d.m = player_model(p);
	d.history = player_history(p);
	d.now_ns = player_now(p);
	s.ascii = ascii == 'a';
	if (screen_resize(&s, rows, cols))
		return 1;
	/* keys move what was drawn before */
	do {
		if (console_draw(c, &d, &s))
			return 1;
	} while (*keys && (press(c, &keys) || 1));
	if (console_draw(c, &d, &s) || screen_print(&s, stdout))
		return 1;
	screen_free(&s);
	console_free(c);
	player_free(p);
	return 0;
}
