/*
 * base.h: what an instance of these processors begins with: the host, memory that lives as long as it does, and what becomes of an
 * event when the processor fails. One thread: the input's.
 *
 * A failure (a field that is absent, a value of the wrong kind) is the event's, not the agent's: the event goes on as it was, with
 * error.message saying why. Where the policy says fail_on_error: false or ignore_failure: true, what failed is left out, the
 * rest is done, and nothing is said. Lack of memory is no such failure: it is returned.
 */
#pragma once

#include <cxd/module.h>

#include <stdbool.h>

#define BASE_VERSION "0.1.0"
#define BASE_WHY_MAX 320

struct base;
struct edit;

struct kind {
    const char *name;
    size_t size; /* of the instance, whose first member is struct base */
    /* Options to whatever run needs; memory by base_alloc. What it leaves half done, close and base clean up. */
    int (*open)(struct base *b, struct cxd_bytes options, struct cxd_error *err);
    int (*run)(struct edit *e);    /* CXD_KEEP, CXD_DISCARD, EDIT_FAILED (edit.h), or negative */
    void (*close)(struct base *b); /* what is not memory; may be NULL */
};

struct base {
    const struct kind *kind;
    const struct cxd_host *host;
    struct cxd_self *self;
    struct base_block *blocks;
    bool keeps_on;        /* fail_on_error: false, ignore_failure: true */
    bool ignores_missing; /* ignore_missing: true */
    bool overwrites;      /* overwrite_keys: true */
    char why[BASE_WHY_MAX];
};

int base_open(const struct kind *kind, const struct cxd_host *host, struct cxd_self *self,
              struct cxd_bytes options, void **ret_instance, struct cxd_error *err);
int base_process(void *instance, struct cxd_event *event, struct cxd_error *err);
void base_close(void *instance);

/* Zeroed, until close; NULL: no memory. For open alone. */
void *base_alloc(struct base *b, size_t size);
/* A copy with a NUL behind it. */
char *base_copy(struct base *b, struct cxd_bytes text);
int base_lack(struct cxd_error *err); /* CXD_NOMEM, said */

/* Options. Absent: {NULL,0}, false, 0. Texts are borrowed from options and end with NUL. */
struct cxd_bytes base_text(const struct base *b, struct cxd_bytes options, const char *name);
bool base_bool(const struct base *b, struct cxd_bytes options, const char *name);
int64_t base_int(const struct base *b, struct cxd_bytes options, const char *name);
/* The list's texts, copied; *ret_count 0 when there is none. */
int base_texts(struct base *b, struct cxd_bytes options, const char *name,
               struct cxd_bytes **ret_texts, size_t *ret_count, struct cxd_error *err);
/* Which of the words (ended by NULL) the option is; -1 and CXD_CONFIG said when it is none. */
int base_word(const struct base *b, struct cxd_bytes options, const char *name,
              const char *const *words, struct cxd_error *err);

/* Rows that most option tables have. */
#define OPTION_IGNORE_MISSING                                                                      \
    {                                                                                              \
        .name = "ignore_missing", .type = CXD_OPTION_BOOL, .default_value = "false",               \
        .help = "true: an absent field is no failure."                                             \
    }
#define OPTION_FAIL_ON_ERROR                                                                       \
    {                                                                                              \
        .name = "fail_on_error", .type = CXD_OPTION_BOOL, .default_value = "true",                 \
        .help =                                                                                    \
            "true: after a failure the event stays as it was and error.message says why; false: "  \
            "the rest is done."                                                                    \
    }
#define OPTION_IGNORE_FAILURE                                                                      \
    {                                                                                              \
        .name = "ignore_failure", .type = CXD_OPTION_BOOL, .default_value = "false",               \
        .help = "true: a failure is not told in error.message."                                    \
    }
#define OPTION_OVERWRITE_KEYS                                                                      \
    {                                                                                              \
        .name = "overwrite_keys", .type = CXD_OPTION_BOOL, .default_value = "false",               \
        .help = "true: fields that are there already are replaced."                                \
    }
#define OPTION_ID                                                                                  \
    {                                                                                              \
        .name = "id", .type = CXD_OPTION_STRING, .flags = CXD_OPTION_ADVANCED,                     \
        .help = "A name for people; no effect."                                                    \
    }
#define OPTION_TAG                                                                                 \
    {                                                                                              \
        .name = "tag", .type = CXD_OPTION_STRING, .flags = CXD_OPTION_ADVANCED,                    \
        .help = "A name for people; no effect."                                                    \
    }

/*
 * The module of a processor out of NAME_open, NAME_run and NAME_options, with `struct NAME` as its instance. also: further
 * policy names, or NULL; close_: NULL or a function.
 */
#define BASE_MODULE(id, also, about, close_)                                                       \
    static const struct kind id##_kind = {.name = #id,                                             \
                                          .size = sizeof(struct id),                               \
                                          .open = id##_open,                                       \
                                          .run = id##_run,                                         \
                                          .close = close_};                                        \
    static int id##_begin(const struct cxd_host *host, struct cxd_self *self,                      \
                          struct cxd_bytes options, void **ret_instance, struct cxd_error *err)    \
    {                                                                                              \
        return base_open(&id##_kind, host, self, options, ret_instance, err);                      \
    }                                                                                              \
    static const struct cxd_processor_ops id##_ops = {.size = sizeof(struct cxd_processor_ops),    \
                                                      .open = id##_begin,                          \
                                                      .process = base_process,                     \
                                                      .close = base_close};                        \
    extern const struct cxd_module module_##id;                                                    \
    const struct cxd_module module_##id = {                                                        \
        CXD_MODULE_HEAD,  .kind = CXD_PROCESSOR,   .needs = CXD_CAN_EVENTS,                        \
        .name = #id,      .aliases = also,         .version = BASE_VERSION,                        \
        .summary = about, .options = id##_options, .ops = &id##_ops};

/* Copies count modules into room and links them; the first. For a group's entry. */
const struct cxd_module *base_link(const struct cxd_module *const *modules, struct cxd_module *room,
                                   size_t count);

/* The entry of a group, given a list of pointers to its modules. */
#define BASE_GROUP_ENTRY(list)                                                                     \
    static struct cxd_module list##_room[sizeof(list) / sizeof((list)[0])];                        \
    CXD_EXTERN CXD_EXPORT const struct cxd_module *cxd_module_entry(const struct cxd_host *host,   \
                                                                    struct cxd_error *err);        \
    const struct cxd_module *cxd_module_entry(const struct cxd_host *host, struct cxd_error *err)  \
    {                                                                                              \
        (void)host;                                                                                \
        (void)err;                                                                                 \
        return base_link(list, list##_room, sizeof(list) / sizeof((list)[0]));                     \
    }
