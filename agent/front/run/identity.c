/* identity.c: random UUIDs, and one of them in a file. */
#include "front/run/identity.h"

#include "base/cleanup.h"
#include "io/crypto.h"
#include "io/file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define UUID_LEN 36

/* A version-4 UUID's text. */
static int uuid_make(char out[40])
{
    unsigned char b[16];
    int r = crypto_random(b, sizeof b);

    if (r != CXD_OK) {
        return r;
    }
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    (void)snprintf(out, 40, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                   b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
                   b[13], b[14], b[15]);
    return CXD_OK;
}

/* A line end behind it does no harm: people edit files. */
static int is_uuid(const struct buf *text)
{
    size_t len = text->len;

    while (len > 0 && (text->ptr[len - 1] == '\n' || text->ptr[len - 1] == '\r')) {
        len--;
    }
    for (size_t i = 0; i < len; i++) {
        if (memchr("0123456789abcdef-", text->ptr[i], 17) == NULL) {
            return 0;
        }
    }
    return len == UUID_LEN;
}

int identity_read(struct identity *id, const char *folder, struct cxd_error *err)
{
    char path[PATH_MAX];
    _cleanup_(buf_done) struct buf text;
    int r;

    buf_init(&text, 64);
    memset(id, 0, sizeof *id);
    if (gethostname(id->host_name, sizeof id->host_name - 1) != 0) {
        (void)snprintf(id->host_name, sizeof id->host_name, "localhost");
    }
    r = uuid_make(id->ephemeral_id);
    r = r != CXD_OK ? r : uuid_make(id->id);
    if (r != CXD_OK) {
        return cxd_error_set(err, r, "no random numbers from the system");
    }
    if (folder == NULL) {
        return CXD_OK;
    }
    if (snprintf(path, sizeof path, "%s/agent.id", folder) >= (int)sizeof path) {
        return cxd_error_set(err, CXD_CONFIG, "path.data %.100s...: too long", folder);
    }
    r = file_read(path, &text, NULL, err);
    if (r == CXD_OK && is_uuid(&text)) {
        memcpy(id->id, text.ptr, UUID_LEN);
        return CXD_OK;
    }
    if (r != CXD_OK && r != CXD_NOT_FOUND && r != CXD_TOO_LARGE) {
        return r; /* it may be there: another in its place would be another agent */
    }
    return file_replace(path, (struct cxd_bytes){id->id, UUID_LEN}, 0600, err);
}
