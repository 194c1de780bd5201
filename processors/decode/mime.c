/* mime.c: detect_mime_type: what kind of content a text begins like. */
#include "lib/edit.h"

#include <string.h>

struct detect_mime_type {
    struct base base;
    struct path field;
    struct path target;
};

static int detect_mime_type_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct detect_mime_type *p = (struct detect_mime_type *)b;
    int r = path_option(b, options, "field", &p->field, err);

    return r != CXD_OK ? r : path_option(b, options, "target", &p->target, err);
}

struct magic {
    size_t offset;
    struct cxd_bytes bytes;
    const char *type;
};

#define MAGIC(offset_, bytes_, type_)                                                              \
    {                                                                                              \
        offset_, {bytes_, sizeof(bytes_) - 1}, type_                                               \
    }

static const struct magic magics[] = {
    MAGIC(0, "%PDF-", "application/pdf"),
    MAGIC(0, "PK\x03\x04", "application/zip"),
    MAGIC(0, "\x1f\x8b", "application/gzip"),
    MAGIC(0, "BZh", "application/x-bzip2"),
    MAGIC(0,
          "\xfd"
          "7zXZ",
          "application/x-xz"),
    MAGIC(0, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    MAGIC(0, "Rar!\x1a\x07", "application/vnd.rar"),
    MAGIC(0, "\x28\xb5\x2f\xfd", "application/zstd"),
    MAGIC(257, "ustar", "application/x-tar"),
    MAGIC(0,
          "\x7f"
          "ELF",
          "application/x-executable"),
    MAGIC(0, "MZ", "application/vnd.microsoft.portable-executable"),
    MAGIC(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
    MAGIC(0, "{\\rtf", "application/rtf"),
    MAGIC(0, "%!PS", "application/postscript"),
    MAGIC(0, "SQLite format 3", "application/vnd.sqlite3"),
    MAGIC(0, "\x89PNG\r\n\x1a\n", "image/png"),
    MAGIC(0, "\xff\xd8\xff", "image/jpeg"),
    MAGIC(0, "GIF8", "image/gif"),
    MAGIC(0, "BM", "image/bmp"),
    MAGIC(0, "II*\0", "image/tiff"),
    MAGIC(0, "MM\0*", "image/tiff"),
    MAGIC(8, "WEBP", "image/webp"),
    MAGIC(8, "WAVE", "audio/x-wav"),
    MAGIC(0, "ID3", "audio/mpeg"),
    MAGIC(0, "OggS", "audio/ogg"),
    MAGIC(0, "fLaC", "audio/x-flac"),
    MAGIC(4, "ftyp", "video/mp4"),
    MAGIC(0, "\x1a\x45\xdf\xa3", "video/webm"),
    MAGIC(0, "<?xml", "text/xml; charset=utf-8"),
    MAGIC(0, "<?php", "text/x-php; charset=utf-8"),
};

struct tag {
    const char *text;
    const char *type;
};

/* In any case, behind blanks. */
static const struct tag tags[] = {{"<!doctype html", "text/html; charset=utf-8"},
                                  {"<html", "text/html; charset=utf-8"},
                                  {"<head", "text/html; charset=utf-8"},
                                  {"<body", "text/html; charset=utf-8"},
                                  {"<script", "text/html; charset=utf-8"},
                                  {"<iframe", "text/html; charset=utf-8"},
                                  {"<table", "text/html; charset=utf-8"},
                                  {"<title", "text/html; charset=utf-8"},
                                  {"<?xml", "text/xml; charset=utf-8"}};

static struct cxd_bytes blanks_skip(struct cxd_bytes text)
{
    while (text.len > 0 && memchr(" \t\r\n\f", text.ptr[0], 5) != NULL) {
        text = (struct cxd_bytes){text.ptr + 1, text.len - 1};
    }
    return text;
}

static const char *tag_find(struct cxd_bytes text)
{
    text = blanks_skip(text);
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        size_t len = strlen(tags[i].text);
        size_t at = 0;
        while (at < len && at < text.len &&
               (text.ptr[at] | (text.ptr[at] >= 'A' && text.ptr[at] <= 'Z' ? 0x20 : 0)) ==
                   tags[i].text[at]) {
            at++;
        }
        if (at == len) {
            return tags[i].type;
        }
    }
    return NULL;
}

static const char *magic_find(struct cxd_bytes text)
{
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        const struct magic *m = &magics[i];
        if (text.len >= m->offset + m->bytes.len &&
            memcmp(text.ptr + m->offset, m->bytes.ptr, m->bytes.len) == 0) {
            return m->type;
        }
    }
    return NULL;
}

/* Control characters that no text has. */
static bool is_binary(struct cxd_bytes text)
{
    for (size_t i = 0; i < text.len && i < 512; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c <= 0x08 || c == 0x0b || (c >= 0x0e && c <= 0x1a) || (c >= 0x1c && c <= 0x1f)) {
            return true;
        }
    }
    return false;
}

/* An object or a list, and really JSON: 1, 0, negative. */
static int is_json(struct edit *e, struct cxd_bytes text)
{
    struct cxd_node node = {.value = {.kind = CXD_KIND_OBJECT}};
    int r;

    text = blanks_skip(text);
    if (text.len < 2 || (text.ptr[0] != '{' && text.ptr[0] != '[')) {
        return 0;
    }
    node.value = (struct cxd_value){.ptr = text.ptr,
                                    .len = (uint32_t)text.len,
                                    .kind = text.ptr[0] == '{' ? CXD_KIND_OBJECT : CXD_KIND_LIST};
    r = edit_expand(e, &node);
    return r == CXD_OK ? 1 : r == CXD_NOMEM ? r : 0;
}

static int detect_mime_type_run(struct edit *e)
{
    struct detect_mime_type *p = (struct detect_mime_type *)e->base;
    struct edit_spot spot;
    struct cxd_bytes text;
    const char *type;
    int r = edit_find(e, &p->field, &spot);

    if (r != 1 || spot.node->value.kind != CXD_KIND_STRING) {
        return r < 0 ? r : CXD_KEEP;
    }
    r = edit_text(e, &p->field, &spot.node->value, &text);
    if (r != CXD_OK || text.len == 0) {
        return r;
    }
    type = magic_find(text);
    type = type != NULL ? type : tag_find(text);
    if (type == NULL && is_binary(text)) {
        return CXD_KEEP;
    }
    if (type == NULL) {
        r = is_json(e, text);
        type = r == 1 ? "application/json" : "text/plain; charset=utf-8";
    }
    return r < 0 ? r
                 : edit_put_value(e, &p->target,
                                  edit_text_value((struct cxd_bytes){type, strlen(type)}));
}

static const struct cxd_option detect_mime_type_options[] = {
    {.name = "field",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Content to look at."},
    {.name = "target",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Where its type goes."},
    {.name = NULL},
};

BASE_MODULE(detect_mime_type, NULL, "tells the MIME type of a content", NULL)
