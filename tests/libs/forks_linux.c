/* Forks: its child changes everything that it can reach, and the parent looks whether it was reached too. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int variable = 1;
static const char *const constant = "unchanged";
static char *block;

int prepare(void) {
  variable = 1;
  block = malloc(100000);
  memset(block, 'p', 100000);
  return block != NULL;
}

/* What the child changes: its data, its heap, new blocks and old ones. 0 if it saw what it should. */
static int damage(void) {
  if (variable != 1 || block[0] != 'p' || block[99999] != 'p' || strcmp(constant, "unchanged") != 0) return 1;
  variable = 2;
  memset(block, 'c', 100000);
  for (int at = 0; at < 1000; ++at) {
    char *one = malloc((size_t)at * 7 + 1);
    if (one == NULL) return 2;
    memset(one, 'x', (size_t)at * 7 + 1);
    if (at % 2 == 0) free(one);
  }
  free(block);
  return 0;
}

static int wait_for(pid_t child) {
  int status;
  if (waitpid(child, &status, 0) != child) return 100;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 101;
}

/* 0: the child did its damage, and the parent saw none of it. */
int fork_and_damage(void) {
  const pid_t child = fork();
  if (child == 0) _exit(damage());
  if (child < 0) return 102;
  const int result = wait_for(child);
  if (result != 0) return result;
  if (variable != 1) return 103;
  for (int at = 0; at < 100000; ++at)
    if (block[at] != 'p') return 104;
  return 0;
}

/* 0: a grandchild could do the same. */
int fork_twice(void) {
  const pid_t child = fork();
  if (child == 0) _exit(fork_and_damage());
  return child < 0 ? 102 : wait_for(child);
}

/* 0: a program could be started and its answer read, as libraries do that run helpers. */
int run_program(void) { return system("exit 0"); }
