/* envelope.c: the signature file, read and written. Strict: known names only, each once, no other white space. */
#include "front/fleet/envelope.h"

#include "base/clock.h"
#include "io/crypto.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char first_line[] = "cortexd-policy 1\n";

enum field { POLICY_ID, REVISION, NOT_BEFORE, NOT_AFTER, TARGETS, KEY_ID, FIELDS };
static const char *const names[FIELDS] = {"policy_id", "revision", "not_before",
                                          "not_after", "targets",  "key_id"};

static int digits(const char *text, size_t len)
{
    int value = 0;

    for (size_t i = 0; i < len; i++) {
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/* Days since 1970 of a date of the Gregorian calendar, years counted from March. */
static int64_t days(int year, int month, int day)
{
    int y = month > 2 ? year : year - 1;
    int m = month > 2 ? month - 3 : month + 9;

    return (int64_t)365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

int envelope_time(const char *text, size_t len, int64_t *ret_ms)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:ddZ";
    static const int at[] = {0, 5, 8, 11, 14, 17};
    static const int max[] = {9999, 12, 31, 23, 59, 60};
    int n[6] = {0};

    if (len != sizeof shape - 1) {
        return CXD_MALFORMED;
    }
    for (size_t i = 0; i < len; i++) {
        if (shape[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != shape[i]) {
            return CXD_MALFORMED;
        }
    }
    for (int i = 0; i < 6; i++) {
        n[i] = digits(text + at[i], i == 0 ? 4 : 2);
        if (n[i] > max[i]) {
            return CXD_MALFORMED;
        }
    }
    if (n[0] < 1971 || n[1] == 0 || n[2] == 0) {
        return CXD_MALFORMED;
    }
    *ret_ms = (((days(n[0], n[1], n[2]) * 24 + n[3]) * 60 + n[4]) * 60 + n[5]) * 1000;
    return CXD_OK;
}

static int revision_read(const char *text, size_t len, uint64_t *ret)
{
    uint64_t value = 0;

    if (len == 0 || len > 18) {
        return CXD_MALFORMED;
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return CXD_MALFORMED;
        }
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *ret = value;
    return value > 0 ? CXD_OK : CXD_MALFORMED;
}

static int word_read(const char *text, size_t len, char *out, size_t room, const char *letters)
{
    if (len == 0 || len >= room) {
        return CXD_MALFORMED;
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\0' ||
            (!isalnum((unsigned char)text[i]) && strchr(letters, text[i]) == NULL)) {
            return CXD_MALFORMED;
        }
    }
    memcpy(out, text, len);
    out[len] = '\0';
    return CXD_OK;
}

static int field_read(struct envelope *e, enum field field, const char *text, size_t len)
{
    switch (field) {
    case POLICY_ID:
        return word_read(text, len, e->policy_id, sizeof e->policy_id, "._-");
    case REVISION:
        return revision_read(text, len, &e->revision);
    case NOT_BEFORE:
        return envelope_time(text, len, &e->not_before_ms);
    case NOT_AFTER:
        return envelope_time(text, len, &e->not_after_ms);
    case TARGETS:
        return word_read(text, len, e->targets, sizeof e->targets, "*._-, ");
    default:
        return len == ENVELOPE_KEY_ID - 1 ? word_read(text, len, e->key_id, sizeof e->key_id, "")
                                          : CXD_MALFORMED;
    }
}

static int line_read(struct envelope *e, const char *line, size_t len, unsigned *seen)
{
    for (int i = 0; i < FIELDS; i++) {
        size_t name_len = strlen(names[i]);
        if (len > name_len + 2 && memcmp(line, names[i], name_len) == 0 &&
            memcmp(line + name_len, ": ", 2) == 0) {
            if (*seen & 1u << i) {
                return CXD_MALFORMED;
            }
            *seen |= 1u << i;
            return field_read(e, (enum field)i, line + name_len + 2, len - name_len - 2);
        }
    }
    return CXD_MALFORMED;
}

static int signature_read(struct envelope *e, const char *at, const char *end)
{
    static const char name[] = "signature: ";
    size_t len = 0;

    while (end > at && (end[-1] == '\n' || end[-1] == '\r')) {
        end--;
    }
    if ((size_t)(end - at) < sizeof name - 1 || memcmp(at, name, sizeof name - 1) != 0) {
        return CXD_MALFORMED;
    }
    at += sizeof name - 1;
    return crypto_base64_decode((struct cxd_bytes){at, (size_t)(end - at)}, 0, e->signature,
                                sizeof e->signature, &len) == CXD_OK &&
                   len == sizeof e->signature
               ? CXD_OK
               : CXD_MALFORMED;
}

int envelope_read(struct cxd_bytes text, struct envelope *ret_envelope, struct cxd_error *err)
{
    const unsigned needed = 1u << POLICY_ID | 1u << REVISION | 1u << KEY_ID;
    struct envelope e = {.revision = 0};
    const char *end = text.ptr + text.len;
    const char *at = text.ptr + sizeof first_line - 1;
    unsigned seen = 0;

    if (text.len < sizeof first_line || text.len > ENVELOPE_MAX ||
        memcmp(text.ptr, first_line, sizeof first_line - 1) != 0) {
        return cxd_error_set(err, CXD_MALFORMED,
                             "signature file: expected \"cortexd-policy 1\" in its first line");
    }
    for (int line = 2;; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == at) {
            break;
        }
        if (newline == NULL || line_read(&e, at, (size_t)(newline - at), &seen) != CXD_OK) {
            return cxd_error_set(err, CXD_MALFORMED,
                                 "signature file, line %d: expected policy_id, revision, "
                                 "not_before, not_after, targets or key_id, each once",
                                 line);
        }
        at = newline + 1;
    }
    if ((seen & needed) != needed) {
        return cxd_error_set(err, CXD_MALFORMED,
                             "signature file: policy_id, revision and key_id must be there");
    }
    e.signed_len = (size_t)(at + 1 - text.ptr);
    if (signature_read(&e, at + 1, end) != CXD_OK) {
        return cxd_error_set(err, CXD_MALFORMED,
                             "signature file: expected \"signature: \" and base64 behind the "
                             "empty line");
    }
    *ret_envelope = e;
    return CXD_OK;
}

static int time_write(struct buf *out, const char *name, int64_t ms)
{
    char text[CLOCK_TEXT_SIZE];

    if (ms == 0) {
        return CXD_OK;
    }
    clock_format(ms, text);
    return buf_add_format(out, "%s: %.19sZ\n", name, text);
}

int envelope_write(const struct envelope *e, struct buf *out)
{
    int r = buf_add_format(out, "%spolicy_id: %s\nrevision: %llu\n", first_line, e->policy_id,
                           (unsigned long long)e->revision);

    r = r != CXD_OK ? r : time_write(out, "not_before", e->not_before_ms);
    r = r != CXD_OK ? r : time_write(out, "not_after", e->not_after_ms);
    if (r == CXD_OK && e->targets[0] != '\0') {
        r = buf_add_format(out, "targets: %s\n", e->targets);
    }
    return r != CXD_OK ? r : buf_add_format(out, "key_id: %s\n\n", e->key_id);
}

void envelope_key_id(const unsigned char key[SIGN_KEY_LEN], char out[ENVELOPE_KEY_ID])
{
    unsigned char digest[32];

    crypto_sha256(key, SIGN_KEY_LEN, digest);
    (void)crypto_hex(digest, 8, out, ENVELOPE_KEY_ID);
}

int envelope_is_for(const struct envelope *e, const char *name)
{
    const char *at = e->targets;

    if (*at == '\0') {
        return 1;
    }
    while (*at != '\0') {
        size_t len;
        at += strspn(at, ", ");
        len = strcspn(at, ", ");
        if ((len == 1 && *at == '*') ||
            (name != NULL && len > 0 && strlen(name) == len && memcmp(at, name, len) == 0)) {
            return 1;
        }
        at += len;
    }
    return 0;
}
