/* query.c: see the header. Knows the vendor's two kinds of key. Thread: the instance's. */
#include "query.h"

#include <inttypes.h>
#include <stdio.h>

static void query_filter(const struct profile *profile, const char *operator_name, int64_t ms,
                         struct text *out)
{
    text_put(out, "{\"field\":\"");
    text_put(out, profile->filter);
    text_put(out, "\",\"operator\":\"");
    text_put(out, operator_name);
    text_put(out, "\",\"value\":");
    text_number(out, ms);
    text_put(out, "}");
}

void query_body(const struct profile *profile, const struct window *w, struct text *out)
{
    text_put(out, "{\"request_data\":{\"filters\":[");
    query_filter(profile, "gte", w->from_ms, out);
    if (!w->has_no_end) {
        text_put(out, ",");
        query_filter(profile, "lte", w->to_ms, out);
    }
    text_put(out, "],\"search_from\":");
    text_number(out, w->offset);
    text_put(out, ",\"search_to\":");
    text_number(out, w->offset + WINDOW_PAGE);
    text_put(out, ",\"sort\":{\"field\":\"");
    text_put(out, profile->sort);
    text_put(out, "\",\"keyword\":\"asc\"}}}");
}

int query_hash(const struct heap *h, struct cxd_bytes token, const char *nonce,
               const char *timestamp, char out[65])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char digest[32];
    struct text text;
    int status;

    text_init(&text, h, 1u << 20);
    text.secret = true;
    text_add(&text, token.ptr, token.len);
    text_put(&text, nonce);
    text_put(&text, timestamp);
    status = text.status;
    if (status == 0) {
        h->host->sha256(text.ptr, text.len, digest);
        for (size_t i = 0; i < sizeof digest; i++) {
            out[i * 2] = hex[digest[i] >> 4];
            out[i * 2 + 1] = hex[digest[i] & 15];
        }
        out[64] = '\0';
    }
    text_done(&text);
    return status;
}

static void query_nonce(const struct heap *h, char out[65])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    unsigned char bytes[64];

    h->host->random(h->self, bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        out[i] = letters[bytes[i] % (sizeof letters - 1)];
    }
    out[64] = '\0';
}

static void query_add(struct query_headers *out, const char *name, const char *value,
                      uint32_t secret)
{
    out->list[out->count++] = (struct cxd_header){.name = name, .value = value, .secret = secret};
}

int query_headers(const struct heap *h, const struct query_key *key, int64_t wall_ms,
                  struct query_headers *out)
{
    int status = 0;

    out->count = 0;
    query_add(out, "Content-Type", "application/json", 0);
    query_add(out, "Accept", "application/json", 0);
    query_add(out, "Accept-Encoding", "gzip", 0);
    query_add(out, "x-xdr-auth-id", key->token_id.ptr, 0);
    if (!key->is_advanced) {
        query_add(out, "Authorization", key->token.ptr, 1);
        return 0;
    }
    query_nonce(h, out->nonce);
    (void)snprintf(out->timestamp, sizeof out->timestamp, "%" PRId64, wall_ms);
    status = query_hash(h, key->token, out->nonce, out->timestamp, out->hash);
    query_add(out, "x-xdr-nonce", out->nonce, 1);
    query_add(out, "x-xdr-timestamp", out->timestamp, 0);
    query_add(out, "Authorization", out->hash, 1);
    return status;
}
