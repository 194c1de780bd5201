/* disk_fault.h: a disk that is full, fails to sync, or works. Link with --wrap=writev,--wrap=fdatasync. */
#pragma once

#include <stdatomic.h>

/* What writev fails with (errno), from the n-th call on (0: at once); 0: it works. */
extern atomic_int disk_write_errno;
extern atomic_int disk_write_good; /* calls that still work */
extern atomic_int disk_sync_errno;
extern atomic_int disk_syncs; /* calls seen */
