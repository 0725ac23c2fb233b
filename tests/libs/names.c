/* Exports whose names are easily mistaken for one another. */

int vendor_open(void) { return 1; }
int vendor_open_ex(void) { return 2; }
int vendor_close(void) { return 3; }
int calibrate_device(int number) { return number; }
int calibrate_devices(int count) { return count; }
