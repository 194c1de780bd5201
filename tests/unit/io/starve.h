/*
 * starve.h: makes the n-th allocation of the code under test fail. The test program is linked with --wrap for malloc, calloc,
 * realloc and strdup (see CMakeLists.txt), so shared libraries keep their memory and only our own code is starved.
 */
#pragma once

/* The calling thread's n-th allocation from now on fails, once; 0: none. */
void starve_at(int n);
/* True when the failure asked for has happened. */
int starve_happened(void);
