/*
 * url.c: addresses of list and media requests.
 *
 * Knows the JSON API's paths. Object names are bytes: slashes, blanks and non-ASCII ones travel percent-encoded.
 */
#include "url.h"

#include <string.h>

/* Only what list.c reads: a page of 1,000 objects is then about 200 KB instead of about 1 MB. */
#define URL_FIELDS                                                                                 \
    "items(name,generation,size,updated,timeCreated,contentType,contentEncoding),nextPageToken"

void url_escape(struct text *out, struct cxd_bytes bytes)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            c == '-' || c == '.' || c == '_' || c == '~') {
            text_add(out, &bytes.ptr[i], 1);
        } else {
            char code[3] = {'%', hex[c >> 4], hex[c & 15]};

            text_add(out, code, sizeof code);
        }
    }
}

int url_base(struct text *out, struct cxd_bytes alternative_host, struct cxd_error *err)
{
    static const char path[] = "/storage/v1";
    struct cxd_bytes host = alternative_host;

    if (host.len == 0) {
        text_put(out, "https://storage.googleapis.com/storage/v1");
        return out->status;
    }
    while (host.len > 0 && host.ptr[host.len - 1] == '/') {
        host.len--;
    }
    if (!((host.len > 7 && strncmp(host.ptr, "http://", 7) == 0) ||
          (host.len > 8 && strncmp(host.ptr, "https://", 8) == 0))) {
        return cxd_error_set(
            err, CXD_CONFIG,
            "alternative_host must begin with http:// or https:// and name a host");
    }
    text_add(out, host.ptr, host.len);
    if (host.len < sizeof path - 1 ||
        memcmp(host.ptr + host.len - (sizeof path - 1), path, sizeof path - 1) != 0) {
        text_put(out, path);
    }
    return out->status;
}

static void url_parameter(struct text *out, const char *name, struct cxd_bytes value)
{
    if (value.len > 0) {
        text_put(out, name);
        url_escape(out, value);
    }
}

void url_list(struct text *out, struct cxd_bytes base, const struct url_list *ask)
{
    text_add(out, base.ptr, base.len);
    text_put(out, "/b/");
    url_escape(out, ask->bucket);
    text_put(out, "/o?maxResults=");
    text_number(out, ask->page_size);
    url_parameter(out, "&prefix=", ask->prefix);
    url_parameter(out, "&startOffset=", ask->start);
    url_parameter(out, "&pageToken=", ask->page_token);
    url_parameter(out, "&fields=", CXD_LIT(URL_FIELDS));
}

void url_media(struct text *out, struct cxd_bytes base, struct cxd_bytes bucket,
               struct cxd_bytes object, int64_t generation)
{
    text_add(out, base.ptr, base.len);
    text_put(out, "/b/");
    url_escape(out, bucket);
    text_put(out, "/o/");
    url_escape(out, object);
    text_put(out, "?alt=media&generation=");
    text_number(out, generation);
}
