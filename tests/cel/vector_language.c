/* vector_language.c: vectors of the language: typed bindings, a typed value or an error as the result. */
#include "lang/program.h"
#include "lib/catalog.h"
#include "typed.h"
#include "vector.h"
#include "world.h"

#define NAMES_MAX 64

struct json_object *vector_get(struct json_object *object, const char *name)
{
    struct json_object *found = NULL;

    (void)json_object_object_get_ex(object, name, &found); /* NULL stays */
    return found;
}

const char *vector_text(struct json_object *object, const char *name)
{
    struct json_object *found = vector_get(object, name);

    return found != NULL ? json_object_get_string(found) : NULL;
}

bool vector_needs(struct json_object *vector, const char *need)
{
    struct json_object *needs = vector_get(vector, "needs");

    for (size_t i = 0; needs != NULL && i < json_object_array_length(needs); i++) {
        if (strcmp(json_object_get_string(json_object_array_get_idx(needs, i)), need) == 0) {
            return true;
        }
    }
    return false;
}

static const char *skip_reason(struct json_object *vector)
{
    static const char *const protos[] = {"proto", "enum", "wkt_literal", "ext:protos"};

    for (size_t i = 0; i < sizeof protos / sizeof protos[0]; i++) {
        if (vector_needs(vector, protos[i])) {
            return "protocol buffers";
        }
    }
    return json_object_get_boolean(vector_get(vector, "check_only"))
               ? "nothing is evaluated: only the type that a checker deduces is compared"
               : NULL;
}

struct scene {
    struct pool pool;
    struct world world;
    struct env env;
    const char *names[NAMES_MAX];
    struct value values[NAMES_MAX];
};

static bool names_take(struct scene *scene, struct json_object *vector)
{
    struct json_object *types = vector_get(vector, "types");
    struct json_object *bindings = vector_get(vector, "bindings");

    if (types == NULL) {
        return true;
    }
    json_object_object_foreach(types, name, type)
    {
        struct json_object *bound = bindings != NULL ? vector_get(bindings, name) : NULL;
        size_t i = scene->env.name_count;
        (void)type;
        if (i == NAMES_MAX) {
            return false;
        }
        scene->names[i] = name;
        scene->values[i] = value_error(NULL);
        if (bound != NULL && !typed_read(&scene->pool, bound, &scene->values[i])) {
            return false;
        }
        scene->env.name_count++;
    }
    return true;
}

static bool scene_set(struct scene *scene, struct json_object *vector)
{
    pool_init(&scene->pool, (size_t)64 << 20);
    if (!world_init(&scene->world)) {
        return false;
    }
    scene->env.libraries = ENV_EXTENSIONS;
    scene->env.functions = catalog_language;
    scene->env.names = scene->names;
    scene->env.container = vector_text(vector, "container");
    if (!json_object_get_boolean(vector_get(vector, "disable_check"))) {
        scene->env.flags |= ENV_STRICT;
    }
    if (json_object_get_boolean(vector_get(vector, "disable_macros"))) {
        scene->env.flags |= ENV_NO_MACROS;
    }
    return names_take(scene, vector);
}

static enum vector_verdict compare(struct run *run, struct json_object *expect, struct value got,
                                   struct sink *why)
{
    struct json_object *wanted_json = vector_get(expect, "value");
    struct value wanted = value_null();

    if (wanted_json == NULL) {
        if (value_is_error(got)) {
            return VECTOR_PASSED;
        }
        sink_text(why, "expected an error\n    actual   ");
        typed_put(why, got);
        return VECTOR_FAILED;
    }
    if (!typed_read(run->pool, wanted_json, &wanted)) {
        sink_text(why, "the expected value is not understood");
        return VECTOR_FAILED;
    }
    if (!value_is_error(got) && typed_same(run, got, wanted)) {
        return VECTOR_PASSED;
    }
    sink_text(why, "expected ");
    typed_put(why, wanted);
    sink_text(why, "\n    actual   ");
    typed_put(why, got);
    return VECTOR_FAILED;
}

static enum vector_verdict scene_play(struct scene *scene, struct json_object *vector,
                                      struct sink *why)
{
    struct json_object *expr = vector_get(vector, "expr");
    struct json_object *expect = vector_get(vector, "expect");
    struct cxd_bytes source = {json_object_get_string(expr),
                               (size_t)json_object_get_string_len(expr)};
    struct run run = {.pool = &scene->pool,
                      .services = &scene->world.services,
                      .globals = scene->values,
                      .now = value_timestamp(0, 0)};
    struct cxd_error err = CXD_ERROR_INIT;
    struct program *program = NULL;
    enum vector_verdict verdict;

    if (program_compile(&scene->env, source, &program, &err) < 0) {
        if (vector_get(expect, "error") != NULL) {
            return VECTOR_PASSED;
        }
        sink_text(why, "expected a program\n    actual   ");
        sink_text(why, err.text);
        return VECTOR_FAILED;
    }
    verdict = compare(&run, expect, program_run(program, &run, NULL), why);
    program_free(program);
    return verdict;
}

enum vector_verdict vector_language(struct json_object *vector, struct sink *why)
{
    const char *reason = skip_reason(vector);
    enum vector_verdict verdict = VECTOR_FAILED;
    struct scene scene = {0};

    if (reason != NULL) {
        sink_text(why, reason);
        return VECTOR_SKIPPED;
    }
    if (scene_set(&scene, vector)) {
        verdict = scene_play(&scene, vector, why);
    } else {
        sink_text(why, "the vector is not understood");
    }
    world_done(&scene.world);
    pool_done(&scene.pool);
    return verdict;
}
