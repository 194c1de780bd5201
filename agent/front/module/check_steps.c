/* check_steps.c: the steps that concern a whole file, and for each module of it its table of options. In the child. */
#include "front/module/check.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "config/option.h"
#include "front/module/check_play.h"
#include "front/module/export_merge.h"
#include "gate/catalog.h"
#include "gate/load.h"
#include "io/doc.h"
#include "pipeline/bind.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 512 /* module_check allows no more */

static void step(const struct check_order *o, const char *name)
{
    (void)snprintf(o->step, CHECK_STEP_MAX, "%s", name);
}

static unsigned rows_count(const struct cxd_option *table)
{
    unsigned n = 0;

    while (table[n].name != NULL) {
        n++;
    }
    return n;
}

/* Name, or two names of which one is the other's parent, twice in one table. */
static const char *clash_find(const struct cxd_option *table)
{
    for (unsigned i = 0; table[i].name != NULL; i++) {
        size_t len = strlen(table[i].name);
        for (unsigned j = 0; table[j].name != NULL; j++) {
            if (i != j && strncmp(table[i].name, table[j].name, len) == 0 &&
                (table[j].name[len] == '\0' || table[j].name[len] == '.')) {
                return table[j].name;
            }
        }
    }
    return NULL;
}

static const char *required_find(const struct cxd_option *table)
{
    for (; table->name != NULL; table++) {
        if ((table->flags & CXD_OPTION_REQUIRED) && table->default_value == NULL) {
            return table->name;
        }
    }
    return NULL;
}

/* Every default is read as the agent will read it; what is required is left out of that. */
static int defaults_check(const struct cxd_module *m, struct cxd_error *err)
{
    static struct cxd_option rows[ROWS_MAX + 1];
    unsigned count = rows_count(m->options);
    struct conf at = {.kind = CONF_MAP, .file = m->name, .line = 1};
    const struct option_source source = {.layers = {NULL, NULL}, .owner = m->name, .at = &at};
    struct cxd_builder *doc = NULL;
    int r;

    for (unsigned i = 0; i <= count; i++) {
        rows[i] = m->options[i];
        rows[i].flags &= ~(uint32_t)CXD_OPTION_REQUIRED;
    }
    r = option_build(rows, &source, &doc, err);
    if (r == CXD_OK) {
        doc_free(doc);
    }
    return r;
}

static int options_check(const struct cxd_module *m)
{
    struct cxd_error err = CXD_ERROR_INIT;
    const char *clash = clash_find(m->options);
    unsigned count = rows_count(m->options);

    if (clash != NULL) {
        check_say("failed", "options", "%s: option \"%s\" stands twice, or below another", m->name,
                  clash);
        return 0;
    }
    if (defaults_check(m, &err) != CXD_OK) {
        check_say("failed", "options", "%s: a default is not what its type asks for: %s", m->name,
                  err.text);
        return 0;
    }
    check_say("ok", "options", "%s: %u option%s", m->name, count, count == 1 ? "" : "s");
    return 1;
}

/* The options given, or the defaults; then the play. 1: good, or nothing to be done. */
static int play_with_options(const struct check_order *o, const struct cxd_module *m)
{
    _cleanup_(arena_freep) struct arena *arena = arena_new(65536, (size_t)64 << 20);
    struct conf at = {.kind = CONF_MAP, .file = m->name, .line = 1};
    struct option_source source = {.owner = m->name, .at = &at};
    const char *lacks = required_find(m->options);
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_builder *doc = NULL;
    struct conf *root = NULL;
    int r = arena != NULL ? CXD_OK : cxd_error_set(&err, CXD_NOMEM, "out of memory");
    int is_good;

    if (o->options == NULL && lacks != NULL) {
        check_say("skipped", "open", "%s: needs the option \"%s\" (give --options FILE.yml)",
                  m->name, lacks);
        return o->expect == NULL;
    }
    if (r == CXD_OK && o->options != NULL) {
        r = conf_read_file(o->options, arena, &root, &err);
        source.layers[0] = root;
        source.at = root != NULL ? root : &at;
    }
    r = r != CXD_OK ? r : option_build(m->options, &source, &doc, &err);
    if (r != CXD_OK) {
        check_say("failed", "open", "%s: %s", m->name, err.text);
        return 0;
    }
    is_good = check_play(o, m, doc_bytes(doc));
    doc_free(doc);
    return is_good;
}

static int module_steps(const struct check_order *o, const struct cxd_module *m)
{
    int is_good;

    step(o, "abi");
    check_say("ok", "abi",
              "%s \"%s\" %s: ABI %u.%u, this host speaks %u.%u; descriptor of %u bytes, build %s",
              catalog_kind_word(m->kind), m->name, m->version, m->abi >> 16, m->abi & 0xffff,
              CXD_ABI_MAJOR, CXD_ABI_MINOR, m->size, m->build);
    step(o, "options");
    is_good = options_check(m);
    return is_good && play_with_options(o, m);
}

/* The list of fields that lies beside the module. The reader ends this process when something is wrong, and says what. */
static void fields_step(const struct check_order *o)
{
    char path[PATH_MAX];

    if (merge_beside(o->path, path, sizeof path)) {
        step(o, "fields");
        if (merge_check(path) == CXD_OK) {
            check_say("ok", "fields", "%s: fits the fields that are there", path);
        } else {
            check_say("skipped", "fields", "the schema is not installed beside this program");
        }
        merge_done();
    }
}

int check_steps(const struct check_order *o)
{
    const struct cxd_module *m = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    int status = module_load(o->path, bind_host(), &m, &err);
    int is_good = 1;
    int has_found = 0;

    if (m == NULL) {
        check_say("failed", "load", "%s", err.text);
    } else {
        check_say("ok", "load", "%s gives a module", CXD_ENTRY_NAME);
        fields_step(o);
    }
    for (int i = 0; m != NULL && i < CXD_MODULES_MAX; i++, m = module_next(m)) {
        step(o, "abi");
        status = i == 0 ? status : module_check(m, bind_host(), &err);
        if (status != CXD_OK) {
            check_say("failed", "abi", "%s", err.text);
            is_good = 0;
        } else if (o->name == NULL || strcmp(o->name, m->name) == 0) {
            has_found = 1;
            is_good &= module_steps(o, m);
        }
    }
    if (m != NULL) {
        check_say("failed", "abi", "more than %d modules: does one name itself?", CXD_MODULES_MAX);
    } else if (!has_found && is_good && o->name != NULL && status == CXD_OK) {
        check_say("failed", "abi", "there is no module \"%s\" in it", o->name);
    }
    o->step[0] = '\0';
    return is_good && has_found && m == NULL;
}
