/*
 * vectors.c: the program cel-vectors.
 *
 *   cel-vectors FILE.jsonl...
 *
 *   cel-vectors --reference NAME
 *
 * Runs every vector and prints passed, failed and skipped for each file, and each failure with what was expected and what came.
 * Exit 0: none failed; 1: some did; 2: a file cannot be read. With --reference the file is conformance/cel/NAME in or beside
 * the folder CXD_REFERENCE (by default ../shared beside the source); when it is not there, it says so and exits with 77.
 */
#include "vector.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tally {
    size_t passed;
    size_t failed;
    size_t skipped;
};

static void name_print(struct json_object *vector)
{
    const char *parts[] = {vector_text(vector, "file"), vector_text(vector, "section"),
                           vector_text(vector, "name")};
    const char *between = "";

    for (size_t i = 0; i < 3; i++) {
        if (parts[i] != NULL) {
            printf("%s%s", between, parts[i]);
            between = "/";
        }
    }
}

static void vector_play(struct json_object *vector, struct tally *tally, bool verbose)
{
    struct pool pool;
    struct sink why;
    enum vector_verdict verdict;

    pool_init(&pool, (size_t)16 << 20);
    why = sink_on(&pool);
    verdict = vector_get(vector, "libs") != NULL ? vector_agent(vector, &why)
                                                 : vector_language(vector, &why);
    tally->passed += verdict == VECTOR_PASSED;
    tally->failed += verdict == VECTOR_FAILED;
    tally->skipped += verdict == VECTOR_SKIPPED;
    if (verdict == VECTOR_FAILED || (verdict == VECTOR_SKIPPED && verbose)) {
        printf("%s ", verdict == VECTOR_FAILED ? "FAILED" : "skipped");
        name_print(vector);
        printf("\n    %s\n", vector_text(vector, "expr"));
        printf("    %.*s\n", (int)why.len, why.text != NULL ? why.text : "");
    }
    pool_done(&pool);
}

/* False: the file cannot be read. */
static bool file_play(const char *path, struct tally *tally, bool verbose)
{
    FILE *file = fopen(path, "rb");
    char *line = NULL;
    size_t room = 0;
    size_t number = 0;
    ssize_t len;

    if (file == NULL) {
        fprintf(stderr, "cel-vectors: %s: %s\n", path, strerror(errno));
        return false;
    }
    while ((len = getline(&line, &room, file)) > 0) {
        struct json_object *vector = json_tokener_parse(line);
        number++;
        if (vector == NULL) {
            printf("FAILED %s:%zu is no JSON\n", path, number);
            tally->failed++;
            continue;
        }
        vector_play(vector, tally, verbose);
        json_object_put(vector);
    }
    free(line);
    (void)fclose(file); /* only read */
    printf("%s: %zu passed, %zu failed, %zu skipped\n", path, tally->passed, tally->failed,
           tally->skipped);
    return true;
}

/* The path of a reference file, or false. */
static bool reference_find(const char *name, char *path, size_t room)
{
    const char *folder = getenv("CXD_REFERENCE");
    const char *source = getenv("CXD_SOURCE_DIR");
    char base[1024];

    if (folder != NULL && folder[0] != '\0') {
        (void)snprintf(base, sizeof base, "%s", folder); /* a cut path is not there */
    } else {
        (void)snprintf(base, sizeof base, "%s/../shared", source != NULL ? source : ".");
    }
    (void)snprintf(path, room, "%s/conformance/cel/%s", base, name);
    if (access(path, R_OK) == 0) {
        return true;
    }
    (void)snprintf(path, room, "%s/../conformance/cel/%s", base, name);
    return access(path, R_OK) == 0;
}

int main(int argc, char **argv)
{
    char path[2048];
    bool verbose = false;
    bool failed = false;
    int files = 0;

    (void)curl_global_init(CURL_GLOBAL_DEFAULT); /* its failure shows in the first request */
    for (int i = 1; i < argc; i++) {
        struct tally tally = {0};
        if (strcmp(argv[i], "-v") == 0) {
            verbose = true;
            continue;
        }
        files++;
        if (strcmp(argv[i], "--reference") == 0 && i + 1 < argc) {
            if (!reference_find(argv[++i], path, sizeof path)) {
                printf("skipped: %s is not there (set CXD_REFERENCE)\n", argv[i]);
                return 77;
            }
        } else {
            (void)snprintf(path, sizeof path, "%s", argv[i]); /* a cut path is not there */
        }
        if (!file_play(path, &tally, verbose)) {
            return 2;
        }
        failed |= tally.failed > 0 || tally.passed == 0;
    }
    curl_global_cleanup();
    if (files == 0) {
        fprintf(stderr, "usage: cel-vectors [-v] FILE.jsonl... | --reference NAME\n");
        return 2;
    }
    return failed ? 1 : 0;
}
