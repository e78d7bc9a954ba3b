/* SPDX-License-Identifier: GPL-2.0-only */
/* The keys of the console, as the terminal reads them. */
#ifndef CONSOLE_KEYS_H
#define CONSOLE_KEYS_H

/* Keys that are no characters. */
enum console_key {
	CKEY_NONE = 0x110000,
	CKEY_UP,
	CKEY_DOWN,
	CKEY_LEFT,
	CKEY_RIGHT,
	CKEY_PAGE_UP,
	CKEY_PAGE_DOWN,
	CKEY_HOME,
	CKEY_END,
	CKEY_ENTER,
	CKEY_ESC,
	CKEY_TAB,
	CKEY_BACKTAB,
	CKEY_BACKSPACE,
	CKEY_F1,
};

#endif /* CONSOLE_KEYS_H */
