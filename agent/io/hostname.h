/* hostname.h: what this machine is called in the network. */
#pragma once

/*
 * The fully qualified name, as the system's look-up of its own name gives it, in lower case, without a dot at its end; the short name where there is none.
 * Asked once in the life of the process, which may take as long as the system waits for a name server. Static; any thread.
 */
const char *hostname_full(void);
