/*
 * serve_apply.h: a change of the policy beside the talk, on a thread of its own: what it waits for are acknowledgements, which come by the
 * same socket. Any thread.
 */
#pragma once

#include <stdint.h>

/* policy is copied. CXD_E_OK: begun; CXD_E_BUSY: one is under way; CXD_E_NOMEM. */
int32_t serve_apply_begin(uint64_t handle, const uint8_t *policy, uint64_t len, uint64_t revision);
/* What cxd_apply said, once; CXD_E_AGAIN after timeout_ms: it goes on; CXD_E_STATE: none was begun. */
int32_t serve_apply_wait(uint32_t timeout_ms);
