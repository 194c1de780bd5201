/* vault.c: see the header. */
#include "front/keystore/vault.h"

#include "base/cleanup.h"
#include "config/secret.h"
#include "front/place.h"
#include "front/signal.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define KEY_NAME "keystore.key"
#define PROBE_MEMORY (256u << 20)

static const char *folder_named;

void vault_folder_set(const char *folder)
{
    folder_named = folder;
}

static int vault_path(const char *folder, char *out, size_t room)
{
    int written = snprintf(out, room, "%s/cortexd.keystore", folder);

    return written > 0 && (size_t)written < room ? CXD_OK : CXD_TOO_LARGE;
}

int vault_key_read(struct seal_key *ret_key, const char **ret_path, struct cxd_error *err)
{
    static char path[PATH_MAX];
    const char *named = getenv("CORTEXD_KEYSTORE_KEY_FILE");
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    int written;

    *ret_path = path;
    if (named != NULL && *named != '\0') {
        *ret_path = named;
        return seal_key_read(named, ret_key, err);
    }
    if (credentials != NULL) {
        written = snprintf(path, sizeof path, "%s/" KEY_NAME, credentials);
        if (written > 0 && (size_t)written < sizeof path && access(path, F_OK) == 0) {
            return seal_credential_read(path, ret_key, err);
        }
    }
    place_keystore_key(path, sizeof path);
    return seal_key_read(path, ret_key, err);
}

/* How the policy is read the first time: only to see whether it asks, and where the state folder is. */
static int probe_look(void *arg, const char *name, struct cxd_bytes *ret_value)
{
    (void)name;
    (void)ret_value;
    *(int *)arg = 1;
    return 0;
}

static int store_look(void *arg, const char *name, struct cxd_bytes *ret_value)
{
    if (!store_find(arg, (struct cxd_bytes){name, strlen(name)}, ret_value)) {
        return 0;
    }
    return secret_learn_text(ret_value->ptr, ret_value->len) == CXD_OK ? 1 : CXD_NOMEM;
}

static int tree_probe(const char *path, int *ret_asked, struct arena *arena, struct conf **ret_root,
                      struct cxd_error *err)
{
    int r;

    conf_vault_set(&(struct conf_vault){.look = probe_look, .arg = ret_asked, .is_probe = true});
    r = conf_read_path(path, arena, ret_root, err);
    conf_vault_set(NULL);
    return r;
}

static const char *folder_of(const struct conf *root)
{
    return folder_named != NULL ? folder_named
                                : conf_text(root, "agent.path.data", CONF_STATE_FOLDER);
}

/* The folders of ${path.*}. */
static int paths_read(const char *policy, const struct conf *root, struct arena *arena,
                      struct provide_paths *ret_paths)
{
    const char *data = folder_of(root);
    const char *slash = strrchr(policy, '/');
    char home[PATH_MAX];
    char logs[PATH_MAX];
    const char *named = getenv("LOGS_DIRECTORY"); /* systemd's */
    struct stat st;

    if (stat(policy, &st) == 0 && S_ISDIR(st.st_mode)) {
        slash = policy + strlen(policy);
    }
    place_home(home, sizeof home);
    if (named == NULL || *named == '\0') {
        int len = snprintf(logs, sizeof logs, "%s/logs", data);
        named = len > 0 && (size_t)len < sizeof logs ? logs : NULL;
    }
    *ret_paths = (struct provide_paths){
        .home = arena_copy(arena, home, strlen(home)),
        .data = data,
        .config = slash == NULL ? "." : arena_copy(arena, policy, (size_t)(slash - policy)),
        .logs = named != NULL ? arena_copy(arena, named, strlen(named)) : NULL};
    return ret_paths->home != NULL && ret_paths->config != NULL ? CXD_OK : CXD_NOMEM;
}

/* The policy's own providers, of a tree that was read as a probe. */
static int providers_make(const char *policy, struct conf *root, struct arena *arena,
                          struct providers **ret_providers, struct cxd_error *err)
{
    struct provide_paths paths;
    int r = paths_read(policy, root, arena, &paths);

    return r == CXD_OK ? providers_read(root, &paths, arena, ret_providers, err)
                       : cxd_error_set(err, r, "out of memory");
}

/* *ret_asked: the policy has variables; *store_path: where a keystore would be. */
static int policy_probe(const char *path, int *ret_asked, char *store_path, size_t room,
                        struct cxd_error *err)
{
    _cleanup_(arena_freep) struct arena *arena = arena_new(64u << 10, PROBE_MEMORY);
    struct providers *providers = NULL;
    struct conf *root = NULL;
    int r;

    if (arena == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    r = tree_probe(path, ret_asked, arena, &root, err);
    if (r == CXD_OK && conf_find(root, "providers") != NULL) { /* the folder may be ${local.x} */
        r = providers_make(path, root, arena, &providers, err);
        providers_set(providers);
        r = r != CXD_OK ? r : tree_probe(path, ret_asked, arena, &root, err);
        providers_set(NULL);
    }
    r = r == CXD_OK && vault_path(folder_of(root), store_path, room) != CXD_OK
            ? cxd_error_set(err, CXD_TOO_LARGE, "the path of the state folder is too long")
            : r;
    providers_wipe(providers);
    return r;
}

int vault_find(const char *policy, char *out, size_t room, struct cxd_error *err)
{
    const char *path = policy != NULL ? policy : place_policy();
    const char *folder = folder_named;
    int has_asked = 0;

    if (folder == NULL && policy == NULL && access(path, F_OK) != 0) {
        folder = CONF_STATE_FOLDER;
    }
    if (folder == NULL) {
        return policy_probe(path, &has_asked, out, room, err);
    }
    return vault_path(folder, out, room) == CXD_OK
               ? CXD_OK
               : cxd_error_set(err, CXD_TOO_LARGE, "the path of the state folder is too long");
}

static int store_load(const char *path, struct store *store, struct cxd_error *err)
{
    struct seal_key key = {0};
    const char *key_path;
    int r;

    signal_no_dumps();
    r = vault_key_read(&key, &key_path, err);
    r = r != CXD_OK ? r : store_open(path, &key, store, err);
    seal_key_wipe(&key);
    return r;
}

/* Twice: for the providers' own settings, and with them. */
static int tree_read(const char *path, struct conf_vault *vault, struct arena *arena,
                     struct conf **ret_root, struct providers **ret_providers,
                     struct cxd_error *err)
{
    struct conf *first = NULL;
    int r;

    vault->is_probe = true;
    conf_vault_set(vault);
    r = conf_read_path(path, arena, &first, err);
    r = r != CXD_OK ? r : providers_make(path, first, arena, ret_providers, err);
    vault->is_probe = false;
    conf_vault_set(vault);
    providers_set(*ret_providers);
    r = r != CXD_OK ? r : conf_read_path(path, arena, ret_root, err);
    providers_set(NULL);
    conf_vault_set(NULL);
    return r;
}

int vault_conf_read(const char *path, struct arena *arena, struct conf **ret_root,
                    struct providers **ret_providers, struct cxd_error *err)
{
    _cleanup_(store_done) struct store store;
    struct conf_vault vault = {.look = NULL};
    char store_path[PATH_MAX];
    int has_asked = 0;

    *ret_providers = NULL;
    store_init(&store);
    if (policy_probe(path, &has_asked, store_path, sizeof store_path, NULL) == CXD_OK &&
        has_asked && access(store_path, F_OK) == 0) {
        int r = store_load(store_path, &store, err);
        if (r != CXD_OK) {
            return r;
        }
        vault = (struct conf_vault){.look = store_look, .arg = &store};
    } /* else no keystore: a variable that nobody knows is named by the ordinary reading */
    return tree_read(path, &vault, arena, ret_root, ret_providers, err);
}
