/*
 * Downloads. An object stored with contentEncoding gzip is unpacked for a client that does not accept gzip, as the real
 * service does ("decompressive transcoding"); ranges do not apply then.
 */
#include "media.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "storage_error.h"

static bool media_number(const char *text, const char **ret_end, uint64_t *ret_number)
{
    uint64_t number = 0;
    const char *at = text;
    while (*at >= '0' && *at <= '9') {
        if (number > (UINT64_MAX - 9) / 10) {
            return false;
        }
        number = number * 10 + (uint64_t)(*at++ - '0');
    }
    *ret_end = at;
    *ret_number = number;
    return at != text;
}

unsigned media_range(const char *header, uint64_t size, uint64_t *ret_offset, uint64_t *ret_length)
{
    uint64_t first = 0, last = 0;
    if (!header || strncmp(header, "bytes=", 6) != 0) {
        return 0;
    }
    const char *at = header + 6;
    if (*at == '-') {
        if (!media_number(at + 1, &at, &last) || *at) {
            return 0;
        }
        if (!last || !size) {
            return 416;
        }
        *ret_length = last < size ? last : size;
        *ret_offset = size - *ret_length;
        return 206;
    }
    if (!media_number(at, &at, &first) || *at++ != '-') {
        return 0;
    }
    bool open = !*at;
    if (!open && (!media_number(at, &at, &last) || *at || last < first)) {
        return 0;
    }
    if (first >= size) {
        return 416;
    }
    last = open || last >= size ? size - 1 : last;
    *ret_offset = first;
    *ret_length = last - first + 1;
    return 206;
}

static bool media_asks(const struct request *request, const char *name, int64_t *ret_value)
{
    const char *text = request_query(request, name);
    const char *end = NULL;
    uint64_t value = 0;
    if (!text || !media_number(text, &end, &value) || *end) {
        return false;
    }
    *ret_value = (int64_t)value;
    return true;
}

unsigned media_check_generation(const struct request *request, const struct object *object)
{
    int64_t value = 0;
    if (media_asks(request, "generation", &value) && value != object->generation) {
        return 404;
    }
    if (media_asks(request, "ifGenerationMatch", &value) && value != object->generation) {
        return 412;
    }
    if (media_asks(request, "ifGenerationNotMatch", &value) && value == object->generation) {
        return 304;
    }
    return 0;
}

static void media_headers(struct reply *reply, const struct object *object)
{
    char text[64];
    unsigned char crc[4];
    for (unsigned i = 0; i < 4; i++) {
        crc[i] = (unsigned char)(object->sum.crc32c >> (24 - 8 * i));
    }
    reply_header(reply, MHD_HTTP_HEADER_CONTENT_TYPE, "%s", object->content_type);
    bucket_base64(crc, sizeof crc, text);
    char md5[32];
    bucket_base64(object->sum.md5, PACK_MD5_BYTES, md5);
    reply_header(reply, "x-goog-hash", "crc32c=%s,md5=%s", text, md5);
    reply_header(reply, "x-goog-generation", "%" PRId64, object->generation);
    reply_header(reply, "x-goog-metageneration", "1");
    reply_header(reply, "x-goog-stored-content-length", "%" PRIu64, object->sum.bytes);
    reply_header(reply, "x-goog-stored-content-encoding", "%s",
                 object->content_encoding ? object->content_encoding : "identity");
    reply_header(reply, "x-goog-storage-class", "STANDARD");
    reply_header(reply, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
    reply_header(reply, MHD_HTTP_HEADER_ETAG, "\"CxD%" PRIx64 "\"", (uint64_t)object->generation);
    time_t seconds = (time_t)(object->updated_ms / 1000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    reply_header(reply, MHD_HTTP_HEADER_LAST_MODIFIED, "%s", text);
}

static bool media_unpack_piece(void *owner, const char *data, size_t len)
{
    struct buffer *body = owner;
    buffer_add(body, data, len);
    return buffer_ok(body);
}

/* Puts the plain bytes of an open gzip file into the reply's body. */
static bool media_unpack(int fd, struct reply *reply)
{
    struct unpack *unpack = unpack_new();
    char block[16384];
    ssize_t got = 0;
    bool ok = unpack != NULL;
    while (ok && (got = read(fd, block, sizeof block)) > 0) {
        ok = unpack_feed(unpack, block, (size_t)got, media_unpack_piece, &reply->body);
    }
    ok = ok && got == 0 && unpack_is_complete(unpack);
    unpack_free(unpack);
    return ok;
}

static bool media_wants_plain(const struct request *request, const struct object *object)
{
    const char *accepted = request_header(request, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    return object->content_encoding && strcmp(object->content_encoding, "gzip") == 0 &&
           !(accepted && strstr(accepted, "gzip"));
}

/* Opens the object's file; -1: gone, or no longer what the object says. */
static int media_open(const struct object *object)
{
    int fd = open(object->path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd >= 0 && (fstat(fd, &info) != 0 || (uint64_t)info.st_size != object->sum.bytes)) {
        close(fd);
        return -1;
    }
    return fd;
}

void media_reply(const struct request *request, struct reply *reply, const struct object *object)
{
    int fd = media_open(object);
    if (fd < 0) {
        storage_error(request, reply, 404, NULL);
        return;
    }
    if (media_wants_plain(request, object)) {
        bool ok = media_unpack(fd, reply);
        close(fd);
        if (!ok) {
            storage_error(request, reply, 500, NULL);
            return;
        }
        reply->type = "";
        media_headers(reply, object);
        return;
    }
    uint64_t offset = 0, length = object->sum.bytes;
    unsigned status =
        media_range(request_header(request, MHD_HTTP_HEADER_RANGE), length, &offset, &length);
    if (status == 416) {
        close(fd);
        reply_header(reply, MHD_HTTP_HEADER_CONTENT_RANGE, "bytes */%" PRIu64, object->sum.bytes);
        storage_error(request, reply, 416, NULL);
        return;
    }
    reply->status = status ? status : 200;
    reply->fd = fd;
    reply->offset = offset;
    reply->length = length;
    reply->type = "";
    if (object->content_encoding) {
        reply_header(reply, MHD_HTTP_HEADER_CONTENT_ENCODING, "%s", object->content_encoding);
    }
    if (status) {
        reply_header(reply, MHD_HTTP_HEADER_CONTENT_RANGE, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64,
                     offset, offset + length - 1, object->sum.bytes);
    }
    media_headers(reply, object);
}
