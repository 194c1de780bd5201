/*
 * module.h: what a module is. One exported function gives a descriptor; everything else in the .so is hidden.
 *
 *     static const struct cxd_module module = {CXD_MODULE_HEAD, .kind = CXD_INPUT, .name = "mine", ...};
 *     CXD_MODULE_ENTRY(module)
 *
 * A file may bring several: the entry gives the first, and each names the one behind it in `next`. They are checked, listed and
 * refused one by one; at most CXD_MODULES_MAX.
 *
 * The .so is loaded once and never unloaded. `open` may be called many times: one instance for each stream, chain or
 * worker. One instance is never entered by two threads, but for interrupt, which may come from another thread at any time
 * between open and close and may only unblock. close accepts an instance whose open failed half-way only if open returned it.
 * A module that did not come with the host is first loaded, opened and closed in a process of its own, by way of trial: what
 * `open` does must be such that it can be done twice.
 */
#ifndef CXD_MODULE_H
#define CXD_MODULE_H

#include "abi.h"
#include "event.h"
#include "host.h"
#include "option.h"
#include "status.h"

enum cxd_module_kind { CXD_INPUT = 1, CXD_PROCESSOR, CXD_OUTPUT };

/* What a poll came to. One poll does one bounded piece of work; it may wait inside http_wait, nowhere else. */
enum cxd_poll {
    CXD_POLL_MORE = 0, /* call again at once (when there is credit) */
    CXD_POLL_IDLE,     /* all that is known is handed over; nothing to do before wait_ms */
    CXD_POLL_RETRY, /* failed; the host waits with back-off (or err's retry_after_ms) and polls again */
    CXD_POLL_FAILED, /* failed, and only a person can help: as RETRY at the longest back-off, unit Failed */
    CXD_POLL_FINISHED, /* never again: all is handed over */
    CXD_POLL_WAITING   /* something known is still to come, but not before wait_ms (a retry) */
};

struct cxd_input_ops {
    uint32_t size;
    uint32_t reserved;
    int (*open)(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                void **ret_instance, struct cxd_error *err);
    /* Returns enum cxd_poll; *wait_ms is for IDLE and WAITING; err is filled for RETRY and FAILED. */
    int (*poll)(void *instance, int64_t *wait_ms, struct cxd_error *err);
    void (*interrupt)(void *instance); /* may be NULL */
    void (*close)(void *instance);
    /*
     * ABI 1.1, may be NULL: what no table of options can say, such as a program's syntax. Called before anything starts, also by
     * `cortexd test config`; reads no file and asks nobody. 0, or CXD_CONFIG and others with err.
     */
    int (*check)(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                 struct cxd_error *err);
};

struct cxd_processor_ops {
    uint32_t size;
    uint32_t reserved;
    int (*open)(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                void **ret_instance, struct cxd_error *err);
    int (*process)(void *instance, struct cxd_event *event,
                   struct cxd_error *err); /* enum cxd_verdict or < 0 */
    void (*close)(void *instance);
};

/* What an output hands on besides the documents. */
enum cxd_carry { CXD_CARRY_PIPELINE = 1u << 0 /* cxd_batch.pipeline */ };

/* Which state of a kept document somebody has seen. Both -1: that there is none. */
struct cxd_version {
    int64_t sequence;
    int64_t term;
};

struct cxd_output_ops {
    uint32_t size;
    uint32_t reserved;
    int (*open)(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                void **ret_instance, struct cxd_error *err);
    /*
     * Delivers a batch: one outcome for each document (all PENDING on entry). 0: look at the outcomes. Negative: what is
     * still PENDING is sent again after back-off (or err's retry_after_ms). Documents are read-only.
     */
    int (*send)(void *instance, const struct cxd_batch *batch, struct cxd_outcome *outcomes,
                struct cxd_error *err);
    /* Prepares the destination for a data stream (index templates); may be NULL. template_json may be empty. */
    int (*setup)(void *instance, const char *name, struct cxd_bytes template_json,
                 struct cxd_error *err);
    void (*interrupt)(void *instance); /* may be NULL */
    void (*close)(void *instance);     /* flushes what is safe to flush */
    uint64_t carries; /* ABI 1.1: enum cxd_carry; what a policy asks for beyond this is refused */
    /*
     * ABI 1.1, may be NULL: asks every destination for its version and whether it knows us, and writes nothing. *ret_text:
     * a line for each of them (newlines between), borrowed until the next call; set on failure, too, when some answered.
     */
    int (*check)(void *instance, struct cxd_bytes *ret_text, struct cxd_error *err);
    /*
     * ABI 1.1, both may be NULL: small documents by name, kept by the destination in `place` (an index): cursors of agents without a
     * disk. kept_get: what is there, borrowed until the next call; {NULL,0} and a version of -1 when nothing is. kept_put writes only
     * when the destination still has *version, which becomes that of what was written; CXD_EXISTS: somebody else has written meanwhile. A
     * put whose reply was lost may be repeated. place and name end with NUL; name is any text of at most 512 bytes.
     */
    int (*kept_get)(void *instance, const char *place, const char *name,
                    struct cxd_bytes *ret_content, struct cxd_version *ret_version,
                    struct cxd_error *err);
    int (*kept_put)(void *instance, const char *place, const char *name, struct cxd_bytes content,
                    struct cxd_version *version, struct cxd_error *err);
};

struct cxd_module {
    uint32_t size;
    uint32_t abi;
    const char *build; /* CXD_BUILD */
    uint32_t kind;     /* enum cxd_module_kind */
    uint32_t reserved;
    uint64_t needs;      /* enum cxd_capability: refused when the host lacks one */
    const char *name;    /* policy `type`: a-z 0-9 - _ /, at most 64 */
    const char *aliases; /* further types, separated by blanks; NULL: none */
    const char *version;
    const char *summary; /* one line for `cortexd modules` */
    const struct cxd_option *options;
    const void *ops; /* struct cxd_input_ops, cxd_processor_ops or cxd_output_ops */

    /* since 1.1 */
    const struct cxd_module *next; /* one more module of this file; NULL: the last */
};

#define CXD_MODULES_MAX 128 /* of one file */

#define CXD_MODULE_HEAD .size = sizeof(struct cxd_module), .abi = CXD_ABI, .build = CXD_BUILD

#define CXD_ENTRY_NAME "cxd_module_entry"
typedef const struct cxd_module *(*cxd_module_entry_fn)(const struct cxd_host *host,
                                                        struct cxd_error *err);

#define CXD_MODULE_ENTRY(descriptor)                                                               \
    CXD_EXTERN CXD_EXPORT const struct cxd_module *cxd_module_entry(const struct cxd_host *host,   \
                                                                    struct cxd_error *err);        \
    const struct cxd_module *cxd_module_entry(const struct cxd_host *host, struct cxd_error *err)  \
    {                                                                                              \
        (void)host;                                                                                \
        (void)err;                                                                                 \
        return &(descriptor);                                                                      \
    }

#endif
