/* identity.c: random ids and one small file. */
#include "front/identity.h"

#include "base/cleanup.h"
#include "io/crypto.h"
#include "io/file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A version-4 UUID's text. */
static int uuid_make(char out[40])
{
    unsigned char b[16];
    int r = crypto_random(b, sizeof b);

    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    (void)snprintf(out, 40, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                   b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
                   b[13], b[14], b[15]);
    return r;
}

int identity_read(struct identity *who, const char *data_path, struct cxd_error *err)
{
    char path[PATH_MAX];
    _cleanup_(buf_done) struct buf text;
    int r;

    buf_init(&text, 64);
    *who = (struct identity){.version = CXD_VERSION};
    if (gethostname(who->name, sizeof who->name - 1) != 0) {
        (void)snprintf(who->name, sizeof who->name, "localhost");
    }
    if (uuid_make(who->ephemeral_id) != CXD_OK || uuid_make(who->id) != CXD_OK) {
        return cxd_error_set(err, CXD_BUG, "no random numbers from the system");
    }
    if (data_path == NULL) {
        return CXD_OK;
    }
    (void)snprintf(path, sizeof path, "%s/agent.id", data_path);
    r = file_read(path, &text, NULL, err);
    if (r == CXD_OK && text.len == 36 && strspn(text.ptr, "0123456789abcdef-") >= 36) {
        memcpy(who->id, text.ptr, 36);
        return CXD_OK;
    }
    return file_replace(path, (struct cxd_bytes){who->id, 36}, 0600, err);
}
