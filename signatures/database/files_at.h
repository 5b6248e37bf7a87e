/*
 * files_at: files and directories by the open directory they are in: no path is resolved twice, no
 * symbolic link is followed, and what is made has the wanted mode, whatever the umask. All fail with
 * errno.
 */
#ifndef DATABASE_FILES_AT_H
#define DATABASE_FILES_AT_H

#include <dirent.h>
#include <sys/types.h>

/* The directory, for reading; -1. */
int open_directory_at(int directory, const char *name);

/* Every name in a directory but "." and "..", in no order; NULL at the end: errno says whether it
 * ended well (0). NULL for the stream is allowed. */
DIR *open_entries(int directory);
const char *next_entry(DIR *entries);
void entries_cleanup(DIR **entries);

/* What is new; -1. */
int create_file_at(int directory, const char *name, mode_t mode);
int create_directory_at(int directory, const char *name, mode_t mode);

/* 0, or -1. Some file systems have no way to be synced; that is no failure. */
int sync_fd(int fd);
/* Syncs each file of a directory, and then itself. */
int sync_directory(int fd);

/* A directory of files, or anything else. What cannot be removed stays. */
void remove_at(int directory, const char *name);

#endif
