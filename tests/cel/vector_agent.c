/*
 * vector_agent.c: vectors of collection programs: state and configuration in, JSON documents out. A result with want_more is
 * evaluated again as the new state.
 */
#include "lang/dict.h"
#include "lang/moment.h"
#include "lang/program.h"
#include "lib/codec.h"
#include "lib/globals.h"
#include "lib/json_text.h"
#include "vector.h"
#include "world.h"
#include "world_server.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NAMES_MAX 32
#define RUNS_MAX 100

struct stage {
    struct pool pool; /* of the vector: state and globals */
    struct world world;
    struct world_server *server;
    char folder[64];
    struct env env;
    const char *names[NAMES_MAX];
    struct value values[NAMES_MAX];
    struct services_pattern patterns[NAMES_MAX];
    struct services_schema schemas[NAMES_MAX];
    struct run run;
};

static void name_set(struct stage *s, const char *name, struct value v)
{
    if (s->env.name_count < NAMES_MAX) {
        s->names[s->env.name_count] = name;
        s->values[s->env.name_count++] = v;
    }
}

static struct value from_json(struct stage *s, struct json_object *o)
{
    const char *text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
    char *copy = pool_copy(&s->pool, text, strlen(text));

    s->run.cost_left = 1000000;
    return json_text_read_all(&s->run, (struct cxd_bytes){copy, strlen(copy)}, 0);
}

static bool file_write(struct stage *s, const char *name, const char *data, size_t len)
{
    char path[256];
    FILE *file;
    bool ok;

    (void)snprintf(path, sizeof path, "%s/%s", s->folder, name);
    file = fopen(path, "wb");
    ok = file != NULL && fwrite(data, 1, len, file) == len;
    return file != NULL && fclose(file) == 0 && ok;
}

static bool files_make(struct stage *s, struct json_object *vector)
{
    struct json_object *plain = vector_get(vector, "files");
    struct json_object *coded = vector_get(vector, "files_base64");

    if (plain == NULL && coded == NULL) {
        return true;
    }
    (void)snprintf(s->folder, sizeof s->folder, "/tmp/cel-vectors-XXXXXX");
    if (mkdtemp(s->folder) == NULL) {
        s->folder[0] = '\0';
        return false;
    }
    s->world.services.folder = s->folder;
    if (plain != NULL) {
        json_object_object_foreach(plain, name, text)
        {
            if (!file_write(s, name, json_object_get_string(text),
                            (size_t)json_object_get_string_len(text))) {
                return false;
            }
        }
    }
    if (coded != NULL) {
        json_object_object_foreach(coded, name, text)
        {
            struct sink out = sink_on(&s->pool);
            size_t at;
            if (!codec_read_base64(&out,
                                   (struct cxd_bytes){json_object_get_string(text),
                                                      (size_t)json_object_get_string_len(text)},
                                   1, &at) ||
                !file_write(s, name, out.text, out.len)) {
                return false;
            }
        }
    }
    return true;
}

static void files_drop(struct stage *s, struct json_object *vector)
{
    static const char *const members[] = {"files", "files_base64"};

    for (size_t i = 0; s->folder[0] != '\0' && i < 2; i++) {
        struct json_object *files = vector_get(vector, members[i]);
        if (files == NULL) {
            continue;
        }
        json_object_object_foreach(files, name, text)
        {
            char path[256];
            (void)text;
            (void)snprintf(path, sizeof path, "%s/%s", s->folder, name);
            (void)unlink(path);
        }
    }
    if (s->folder[0] != '\0') {
        (void)rmdir(s->folder);
    }
}

static void config_take(struct stage *s, struct json_object *vector)
{
    struct json_object *config = vector_get(vector, "config");
    struct json_object *globals = config != NULL ? vector_get(config, "globals") : NULL;
    struct json_object *regexp = config != NULL ? vector_get(config, "regexp") : NULL;
    struct json_object *xsd = config != NULL ? vector_get(config, "xsd") : NULL;
    struct json_object *auth = config != NULL ? vector_get(config, "auth") : NULL;
    struct json_object *basic = auth != NULL ? vector_get(auth, "basic") : NULL;
    size_t count = 0;

    if (globals != NULL) {
        json_object_object_foreach(globals, name, v)
        {
            name_set(s, name, from_json(s, v));
        }
    }
    if (regexp != NULL) {
        json_object_object_foreach(regexp, name, v)
        {
            if (count + 1 < NAMES_MAX) {
                s->patterns[count++] = (struct services_pattern){name, json_object_get_string(v)};
            }
        }
        s->world.services.patterns = s->patterns;
    }
    count = 0;
    if (xsd != NULL) {
        json_object_object_foreach(xsd, name, v)
        {
            struct json_object *files = vector_get(vector, "files");
            const char *text = files != NULL ? vector_text(files, json_object_get_string(v)) : NULL;
            if (text != NULL && count + 1 < NAMES_MAX) {
                s->schemas[count++] = (struct services_schema){name, {text, strlen(text)}};
            }
        }
        s->world.services.schemas = s->schemas;
    }
    if (basic != NULL) {
        s->world.user = vector_text(basic, "username");
        s->world.password = vector_text(basic, "password");
    }
}

static bool server_start(struct stage *s, struct json_object *vector)
{
    struct json_object *server = vector_get(vector, "server");

    s->world.insecure = json_object_get_boolean(vector_get(vector, "insecure"));
    if (server == NULL) {
        return true;
    }
    s->server = world_server_start(json_object_get_boolean(vector_get(server, "tls")),
                                   vector_text(server, "body"), vector_text(server, "user"),
                                   vector_text(server, "password"));
    return s->server != NULL;
}

static bool stage_set(struct stage *s, struct json_object *vector)
{
    struct json_object *state = vector_get(vector, "state");

    pool_init(&s->pool, (size_t)64 << 20);
    s->run = (struct run){.pool = &s->pool, .services = &s->world.services, .globals = s->values};
    if (!world_init(&s->world)) {
        return false;
    }
    s->env = globals_env;
    s->env.names = s->names;
    s->run.cost_left = 1000000;
    (void)globals_set(&s->run, s->values); /* the pool is large enough */
    memcpy(s->names, globals_names, sizeof globals_names);
    if (state != NULL) {
        s->values[GLOBALS_STATE] = from_json(s, state);
    }
    config_take(s, vector);
    return server_start(s, vector) && files_make(s, vector);
}

static void stage_done(struct stage *s, struct json_object *vector)
{
    files_drop(s, vector);
    world_server_stop(s->server);
    world_done(&s->world);
    pool_done(&s->pool);
}

/* The program, with ${URL} as the server's address. */
static struct cxd_bytes source_of(struct stage *s, struct json_object *vector)
{
    const char *text = vector_text(vector, "expr");
    struct sink out = sink_on(&s->pool);

    while (s->server != NULL) {
        const char *found = strstr(text, "${URL}");
        if (found == NULL) {
            break;
        }
        sink_put(&out, text, (size_t)(found - text));
        sink_text(&out, world_server_url(s->server));
        text = found + strlen("${URL}");
    }
    sink_text(&out, text);
    return (struct cxd_bytes){out.text, out.len};
}

static bool wants_more(struct value v)
{
    const struct value *more = v.kind == VALUE_MAP ? dict_find_text(v.dict, "want_more", 9) : NULL;

    return more != NULL && more->kind == VALUE_BOOL && more->truth;
}

static void now_set(struct stage *s)
{
    int64_t ns = s->world.services.wall_ns(s->world.services.ctx);

    s->run.now = value_timestamp(ns / MOMENT_SECOND, (uint32_t)(ns % MOMENT_SECOND));
    s->values[GLOBALS_NOW] = s->run.now;
}

/* One document as the vector expects it; 0 when it is not compared. */
static bool document_same(const char *made, struct json_object *wanted, struct sink *why)
{
    struct json_object *got = json_tokener_parse(made);
    bool same =
        json_object_equal(got, wanted) == 1 ||
        (json_object_is_type(got, json_type_double) + json_object_is_type(got, json_type_int) ==
             1 &&
         json_object_is_type(wanted, json_type_null) == 0 &&
         json_object_get_double(got) == json_object_get_double(wanted));

    if (!same) {
        sink_text(why, "expected ");
        sink_text(why, json_object_to_json_string_ext(wanted, JSON_C_TO_STRING_PLAIN));
        sink_text(why, "\n    actual   ");
        sink_text(why, made);
    }
    json_object_put(got);
    return same;
}

/* Makes numbers comparable: whole doubles become ints, on both sides. */
static struct json_object *numbers_settle(struct json_object *o)
{
    struct json_object *copy;

    if (json_object_is_type(o, json_type_double)) {
        double d = json_object_get_double(o);
        return d == (double)(int64_t)d ? json_object_new_int64((int64_t)d)
                                       : json_object_new_double(d);
    }
    if (json_object_is_type(o, json_type_array)) {
        copy = json_object_new_array();
        for (size_t i = 0; i < json_object_array_length(o); i++) {
            (void)json_object_array_add(copy, numbers_settle(json_object_array_get_idx(o, i)));
        }
        return copy;
    }
    if (json_object_is_type(o, json_type_object)) {
        copy = json_object_new_object();
        json_object_object_foreach(o, name, v)
        {
            (void)json_object_object_add(copy, name, numbers_settle(v));
        }
        return copy;
    }
    return json_object_get(o);
}

static enum vector_verdict result_check(struct stage *s, struct json_object *vector, size_t index,
                                        struct value v, struct sink *why)
{
    struct json_object *expect = vector_get(vector, "expect");
    struct sink text = sink_on(&s->pool);
    struct value problem;
    struct json_object *wanted;
    bool same;

    if (!json_text_put(&s->run, &text, v, &problem)) {
        sink_print(why, "no JSON: %s", problem.fault->text);
        return VECTOR_FAILED;
    }
    sink_char(&text, '\0');
    if (expect == NULL) {
        return VECTOR_PASSED;
    }
    if (index >= json_object_array_length(expect)) {
        sink_print(why, "document %zu is one too many: %s", index + 1, text.text);
        return VECTOR_FAILED;
    }
    wanted = numbers_settle(json_object_array_get_idx(expect, index));
    same = document_same(text.text, wanted, why);
    json_object_put(wanted);
    return same ? VECTOR_PASSED : VECTOR_FAILED;
}

static enum vector_verdict error_check(struct stage *s, struct json_object *vector,
                                       const struct program *program, struct value v,
                                       struct sink *why)
{
    char text[1024];

    (void)s;
    if (json_object_get_boolean(vector_get(vector, "fails"))) {
        return VECTOR_PASSED;
    }
    program_explain(program, v, text, sizeof text);
    sink_text(why, text);
    return VECTOR_FAILED;
}

static enum vector_verdict stage_play(struct stage *s, struct json_object *vector, struct sink *why)
{
    struct json_object *expect = vector_get(vector, "expect");
    struct cxd_error err = CXD_ERROR_INIT;
    struct program *program = NULL;
    enum vector_verdict verdict = VECTOR_PASSED;
    size_t index = 0;

    if (program_compile(&s->env, source_of(s, vector), &program, &err) < 0) {
        if (json_object_get_boolean(vector_get(vector, "fails"))) {
            return VECTOR_PASSED;
        }
        sink_text(why, err.text);
        return VECTOR_FAILED;
    }
    for (bool more = true; more && verdict == VECTOR_PASSED && index < RUNS_MAX; index++) {
        struct value v;
        now_set(s);
        v = program_run(program, &s->run, NULL);
        verdict = value_is_error(v) ? error_check(s, vector, program, v, why)
                                    : result_check(s, vector, index, v, why);
        more = !value_is_error(v) && wants_more(v);
        s->values[GLOBALS_STATE] = v;
    }
    program_free(program);
    if (verdict == VECTOR_PASSED && expect != NULL && index != json_object_array_length(expect)) {
        sink_print(why, "expected %zu documents\n    actual   %zu",
                   json_object_array_length(expect), index);
        return VECTOR_FAILED;
    }
    return verdict;
}

enum vector_verdict vector_agent(struct json_object *vector, struct sink *why)
{
    enum vector_verdict verdict = VECTOR_FAILED;
    struct stage *s;

    if (vector_needs(vector, "network")) {
        sink_text(why, "the Internet");
        return VECTOR_SKIPPED;
    }
    s = calloc(1, sizeof *s);
    if (s == NULL) {
        return VECTOR_FAILED;
    }
    if (stage_set(s, vector)) {
        verdict = stage_play(s, vector, why);
    } else {
        sink_text(why, "the vector's world cannot be made");
    }
    stage_done(s, vector);
    free(s);
    return verdict;
}
