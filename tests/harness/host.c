/*
 * host.c: see host.h. Events, scanner and writer are the agent's own; only what is around them is made up.
 */
#include "harness/host.h"
#include "io/crypto.h"

#include "pipeline/event.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

struct cxd_self {
    size_t fail_at;
    size_t asked;
    size_t held;
};

static struct cxd_self harness;

/* Whether this allocation is the one that fails. */
static int is_failing(void)
{
    return ++harness.asked == harness.fail_at;
}

static void *harness_alloc(struct cxd_self *self, size_t size)
{
    void *block = is_failing() ? NULL : calloc(1, size);

    self->held += block != NULL;
    return block;
}

static void harness_free(struct cxd_self *self, void *block)
{
    self->held -= block != NULL;
    free(block);
}

static void *harness_event_alloc(struct cxd_event *ev, size_t size)
{
    return is_failing() ? NULL : event_alloc(ev, size);
}

static int harness_event_record(struct cxd_event *ev, const struct cxd_record **ret_record,
                                struct cxd_error *err)
{
    return is_failing() ? cxd_error_set(err, CXD_NOMEM, "made to fail")
                        : event_record(ev, ret_record, err);
}

/* Only what is not expanded yet takes memory. */
static int harness_node_expand(struct cxd_event *ev, struct cxd_node *node)
{
    if ((node->value.flags & CXD_VALUE_TREE) == 0 && is_failing()) {
        return CXD_NOMEM;
    }
    return node_expand(ev, node);
}

static struct cxd_node *harness_node_put(struct cxd_event *ev, struct cxd_node *parent,
                                         struct cxd_bytes key, struct cxd_value value)
{
    return is_failing() ? NULL : node_put(ev, parent, key, value);
}

static int harness_value_text(struct cxd_event *ev, const struct cxd_value *value,
                              struct cxd_bytes *ret_text)
{
    return is_failing() ? CXD_NOMEM : value_text(ev, value, ret_text);
}

static void harness_sha256(const void *data, size_t len, unsigned char out[32])
{
    (void)SHA256(data, len, out);
}

/* url: the URL alphabet without padding. */
static size_t harness_base64(const void *data, size_t len, int url, char *out, size_t room)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *bytes = data;
    size_t written = 0;
    unsigned long bits = 0;
    unsigned held = 0;

    if (room < (len + 2) / 3 * 4) {
        return 0;
    }
    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | bytes[i];
        for (held += 8; held >= 6; held -= 6) {
            out[written++] = letters[bits >> (held - 6) & 63];
        }
    }
    if (held > 0) {
        out[written++] = letters[bits << (6 - held) & 63];
    }
    for (size_t i = 0; url != 0 && i < written; i++) {
        out[i] = out[i] == '+' ? '-' : out[i] == '/' ? '_' : out[i];
    }
    while (url == 0 && written % 4 != 0) {
        out[written++] = '=';
    }
    return written;
}

static struct cxd_scalar harness_doc_get(struct cxd_bytes doc, const char *path)
{
    const void *start = doc.ptr;
    const struct harness_option *option = start;

    for (; option != NULL && option->name != NULL; option++) {
        if (strcmp(option->name, path) != 0) {
            continue;
        }
        if (option->text != NULL) {
            return (struct cxd_scalar){.type = CXD_TEXT,
                                       .bytes = {option->text, strlen(option->text)}};
        }
        return (struct cxd_scalar){.type = CXD_BOOL, .number = option->is_true};
    }
    return (struct cxd_scalar){.type = CXD_NONE};
}

static const struct cxd_host table = {
    .size = sizeof table,
    .abi = CXD_ABI,
    .offers = CXD_CAN_EVENTS | CXD_CAN_CRYPTO,
    .alloc = harness_alloc,
    .free = harness_free,
    .doc_get = harness_doc_get,
    .event_alloc = harness_event_alloc,
    .event_set_message = event_set_message,
    .event_message = event_message,
    .event_record = harness_event_record,
    .event_root = event_root,
    .event_set_id = event_set_id,
    .event_offer_id = event_offer_id,
    .event_hide_message = event_hide_message,
    .node_expand = harness_node_expand,
    .node_find = node_find,
    .node_put = harness_node_put,
    .value_text = harness_value_text,
    .sha256 = harness_sha256,
    .digest = crypto_digest,
    .base64 = harness_base64,
};

const struct cxd_host *harness_host(void)
{
    return &table;
}

struct cxd_self *harness_self(void)
{
    return &harness;
}

struct cxd_bytes harness_options(const struct harness_option *options)
{
    const void *start = options;

    return (struct cxd_bytes){start, sizeof *options};
}

void harness_fail_at(size_t n)
{
    harness.fail_at = n;
    harness.asked = 0;
}

size_t harness_asked(void)
{
    return harness.asked;
}

size_t harness_held(void)
{
    return harness.held;
}
