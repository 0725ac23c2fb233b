/* What a library has run when a thread ends. */

/* `run` is called with a value that is not 0 on the calling thread when that ends. One function for the whole process.
 */
void at_thread_end(void (*run)(void *));
