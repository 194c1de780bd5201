/*
 * vault.h: where keystore and key lie, and ${NAME} of a policy read from there. Control's thread only.
 *
 * The file is cortexd.keystore in the state folder. Its key is looked for in this order: the file that CORTEXD_KEYSTORE_KEY_FILE
 * names; keystore.key among systemd's credentials; etc/cortexd/keystore.key of a program installed in a folder of its own;
 * /etc/cortexd/keystore.key.
 */
#pragma once

#include "config/provide.h"
#include "front/keystore/store.h"

/* What --path.data said; NULL: the policy's agent.path.data counts. Borrowed for the process' life. */
void vault_folder_set(const char *folder);
/* Reads the key, from where it is found; *ret_path says where (or where it was expected). CXD_NOT_FOUND and seal_key_read's. */
int vault_key_read(struct seal_key *ret_key, const char **ret_path, struct cxd_error *err);
/* Path of the keystore in the state folder: what --path.data said, else that of the policy (NULL: the default one, which need not be
 * there). Variables without a value are none of its business. CXD_TOO_LARGE, and conf_read_path's. */
int vault_find(const char *policy, char *out, size_t room, struct cxd_error *err);
/*
 * conf_read_path, with ${NAME} from the keystore, which goes before the environment, and with the policy's own providers, which are in
 * *ret_providers for what is read of the tree later (NULL: nothing was read). The keystore is opened only when the policy has such a
 * variable; its values go to the redactor, and the process' memory is kept out of dumps from then on.
 */
int vault_conf_read(const char *path, struct arena *arena, struct conf **ret_root,
                    struct providers **ret_providers, struct cxd_error *err);
