/* Threads for the tiny libraries, the same on every system and without a library of their own. */

typedef struct Thread Thread;
Thread *start_thread(void (*run)(void *), void *argument);
void join_thread(Thread *thread);

/* Closed until it is opened; then open for all. */
typedef struct Gate Gate;
Gate *make_gate(void);
void open_gate(Gate *gate);
void pass_gate(Gate *gate);
