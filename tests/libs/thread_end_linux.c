#include <pthread.h>

#include "thread_end.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static void (*wanted)(void *);

static void make_key(void) { pthread_key_create(&key, wanted); }

void at_thread_end(void (*run)(void *)) {
  wanted = run;
  pthread_once(&once, make_key);
  pthread_setspecific(key, &key);
}
