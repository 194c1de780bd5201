/* processors.c: items of a policy to steps of a chain. Knows no processor by name. */
#include "front/run/processors.h"

#include "front/run/when.h"
#include "io/doc.h"
#include "io/hostname.h"

#include <stdio.h>
#include <string.h>

#define BRANCH_DEPTH_MAX 16

static int is_when(const char *path)
{
    return strncmp(path, "when", 4) == 0 && (path[4] == '\0' || path[4] == '.');
}

static int has_option(const struct cxd_option *option, const char *name)
{
    while (option->name != NULL && strcmp(option->name, name) != 0) {
        option++;
    }
    return option->name != NULL;
}

static int module_add(const struct processors_spec *spec, const struct cxd_module *module,
                      const char *type, const struct conf *conf, struct cxd_error *err)
{
    struct cxd_builder *options = NULL;
    struct cxd_error why = CXD_ERROR_INIT;
    const struct conf *at = conf != NULL ? conf : spec->at;
    char owner[80];
    struct conf fqdn = {.kind = CONF_SCALAR, .key = "fqdn", .file = at->file, .line = at->line};
    const struct conf given = {
        .kind = CONF_MAP, .first = &fqdn, .file = at->file, .line = at->line};
    struct option_source source = {.layers = {conf}, .skip = is_when, .owner = owner, .at = at};
    int r;

    if (spec->is_fqdn && has_option(module->options, fqdn.key)) {
        fqdn.text = hostname_full();
        fqdn.len = strlen(fqdn.text);
        source.layers[1] = &given;
    }
    (void)snprintf(owner, sizeof owner, "processor %.60s", type);
    r = option_build(module->options, &source, &options, err);
    if (r != CXD_OK) {
        return r;
    }
    r = catalog_try(spec->catalog, module, doc_bytes(options), &why);
    r = r != CXD_OK
            ? r
            : chain_add(spec->chain, module, doc_bytes(options), spec->ops, spec->owner, &why);
    doc_free(options); /* a processor keeps what it needs */
    return r == CXD_OK ? r : cxd_error_set(err, r, "%s:%d: %s", at->file, at->line, why.text);
}

/* A test or a jump; what cannot be added is told with its place. */
static int branch_begin(const struct processors_spec *spec, const struct condition *condition,
                        const struct conf *at, size_t *ret_step, struct cxd_error *err)
{
    int r = chain_branch(spec->chain, condition, ret_step, err);

    if (r != CXD_OK) {
        (void)cxd_error_wrap(err, "%s:%d", at->file, at->line);
    }
    return r;
}

int processors_add(const struct processors_spec *spec, const char *type, const struct conf *conf,
                   struct cxd_error *err)
{
    const struct cxd_module *module = catalog_find(spec->catalog, CXD_PROCESSOR, type);
    const struct condition *when = NULL;
    size_t test = 0;
    int r;

    if (module == NULL) {
        return conf_error(err, conf != NULL ? conf : spec->at,
                          "there is no processor \"%.80s\" (see: cortexd modules)", type);
    }
    if (!conf_is_null(conf) && conf->kind != CONF_MAP) {
        return conf_error(err, conf, "processor %.60s: expected its options as keys", type);
    }
    r = when_read_options(spec->chain, conf, &when, err);
    if (r == CXD_OK && when != NULL) {
        r = branch_begin(spec, when, conf, &test, err);
    }
    r = r != CXD_OK ? r : module_add(spec, module, type, conf, err);
    if (r == CXD_OK && when != NULL) {
        chain_land(spec->chain, test);
    }
    return r;
}

static int items_add(const struct processors_spec *spec, const struct conf *items, int depth,
                     struct cxd_error *err);

/* if, then and perhaps else; nothing beside them. */
static int branch_check(const struct conf *item, int depth, struct cxd_error *err)
{
    for (const struct conf *c = item->first; c != NULL; c = c->next) {
        if (strcmp(c->key, "if") != 0 && strcmp(c->key, "then") != 0 &&
            strcmp(c->key, "else") != 0) {
            return conf_error(err, c, "key \"%.60s\" beside if: expected then and else", c->key);
        }
    }
    if (conf_is_null(conf_find(item, "then"))) {
        return conf_error(err, item, "if without then: expected a list of processors there");
    }
    return depth < BRANCH_DEPTH_MAX
               ? CXD_OK
               : conf_error(err, item, "more than %d branches inside each other", BRANCH_DEPTH_MAX);
}

static int branch_add(const struct processors_spec *spec, const struct conf *item, int depth,
                      struct cxd_error *err)
{
    const struct conf *otherwise = conf_find(item, "else");
    const struct condition *condition = NULL;
    size_t test = 0;
    size_t jump = 0;
    int r = branch_check(item, depth, err);

    r = r != CXD_OK ? r : when_read(spec->chain, conf_find(item, "if"), &condition, err);
    r = r != CXD_OK ? r : branch_begin(spec, condition, item, &test, err);
    r = r != CXD_OK ? r : items_add(spec, conf_find(item, "then"), depth + 1, err);
    if (r == CXD_OK && !conf_is_null(otherwise)) {
        r = branch_begin(spec, NULL, otherwise, &jump, err);
        if (r == CXD_OK) {
            chain_land(spec->chain, test);
            r = items_add(spec, otherwise, depth + 1, err);
            chain_land(spec->chain, jump);
        }
    } else if (r == CXD_OK) {
        chain_land(spec->chain, test);
    }
    return r;
}

static int item_add(const struct processors_spec *spec, const struct conf *item, int depth,
                    struct cxd_error *err)
{
    if (conf_find(item, "if") != NULL) {
        return branch_add(spec, item, depth, err);
    }
    if (item->kind != CONF_MAP || item->first == NULL || item->first->next != NULL) {
        return conf_error(err, item, "expected one processor per item (- add_fields: {...})");
    }
    return processors_add(spec, item->first->key, conf_is_null(item->first) ? NULL : item->first,
                          err);
}

static int items_add(const struct processors_spec *spec, const struct conf *items, int depth,
                     struct cxd_error *err)
{
    int r = CXD_OK;

    if (items->kind == CONF_MAP) {
        return item_add(spec, items, depth, err);
    }
    if (items->kind != CONF_LIST) {
        return conf_error(err, items, "expected a list of processors here");
    }
    for (const struct conf *item = items->first; item != NULL && r == CXD_OK; item = item->next) {
        r = item_add(spec, item, depth, err);
    }
    return r;
}

int processors_read(const struct processors_spec *spec, const struct conf *items,
                    struct cxd_error *err)
{
    return items_add(spec, items, 0, err);
}

int processors_build(const struct processors_spec *spec, const struct plan_processor *first,
                     struct cxd_error *err)
{
    int r = CXD_OK;

    for (const struct plan_processor *p = first; p != NULL && r == CXD_OK; p = p->next) {
        r = strcmp(p->type, "if") == 0 ? branch_add(spec, p->conf, 0, err)
                                       : processors_add(spec, p->type, p->conf, err);
    }
    return r;
}
