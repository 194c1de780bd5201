/*
 * domain.c: registered_domain: the part of a host's name that somebody registered, by the public suffix list of libpsl. A build without
 * that library refuses the processor when the agent starts.
 */
#include "lib/edit.h"
#include "lib/letter.h"

#include <string.h>

#ifdef ENRICH_HAS_PSL
#include <libpsl.h>
#endif

#define NAME_MAX_LEN 255

struct registered_domain {
    struct base base;
    struct path field;
    struct path target;
    struct path suffix_target;
    struct path subdomain_target;
    bool has_suffix;
    bool has_subdomain;
};

static int target_open(struct base *b, struct cxd_bytes options, const char *name,
                       struct path *path, bool *ret_has, struct cxd_error *err)
{
    *ret_has = base_text(b, options, name).len > 0;
    return *ret_has ? path_option(b, options, name, path, err) : CXD_OK;
}

static int registered_domain_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct registered_domain *p = (struct registered_domain *)b;
    int r = path_option(b, options, "field", &p->field, err);

    r = r != CXD_OK ? r : path_option(b, options, "target_field", &p->target, err);
    r = r != CXD_OK
            ? r
            : target_open(b, options, "target_etld_field", &p->suffix_target, &p->has_suffix, err);
    r = r != CXD_OK ? r
                    : target_open(b, options, "target_subdomain_field", &p->subdomain_target,
                                  &p->has_subdomain, err);
#ifndef ENRICH_HAS_PSL
    r = r != CXD_OK ? r : cxd_error_set(err, CXD_UNSUPPORTED, "this build is without libpsl");
#endif
    return r;
}

/* Offsets of the registered name and of the suffix in name, which is in lower case. */
static bool name_split(const char *name, size_t *ret_registered, size_t *ret_suffix)
{
#ifdef ENRICH_HAS_PSL
    const psl_ctx_t *list = psl_builtin();
    const char *registered = list != NULL ? psl_registrable_domain(list, name) : NULL;
    const char *suffix = list != NULL ? psl_unregistrable_domain(list, name) : NULL;

    if (registered != NULL && suffix != NULL) {
        *ret_registered = (size_t)(registered - name);
        *ret_suffix = (size_t)(suffix - name);
        return true;
    }
#else
    (void)name;
    (void)ret_registered;
    (void)ret_suffix;
#endif
    return false;
}

static bool is_name(struct cxd_bytes text)
{
    return text.len > 0 && text.len <= NAME_MAX_LEN && text.ptr[0] != '.' &&
           text.ptr[text.len - 1] != '.' && memchr(text.ptr, '\0', text.len) == NULL &&
           memmem(text.ptr, text.len, "..", 2) == NULL;
}

static int parts_put(struct edit *e, struct registered_domain *p, struct cxd_bytes text,
                     size_t registered, size_t suffix)
{
    struct cxd_bytes whole = {text.ptr + registered, text.len - registered};
    struct cxd_bytes end = {text.ptr + suffix, text.len - suffix};
    struct cxd_bytes front = {text.ptr, registered > 0 ? registered - 1 : 0};
    int r = edit_put_value(e, &p->target, edit_text_value(whole));

    if (r == CXD_OK && p->has_suffix) {
        r = edit_put_value(e, &p->suffix_target, edit_text_value(end));
    }
    if (r == CXD_OK && p->has_subdomain && front.len > 0) {
        r = edit_put_value(e, &p->subdomain_target, edit_text_value(front));
    }
    return r;
}

static int registered_domain_run(struct edit *e)
{
    struct registered_domain *p = (struct registered_domain *)e->base;
    char lower[NAME_MAX_LEN + 1];
    struct edit_spot spot;
    struct cxd_bytes text;
    size_t registered = 0;
    size_t suffix = 0;
    int r = edit_find(e, &p->field, &spot);

    if (r <= 0) {
        return r < 0 ? r : edit_missing(e, &p->field);
    }
    r = edit_text(e, &p->field, &spot.node->value, &text);
    if (r != CXD_OK) {
        return r;
    }
    if (is_name(text)) {
        letter_lower(text.ptr, text.len, false, lower);
        lower[text.len] = '\0';
    }
    if (!is_name(text) || !name_split(lower, &registered, &suffix)) {
        return edit_fail(e, "field %.200s has no registered domain in it", p->field.name.ptr);
    }
    return parts_put(e, p, text, registered, suffix);
}

static const struct cxd_option registered_domain_options[] = {
    {.name = "field",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Name of a host: www.example.co.uk."},
    {.name = "target_field",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Where the registered domain goes: example.co.uk."},
    {.name = "target_etld_field",
     .type = CXD_OPTION_STRING,
     .help = "Where what it ends with goes: co.uk."},
    {.name = "target_subdomain_field",
     .type = CXD_OPTION_STRING,
     .help = "Where what stands before it goes: www."},
    OPTION_ID,
    OPTION_IGNORE_MISSING,
    OPTION_IGNORE_FAILURE,
    {.name = NULL},
};

BASE_MODULE(registered_domain, NULL, "the registered part of a domain name", NULL)
