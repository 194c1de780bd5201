/* probe.c: transfers side by side, each with a body of limited size. */
#include "probe.h"

#include <string.h>

#define URL_MAX_LEN 512
#define TOKEN_MAX 256

const struct probe_cloud probe_clouds[] = {
    {.name = "aws",
     .service = "EC2",
     .path = "/2014-02-25/dynamic/instance-identity/document",
     .header = "X-aws-ec2-metadata-token",
     .token_path = "/latest/api/token",
     .wants = "instanceId",
     .fields = {{"instanceId", "instance.id", 0},
                {"instanceType", "machine.type", 0},
                {"region", "region", 0},
                {"availabilityZone", "availability_zone", 0},
                {"accountId", "account.id", 0},
                {"imageId", "image.id", 0},
                {NULL, NULL, 0}}},
    {.name = "azure",
     .service = "Virtual Machines",
     .path = "/metadata/instance?api-version=2021-02-01",
     .header = "Metadata",
     .value = "true",
     .wants = "compute.vmId",
     .fields = {{"compute.vmId", "instance.id", 0},
                {"compute.name", "instance.name", 0},
                {"compute.vmSize", "machine.type", 0},
                {"compute.location", "region", 0},
                {"compute.subscriptionId", "account.id", 0},
                {NULL, NULL, 0}}},
    {.name = "gcp",
     .service = "GCE",
     .path = "/computeMetadata/v1/?recursive=true&alt=json",
     .header = "Metadata-Flavor",
     .value = "Google",
     .wants = "instance.id",
     .fields = {{"instance.id", "instance.id", 0},
                {"instance.name", "instance.name", 0},
                {"instance.machineType", "machine.type", '/'},
                {"instance.zone", "availability_zone", '/'},
                {"project.projectId", "project.id", 0},
                {"project.projectId", "account.id", 0},
                {NULL, NULL, 0}}},
    {.name = "digitalocean",
     .service = "Droplets",
     .path = "/metadata/v1.json",
     .wants = "droplet_id",
     .fields = {{"droplet_id", "instance.id", 0}, {"region", "region", 0}, {NULL, NULL, 0}}},
};
const size_t probe_cloud_count = sizeof probe_clouds / sizeof probe_clouds[0];

enum stage { STAGE_UNUSED, STAGE_TOKEN, STAGE_ANSWER, STAGE_GOOD, STAGE_BAD };

struct probe {
    const struct probe_cloud *cloud;
    struct cxd_transfer *transfer;
    enum stage stage;
    char token[TOKEN_MAX];
    char *body;
    size_t len;
};

struct asking {
    struct edit *e;
    struct cxd_client *client;
    const char *host;
    int64_t end_ms;
    struct probe probes[8];
};

static int64_t left_ms(const struct asking *a)
{
    int64_t left = a->end_ms - a->e->host->mono_ms(a->e->base->self);

    return left > 0 ? left : 0;
}

/* Starts a request; what cannot be started is a cloud that is not there. */
static void request_start(struct asking *a, struct probe *p, bool is_token)
{
    const struct probe_cloud *cloud = p->cloud;
    char url[URL_MAX_LEN];
    struct cxd_header header = {.name = is_token ? "X-aws-ec2-metadata-token-ttl-seconds"
                                                 : cloud->header,
                                .value = is_token               ? "600"
                                         : cloud->value != NULL ? cloud->value
                                                                : p->token,
                                .secret = cloud->token_path != NULL};
    struct cxd_request request = {.size = sizeof request,
                                  .method = is_token ? "PUT" : "GET",
                                  .url = url,
                                  .headers = &header,
                                  .header_count = header.name != NULL,
                                  .timeout_ms = (uint32_t)left_ms(a) + 1};
    int len = snprintf(url, sizeof url, "http://%s%s", a->host,
                       is_token ? cloud->token_path : cloud->path);

    p->len = 0;
    p->stage = is_token ? STAGE_TOKEN : STAGE_ANSWER;
    if (len < 0 || (size_t)len >= sizeof url ||
        a->e->host->http_start(a->client, &request, &p->transfer, NULL) != CXD_OK) {
        p->transfer = NULL;
        p->stage = STAGE_BAD;
    }
}

static void token_take(struct probe *p)
{
    size_t len = p->len < TOKEN_MAX ? p->len : 0;

    memcpy(p->token, p->body, len);
    p->token[len] = '\0';
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)p->token[i] <= ' ' || (unsigned char)p->token[i] > '~') {
            p->token[0] = '\0'; /* no token, and no header's value */
            break;
        }
    }
}

/* A request came to its end. */
static void request_end(struct asking *a, struct probe *p, int r)
{
    int status = a->e->host->http_status(p->transfer);

    a->e->host->http_close(p->transfer);
    p->transfer = NULL;
    if (p->stage == STAGE_TOKEN) {
        if (r == CXD_END && status == 200) {
            token_take(p);
        }
        request_start(a, p, false); /* an older service has no tokens */
    } else {
        p->stage = r == CXD_END && status == 200 ? STAGE_GOOD : STAGE_BAD;
    }
}

static void probe_read(struct asking *a, struct probe *p)
{
    while (p->transfer != NULL) {
        struct cxd_bytes bytes;
        int r = a->e->host->http_read(p->transfer, &bytes, NULL);
        if (r == CXD_AGAIN) {
            return;
        }
        if (r == CXD_OK && bytes.len <= PROBE_BODY_MAX - p->len) {
            memcpy(p->body + p->len, bytes.ptr, bytes.len);
            p->len += bytes.len;
        } else {
            request_end(a, p, r == CXD_OK ? CXD_TOO_LARGE : r);
        }
    }
}

static bool is_asking(struct asking *a)
{
    bool is_open = false;

    for (size_t i = 0; i < probe_cloud_count; i++) {
        probe_read(a, &a->probes[i]);
        is_open |= a->probes[i].transfer != NULL;
    }
    return is_open && left_ms(a) > 0;
}

static int probes_start(struct asking *a, unsigned mask)
{
    for (size_t i = 0; i < probe_cloud_count; i++) {
        struct probe *p = &a->probes[i];
        *p = (struct probe){.cloud = &probe_clouds[i]};
        if ((mask >> i & 1) == 0) {
            continue;
        }
        p->body = edit_alloc(a->e, PROBE_BODY_MAX);
        if (p->body == NULL) {
            return edit_lack(a->e);
        }
        request_start(a, p, p->cloud->token_path != NULL);
    }
    return CXD_OK;
}

/* "zones/europe-west1-b" to "europe-west1-b" */
static struct cxd_bytes text_cut(struct cxd_bytes text, char cut)
{
    const char *at = cut != 0 && text.len > 0 ? memrchr(text.ptr, cut, text.len) : NULL;

    return at != NULL ? (struct cxd_bytes){at + 1, text.len - (size_t)(at + 1 - text.ptr)} : text;
}

static int field_find(struct edit *e, struct cxd_node *answer, const char *name,
                      struct cxd_bytes *ret_text)
{
    struct edit_spot spot;
    struct path path;
    int r = edit_path(e, (struct cxd_bytes){name, strlen(name)}, &path);

    r = r != CXD_OK ? r : edit_find_in(e, answer, &path, &spot);
    if (r != 1) {
        return r;
    }
    r = edit_print(e, &path, &spot.node->value, ret_text);
    return r == CXD_OK ? 1 : r == EDIT_FAILED ? 0 : r;
}

static int text_put(struct edit *e, struct cxd_node *cloud, const char *name, struct cxd_bytes text)
{
    struct cxd_node content = {.value = edit_text_value(text)};
    struct path path;
    int r = edit_path(e, (struct cxd_bytes){name, strlen(name)}, &path);

    return r != CXD_OK ? r : edit_put_in(e, cloud, &path, &content);
}

/* A zone's region: "europe-west1-b" without what stands behind the last line. */
static int region_put(struct edit *e, struct cxd_node *cloud, struct cxd_bytes zone)
{
    const char *dash = memrchr(zone.ptr, '-', zone.len);

    return dash != NULL ? text_put(e, cloud, "region",
                                   (struct cxd_bytes){zone.ptr, (size_t)(dash - zone.ptr)})
                        : CXD_OK;
}

/* 1: it is that cloud's answer; 0: it is not; negative. */
static int answer_read(struct edit *e, const struct probe *p, struct cxd_node *cloud)
{
    struct cxd_node answer = {
        .value = {.ptr = p->body, .len = (uint32_t)p->len, .kind = CXD_KIND_OBJECT}};
    struct cxd_bytes text;
    int r = p->len > 0 ? edit_expand(e, &answer) : CXD_MALFORMED;

    if (r != CXD_OK) {
        return r == CXD_NOMEM ? r : 0;
    }
    r = field_find(e, &answer, p->cloud->wants, &text);
    for (const struct probe_field *f = p->cloud->fields; r == 1 && f->from != NULL; f++) {
        int found = field_find(e, &answer, f->from, &text);
        r = found < 0 ? found : 1;
        if (found == 1) {
            text = text_cut(text, f->cut);
            found = text_put(e, cloud, f->to, text);
            if (found == CXD_OK && f->cut != 0 && strcmp(f->to, "availability_zone") == 0) {
                found = region_put(e, cloud, text);
            }
            r = found < 0 ? found : 1;
        }
    }
    if (r == 1) {
        const char *words[][2] = {{"provider", p->cloud->name},
                                  {"service.name", p->cloud->service}};
        for (int i = 0; i < 2 && r >= 0; i++) {
            r = text_put(e, cloud, words[i][0],
                         (struct cxd_bytes){words[i][1], strlen(words[i][1])});
        }
        r = r < 0 ? r : 1;
    }
    return r;
}

int probe_run(struct edit *e, struct cxd_client *client, const char *host, unsigned mask,
              int64_t timeout_ms, struct cxd_node *ret_content)
{
    struct asking a = {.e = e, .client = client, .host = host};
    int r;

    a.end_ms = e->host->mono_ms(e->base->self) + timeout_ms;
    *ret_content = (struct cxd_node){.value = {.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE}};
    r = probes_start(&a, mask);
    while (r == CXD_OK && is_asking(&a) && !e->host->is_stopping(e->base->self)) {
        (void)e->host->http_wait(client, (uint32_t)left_ms(&a)); /* stopped: seen above */
    }
    for (size_t i = 0; i < probe_cloud_count; i++) {
        e->host->http_close(a.probes[i].transfer);
        if (r == CXD_OK && a.probes[i].stage == STAGE_GOOD) {
            r = answer_read(e, &a.probes[i], ret_content);
        }
    }
    return r < 0 ? r : CXD_OK;
}
