/*
 * map.c: `cortexd map`: raw records in, documents out, by the same module as the agent's.
 */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "config/conf.h"
#include "config/option.h"
#include "front/command.h"
#include "front/module/tryout.h"
#include "front/run/agent.h"
#include "io/doc.h"
#include "pipeline/bind.h"
#include "pipeline/chain.h"
#include "pipeline/event.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_MAX (16u << 20)

struct mapper {
    struct command_common common;
    const char *data_stream;
    const char *path; /* NULL: standard input */
    struct buf tags;  /* JSON list; empty: none */
    struct catalog catalog;
    struct chain chain;
    struct cxd_event *event;
    struct buf out;
};

static const atomic_int never_stopping;
static const struct self_ops map_self_ops = {0};

/* "a,b" to ["a","b"] */
static int tags_read(struct mapper *m, const char *words)
{
    int r = buf_add_text(&m->tags, "[");

    while (*words != '\0' && r == CXD_OK) {
        size_t len = strcspn(words, ",");
        char quoted[1024];
        size_t quoted_len = text_quote((struct cxd_bytes){words, len}, quoted, sizeof quoted);
        if (quoted_len == 0) {
            return CXD_TOO_LARGE;
        }
        if (len > 0) {
            r = buf_add_text(&m->tags, m->tags.len > 1 ? "," : "");
            r = r != CXD_OK ? r : buf_add(&m->tags, quoted, quoted_len);
        }
        words += len + (words[len] == ',');
    }
    return r != CXD_OK ? r : buf_add_text(&m->tags, "]");
}

static int words_read(int argc, char **argv, struct mapper *m)
{
    for (int i = 1; i < argc; i++) {
        int taken = command_common_take(&m->common, argc, argv, &i);
        if (taken > 0) {
            continue;
        }
        if (taken == 0 && strcmp(argv[i], "--tags") == 0 && i + 1 < argc) {
            if (tags_read(m, argv[++i]) != CXD_OK) {
                command_complain("map: --tags is too long");
                return EXIT_USAGE;
            }
        } else if (taken == 0 && m->data_stream == NULL && argv[i][0] != '-') {
            m->data_stream = argv[i];
        } else if (taken == 0 && m->path == NULL && (argv[i][0] != '-' || argv[i][1] == '\0')) {
            m->path = argv[i];
        } else {
            command_complain("map: unknown word \"%s\" (see: cortexd help map)", argv[i]);
            return EXIT_USAGE;
        }
    }
    if (m->data_stream == NULL) {
        command_complain("map: expected a data stream: cortexd map event [FILE] [--tags a,b]");
        return EXIT_USAGE;
    }
    return EXIT_OK;
}

static int chain_build(struct mapper *m, struct cxd_error *err)
{
    static const char *const options[][2] = {{"malformed", "document"}, {"drop_original", "false"}};
    struct conf members[3] = {
        {.kind = CONF_SCALAR, .key = "data_stream", .text = m->data_stream, .file = "map"}};
    struct conf map = {.kind = CONF_MAP, .first = members, .file = "map"};
    const struct cxd_module *module = catalog_find(&m->catalog, CXD_PROCESSOR, "ecs");
    struct option_source source = {.layers = {&map}, .owner = "processor ecs", .at = &map};
    struct cxd_builder *doc = NULL;
    int r;

    for (int i = 0; i < 2; i++) {
        members[i].next = &members[i + 1];
        members[i + 1] = (struct conf){
            .kind = CONF_SCALAR, .key = options[i][0], .text = options[i][1], .file = "map"};
    }
    for (int i = 0; i < 3; i++) {
        members[i].len = strlen(members[i].text);
    }
    if (module == NULL) {
        return cxd_error_set(err, CXD_NOT_FOUND,
                             "the processor module ecs was not found (see: cortexd modules)");
    }
    r = option_build(module->options, &source, &doc, err);
    chain_init(&m->chain, bind_host(), &never_stopping);
    r = r != CXD_OK ? r : chain_add(&m->chain, module, doc_bytes(doc), &map_self_ops, NULL, err);
    doc_free(doc);
    return r;
}

static int output_write(struct mapper *m)
{
    struct cxd_bytes id = event_id(m->event);
    int r;

    buf_clear(&m->out);
    r = id.ptr != NULL
            ? buf_add_format(&m->out, "{\"_id\":\"%.*s\",\"_source\":", (int)id.len, id.ptr)
            : buf_add_text(&m->out, "{\"_source\":");
    r = r != CXD_OK ? r : event_render(m->event, &m->out);
    r = r != CXD_OK ? r : buf_add_text(&m->out, "}\n");
    if (r != CXD_OK) {
        return r;
    }
    return fwrite(m->out.ptr, 1, m->out.len, stdout) == m->out.len ? CXD_OK : CXD_IO;
}

static int record_map(struct mapper *m, const char *line, size_t len, struct cxd_error *err)
{
    struct cxd_value tags = {
        .ptr = m->tags.ptr, .len = (uint32_t)m->tags.len, .kind = CXD_KIND_LIST};
    int r = CXD_OK;

    event_reset(m->event);
    event_set_message(m->event, (struct cxd_bytes){line, len});
    if (event_root(m->event) == NULL ||
        (m->tags.len > 2 &&
         node_put(m->event, event_root(m->event), CXD_LIT("tags"), tags) == NULL)) {
        r = CXD_NOMEM;
    }
    r = r != CXD_OK ? r : chain_run(&m->chain, m->event, err);
    if (r == CXD_KEEP) {
        r = output_write(m);
        return r == CXD_OK ? r : cxd_error_set(err, r, "cannot be written out");
    }
    return r == CXD_DISCARD ? CXD_OK : r;
}

/* Every line of the file; a record that cannot be mapped is named with its line and the rest goes on. */
static int lines_map(struct mapper *m, FILE *in)
{
    _cleanup_(freep) char *line = NULL;
    size_t room = 0;
    unsigned long long number = 0;
    unsigned long long failed = 0;
    ssize_t len;

    while ((len = getline(&line, &room, in)) >= 0) {
        struct cxd_error err = CXD_ERROR_INIT;
        number++;
        while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r')) {
            len--;
        }
        if (len == 0) {
            continue;
        }
        if ((size_t)len > RECORD_MAX) {
            (void)cxd_error_set(&err, CXD_TOO_LARGE, "record of %zd bytes, more than 16 MiB", len);
        } else if (record_map(m, line, (size_t)len, &err) == CXD_OK) {
            continue;
        }
        if (err.status == CXD_IO) {
            command_complain("standard output: %s", strerror(errno));
            return EXIT_PROBLEM;
        }
        failed++;
        command_complain("%s:%llu: %s", m->path != NULL ? m->path : "standard input", number,
                         err.text);
    }
    if (ferror(in)) {
        command_complain("%s: cannot be read: %s", m->path != NULL ? m->path : "standard input",
                         strerror(errno));
        return EXIT_PROBLEM;
    }
    return failed > 0 ? EXIT_PROBLEM : EXIT_OK;
}

static int input_map(struct mapper *m)
{
    FILE *in = m->path == NULL || strcmp(m->path, "-") == 0 ? stdin : fopen(m->path, "re");
    int code;

    if (in == NULL) {
        command_complain("%s: cannot be read: %s", m->path, strerror(errno));
        return EXIT_PROBLEM;
    }
    code = lines_map(m, in);
    if (in != stdin) {
        (void)fclose(in); /* only read from */
    }
    return fflush(stdout) == 0 ? code : EXIT_PROBLEM;
}

static int mapper_run(struct mapper *m)
{
    const struct agent_options options = {.module_paths = m->common.modules,
                                          .probe = tryout_probe()};
    struct cxd_error err = CXD_ERROR_INIT;
    int code = EXIT_PROBLEM;

    if (agent_catalog(NULL, &options, &m->catalog, &err) != CXD_OK) {
        command_complain("%s", err.text);
        return code;
    }
    if (event_open(&(struct event_limits){.message_max = RECORD_MAX}, &m->event) != CXD_OK) {
        (void)cxd_error_set(&err, CXD_NOMEM, "out of memory");
    } else if (chain_build(m, &err) == CXD_OK) {
        code = input_map(m);
        err.text[0] = '\0';
    }
    if (err.text[0] != '\0') {
        command_complain("%s", err.text);
    }
    chain_done(&m->chain);
    event_close(m->event);
    catalog_done(&m->catalog);
    return code;
}

static int map_run(int argc, char **argv)
{
    struct mapper m = {0};
    int code;

    buf_init(&m.tags, 65536);
    buf_init(&m.out, 512u << 20);
    code = words_read(argc, argv, &m);
    if (code == EXIT_OK) {
        code = mapper_run(&m);
    }
    buf_done(&m.tags);
    buf_done(&m.out);
    return code;
}

const struct command command_map = {
    .name = "map",
    .summary = "map raw records offline and print the documents",
    .help =
        "cortexd map DATA_STREAM [FILE] [--tags a,b] [--modules DIR]\n"
        "\n"
        "Reads raw records, one a line, from FILE or standard input and prints for each the "
        "document that the\n"
        "agent would deliver: {\"_id\": ..., \"_source\": {...}}, one a line. The same code as the "
        "agent's, but for\n"
        "two things: event.original is always shown, and a record that is no JSON is shown as the\n"
        "pipeline_error document that the mapping rules make of it (the agent dead-letters it).\n"
        "\n"
        "  DATA_STREAM    event, alerts-v1, alerts-v2, incidents\n"
        "  --tags a,b     tags of the document before mapping; preserve_duplicate_custom_fields "
        "keeps the\n"
        "                 vendor's copies of fields that have an ECS name\n"
        "\n"
        "Exit code 1 when a record could not be mapped; the line on standard error names it.\n",
    .run = map_run,
};
