/* state.c: `cortexd state`: the stored cursors, seen and reset. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/redact.h"
#include "base/text.h"
#include "front/command.h"
#include "front/place.h"
#include "front/policy.h"
#include "front/state/import.h"
#include "front/state/store_open.h"
#include "io/doc.h"
#include "io/file.h"
#include "pipeline/registry.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX (64u << 20)

enum form { FORM_LIST, FORM_JSON };

struct state_words {
    struct command_common common;
    const char *action;
    const char *id;
    int is_json;
};

struct printer {
    enum form form;
    const char *id; /* only this stream; NULL: all */
    size_t count;
    struct buf text;
};

static int json_print(struct printer *p, const char *id, struct cxd_bytes cursor,
                      const char *updated)
{
    size_t room = text_quote_len((struct cxd_bytes){id, strlen(id)});
    int r = buf_add_text(&p->text, "{\"id\":");

    r = r != CXD_OK ? r : buf_reserve(&p->text, room);
    if (r == CXD_OK) {
        p->text.len +=
            text_quote((struct cxd_bytes){id, strlen(id)}, p->text.ptr + p->text.len, room);
        r = *updated != '\0' ? buf_add_format(&p->text, ",\"updated\":\"%s\"", updated) : CXD_OK;
        r = r != CXD_OK ? r : buf_add_text(&p->text, ",\"cursor\":");
    }
    r = r != CXD_OK ? r : doc_json(cursor, &p->text);
    return r != CXD_OK ? r : buf_add_text(&p->text, "}\n");
}

static int cursor_print(void *owner, const char *id, struct cxd_bytes cursor, int64_t updated_ms)
{
    struct printer *p = owner;
    char updated[CLOCK_TEXT_SIZE];

    if ((p->id != NULL && strcmp(p->id, id) != 0) || cursor.len == 0) {
        return CXD_OK;
    }
    p->count++;
    updated[0] = '\0';
    if (updated_ms != 0) { /* a store does not say */
        clock_format(updated_ms, updated);
    }
    return p->form == FORM_JSON
               ? json_print(p, id, cursor, updated)
               : buf_add_format(&p->text, "%-24s  %10zu bytes  %s\n",
                                updated[0] != '\0' ? updated : "-", cursor.len, id);
}

static int cursors_print(struct registry *registry, const struct state_words *words)
{
    struct printer p = {.id = words->id,
                        .form = words->is_json || strcmp(words->action, "export") == 0 ? FORM_JSON
                                                                                       : FORM_LIST};
    int code = EXIT_OK;

    buf_init(&p.text, TEXT_MAX);
    if (registry_each(registry, cursor_print, &p) != CXD_OK) {
        command_complain("state: out of memory, or cursors of more than 64 MiB");
        code = EXIT_PROBLEM;
    } else if (p.count == 0 && words->id != NULL) {
        command_complain("state: there is no cursor of \"%.200s\" (see: cortexd state list)",
                         words->id);
        code = EXIT_PROBLEM;
    } else if (fwrite(p.text.ptr, 1, p.text.len, stdout) != p.text.len || fflush(stdout) != 0) {
        code = EXIT_PROBLEM;
    }
    buf_done(&p.text);
    return code;
}

static int cursor_forget(struct registry *registry, const struct state_words *words)
{
    struct cxd_error err = CXD_ERROR_INIT;

    if (registry_drop(registry, words->id) != CXD_OK) {
        command_complain("state: there is no cursor of \"%.200s\" (see: cortexd state list)",
                         words->id);
    } else if (registry_flush(registry, &err) != CXD_OK) {
        command_complain("%s", err.text);
    } else if (registry_is_lost(registry, words->id)) {
        command_complain("state reset: a run has moved the cursor of \"%.200s\" just now: stop it "
                         "first",
                         words->id);
    } else if (words->is_json) {
        (void)printf("{\"ok\":true}\n");
        return EXIT_OK;
    } else {
        (void)printf(
            "%s: forgotten; it starts anew, and ids keep what was delivered from coming twice\n",
            words->id);
        return EXIT_OK;
    }
    return EXIT_PROBLEM;
}

/* Under the lock of the state folder, which a running agent holds. */
static int cursor_reset(struct registry *registry, const struct state_words *words,
                        const char *folder)
{
    char path[PATH_MAX];
    struct file_lock *lock = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    int code = EXIT_PROBLEM;

    (void)snprintf(path, sizeof path, "%s/cortexd.lock", folder);
    if (file_lock_take(path, &lock, &err) != CXD_OK) {
        command_complain("state reset: stop the agent first: %s", err.text);
    } else {
        code = cursor_forget(registry, words);
    }
    file_lock_free(lock);
    return code;
}

static int import_read(int argc, char **argv, struct import_words *w)
{
    for (int i = 2; i < argc; i++) {
        int taken = command_common_take(&w->common, argc, argv, &i);
        if (taken < 0) {
            return CXD_INVALID;
        }
        if (taken > 0) {
            continue;
        }
        if (strcmp(argv[i], "--dry-run") == 0) {
            w->is_dry = 1;
        } else if (strcmp(argv[i], "--json") == 0) {
            w->is_json = 1;
        } else if (strcmp(argv[i], "--force") == 0) {
            w->is_forced = 1;
        } else if (strcmp(argv[i], "--key") == 0 && i + 1 < argc) {
            w->key = argv[++i];
        } else if (argv[i][0] != '-' && w->folder == NULL) {
            w->folder = argv[i];
        } else if (argv[i][0] != '-' && w->stream == NULL) {
            w->stream = argv[i];
        } else {
            command_complain("state import-filebeat: unknown word \"%s\" (see: cortexd help state)",
                             argv[i]);
            return CXD_INVALID;
        }
    }
    if (w->folder == NULL || (w->key != NULL && w->stream == NULL)) {
        command_complain("state import-filebeat: expected the folder of a registry, and with --key "
                         "the id of a stream (see: cortexd help state)");
        return CXD_INVALID;
    }
    return CXD_OK;
}

static int words_read(int argc, char **argv, struct state_words *words)
{
    for (int i = 1; i < argc; i++) {
        int taken = command_common_take(&words->common, argc, argv, &i);
        if (taken < 0) {
            return CXD_INVALID;
        }
        if (taken > 0) {
            continue;
        }
        if (strcmp(argv[i], "--json") == 0) {
            words->is_json = 1;
        } else if (argv[i][0] != '-' && words->action == NULL) {
            words->action = argv[i];
        } else if (argv[i][0] != '-' && words->id == NULL) {
            words->id = argv[i];
        } else {
            command_complain("state: unknown word \"%s\" (see: cortexd help state)", argv[i]);
            return CXD_INVALID;
        }
    }
    return CXD_OK;
}

static int words_check(const struct state_words *words)
{
    const char *action = words->action != NULL ? words->action : "";
    int is_to_reset = strcmp(action, "reset") == 0;

    if (!is_to_reset && strcmp(action, "list") != 0 && strcmp(action, "export") != 0) {
        command_complain(
            "state: expected list, export, reset or import-filebeat (see: cortexd help state)");
        return CXD_INVALID;
    }
    if (is_to_reset && words->id == NULL) {
        command_complain("state reset: expected the id of a stream (see: cortexd state list)");
        return CXD_INVALID;
    }
    return CXD_OK;
}

static int is_reset(const struct state_words *words)
{
    return strcmp(words->action, "reset") == 0;
}

static int folder_run(const struct state_words *words, const char *folder)
{
    struct registry *registry = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    int code = EXIT_PROBLEM;

    if (registry_open(folder, 0, NULL, &registry, &err) != CXD_OK) {
        command_complain("%s", err.text);
    } else {
        code = is_reset(words) ? cursor_reset(registry, words, folder)
                               : cursors_print(registry, words);
    }
    registry_close(registry);
    return code;
}

/* A run that goes on meanwhile sees that its cursor was taken away, and ends that stream. */
static int store_run(const struct state_words *words, const struct policy *policy)
{
    struct cursor_store *store = NULL;
    struct registry *registry = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    int code = EXIT_PROBLEM;

    log_setup(2, CXD_LOG_WARN);
    if (cursor_store_open(&words->common, policy, &store, &registry, &err) != CXD_OK) {
        command_complain("%s", err.text);
    } else {
        code = is_reset(words) ? cursor_forget(registry, words) : cursors_print(registry, words);
    }
    cursor_store_close(store);
    log_flush();
    redact_clear();
    return code;
}

/* agent.state of the policy that was named; without one, or with a server's in its place, the folder. 1: *ret_code is the command's. */
static int store_try(const struct state_words *words, struct policy *policy, int *ret_code)
{
    const char *path = words->common.policy != NULL ? words->common.policy : place_policy();
    struct cxd_error err = CXD_ERROR_INIT;
    const struct conf *state;

    if (words->common.data_path != NULL && words->common.policy == NULL) {
        return 0;
    }
    if (policy_tree_read(path, policy, &err) != CXD_OK) {
        command_complain("%s", err.text);
        *ret_code = EXIT_PROBLEM;
        return 1;
    }
    state = conf_find(policy->root, "agent.state");
    if (state == NULL && conf_find(policy->root, "agent.state.type") == NULL) {
        return 0;
    }
    if (policy_plan_read(policy, &err) != CXD_OK) {
        command_complain("%s", err.text);
        *ret_code = EXIT_PROBLEM;
        return 1;
    }
    if (!cursor_store_is(policy)) {
        return 0;
    }
    *ret_code = store_run(words, policy);
    return 1;
}

static int state_run(int argc, char **argv)
{
    struct state_words words = {0};
    struct policy policy = {0};
    const char *folder = NULL;
    int code = EXIT_PROBLEM;

    if (argc > 1 && strcmp(argv[1], "import-filebeat") == 0) {
        struct import_words import = {.folder = NULL};
        return import_read(argc, argv, &import) == CXD_OK ? state_import(&import) : EXIT_USAGE;
    }
    if (words_read(argc, argv, &words) != CXD_OK || words_check(&words) != CXD_OK) {
        return EXIT_USAGE;
    }
    if (!store_try(&words, &policy, &code)) {
        folder = words.common.data_path != NULL
                     ? words.common.data_path
                     : conf_text(policy.root, "agent.path.data", CONF_STATE_FOLDER);
        code = folder_run(&words, folder);
    }
    policy_done(&policy);
    return code;
}

const struct command command_state = {
    .name = "state",
    .summary = "list, export, reset or import the stored cursors of streams",
    .help =
        "cortexd state list [-c FILE | --path.data DIR] [--json]\n"
        "cortexd state export [STREAM] [-c FILE | --path.data DIR]\n"
        "cortexd state reset STREAM [-c FILE | --path.data DIR] [--json]\n"
        "cortexd state import-filebeat REGISTRY [STREAM] [--key KEY] [--dry-run] [--force] "
        "[--json] "
        "[-c FILE]\n"
        "\n"
        "list:    each stream with the time and size of its cursor\n"
        "export:  the cursors as JSON, one stream a line; also while the agent runs\n"
        "reset:   forgets where a stream is, so that it starts anew; the agent must not run\n"
        "import-filebeat:  streams of httpjson, cel and gcs go on where a Filebeat was, with no "
        "gap and no\n"
        "         repetition. REGISTRY is its folder (data/registry/filebeat; of Elastic Agent:\n"
        "         .../run/httpjson-default/registry/filebeat). Stop it first, then this agent. "
        "Entries go to the\n"
        "         stream of the same id; --key names another. What no stream takes is listed. Run "
        "it as the\n"
        "         service's user: sudo -u cortexd.\n"
        "\n"
        "  -c FILE          policy that names the state folder (agent.path.data), or the output "
        "that keeps "
        "the\n"
        "                   cursors (agent.state: elasticsearch): those of its streams\n"
        "  --path.data DIR  the state folder itself\n"
        "  --key KEY        the entry for STREAM, as listed (httpjson::ID::URL)\n"
        "  --dry-run        say what would be imported\n"
        "  --force          replace cursors that are there\n"
        "\n"
        "Exit codes: 0, 1 (no such stream, folder cannot be read or is in use), 2 (wrong words).\n",
    .run = state_run,
};
