/* Ends its process as a DLL does that believes it is the program. */
#include <windows.h>

int die(void) { ExitProcess(9); }
