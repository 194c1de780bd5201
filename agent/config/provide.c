/* provide.c: see the header. What has a value, and which; what it finds it never logs. */
#include "config/provide_inner.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct providers *present;
static char agent_id[64]; /* empty: not known */

void conf_agent_id_set(const char *id)
{
    (void)snprintf(agent_id, sizeof agent_id, "%s", id != NULL ? id : "");
}

void providers_set(const struct providers *p)
{
    present = p;
}

static const char *path_copy(const char *path, struct arena *arena, int *result)
{
    const char *copy = path != NULL ? arena_copy(arena, path, strlen(path)) : NULL;

    *result = path != NULL && copy == NULL ? CXD_NOMEM : *result;
    return copy;
}

/* `providers`, however it is spelt: names of variables are keys below it, so dots are levels here. */
static int settings_read(const struct conf *root, struct arena *arena, const struct conf **ret_map,
                         struct cxd_error *err)
{
    struct conf map = {.kind = CONF_MAP};
    struct conf **end = &map.first;

    for (const struct conf *c = root != NULL ? root->first : NULL; c != NULL; c = c->next) {
        if (strcmp(c->key, "providers") == 0 || strncmp(c->key, "providers.", 10) == 0) {
            struct conf *copy = arena_alloc(arena, sizeof *copy);
            if (copy == NULL) {
                return conf_error(err, c, "out of memory");
            }
            *copy = *c;
            copy->next = NULL;
            *end = copy;
            end = &copy->next;
        }
    }
    return conf_undot(&map, arena, ret_map, err);
}

/* The provider's own settings; NULL: it has none, or is switched off. */
static const struct conf *settings_of(const struct conf *map, const char *path)
{
    const struct conf *node = conf_find(map, path);

    return conf_bool(conf_find(node, "enabled")) == 0 ? NULL : node;
}

int providers_read(struct conf *root, const struct provide_paths *paths, struct arena *arena,
                   struct providers **ret_providers, struct cxd_error *err)
{
    struct providers *p = arena_alloc(arena, sizeof *p);
    const struct conf *map = NULL;
    const struct conf *vars;
    int r = CXD_OK;

    if (p == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "policy: out of memory");
    }
    *p = (struct providers){.root = root,
                            .home = path_copy(paths->home, arena, &r),
                            .data = path_copy(paths->data, arena, &r),
                            .config = path_copy(paths->config, arena, &r),
                            .logs = path_copy(paths->logs, arena, &r)};
    if (r != CXD_OK) {
        return cxd_error_set(err, r, "policy: out of memory");
    }
    r = settings_read(root, arena, &map, err);
    if (r != CXD_OK) {
        return r;
    }
    vars = conf_find(settings_of(map, "providers.local"), "vars");
    if (!conf_is_null(vars) && vars->kind != CONF_MAP) {
        return conf_error(err, vars, "providers.local.vars: expected names and values");
    }
    p->local = conf_is_null(vars) ? NULL : vars;
    *ret_providers = p;
    return provide_files_read(settings_of(map, "providers.filesource"), arena, p, err);
}

static int text_give(const char *text, struct var *ret_var)
{
    if (text == NULL) {
        return 0;
    }
    *ret_var = (struct var){.ptr = text, .len = strlen(text)};
    return 1;
}

static int local_give(const char *name, struct var *ret_var)
{
    const struct conf *node = present != NULL ? conf_find(present->local, name) : NULL;

    if (conf_is_null(node)) {
        return 0;
    }
    *ret_var = (struct var){.node = node, .ptr = node->text, .len = node->len};
    ret_var->is_secret = node->is_secret;
    return 1;
}

static int file_give(const char *name, struct var *ret_var)
{
    for (const struct provide_file *f = present != NULL ? present->files : NULL; f != NULL;
         f = f->next) {
        if (strcmp(f->name, name) == 0) {
            *ret_var = (struct var){.ptr = f->text, .len = f->len, .why = f->why};
            ret_var->is_secret = true;
            return f->text != NULL && f->why == NULL;
        }
    }
    return 0;
}

static int path_give(const char *name, struct var *ret_var)
{
    if (present == NULL) {
        return 0;
    }
    return text_give(strcmp(name, "home") == 0     ? present->home
                     : strcmp(name, "data") == 0   ? present->data
                     : strcmp(name, "config") == 0 ? present->config
                     : strcmp(name, "logs") == 0   ? present->logs
                                                   : NULL,
                     ret_var);
}

/* Elastic Agent's are version.version and so on; version alone was here first. */
static int agent_give(const char *name, struct var *ret_var)
{
    if (strcmp(name, "version") == 0 || strcmp(name, "version.version") == 0) {
        return text_give(CXD_VERSION, ret_var);
    }
    if (strcmp(name, "version.snapshot") == 0) {
        return text_give("false", ret_var);
    }
    if (strcmp(name, "unprivileged") == 0) {
        return text_give(geteuid() == 0 ? "false" : "true", ret_var);
    }
    return strcmp(name, "id") == 0 && agent_id[0] != '\0' ? text_give(agent_id, ret_var) : 0;
}

int provide(const char *name, struct arena *arena, struct var *ret_var)
{
    if (strncmp(name, "host.", 5) == 0) {
        return provide_host(name + 5, arena, ret_var);
    }
    if (strncmp(name, "env.", 4) == 0) {
        return text_give(getenv(name + 4), ret_var);
    }
    if (strncmp(name, "agent.", 6) == 0) {
        return agent_give(name + 6, ret_var);
    }
    if (strncmp(name, "local.", 6) == 0) {
        return local_give(name + 6, ret_var);
    }
    if (strncmp(name, "filesource.", 11) == 0) {
        return file_give(name + 11, ret_var);
    }
    if (strncmp(name, "path.", 5) == 0) {
        return path_give(name + 5, ret_var);
    }
    return strchr(name, '.') == NULL ? text_give(getenv(name), ret_var) : 0;
}
