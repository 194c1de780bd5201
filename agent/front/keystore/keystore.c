/* keystore.c: `cortexd keystore`: secrets that a policy names as ${NAME}. */
#include "base/cleanup.h"
#include "base/redact.h"
#include "front/command.h"
#include "front/keystore/vault.h"
#include "front/signal.h"
#include "io/crypto.h"
#include "io/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <termios.h>

struct store_words {
    struct command_common common;
    const char *action;
    const char *name;
    int is_stdin;
    int is_force;
    int is_json;
};

struct opened {
    char path[PATH_MAX];
    const char *key_path;
    struct seal_key key;
    struct store store;
};

static const char *const actions[] = {"create", "add", "list", "remove", NULL};

static int words_bad(const struct store_words *w)
{
    int has_name = w->name != NULL;
    int wants_name = strcmp(w->action, "add") == 0 || strcmp(w->action, "remove") == 0;

    if (has_name != wants_name) {
        command_complain("keystore %s: expected %s name (see: cortexd help keystore)", w->action,
                         wants_name ? "a" : "no");
        return 1;
    }
    if ((w->is_stdin && strcmp(w->action, "add") != 0) ||
        (w->is_json && strcmp(w->action, "list") != 0) ||
        (w->is_force && strcmp(w->action, "add") != 0 && strcmp(w->action, "create") != 0)) {
        command_complain("keystore %s: it has no such option (see: cortexd help keystore)",
                         w->action);
        return 1;
    }
    return 0;
}

static int action_is_known(const char *word)
{
    for (size_t i = 0; actions[i] != NULL; i++) {
        if (strcmp(word, actions[i]) == 0) {
            return 1;
        }
    }
    command_complain("keystore: expected create, add, list or remove, not \"%s\" (see: cortexd "
                     "help keystore)",
                     word);
    return 0;
}

/* 1: to be taken. */
static int word_take(struct store_words *w, const char *word)
{
    if (strcmp(word, "--stdin") == 0) {
        w->is_stdin = 1;
    } else if (strcmp(word, "--force") == 0) {
        w->is_force = 1;
    } else if (strcmp(word, "--json") == 0) {
        w->is_json = 1;
    } else if (word[0] != '-' && w->action == NULL) {
        w->action = word;
        return action_is_known(word);
    } else if (word[0] != '-' && w->name == NULL) {
        w->name = word;
    } else {
        command_complain("keystore: unknown word \"%s\" (see: cortexd help keystore)", word);
        return 0;
    }
    return 1;
}

static int words_read(int argc, char **argv, struct store_words *w)
{
    for (int i = 1; i < argc; i++) {
        int taken = command_common_take(&w->common, argc, argv, &i);
        if (taken < 0 || (taken == 0 && !word_take(w, argv[i]))) {
            return 0;
        }
    }
    if (w->action == NULL) {
        command_complain(
            "keystore: expected create, add, list or remove (see: cortexd help keystore)");
        return 0;
    }
    return !words_bad(w);
}

/* A key of its own, for the first keystore of this machine. */
static int key_make(const char *path, struct cxd_error *err)
{
    unsigned char bytes[SEAL_KEY_LEN];
    char text[2 * SEAL_KEY_LEN + 2];
    int r = crypto_random(bytes, sizeof bytes);

    if (r != CXD_OK) {
        return cxd_error_set(err, r, "no random bytes");
    }
    (void)crypto_hex(bytes, sizeof bytes, text, sizeof text);
    text[2 * SEAL_KEY_LEN] = '\n';
    r = file_replace(path, (struct cxd_bytes){text, 2 * SEAL_KEY_LEN + 1}, 0600, err);
    crypto_wipe(bytes, sizeof bytes);
    crypto_wipe(text, sizeof text);
    return r;
}

static int store_create(struct opened *o, int is_force, struct cxd_error *err)
{
    int r;

    if (!is_force && access(o->path, F_OK) == 0) {
        return cxd_error_set(err, CXD_EXISTS,
                             "%s: there is a keystore (--force: begin with an empty one)", o->path);
    }
    r = vault_key_read(&o->key, &o->key_path, err);
    if (r == CXD_NOT_FOUND) {
        r = key_make(o->key_path, err);
        r = r != CXD_OK ? r : vault_key_read(&o->key, &o->key_path, err);
        if (r == CXD_OK) {
            (void)printf("made the key %s; keep a copy of it apart from this machine\n",
                         o->key_path);
        }
    }
    r = r != CXD_OK ? r : store_save(o->path, &o->key, &o->store, err);
    if (r == CXD_OK) {
        (void)printf("made %s\n", o->path);
    }
    return r;
}

static int existing_open(struct opened *o, struct cxd_error *err)
{
    int r = vault_key_read(&o->key, &o->key_path, err);

    r = r != CXD_OK ? r : store_open(o->path, &o->key, &o->store, err);
    return r == CXD_NOT_FOUND
               ? cxd_error_set(err, r, "%s: no such file (first: cortexd keystore create)",
                               access(o->path, F_OK) == 0 ? o->key_path : o->path)
               : r;
}

/* All of standard input, one line end at its end left off. */
static int input_read(struct buf *value, struct cxd_error *err)
{
    for (;;) {
        ssize_t n;
        if (value->len > STORE_VALUE_MAX + 1) {
            return cxd_error_set(err, CXD_TOO_LARGE, "a value has 64 KiB at the most");
        }
        n = read(STDIN_FILENO, value->ptr + value->len, value->cap - value->len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return cxd_error_set(err, CXD_IO, "cannot read the value: %s", strerror(errno));
        }
        value->len += (size_t)n;
        if (n == 0 || (isatty(STDIN_FILENO) && memchr(value->ptr, '\n', value->len) != NULL)) {
            break;
        }
    }
    if (value->len > 0 && value->ptr[value->len - 1] == '\n') {
        value->len--;
    }
    return CXD_OK;
}

static int value_read(const struct store_words *w, struct buf *value, struct cxd_error *err)
{
    struct termios before;
    struct termios quiet;
    int is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    int r;

    if (!is_terminal && !w->is_stdin) {
        return cxd_error_set(
            err, CXD_INVALID,
            "standard input is no terminal; to read the value from it say --stdin");
    }
    if (buf_reserve(value, STORE_VALUE_MAX + 4096) != CXD_OK) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    if (!is_terminal) {
        return input_read(value, err);
    }
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    (void)fprintf(stderr, "value of %s: ", w->name);
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) != 0) {
        return cxd_error_set(err, CXD_IO, "cannot turn the echo off: %s", strerror(errno));
    }
    r = input_read(value, err);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before); /* best effort; the value is read */
    (void)fputc('\n', stderr);
    return r;
}

static void value_done(struct buf *value)
{
    crypto_wipe(value->ptr, value->cap);
    buf_done(value);
}

static int value_add(struct opened *o, const struct store_words *w, struct cxd_error *err)
{
    _cleanup_(value_done) struct buf value;
    struct cxd_bytes name = {w->name, strlen(w->name)};
    struct cxd_bytes before;
    int r;

    buf_init(&value, 2 * STORE_VALUE_MAX);
    if (!w->is_force && store_find(&o->store, name, &before)) {
        return cxd_error_set(err, CXD_EXISTS, "\"%s\" is there already (--force: replace it)",
                             w->name);
    }
    r = value_read(w, &value, err);
    r = r != CXD_OK ? r : store_put(&o->store, name, (struct cxd_bytes){value.ptr, value.len}, err);
    r = r != CXD_OK ? r : store_save(o->path, &o->key, &o->store, err);
    if (r == CXD_OK && value.len < 6) {
        (void)fprintf(stderr, "cortexd: note: a value of less than 6 bytes cannot be masked in "
                              "texts\n");
    }
    return r;
}

static int value_remove(struct opened *o, const char *name, struct cxd_error *err)
{
    int r = store_remove(&o->store, (struct cxd_bytes){name, strlen(name)}, err);

    return r != CXD_OK ? r : store_save(o->path, &o->key, &o->store, err);
}

static void names_print(const struct store *s, int is_json)
{
    struct cxd_bytes name;
    struct cxd_bytes value;
    size_t at = 0;
    int count = 0;

    (void)fputs(is_json ? "[" : "", stdout);
    while (store_next(s, &at, &name, &value)) { /* names need no escaping */
        (void)printf(is_json ? "%s\"%.*s\"" : "%s%.*s\n", is_json && count > 0 ? "," : "",
                     (int)name.len, name.ptr);
        count++;
    }
    (void)fputs(is_json ? "]\n" : "", stdout);
}

/* Two at a time would lose what one of them puts. */
static int action_run(struct opened *o, const struct store_words *w, struct cxd_error *err)
{
    char lock_path[PATH_MAX + 8];
    struct file_lock *lock = NULL;
    int r;

    if (strcmp(w->action, "list") == 0) {
        r = existing_open(o, err);
        if (r == CXD_OK) {
            names_print(&o->store, w->is_json);
        }
        return r;
    }
    (void)snprintf(lock_path, sizeof lock_path, "%s.lock", o->path);
    r = file_lock_take(lock_path, &lock, err);
    if (r != CXD_OK) {
        return r;
    }
    if (strcmp(w->action, "create") == 0) {
        r = store_create(o, w->is_force, err);
    } else {
        r = existing_open(o, err);
        r = r != CXD_OK                     ? r
            : strcmp(w->action, "add") == 0 ? value_add(o, w, err)
                                            : value_remove(o, w->name, err);
    }
    file_lock_free(lock);
    return r;
}

static int keystore_run(int argc, char **argv)
{
    struct store_words w = {.action = NULL};
    struct cxd_error err = CXD_ERROR_INIT;
    struct opened o = {.key_path = ""};
    int r;

    if (!words_read(argc, argv, &w)) {
        return EXIT_USAGE;
    }
    signal_no_dumps();
    store_init(&o.store);
    r = vault_find(w.common.policy, o.path, sizeof o.path, &err);
    r = r != CXD_OK ? r : action_run(&o, &w, &err);
    store_done(&o.store);
    seal_key_wipe(&o.key);
    if (r != CXD_OK) {
        command_complain("keystore %s: %s", w.action, err.text);
    }
    redact_clear();
    return r == CXD_OK && fflush(stdout) == 0 ? EXIT_OK : EXIT_PROBLEM;
}

const struct command command_keystore = {
    .name = "keystore",
    .summary = "keep secrets that a policy names as ${NAME}",
    .help =
        "cortexd keystore create [--force] [-c FILE | --path.data DIR]\n"
        "cortexd keystore add NAME [--stdin] [--force] [-c FILE | --path.data DIR]\n"
        "cortexd keystore list [--json] [-c FILE | --path.data DIR]\n"
        "cortexd keystore remove NAME [-c FILE | --path.data DIR]\n"
        "\n"
        "create  makes an empty keystore (cortexd.keystore in the state folder), and a key when "
        "there "
        "is none\n"
        "add     asks for the value without showing it; with --stdin it is read from there, a line "
        "end left off\n"
        "list    the names; values are never shown\n"
        "remove  forgets one\n"
        "\n"
        "  --force          begin anew; replace a value\n"
        "  -c FILE          policy that names the state folder (agent.path.data)\n"
        "  --path.data DIR  the state folder itself\n"
        "\n"
        "The file is sealed by AES-256-GCM. The key (32 bytes as 64 hex letters, mode 0600, owner "
        "root or the agent's\n"
        "user) is the file that CORTEXD_KEYSTORE_KEY_FILE names; or keystore.key of systemd's "
        "credentials\n"
        "(LoadCredential=keystore.key:/etc/cortexd/keystore.key); or /etc/cortexd/keystore.key.\n"
        "In a policy ${NAME} is taken from the keystore first, then from the environment; "
        "${env.NAME} "
        "only from there.\n"
        "\n"
        "Exit codes: 0 done; 1 failed; 2 wrong words.\n",
    .run = keystore_run,
};
