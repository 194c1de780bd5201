/*
 * regex.h: regular expressions of the kind RE2 has (no back references, no look-around), by the engine that the services
 * bring. What such an engine would understand beyond RE2 is refused when a pattern is compiled.
 */
#pragma once

#include "../lang/function.h"
#include "../lang/services.h"

#define REGEX_PATTERN_MAX 8192 /* bytes */
#define REGEX_GROUPS_MAX 64    /* groups reported, the whole match included */

/* Patterns compiled before, for one instance (not thread safe). Owner: whoever made it; freed with the services' function. */
struct regex_cache;
struct regex_cache *regex_cache_new(const struct services *services); /* NULL: no memory */
void regex_cache_free(struct regex_cache *cache);                     /* accepts NULL */

/*
 * RE2 syntax to what PCRE2 reads the same way, as text in sink. NULL, or why it is refused (static). Pure.
 */
const char *regex_translate(struct cxd_bytes pattern, struct sink *sink);

/* For the functions here: the compiled pattern, or NULL and *ret_problem. It lives until 32 others have been used. */
void *regex_compiled(struct run *run, struct cxd_bytes pattern, struct value *ret_problem);
/* One search at or behind `from`, in spans of REGEX_GROUPS_MAX: 1, 0, or negative with *ret_problem. */
int regex_search(struct run *run, void *regex, struct cxd_bytes text, size_t from,
                 struct services_span *spans, size_t *ret_groups, struct value *ret_problem);

/* matches, and the functions of named patterns. */
extern const struct function regex_functions[];
extern const struct function regex_named_functions[];
