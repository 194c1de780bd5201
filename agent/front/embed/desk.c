/* desk.c: a policy read, and its streams turned to the host. */
#include "front/embed/desk.h"

#include "base/log.h"
#include "config/secret.h"
#include "io/crypto.h"

#include <stdint.h>
#include <string.h>

#define POLICY_MEMORY (256u << 20)
#define DESK_NAME "host"

static const struct cxd_option options[] = {{.name = NULL}};
static const struct cxd_output_ops ops = {.size = sizeof(struct cxd_output_ops),
                                          .carries = CXD_CARRY_PIPELINE};
const struct cxd_module desk_module = {CXD_MODULE_HEAD,
                                       .kind = CXD_OUTPUT,
                                       .name = DESK_NAME,
                                       .version = "1.0",
                                       .summary = "the program that the agent is embedded in",
                                       .options = options,
                                       .ops = &ops};

static void warn(const char *text)
{
    log_line(CXD_LOG_WARN, "config", text, strlen(text));
}

static int variable_look(void *arg, const char *name, struct cxd_bytes *ret_value)
{
    const struct settings *settings = arg;
    size_t len = strlen(name);

    for (const struct settings_variable *v = settings->variables; v != NULL; v = v->next) {
        if (v->name.len == len && memcmp(v->name.ptr, name, len) == 0) {
            *ret_value = v->value;
            return secret_learn_text(v->value.ptr, v->value.len) == CXD_OK ? 1 : CXD_NOMEM;
        }
    }
    return 0;
}

static int text_read(struct cxd_bytes text, const struct settings *settings, struct desk_policy *p,
                     struct conf **ret_root, struct cxd_error *err)
{
    return text.len > 0 ? conf_read_text("policy", text.ptr, text.len, p->arena, ret_root, err)
                        : conf_read_path(settings->policy_path, p->arena, ret_root, err);
}

/* Twice: for the providers' own settings, and with them. */
static int tree_read(struct cxd_bytes text, const struct settings *settings, struct desk_policy *p,
                     struct cxd_error *err)
{
    struct provide_paths paths = {.data = settings->data_path};
    struct conf_vault vault = {
        .look = variable_look, .arg = (void *)(uintptr_t)settings, .is_probe = true};
    struct conf *first = NULL;
    int r;

    conf_vault_set(&vault);
    r = text_read(text, settings, p, &first, err);
    if (r == CXD_OK && paths.data == NULL) {
        paths.data = conf_text(first, "agent.path.data", CONF_STATE_FOLDER);
    }
    r = r != CXD_OK ? r : providers_read(first, &paths, p->arena, &p->providers, err);
    vault.is_probe = false;
    conf_vault_set(&vault);
    providers_set(p->providers);
    r = r != CXD_OK ? r : text_read(text, settings, p, &p->root, err);
    conf_vault_set(NULL);
    return r;
}

static struct conf *node_make(struct arena *arena, const struct conf *at, const char *key)
{
    struct conf *node = arena_alloc(arena, sizeof *node);

    if (node != NULL) {
        *node = (struct conf){.kind = CONF_MAP, .key = key, .file = at->file, .line = at->line};
    }
    return node;
}

/* A policy without outputs gets `outputs: {default: {type: host}}`. */
static int outputs_add(struct desk_policy *p, struct cxd_error *err)
{
    struct conf *outputs;
    struct conf *output;
    struct conf *type;

    if (conf_find(p->root, "outputs") != NULL) {
        return CXD_OK;
    }
    outputs = node_make(p->arena, p->root, "outputs");
    output = node_make(p->arena, p->root, "default");
    type = node_make(p->arena, p->root, "type");
    if (outputs == NULL || output == NULL || type == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "policy: out of memory");
    }
    type->kind = CONF_SCALAR;
    type->text = desk_module.name;
    type->len = strlen(desk_module.name);
    output->first = type;
    outputs->first = output;
    outputs->next = p->root->first;
    p->root->first = outputs;
    return CXD_OK;
}

static struct plan_output *output_choose(const struct plan *plan)
{
    struct plan_output *chosen = NULL;

    for (struct plan_output *o = plan->outputs; o != NULL; o = o->next) {
        if (o->is_used && (chosen == NULL || strcmp(o->name, "default") == 0)) {
            chosen = o;
        }
    }
    return chosen; /* some stream uses one: there are streams */
}

static int streams_turn(struct desk_policy *p, struct cxd_error *err)
{
    struct plan_output *desk = output_choose(p->plan);
    struct conf *nothing = node_make(p->arena, desk->conf, desk->name);

    if (nothing == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "policy: out of memory");
    }
    for (struct plan_output *o = p->plan->outputs; o != NULL; o = o->next) {
        o->is_used = o == desk;
    }
    for (struct plan_stream *s = p->plan->streams; s != NULL; s = s->next) {
        s->output = desk;
    }
    desk->type = DESK_NAME;
    desk->conf = nothing; /* its options are another module's */
    desk->preset = NULL;  /* has done its part for the queue */
    return CXD_OK;
}

int desk_policy_read(struct cxd_bytes text, const struct settings *settings,
                     struct desk_policy *ret_policy, struct cxd_error *err)
{
    struct desk_policy *p = ret_policy;
    int r;

    *p = (struct desk_policy){.arena = NULL};
    if (text.len == 0 && settings->policy_path == NULL) {
        return cxd_error_set(err, CXD_CONFIG, "no policy: give its text, or \"policy_path\"");
    }
    p->arena = arena_new(64u << 10, POLICY_MEMORY);
    if (p->arena == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    r = tree_read(text, settings, p, err);
    r = r != CXD_OK ? r : outputs_add(p, err);
    r = r != CXD_OK ? r : plan_read(p->root, p->arena, warn, &p->plan, err);
    providers_set(NULL);
    return r != CXD_OK ? r : streams_turn(p, err);
}

void desk_policy_fit(struct desk_policy *p, const struct plan_output *running)
{
    for (struct plan_output *o = p->plan->outputs; o != NULL; o = o->next) {
        if (o->is_used) {
            o->name = running->name;
            o->queue = running->queue;
        }
    }
}

static void texts_wipe(struct conf *node)
{
    if (node->kind == CONF_SCALAR && node->text != NULL && node->text != desk_module.name) {
        crypto_wipe((char *)(uintptr_t)node->text, node->len); /* the arena's, not constant */
        node->len = 0;
    }
    for (struct conf *c = node->first; c != NULL; c = c->next) {
        texts_wipe(c);
    }
}

void desk_policy_done(struct desk_policy *p)
{
    if (p->root != NULL) {
        texts_wipe(p->root);
        p->root = NULL;
    }
    providers_wipe(p->providers);
    p->providers = NULL;
    arena_free(p->arena);
    p->arena = NULL;
}
