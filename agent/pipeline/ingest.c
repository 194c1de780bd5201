/* ingest.c: see the header. */
#include "pipeline/ingest.h"

#include "cxd/host.h"
#include "io/crypto.h"
#include "pipeline/event.h"

#define ID_BYTES 20
#define ID_ROOM 32

int ingest_dataset(struct cxd_event *ev, struct cxd_bytes dataset)
{
    const struct cxd_bytes key = CXD_LIT("event");
    const struct cxd_value object = {.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE};
    const struct cxd_value text = {
        .ptr = dataset.ptr, .len = (uint32_t)dataset.len, .kind = CXD_KIND_STRING};
    struct cxd_node *parent = node_find(ev, event_root(ev), key);

    if (parent == NULL) {
        parent = node_put(ev, event_root(ev), key, object);
    }
    if (parent == NULL) {
        return CXD_NOMEM;
    }
    if (parent->value.kind != CXD_KIND_OBJECT ||
        node_find(ev, parent, CXD_LIT("dataset")) != NULL) {
        return CXD_OK;
    }
    return node_put(ev, parent, CXD_LIT("dataset"), text) != NULL ? CXD_OK : CXD_NOMEM;
}

void ingest_id(struct cxd_event *ev)
{
    struct cxd_bytes message = event_message(ev);
    unsigned char digest[64];
    char id[ID_ROOM];
    size_t len;

    if (message.len > 0 && (event_id(ev).len == 0 || event_is_id_offered(ev))) {
        (void)crypto_digest(CXD_DIGEST_SHA256_HALVES, message.ptr, message.len, digest);
        len = crypto_base64(digest, ID_BYTES, 1, id, sizeof id);
        event_set_id(ev, (struct cxd_bytes){id, len});
    }
}
