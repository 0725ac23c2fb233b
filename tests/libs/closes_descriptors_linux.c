/* Closes every descriptor that it can think of, as libraries do that start daemons. */
#include <dirent.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

int close_all(void) {
  for (int number = 0; number < 4096; ++number) close(number);
  return 1;
}

/* How many are open, the one that looks not counted. */
int count_open(void) {
  DIR *folder = opendir("/proc/self/fd");
  if (folder == NULL) return -1;
  int count = -3; /* ".", ".." and the folder itself */
  while (readdir(folder) != NULL) ++count;
  closedir(folder);
  return count;
}

/* The highest open number; -1: none. */
int highest_open(void) {
  DIR *folder = opendir("/proc/self/fd");
  if (folder == NULL) return -1;
  int highest = -1;
  for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    const int number = atoi(entry->d_name);
    if (entry->d_name[0] != '.' && number != dirfd(folder) && number > highest) highest = number;
  }
  closedir(folder);
  return highest;
}
