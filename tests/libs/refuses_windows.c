/* Sets the last error, as functions of Windows do that fail. */
#include <windows.h>

int refuse(int number) {
  SetLastError((DWORD)number);
  return 0;
}
