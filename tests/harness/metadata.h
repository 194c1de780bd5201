/* metadata.h: the metadata services of clouds, on loopback, from the first question to the end of the process. Any thread. */
#pragma once

/* "127.0.0.1:PORT" */
const char *metadata_address(void);
