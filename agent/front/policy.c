/* policy.c: see the header. */
#include "front/policy.h"

#include "base/log.h"
#include "front/command.h"
#include "front/keystore/vault.h"
#include "front/place.h"

#include <string.h>

#define POLICY_MEMORY (256u << 20)

static void warn(const char *text)
{
    log_line(CXD_LOG_WARN, "config", text, strlen(text));
}

int policy_tree_read(const char *path, struct policy *ret_policy, struct cxd_error *err)
{
    *ret_policy = (struct policy){.arena = arena_new(64u << 10, POLICY_MEMORY)};
    if (ret_policy->arena == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    return vault_conf_read(path, ret_policy->arena, &ret_policy->root, &ret_policy->providers, err);
}

int policy_plan_read(struct policy *policy, struct cxd_error *err)
{
    int r;

    providers_set(policy->providers); /* for conditions */
    r = plan_read(policy->root, policy->arena, warn, &policy->plan, err);
    providers_set(NULL);
    return r;
}

int policy_read(const char *path, struct policy *ret_policy, struct cxd_error *err)
{
    int r = policy_tree_read(path, ret_policy, err);

    return r != CXD_OK ? r : policy_plan_read(ret_policy, err);
}

int policy_text_read(const char *name, struct cxd_bytes text, struct policy *ret_policy,
                     struct cxd_error *err)
{
    int r;

    *ret_policy = (struct policy){.arena = arena_new(64u << 10, POLICY_MEMORY)};
    if (ret_policy->arena == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    r = conf_read_text(name, text.ptr, text.len, ret_policy->arena, &ret_policy->root, err);
    return r != CXD_OK ? r : policy_plan_read(ret_policy, err);
}

int policy_load(const char *path, struct policy *ret_policy)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int r = policy_read(path, ret_policy, &err);

    if (r != CXD_OK) {
        command_complain("%s", err.text);
    }
    return r;
}

int policy_folder(const struct command_common *common, struct policy *policy,
                  const char **ret_folder)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int r;

    if (common->data_path != NULL) {
        *ret_folder = common->data_path;
        return CXD_OK;
    }
    /* the tree alone: what else is in the policy does not matter, and one that names a server has no plan */
    r = policy_tree_read(common->policy != NULL ? common->policy : place_policy(), policy, &err);
    if (r == CXD_OK) {
        *ret_folder = conf_text(policy->root, "agent.path.data", CONF_STATE_FOLDER);
    } else {
        command_complain("%s", err.text);
    }
    return r;
}

void policy_done(struct policy *p)
{
    conf_wipe(p->root);
    providers_wipe(p->providers);
    p->root = NULL;
    p->providers = NULL;
    arena_free(p->arena);
    p->arena = NULL;
}
