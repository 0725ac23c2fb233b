/* Calls its caller back in every way that real libraries do. */
#include <stdlib.h>

#include "threads.h"

typedef int (*Callback)(int);

int call(Callback callback, int value) { return callback(value); }

/* Calls until the callback returns something else than its argument; how often it did. */
int call_many(Callback callback, int times) {
  for (int turn = 0; turn < times; ++turn)
    if (callback(turn) != turn) return turn;
  return times;
}

static Callback kept;
int keep(Callback callback) {
  kept = callback;
  return 1;
}
int call_kept(int value) { return kept(value); }

struct Turn {
  Callback callback;
  int first, times, wrong;
};

static void take_turns(void *argument) {
  struct Turn *turn = argument;
  for (int at = 0; at < turn->times; ++at)
    if (turn->callback(turn->first + at) != 2 * (turn->first + at)) ++turn->wrong;
}

/* Each of `threads` threads calls `times` times with numbers of its own and wants their doubles; how many were wrong.
 */
int call_from_threads(Callback callback, int threads, int times) {
  struct Turn turns[64];
  Thread *started[64];
  if (threads > 64) return -1;
  for (int at = 0; at < threads; ++at) {
    turns[at] = (struct Turn){callback, at * 100000, times, 0};
    started[at] = start_thread(take_turns, &turns[at]);
  }
  int wrong = 0;
  for (int at = 0; at < threads; ++at) {
    join_thread(started[at]);
    wrong += turns[at].wrong;
  }
  return wrong;
}

static volatile int ticking;
static Thread *ticker;
static void tick(void *argument) {
  const Callback callback = (Callback)argument;
  for (int count = 0; ticking; ++count) callback(count);
}
/* Calls back on a thread of its own until it is told to stop. */
int start_ticking(Callback callback) {
  ticking = 1;
  ticker = start_thread(tick, (void *)callback);
  return 1;
}
int stop_ticking(void) {
  ticking = 0;
  join_thread(ticker);
  return 1;
}

/* A callback in the middle of frames that hold something; -1 if the frames were damaged. */
int call_between(Callback callback, int value) {
  volatile int before = 0x1234, after = 0x4321;
  const int result = callback(value);
  return before == 0x1234 && after == 0x4321 ? result : -1;
}

int call_with_text(int (*callback)(const char *), const char *text) { return callback(text); }

double call_with_double(double (*callback)(double), double value) { return callback(value) * 2; }
