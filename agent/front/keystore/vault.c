/* vault.c: see the header. */
#include "front/keystore/vault.h"

#include "base/cleanup.h"
#include "config/secret.h"
#include "front/place.h"
#include "front/signal.h"
#include "io/crypto.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>

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

/* *ret_asked: the policy has variables; *store_path: where a keystore would be. */
static int policy_probe(const char *path, int *ret_asked, char *store_path, size_t room,
                        struct cxd_error *err)
{
    _cleanup_(arena_freep) struct arena *arena = arena_new(64u << 10, PROBE_MEMORY);
    struct conf *root = NULL;
    const char *folder;
    int r;

    if (arena == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    conf_vault_set(&(struct conf_vault){.look = probe_look, .arg = ret_asked, .is_probe = true});
    r = conf_read_path(path, arena, &root, err);
    conf_vault_set(NULL);
    if (r != CXD_OK) {
        return r;
    }
    folder =
        folder_named != NULL ? folder_named : conf_text(root, "agent.path.data", CONF_STATE_FOLDER);
    r = vault_path(folder, store_path, room);
    return r == CXD_OK ? CXD_OK : cxd_error_set(err, r, "the path of the state folder is too long");
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

int vault_conf_read(const char *path, struct arena *arena, struct conf **ret_root,
                    struct cxd_error *err)
{
    _cleanup_(store_done) struct store store;
    char store_path[PATH_MAX];
    const char *key_path;
    struct seal_key key = {0};
    int has_asked = 0;
    int r;

    store_init(&store);
    /* no keystore: a variable that nobody knows is named by the ordinary reading */
    if (policy_probe(path, &has_asked, store_path, sizeof store_path, NULL) != CXD_OK ||
        !has_asked || access(store_path, F_OK) != 0) {
        return conf_read_path(path, arena, ret_root, err);
    }
    signal_no_dumps();
    r = vault_key_read(&key, &key_path, err);
    r = r != CXD_OK ? r : store_open(store_path, &key, &store, err);
    seal_key_wipe(&key);
    if (r != CXD_OK) {
        return r;
    }
    conf_vault_set(&(struct conf_vault){.look = store_look, .arg = &store});
    r = conf_read_path(path, arena, ret_root, err);
    conf_vault_set(NULL);
    return r;
}

void vault_conf_wipe(struct conf *root)
{
    if (root == NULL) {
        return;
    }
    if (root->kind == CONF_SCALAR && root->text != NULL) {
        crypto_wipe((char *)(uintptr_t)root->text, root->len); /* the arena's, not constant */
        root->len = 0;
    }
    for (struct conf *c = root->first; c != NULL; c = c->next) {
        vault_conf_wipe(c);
    }
}
