/* Says what the library sees of the process that it lives in. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

const char *variable_of_environment(const char *name) { return getenv(name); }
/* Names of the environment that begin with `prefix`. */
int count_variables(const char *prefix) {
  int count = 0;
  for (char **one = environ; *one != NULL; ++one) count += strncmp(*one, prefix, strlen(prefix)) == 0;
  return count;
}

const char *current_folder(void) {
  static char path[4096];
  return getcwd(path, sizeof path);
}

int file_mask(void) {
  const mode_t mask = umask(0);
  umask(mask);
  return (int)mask;
}

const char *decimal_point(void) { return localeconv()->decimal_point; }
const char *locale_name(void) { return setlocale(LC_ALL, NULL); }

int count_blocked_signals(void) {
  sigset_t blocked;
  sigprocmask(SIG_SETMASK, NULL, &blocked);
  int count = 0;
  for (int number = 1; number < 65; ++number) count += sigismember(&blocked, number) == 1;
  return count;
}
/* 1: as a new process has it, 2: ignored, 3: a handler. */
int signal_disposition(int number) {
  struct sigaction action;
  sigaction(number, NULL, &action);
  return action.sa_handler == SIG_DFL ? 1 : action.sa_handler == SIG_IGN ? 2 : 3;
}

int print(const char *text) { return fputs(text, stdout); }
int print_error(const char *text) { return fputs(text, stderr); }
int read_number(void) {
  int number = -1;
  return scanf("%d", &number) == 1 ? number : -1;
}
int is_terminal(int descriptor) { return isatty(descriptor); }

/* The descriptors that are open, as text. */
const char *open_descriptors(void) {
  static char text[4096];
  text[0] = 0;
  for (int number = 0; number < 1024; ++number) {
    struct stat status;
    if (fstat(number, &status) == 0) sprintf(text + strlen(text), "%d ", number);
  }
  return text;
}

static void say_goodbye(void) { puts("goodbye"); }
int say_goodbye_at_exit(void) { return atexit(say_goodbye); }
