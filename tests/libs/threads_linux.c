#include <pthread.h>
#include <stdlib.h>

#include "threads.h"

struct Thread {
  pthread_t id;
  void (*run)(void *);
  void *argument;
};

static void *run_thread(void *started) {
  const Thread *thread = started;
  thread->run(thread->argument);
  return NULL;
}

Thread *start_thread(void (*run)(void *), void *argument) {
  Thread *thread = malloc(sizeof *thread);
  if (thread == NULL) abort();
  thread->run = run;
  thread->argument = argument;
  if (pthread_create(&thread->id, NULL, run_thread, thread) != 0) abort();
  return thread;
}

void join_thread(Thread *thread) {
  pthread_join(thread->id, NULL);
  free(thread);
}

struct Gate {
  pthread_mutex_t mutex;
  pthread_cond_t opened;
  int is_open;
};

Gate *make_gate(void) {
  Gate *gate = malloc(sizeof *gate);
  if (gate == NULL) abort();
  *gate = (Gate){PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
  return gate;
}

void open_gate(Gate *gate) {
  pthread_mutex_lock(&gate->mutex);
  gate->is_open = 1;
  pthread_cond_broadcast(&gate->opened);
  pthread_mutex_unlock(&gate->mutex);
}

void pass_gate(Gate *gate) {
  pthread_mutex_lock(&gate->mutex);
  while (!gate->is_open) pthread_cond_wait(&gate->opened, &gate->mutex);
  pthread_mutex_unlock(&gate->mutex);
}
