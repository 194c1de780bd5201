/*
 * embed.h: the agent inside a foreign program: libcortexd.so. Nothing here is for modules.
 *
 * The host gives a policy; what the policy's outputs would have sent is pulled by the host instead, batch by batch, and
 * acknowledged. A cursor is saved only for what was acknowledged: everything else comes again, at the latest after the next start,
 * to the same document ids.
 *
 * The rules of every function:
 *   - Numbers and byte ranges only: no structs, no callbacks, no errno. Handles are numbers; a stale one gives CXD_E_HANDLE.
 *   - Input ranges are read during the call and not kept. Outputs are copied into the caller's buffer; when it is too small:
 *     CXD_E_TOOSMALL, the size in *need, and nothing is consumed. Texts are UTF-8 without NUL, structured ones are JSON, of which
 *     unknown members are to be ignored.
 *   - Any function, any thread, any time. Functions that wait have a limit in milliseconds, and cxd_wake ends cxd_pull.
 *   - Several handles in one process are independent, each with a state folder of its own; log lines, log level and the texts
 *     kept out of them are the process's (cxd_log).
 *   - The process stays the host's: no signal handler, no change of masks, folder, locale or environment, no output, no exit. The
 *     library's threads run with all signals blocked. The environment is read by cxd_open, cxd_start and cxd_apply only, for ${NAME}
 *     and for modules' credentials. The library is never unloaded. Load it with RTLD_NOW | RTLD_LOCAL.
 *   - A module that crashes takes the process with it; who needs a wall starts `cortexd embed` (agent/front/embed/README.md).
 *
 * Within a major version functions are only added, and numbers keep their meaning. Link-time users: pkg-config libcortexd.
 */
#ifndef CXD_EMBED_H
#define CXD_EMBED_H

#include "abi.h"

#include <stdint.h>

#define CXD_EMBED_MAJOR 1u
#define CXD_EMBED_MINOR 0u

/* What a function returns: 0, or one of these. */
enum cxd_embed_error {
    CXD_E_OK = 0,
    CXD_E_INVAL = -1,    /* an argument is missing or makes no sense */
    CXD_E_VERSION = -2,  /* not this version's */
    CXD_E_HANDLE = -3,   /* no such handle or item: never was, closed, or settled already */
    CXD_E_STATE = -4,    /* not now: started twice, not started */
    CXD_E_NOMEM = -5,    /* out of memory */
    CXD_E_AGAIN = -6,    /* time over, or woken */
    CXD_E_TOOSMALL = -7, /* see *need */
    CXD_E_CONFIG = -8,   /* options or policy: cxd_error says file, line and what was expected */
    CXD_E_IO = -9,       /* files or network */
    CXD_E_AUTH = -10,    /* not allowed */
    CXD_E_MODULE = -11,  /* a module does not fit, or did not come back */
    CXD_E_BUSY = -12,    /* the state folder is in use */
    CXD_E_CLOSED = -13,  /* being closed */
    CXD_E_LIMIT = -14,   /* more than the limit: handles, items, sizes */
    CXD_E_UNSUPPORTED = -15, /* not in this build */
    CXD_E_END = -16,         /* nothing more will come by itself */
    CXD_E_INTERNAL = -99
};

/* How a batch is laid out in the buffer. */
enum cxd_embed_format {
    /*
     * Numbers are 4 bytes, lowest first: documents, length of stream id, of data stream, of pipeline; then for each document its
     * length and its id's; then the three texts; then document, id, document, id, ... back to back. A document is one line of
     * JSON without its end; an id of length 0 is none; so is a pipeline.
     */
    CXD_FORMAT_FRAMES = 1,
    /* Lines as Elasticsearch's _bulk takes them: {"create":{"_index":..,"_id":..}}, the document, and so on. */
    CXD_FORMAT_BULK = 2
};

/* What the host says of a batch. */
enum cxd_embed_verdict {
    CXD_DELIVERED = 0,  /* safe: its cursor may be saved */
    CXD_UNDELIVERED = 1 /* comes again, before all others */
};

/* CXD_EMBED_MAJOR << 16 | minor. To be called first: the major must be equal, the minor at least the host's. */
CXD_EXTERN CXD_EXPORT uint32_t cxd_abi_version(void);
/* {"version", "abi", "module_abi", "formats", ...} */
CXD_EXTERN CXD_EXPORT int32_t cxd_build_info(uint8_t *buf, uint64_t cap, uint64_t *need);

/*
 * Reads options and policy, checks and builds everything, locks the state folder; nothing runs yet.
 * options, a JSON object, all optional:
 *   "data_dir"     state folder; else the policy's agent.path.data
 *   "policy_path"  file to read when policy_len is 0
 *   "modules"      list of folders that are searched for modules before the policy's and the library's own
 *   "variables"    object of texts: what ${NAME} in the policy stands for, before the environment; kept out of the log
 *   "log_level"    error, warn, info, debug; else the policy's
 *   "once"         true: inputs end when they have nothing new, and cxd_pull says CXD_E_END
 * Of the policy's outputs only the queue's bounds are used (of `default`, or the first that is used); none need be there.
 */
CXD_EXTERN CXD_EXPORT int32_t cxd_open(const uint8_t *options, uint64_t options_len,
                                       const uint8_t *policy, uint64_t policy_len,
                                       uint64_t *handle);
/* Inputs begin. Once. */
CXD_EXTERN CXD_EXPORT int32_t cxd_start(uint64_t handle);
/*
 * The next batch, copied into buf; waits for one up to timeout_ms. meta has room for 4 numbers: item (for cxd_ack), length in buf,
 * documents, bytes of documents. CXD_E_TOOSMALL: meta[1] is the room it takes. CXD_E_AGAIN: none yet. CXD_E_END: the inputs have
 * ended or were stopped and nothing waits; only CXD_UNDELIVERED brings some again. A batch is what the policy's
 * agent.queue.mem.batch_bytes says, or one document. While unacknowledged batches fill agent.queue.mem.bytes, inputs wait.
 */
CXD_EXTERN CXD_EXPORT int32_t cxd_pull(uint64_t handle, uint32_t format, uint32_t timeout_ms,
                                       uint8_t *buf, uint64_t cap, uint64_t *meta);
/* Settles an item, once, in any order. verdict: enum cxd_embed_verdict. */
CXD_EXTERN CXD_EXPORT int32_t cxd_ack(uint64_t handle, uint64_t item, int32_t verdict);
/* Document `number` (from 0) of an item that is not settled can never be delivered: it goes to the dead letters with the reason, and
 * CXD_DELIVERED of the item counts for the others. */
CXD_EXTERN CXD_EXPORT int32_t cxd_reject(uint64_t handle, uint64_t item, uint32_t number,
                                         const uint8_t *reason, uint64_t reason_len);
/* Ends all cxd_pull that wait on the handle with CXD_E_AGAIN; when none waits, the next one. */
CXD_EXTERN CXD_EXPORT int32_t cxd_wake(uint64_t handle);
/* {"state", "health", "message", "revision", counters, "units": [{"id", "kind", "state", "message", "metrics"}]} */
CXD_EXTERN CXD_EXPORT int32_t cxd_status(uint64_t handle, uint8_t *buf, uint64_t cap,
                                         uint64_t *need);
/*
 * Another policy for a handle that runs, checked as a whole and applied as a whole: only streams that differ end and begin, from their
 * cursors; pulling and acknowledging go on meanwhile. What such a stream has on its way is waited for up to five seconds; what is not
 * acknowledged by then can still be, but moves no cursor: it comes again, to the same document ids. Queue and state folder stay what they
 * are. revision: any number of the host's, shown by cxd_status from then on.
 * CXD_E_CONFIG: it cannot work, CXD_E_UNSUPPORTED: it changes what cannot change; the one before runs. CXD_E_STATE: not started, or
 * stopped. CXD_E_CLOSED: cxd_stop or cxd_close came meanwhile.
 */
CXD_EXTERN CXD_EXPORT int32_t cxd_apply(uint64_t handle, const uint8_t *policy, uint64_t policy_len,
                                        uint64_t revision);
/* Whole lines of the process's log, oldest first, each with its line end; as many as fit. CXD_E_AGAIN: none. */
CXD_EXTERN CXD_EXPORT int32_t cxd_log(uint8_t *buf, uint64_t cap, uint64_t *need);
/* What the last failure on the handle was about; handle 0: the last one of cxd_open. A hint for a person, no contract. */
CXD_EXTERN CXD_EXPORT int32_t cxd_error(uint64_t handle, uint8_t *buf, uint64_t cap,
                                        uint64_t *need);
/* Inputs end; what waits can still be pulled and acknowledged. 0: all is acknowledged and saved; CXD_E_AGAIN after timeout_ms: not
 * yet. May be called again to go on waiting. */
CXD_EXTERN CXD_EXPORT int32_t cxd_stop(uint64_t handle, uint32_t timeout_ms);
/*
 * cxd_stop, and then the end of the handle, whatever that said. Calls that are under way come out with CXD_E_CLOSED.
 * 0; CXD_E_AGAIN: documents were left unacknowledged and come again; CXD_E_MODULE: a module did not come back within two seconds
 * more: what it holds, the state folder too, is free once it does.
 */
CXD_EXTERN CXD_EXPORT int32_t cxd_close(uint64_t handle, uint32_t timeout_ms);

#endif
