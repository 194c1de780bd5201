/* policy_command.c: `cortexd policy`: policies looked at, compared and signed, without an agent. State is never touched. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/redact.h"
#include "config/number.h"
#include "config/secret.h"
#include "front/command.h"
#include "front/fleet/policy_explain.h"
#include "front/fleet/policy_show.h"
#include "front/fleet/policy_words.h"
#include "front/module/tryout.h"
#include "front/place.h"
#include "front/policy.h"
#include "front/run/agent.h"
#include "front/run/difference.h"
#include "front/run/stream.h"
#include "front/try/told.h"
#include "io/crypto.h"
#include "io/file.h"

#include <stdio.h>
#include <string.h>

struct opened {
    struct policy policy;
    struct agent *agent;
};

/* Built as a start would, with nothing touched; opened_done in any case. */
static int opened_make(const struct policy_words *w, const char *path, struct opened *o)
{
    const struct agent_options options = {.data_path = w->common.data_path,
                                          .module_paths = w->common.modules,
                                          .is_check = 1,
                                          .probe = tryout_probe()};
    struct cxd_error err = CXD_ERROR_INIT;
    int r;

    *o = (struct opened){.agent = NULL};
    r = policy_read(path, &o->policy, &err);
    r = r != CXD_OK ? r : agent_open(o->policy.plan, &options, &o->agent, &err);
    if (r != CXD_OK && w->is_json) {
        (void)told_error(&err);
    } else if (r != CXD_OK) {
        command_complain("%s", err.text);
    }
    return r;
}

static void opened_done(struct opened *o)
{
    agent_close(o->agent);
    policy_done(&o->policy);
}

static const char *policy_of(const struct policy_words *w)
{
    return w->count > 0 ? w->names[0] : w->common.policy;
}

static int check(const struct policy_words *w)
{
    struct opened o;
    int streams = 0;
    int r = opened_make(w, policy_of(w), &o);
    int code = EXIT_PROBLEM;

    for (const struct plan_stream *s = r == CXD_OK ? o.policy.plan->streams : NULL; s != NULL;
         s = s->next) {
        streams++;
    }
    if (r == CXD_OK && w->is_json) {
        code = told_plan(o.policy.plan);
    } else if (r == CXD_OK) {
        code = printf("%s: ok, %d streams\n", policy_of(w), streams) > 0 ? EXIT_OK : EXIT_PROBLEM;
    }
    opened_done(&o);
    return code;
}

struct differing {
    int is_json;
    int count;
};

static void difference_print(void *owner, const struct difference *d)
{
    static const char *const names[] = {"new", "changed", "gone", "same"};
    struct differing *to = owner;

    if (d->what == DIFFERENCE_SAME) {
        return;
    }
    if (to->is_json) {
        (void)printf("%s{\"what\":\"%s\",\"kind\":\"%s\",\"id\":\"%s\",\"aspect\":\"%s\"}",
                     to->count > 0 ? "," : "", names[d->what], d->kind, d->id,
                     d->what == DIFFERENCE_CHANGED ? d->aspect : "");
    } else {
        (void)printf("%s %s: %s%s%s%s\n", d->kind, d->id, names[d->what],
                     d->what == DIFFERENCE_CHANGED ? " (" : "",
                     d->what == DIFFERENCE_CHANGED ? d->aspect : "",
                     d->what == DIFFERENCE_CHANGED ? ")" : "");
    }
    to->count++;
}

static int diff(const struct policy_words *w)
{
    struct differing to = {.is_json = w->is_json};
    struct opened a;
    struct opened b = {.agent = NULL};
    int r;

    if (w->count != 2) {
        command_complain("policy diff: expected two policies");
        return EXIT_USAGE;
    }
    r = opened_make(w, w->names[0], &a);
    r = r != CXD_OK ? r : opened_make(w, w->names[1], &b);
    if (r == CXD_OK) {
        const char *setting =
            difference_setting(&a.policy.plan->settings, &b.policy.plan->settings);
        (void)(w->is_json ? printf("{\"units\":[") : 0);
        difference_units(a.agent, b.agent, difference_print, &to);
        (void)(w->is_json        ? printf("],\"setting\":\"%s\"}\n", setting != NULL ? setting : "")
               : setting != NULL ? printf("setting %s: changed\n", setting)
                                 : 0);
        if (!w->is_json && to.count == 0 && setting == NULL) {
            (void)printf("no difference\n");
        }
    }
    opened_done(&b);
    opened_done(&a);
    return r == CXD_OK ? EXIT_OK : EXIT_PROBLEM;
}

static int show(const struct policy_words *w)
{
    _cleanup_(buf_done) struct buf out;
    struct opened o;
    int r = opened_make(w, policy_of(w), &o);

    buf_init(&out, 64u << 20);
    if (r == CXD_OK) { /* what modules call secret the redactor knows by now */
        r = secret_find("", o.policy.root);
        r = r != CXD_OK  ? r
            : w->is_json ? policy_tree_json(o.policy.root, &out)
                         : policy_tree_show(o.policy.root, &out);
    }
    if (r == CXD_OK && out.len > 0) {
        redact_text(out.ptr, out.len);
        r = fwrite(out.ptr, 1, out.len, stdout) == out.len ? CXD_OK : CXD_IO;
    }
    if (out.ptr != NULL) {
        crypto_wipe(out.ptr, out.cap);
    }
    opened_done(&o);
    return r == CXD_OK ? EXIT_OK : EXIT_PROBLEM;
}

static int explain(const struct policy_words *w)
{
    struct opened o;
    int found = 0;
    int r;

    if (w->count < 1) {
        command_complain("policy explain: expected the id of a stream, or a key (agent.path.data)");
        return EXIT_USAGE;
    }
    r = opened_make(w, w->common.policy, &o);
    for (struct agent_stream *s = r == CXD_OK ? agent_streams(o.agent) : NULL; s != NULL;
         s = s->next) {
        if (strcmp(s->plan->id, w->names[0]) == 0) {
            found = 1;
            policy_explain_stream(s, w->is_json);
        }
    }
    if (r == CXD_OK && !found) {
        found = policy_explain_key(o.policy.root, w->names[0], w->is_json);
    }
    opened_done(&o);
    return found ? EXIT_OK : EXIT_PROBLEM;
}

static int words_read(int argc, char **argv, struct policy_words *w)
{
    const struct {
        const char *name;
        const char **value;
    } values[] = {{"--key", &w->key},
                  {"--id", &w->id},
                  {"--revision", &w->revision},
                  {"--targets", &w->targets},
                  {"--not-before", &w->not_before},
                  {"--not-after", &w->not_after}};

    for (int i = 2; i < argc; i++) {
        int taken = command_common_take(&w->common, argc, argv, &i);
        for (size_t v = 0; taken == 0 && v < sizeof values / sizeof values[0]; v++) {
            if (strcmp(argv[i], values[v].name) == 0 && i + 1 < argc) {
                *values[v].value = argv[++i];
                taken = 1;
            }
        }
        if (taken == 0 && strcmp(argv[i], "--json") == 0) {
            w->is_json = 1;
        } else if (taken == 0 && argv[i][0] != '-' && w->count < 3) {
            w->names[w->count++] = argv[i];
        } else if (taken <= 0) {
            if (taken == 0) {
                command_complain("policy: unknown word \"%.100s\" (see: cortexd help policy)",
                                 argv[i]);
            }
            return EXIT_USAGE;
        }
    }
    return EXIT_OK;
}

static int policy_run(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(const struct policy_words *w);
    } verbs[] = {{"check", check},     {"diff", diff},        {"show", show},
                 {"explain", explain}, {"keys", policy_keys}, {"keygen", policy_keygen},
                 {"sign", policy_sign}};
    struct policy_words w = {.common = {.policy = place_policy()}};

    for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(argv[1], verbs[i].name) == 0) {
            int code = words_read(argc, argv, &w);
            code = code != EXIT_OK ? code : verbs[i].run(&w);
            redact_clear();
            return code;
        }
    }
    command_complain(
        "policy: expected check, diff, show, explain, keys, keygen or sign (see: cortexd "
        "help policy)");
    return EXIT_USAGE;
}

const struct command command_policy = {
    .name = "policy",
    .summary = "check, compare, show, explain and sign policies",
    .help =
        "cortexd policy check [FILE]             is it right? as a start would say\n"
        "cortexd policy diff OLD NEW             what would change in a running agent, unit by "
        "unit\n"
        "cortexd policy show [FILE]              with variables replaced and secrets masked\n"
        "cortexd policy explain STREAM|KEY       where its values stand, and defaults\n"
        "cortexd policy keys                     every key of the agent's own with its meaning and "
        "default\n"
        "cortexd policy keygen FILE              new Ed25519 key: FILE is private, printed is "
        "public\n"
        "cortexd policy sign FILE --key KEY --id POLICY_ID --revision N\n"
        "                                        writes FILE.sig for a policy server\n"
        "\n"
        "An agent takes its policy from a web server when its file has only:\n"
        "\n"
        "  policy: {url: https://fleet.example/edge.yml, public_key: BASE64}\n"
        "\n"
        "  -c, --config FILE   the policy, where none is named\n"
        "  --path.data DIR     state folder (default agent.path.data, /var/lib/cortexd)\n"
        "  --modules DIR       search this folder for modules first; may be given several times\n"
        "  --json              JSON, for programs (all of them)\n"
        "  --targets NAMES     agent ids or tags, parted by commas, that may run it (default all)\n"
        "  --not-before TIME   2026-01-31T00:00:00Z\n"
        "  --not-after TIME    the same\n"
        "\n"
        "Exit codes: 0 done; 1 the policy or a file is wrong; 2 wrong words.\n",
    .run = policy_run,
};
