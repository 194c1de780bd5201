/*
 * import.c: see the header. What an entry means is the module's business: it finds {filebeat: [{source, cursor}]} as its cursor, as
 * cxd/host.h says. Knows no module by name: entries belong to it by their type.
 */
#include "front/state/import.h"

#include "base/log.h"
#include "base/redact.h"
#include "front/module/tryout.h"
#include "front/place.h"
#include "front/policy.h"
#include "front/run/agent.h"
#include "front/run/stream.h"
#include "front/state/filebeat.h"
#include "front/try/told.h"
#include "io/doc.h"
#include "pipeline/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES (1u << 20)
#define MEMORY_MAX (256u << 20)

struct importing {
    const struct import_words *words;
    struct agent *agent;
    struct arena *arena;
    struct filebeat_entry *entries;
    int written;
    int kept;
};

static int is_wanted(void *owner, const char *type)
{
    const struct importing *im = owner;

    for (struct agent_stream *s = agent_streams(im->agent); s != NULL; s = s->next) {
        if (strcmp(s->module->name, type) == 0) {
            return 1;
        }
    }
    return 0;
}

static int is_of(const struct importing *im, const struct agent_stream *s,
                 const struct filebeat_entry *e)
{
    if (e->cursor == NULL || strcmp(e->type, s->module->name) != 0) {
        return 0;
    }
    if (im->words->key != NULL) {
        return strcmp(e->key, im->words->key) == 0;
    }
    return strcmp(e->id, s->plan->id) == 0 ||
           (s->plan->input == NULL && strcmp(e->id, s->plan->input_id) == 0);
}

static int entry_add(struct cxd_builder *doc, const struct filebeat_entry *e)
{
    struct cxd_scalar source = doc_text(e->source);
    struct cxd_scalar cursor = doc_text(e->cursor);
    int r = doc_push(doc, NULL, 0);

    r = r != CXD_OK ? r : doc_put(doc, "source", &source);
    r = r != CXD_OK ? r : doc_put(doc, "cursor", &cursor);
    return r != CXD_OK ? r : doc_pop(doc);
}

/* How many entries; doc gets them. */
static int entries_add(const struct importing *im, const struct agent_stream *s,
                       struct cxd_builder *doc)
{
    int count = 0;
    int r = doc_push(doc, "filebeat", 1);

    for (const struct filebeat_entry *e = im->entries; e != NULL && r == CXD_OK; e = e->next) {
        if (is_of(im, s, e)) {
            r = entry_add(doc, e);
            count++;
        }
    }
    r = r != CXD_OK ? r : doc_pop(doc);
    return r != CXD_OK ? r : count;
}

/* One thing that was, or was not, imported, for programs; text is for people. entries: below 0: none to tell. */
static void tell(const struct importing *im, const char *what, const char *name, const char *result,
                 int entries, const char *text)
{
    struct buf line;
    int r;

    if (!im->words->is_json) {
        (void)printf("%s\n", text);
        return;
    }
    buf_init(&line, LINE_MAX_BYTES);
    r = buf_add_text(&line, "{");
    r = r != CXD_OK ? r : told_text(&line, what, name);
    r = r != CXD_OK ? r : told_text(&line, "result", result);
    if (r == CXD_OK && entries >= 0) {
        r = buf_add_format(&line, ",\"entries\":%d", entries);
    }
    (void)told_print(&line, r != CXD_OK ? r : buf_add_text(&line, "}"));
}

static int cursor_write(struct importing *im, const struct agent_stream *s, struct cxd_builder *doc,
                        int count, struct cxd_error *err)
{
    struct registry *registry = agent_registry(im->agent);
    struct cxd_bytes present = {NULL, 0};
    char text[400];
    int r = im->words->is_dry ? CXD_OK : registry_get(registry, s->plan->id, &present, err);

    if (r != CXD_OK) {
        return r;
    }
    free((void *)(uintptr_t)present.ptr);
    if (present.len > 0 && !im->words->is_forced) {
        (void)snprintf(text, sizeof text,
                       "%s: has a cursor already, left as it is (--force replaces it)",
                       s->plan->id);
        tell(im, "stream", s->plan->id, "kept", count, text);
        im->kept++;
        return CXD_OK;
    }
    if (!im->words->is_dry) {
        r = registry_put(registry, s->plan->id, doc_bytes(doc));
        if (r != CXD_OK) {
            return cxd_error_set(err, r, "%s: the cursor cannot be kept", s->plan->id);
        }
    }
    im->written++;
    (void)snprintf(text, sizeof text, "%s: %s where Filebeat was (%d entr%s)", s->plan->id,
                   im->words->is_dry ? "would go on" : "goes on", count, count == 1 ? "y" : "ies");
    tell(im, "stream", s->plan->id, im->words->is_dry ? "would be imported" : "imported", count,
         text);
    return CXD_OK;
}

static int stream_import(struct importing *im, const struct agent_stream *s, struct cxd_error *err)
{
    struct cxd_builder *doc = doc_new();
    int count = doc != NULL ? entries_add(im, s, doc) : CXD_NOMEM;
    int r = CXD_OK;

    if (count < 0) {
        r = cxd_error_set(err, count, "%s: the entries cannot be taken: too large, or no memory",
                          s->plan->id);
    } else if (count > 0) {
        r = cursor_write(im, s, doc, count, err);
    } else if (im->words->stream != NULL) {
        r = cxd_error_set(
            err, CXD_NOT_FOUND,
            "%s: there is no such entry with a cursor: see the list, and name one with "
            "--key",
            s->plan->id);
    }
    doc_free(doc);
    return r;
}

/* Entries of our types that no stream takes: the person who knows may. */
static void rest_print(const struct importing *im)
{
    for (const struct filebeat_entry *e = im->entries; e != NULL; e = e->next) {
        int is_taken = 0;
        for (struct agent_stream *s = agent_streams(im->agent); s != NULL && !is_taken;
             s = s->next) {
            is_taken = is_of(im, s, e);
        }
        if (!is_taken) {
            char text[600];
            (void)snprintf(text, sizeof text, "not taken: %.500s%s", e->key,
                           e->cursor == NULL ? " (no cursor)" : "");
            tell(im, "entry", e->key, e->cursor == NULL ? "no cursor" : "not taken", -1, text);
        }
    }
}

static int streams_import(struct importing *im, struct cxd_error *err)
{
    int found = 0;
    int r = filebeat_read(im->words->folder, im->arena, is_wanted, im, &im->entries, err);

    for (struct agent_stream *s = r == CXD_OK ? agent_streams(im->agent) : NULL;
         s != NULL && r == CXD_OK; s = s->next) {
        if (im->words->stream == NULL || strcmp(im->words->stream, s->plan->id) == 0) {
            found = 1;
            r = stream_import(im, s, err);
        }
    }
    if (r == CXD_OK && !found) {
        return cxd_error_set(err, CXD_NOT_FOUND,
                             "the policy has no stream \"%.200s\" (see: cortexd test config)",
                             im->words->stream);
    }
    if (r == CXD_OK || r == CXD_NOT_FOUND) {
        rest_print(im);
    }
    if (r == CXD_OK && im->written > 0 && !im->words->is_dry) {
        r = registry_flush(agent_registry(im->agent), err);
    }
    return r;
}

static int policy_import(struct importing *im, const struct plan *plan, struct cxd_error *err)
{
    const struct agent_options options = {.data_path = im->words->common.data_path,
                                          .module_paths = im->words->common.modules,
                                          .is_check = im->words->is_dry,
                                          .probe = tryout_probe()};
    int r = agent_open(plan, &options, &im->agent, err);

    r = r != CXD_OK ? r : streams_import(im, err);
    agent_close(im->agent);
    return r;
}

int state_import(const struct import_words *w)
{
    struct importing im = {.words = w, .arena = arena_new(64u << 10, MEMORY_MAX)};
    struct cxd_error err = CXD_ERROR_INIT;
    struct policy policy = {.arena = NULL};
    int r = im.arena != NULL ? CXD_OK : cxd_error_set(&err, CXD_NOMEM, "out of memory");

    log_setup(2, CXD_LOG_WARN);
    r = r != CXD_OK ? r
                    : policy_read(w->common.policy != NULL ? w->common.policy : place_policy(),
                                  &policy, &err);
    r = r != CXD_OK ? r : policy_import(&im, policy.plan, &err);
    if (r != CXD_OK) {
        command_complain("state import-filebeat: %s", err.text);
    } else if (im.written == 0 && !w->is_json) {
        (void)printf("nothing %s\n", w->is_dry ? "would be imported" : "was imported");
    }
    policy_done(&policy);
    arena_free(im.arena);
    log_flush();
    redact_clear();
    return r == CXD_OK && im.written > 0 && fflush(stdout) == 0 ? EXIT_OK : EXIT_PROBLEM;
}
