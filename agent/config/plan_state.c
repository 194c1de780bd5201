/* plan_state.c: where cursors are kept: the state folder, or an output's destination. */
#include "config/plan_parts.h"

#include <string.h>

#define INDEX_USUAL "cortexd-state"

static struct plan_output *output_named(const struct plan *plan, const char *name)
{
    struct plan_output *o = plan->outputs;

    while (o != NULL && (name != NULL ? strcmp(o->name, name) != 0 : !o->is_used)) {
        o = o->next;
    }
    return o;
}

static int index_check(const struct conf *at, const char *name, struct cxd_error *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";

    return strlen(name) <= 100 && name[0] >= 'a' && name[0] <= 'z' &&
                   strspn(name, letters) == strlen(name)
               ? CXD_OK
               : conf_error(
                     err, at,
                     "agent.state.index: expected a name of a-z 0-9 - _ . that begins with a "
                     "letter, at most 100");
}

int plan_state_read(const struct conf *root, struct plan *plan, struct cxd_error *err)
{
    const struct conf *node = conf_find(root, "agent.state");
    const char *kind = node != NULL && node->kind == CONF_SCALAR
                           ? node->text
                           : conf_text(root, "agent.state.type", "folder");
    const char *name = conf_text(root, "agent.state.output", NULL);

    plan->settings.state_index = INDEX_USUAL;
    if (conf_is_null(node) && conf_find(root, "agent.state.type") == NULL) {
        return CXD_OK;
    }
    if (strcmp(kind, "folder") == 0) {
        return CXD_OK;
    }
    if (strcmp(kind, "elasticsearch") != 0) {
        return conf_error(err, node != NULL ? node : root,
                          "agent.state: expected folder or elasticsearch");
    }
    plan->settings.state_output = output_named(plan, name);
    plan->settings.state_index = conf_text(root, "agent.state.index", INDEX_USUAL);
    if (plan->settings.state_output == NULL) {
        return conf_error(err, node != NULL ? node : root,
                          "agent.state: there is no output \"%.80s\"",
                          name != NULL ? name : "that is used");
    }
    return index_check(node != NULL ? node : root, plan->settings.state_index, err);
}
