/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libarchive, which only those commands have in their address space that read or write a
 * bundle: it brings libxml2 and ICU, 6 MiB and code that a collector has no use for. Include
 * this instead of <archive.h> and call libarchive_load() first; the names are its own.
 */
#ifndef BUNDLE_LIBARCHIVE_H
#define BUNDLE_LIBARCHIVE_H

#include <archive.h>
#include <archive_entry.h>

#define LIBARCHIVE_FUNCTIONS(F) \
	F(archive_entry_filetype) \
	F(archive_entry_free) \
	F(archive_entry_hardlink) \
	F(archive_entry_new) \
	F(archive_entry_pathname) \
	F(archive_entry_set_filetype) \
	F(archive_entry_set_mtime) \
	F(archive_entry_set_pathname) \
	F(archive_entry_set_perm) \
	F(archive_entry_set_size) \
	F(archive_entry_size) \
	F(archive_entry_size_is_set) \
	F(archive_entry_symlink) \
	F(archive_errno) \
	F(archive_error_string) \
	F(archive_read_data) \
	F(archive_read_free) \
	F(archive_read_new) \
	F(archive_read_next_header) \
	F(archive_read_open_fd) \
	F(archive_read_open_memory) \
	F(archive_read_support_filter_gzip) \
	F(archive_read_support_format_tar) \
	F(archive_write_add_filter_gzip) \
	F(archive_write_close) \
	F(archive_write_data) \
	F(archive_write_free) \
	F(archive_write_header) \
	F(archive_write_new) \
	F(archive_write_open_fd) \
	F(archive_write_set_format_pax_restricted)

struct libarchive {
#define LIBARCHIVE_POINTER(name)	typeof(name) *name;
	LIBARCHIVE_FUNCTIONS(LIBARCHIVE_POINTER)
#undef LIBARCHIVE_POINTER
};

extern struct libarchive libarchive;

/* Returns NULL, or what is wrong and what to do about it. */
const char *libarchive_load(void);

#define archive_entry_filetype(...)	(libarchive.archive_entry_filetype)(__VA_ARGS__)
#define archive_entry_free(...)	(libarchive.archive_entry_free)(__VA_ARGS__)
#define archive_entry_hardlink(...)	(libarchive.archive_entry_hardlink)(__VA_ARGS__)
#define archive_entry_new(...)	(libarchive.archive_entry_new)(__VA_ARGS__)
#define archive_entry_pathname(...)	(libarchive.archive_entry_pathname)(__VA_ARGS__)
#define archive_entry_set_filetype(...)	(libarchive.archive_entry_set_filetype)(__VA_ARGS__)
#define archive_entry_set_mtime(...)	(libarchive.archive_entry_set_mtime)(__VA_ARGS__)
#define archive_entry_set_pathname(...)	(libarchive.archive_entry_set_pathname)(__VA_ARGS__)
#define archive_entry_set_perm(...)	(libarchive.archive_entry_set_perm)(__VA_ARGS__)
#define archive_entry_set_size(...)	(libarchive.archive_entry_set_size)(__VA_ARGS__)
#define archive_entry_size(...)	(libarchive.archive_entry_size)(__VA_ARGS__)
#define archive_entry_size_is_set(...)	(libarchive.archive_entry_size_is_set)(__VA_ARGS__)
#define archive_entry_symlink(...)	(libarchive.archive_entry_symlink)(__VA_ARGS__)
#define archive_errno(...)	(libarchive.archive_errno)(__VA_ARGS__)
#define archive_error_string(...)	(libarchive.archive_error_string)(__VA_ARGS__)
#define archive_read_data(...)	(libarchive.archive_read_data)(__VA_ARGS__)
#define archive_read_free(...)	(libarchive.archive_read_free)(__VA_ARGS__)
#define archive_read_new(...)	(libarchive.archive_read_new)(__VA_ARGS__)
#define archive_read_next_header(...)	(libarchive.archive_read_next_header)(__VA_ARGS__)
#define archive_read_open_fd(...)	(libarchive.archive_read_open_fd)(__VA_ARGS__)
#define archive_read_open_memory(...)	(libarchive.archive_read_open_memory)(__VA_ARGS__)
#define archive_read_support_filter_gzip(...) \
	(libarchive.archive_read_support_filter_gzip)(__VA_ARGS__)
#define archive_read_support_format_tar(...) \
	(libarchive.archive_read_support_format_tar)(__VA_ARGS__)
#define archive_write_add_filter_gzip(...) (libarchive.archive_write_add_filter_gzip)(__VA_ARGS__)
#define archive_write_close(...)	(libarchive.archive_write_close)(__VA_ARGS__)
#define archive_write_data(...)	(libarchive.archive_write_data)(__VA_ARGS__)
#define archive_write_free(...)	(libarchive.archive_write_free)(__VA_ARGS__)
#define archive_write_header(...)	(libarchive.archive_write_header)(__VA_ARGS__)
#define archive_write_new(...)	(libarchive.archive_write_new)(__VA_ARGS__)
#define archive_write_open_fd(...)	(libarchive.archive_write_open_fd)(__VA_ARGS__)
#define archive_write_set_format_pax_restricted(...) \
	(libarchive.archive_write_set_format_pax_restricted)(__VA_ARGS__)

#endif /* BUNDLE_LIBARCHIVE_H */
