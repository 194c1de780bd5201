/*
 * bench_jsonc.c: the baseline: record text to document text with json-c (jsonc.h), the document's id included.
 *
 *   bench_jsonc ROUNDS FILE             events, one a line: the best of ROUNDS rounds, as bench_stages prints them
 *   bench_jsonc --documents FILE        prints the documents as `cortexd map event` does; tells those that it cannot map
 */
#include "jsonc.h"

#include "io/crypto.h"
#include "meter.h"
#include "pipeline/bind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_BYTES 20

extern const struct ecs_table ecs_table_event;

struct text {
    char *ptr;
    size_t len;
};

static struct text file_read(const char *path)
{
    FILE *in = fopen(path, "rbe");
    struct text text = {NULL, 0};
    size_t cap = 0;
    size_t len;

    do {
        if (cap - text.len < 65536) {
            cap = cap == 0 ? 1u << 20 : cap * 2;
            text.ptr = realloc(text.ptr, cap);
        }
        len = in != NULL && text.ptr != NULL ? fread(text.ptr + text.len, 1, cap - text.len, in) : 0;
        text.len += len;
    } while (len > 0);
    if (in == NULL || text.len == 0) {
        (void)fprintf(stderr, "bench_jsonc: %s cannot be read\n", path);
        exit(1);
    }
    (void)fclose(in);
    return text;
}

static size_t id_make(const char *text, size_t len, char out[64])
{
    unsigned char digest[64];

    (void)bind_host()->digest(CXD_DIGEST_SHA256_HALVES, text, len, digest);
    return bind_host()->base64(digest, ID_BYTES, 1, out, 64);
}

/* One line, or the end of the text. */
static struct text line_take(struct text *left)
{
    char *newline = memchr(left->ptr, '\n', left->len);
    struct text line = {left->ptr, newline != NULL ? (size_t)(newline - left->ptr) : left->len};
    size_t taken = line.len + (newline != NULL);

    left->ptr += taken;
    left->len -= taken;
    return line;
}

/* Mapped and written; the text is the document's. */
static const char *document_write(struct json_object *document, size_t *ret_len)
{
    return json_object_to_json_string_length(
        document, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, ret_len);
}

static void documents_print(struct text left)
{
    static struct jsonc jsonc = {.table = &ecs_table_event};
    unsigned long stopped = 0;

    while (left.len > 0) {
        struct text line = line_take(&left);
        struct json_object *document = jsonc_map(&jsonc, line.ptr, line.len, true);
        char id[64];
        size_t id_len = id_make(line.ptr, line.len, id);
        size_t len;
        const char *text = document_write(document, &len);

        (void)printf("{\"_id\":\"%.*s\",\"_source\":%.*s}\n", (int)id_len, id, (int)len, text);
        stopped += jsonc.has_stopped;
        json_object_put(document);
    }
    (void)fprintf(stderr, "bench_jsonc: %lu stopped half-way\n", stopped);
}

static void round_run(void *arg)
{
    static struct jsonc jsonc = {.table = &ecs_table_event};
    struct text left = *(struct text *)arg;
    uint64_t count = 0;
    uint64_t bytes = 0;
    uint64_t written = 0;

    (void)meter_enter(METER_JSONC);
    while (left.len > 0) {
        struct text line = line_take(&left);
        struct json_object *document = jsonc_map(&jsonc, line.ptr, line.len, false);
        char id[64];
        size_t len;
        written += id_make(line.ptr, line.len, id) + (document_write(document, &len) != NULL);
        count++;
        bytes += line.len;
        json_object_put(document);
    }
    (void)meter_enter(METER_OTHER);
    meter_round(count, bytes);
    if (written == 0) {
        exit(1);
    }
}

int main(int argc, char **argv)
{
    struct text text;

    if (argc != 3) {
        (void)fprintf(stderr, "bench_jsonc ROUNDS|--documents FILE\n");
        return 2;
    }
    text = file_read(argv[2]);
    if (strcmp(argv[1], "--documents") == 0) {
        documents_print(text);
        free(text.ptr);
        return fflush(stdout) == 0 ? 0 : 1;
    }
    round_run(&text);
    if (meter_count(METER_JSONC, METER_JSONC, round_run, &text) != 0) {
        for (long left = strtol(argv[1], NULL, 10); left > 0; left--) {
            round_run(&text);
        }
        meter_print();
    }
    free(text.ptr);
    return 0;
}
