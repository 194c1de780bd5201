/*
 * Starting the simulator and talking to it with libcurl, trusting only its own authority.
 */
#include "client.h"

#include <fcntl.h>
#include <ftw.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum { CLIENT_ARGUMENTS_MAX = 32 };

static bool client_url(struct json_object *ready, const char *key, char out[CLIENT_URL_MAX])
{
    struct json_object *value = NULL;
    if (!json_object_object_get_ex(ready, key, &value)) {
        return false;
    }
    snprintf(out, CLIENT_URL_MAX, "%s", json_object_get_string(value));
    return true;
}

static bool client_read_ready(struct client *client, int output)
{
    char line[4096];
    size_t len = 0;
    ssize_t got = 1;
    while (len < sizeof line - 1 && got > 0 && !memchr(line, '\n', len)) {
        got = read(output, line + len, sizeof line - 1 - len);
        len += got > 0 ? (size_t)got : 0;
    }
    line[len] = 0;
    struct json_object *ready = json_tokener_parse(line);
    bool ok = ready && client_url(ready, "storage", client->storage) &&
              client_url(ready, "elasticsearch", client->elastic) &&
              client_url(ready, "cortex", client->cortex) &&
              client_url(ready, "control", client->control);
    json_object_put(ready);
    return ok;
}

static void client_exec(const struct client *client, const char *program,
                        const char *const *arguments, int input, int output)
{
    const char *argv[CLIENT_ARGUMENTS_MAX + 5] = {program, "--state", client->folder,
                                                  "--until-stdin"};
    for (unsigned i = 0; i < CLIENT_ARGUMENTS_MAX && arguments[i]; i++) {
        argv[i + 4] = arguments[i];
    }
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    execv(program, (char *const *)(uintptr_t)argv);
    _exit(127);
}

bool client_start(struct client *client, const char *program, const char *const *arguments)
{
    *client = (struct client){.input = -1};
    snprintf(client->folder, sizeof client->folder, "/tmp/cxd-sim-XXXXXX");
    int input[2], output[2];
    if (!mkdtemp(client->folder) || pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) {
        return false;
    }
    client->pid = fork();
    if (client->pid == 0) {
        client_exec(client, program, arguments, input[0], output[1]);
    }
    close(input[0]);
    close(output[1]);
    client->input = input[1];
    client->curl = curl_easy_init();
    bool ok = client->pid > 0 && client->curl && client_read_ready(client, output[0]);
    close(output[0]);
    return ok;
}

static int client_remove(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

int client_wait(struct client *client)
{
    int status = 0;
    curl_easy_cleanup(client->curl);
    client->curl = NULL;
    waitpid(client->pid, &status, 0);
    close(client->input);
    free(client->body);
    client->body = NULL;
    nftw(client->folder, client_remove, 16, FTW_DEPTH | FTW_PHYS);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int client_stop(struct client *client)
{
    close(client->input);
    client->input = -1;
    return client_wait(client);
}

static size_t client_take(char *data, size_t size, size_t count, void *owner)
{
    struct client *client = owner;
    size_t len = size * count;
    char *body = client->body_len + len < CLIENT_BODY_MAX
                     ? realloc(client->body, client->body_len + len + 1)
                     : NULL;
    if (!body) {
        return 0;
    }
    memcpy(body + client->body_len, data, len);
    client->body = body;
    client->body_len += len;
    body[client->body_len] = 0;
    return len;
}

static size_t client_header(char *data, size_t size, size_t count, void *owner)
{
    struct client *client = owner;
    size_t used = strlen(client->headers);
    snprintf(client->headers + used, sizeof client->headers - used, "%.*s", (int)(size * count),
             data);
    return size * count;
}

static void client_set(struct client *client, const struct client_send *send)
{
    char url[2048], authority[128];
    snprintf(url, sizeof url, "%s%s", send->base, send->path);
    snprintf(authority, sizeof authority, "%s/ca.pem", client->folder);
    CURL *curl = client->curl;
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CAINFO, authority);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 20000L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, client_take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, client);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, client_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, client);
    if (send->body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)send->body_len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, send->body);
    }
    if (send->method) {
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, send->method);
        curl_easy_setopt(curl, CURLOPT_NOBODY, strcmp(send->method, "HEAD") == 0 ? 1L : 0L);
    }
}

void client_do(struct client *client, const struct client_send *send)
{
    char bearer[160];
    struct curl_slist *headers = NULL;
    free(client->body);
    client->body = calloc(1, 1);
    client->body_len = 0;
    client->headers[0] = 0;
    client->status = 0;
    client_set(client, send);
    for (unsigned i = 0; i < 8 && send->headers[i]; i++) {
        headers = curl_slist_append(headers, send->headers[i]);
    }
    if (*client->bearer) {
        snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", client->bearer);
        headers = curl_slist_append(headers, bearer);
    }
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, headers);
    client->rc = curl_easy_perform(client->curl);
    curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &client->status);
    curl_easy_getinfo(client->curl, CURLINFO_TOTAL_TIME, &client->seconds);
    curl_slist_free_all(headers);
}

void client_get(struct client *client, const char *base, const char *path)
{
    client_do(client, &(struct client_send){.base = base, .path = path});
}

struct json_object *client_json(const struct client *client)
{
    return client->body ? json_tokener_parse(client->body) : NULL;
}

/* base64url without padding, to the end of a text. */
static void client_encode(char *text, const void *data, size_t len)
{
    char *at = text + strlen(text);
    EVP_EncodeBlock((unsigned char *)at, data, (int)len);
    for (; *at && *at != '='; at++) {
        *at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
    }
    *at = 0;
}

static bool client_sign(const struct client *client, const char *text, unsigned char *out,
                        size_t *len)
{
    char path[128];
    snprintf(path, sizeof path, "%s/account-key.pem", client->folder);
    FILE *file = fopen(path, "re");
    EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = key && ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestSign(ctx, out, len, (const unsigned char *)text, strlen(text)) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    if (file) {
        fclose(file);
    }
    return ok;
}

bool client_token(struct client *client, const char *claims)
{
    static const char HEADER[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}";
    char assertion[4096] = "", form[8192];
    unsigned char signature[512];
    size_t len = sizeof signature;
    client_encode(assertion, HEADER, sizeof HEADER - 1);
    assertion[strlen(assertion)] = '.';
    client_encode(assertion, claims, strlen(claims));
    if (!client_sign(client, assertion, signature, &len)) {
        return false;
    }
    assertion[strlen(assertion)] = '.';
    client_encode(assertion, signature, len);
    int form_len = snprintf(form, sizeof form,
                            "grant_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Agrant-type%%3Ajwt-bearer"
                            "&assertion=%s",
                            assertion);
    client->bearer[0] = 0;
    client_do(client, &(struct client_send){.base = client->storage,
                                            .path = "/token",
                                            .body = form,
                                            .body_len = (size_t)form_len});
    struct json_object *reply = client_json(client), *token = NULL;
    if (client->status == 200 && json_object_object_get_ex(reply, "access_token", &token)) {
        snprintf(client->bearer, sizeof client->bearer, "%s", json_object_get_string(token));
    }
    json_object_put(reply);
    return *client->bearer;
}

bool client_sign_in(struct client *client)
{
    char claims[1024];
    long now = (long)time(NULL);
    snprintf(claims, sizeof claims,
             "{\"iss\":\"collector@cxd-simulator.iam.gserviceaccount.com\",\"scope\":"
             "\"https://www.googleapis.com/auth/devstorage.read_only\",\"aud\":\"%s/token\","
             "\"iat\":%ld,\"exp\":%ld}",
             client->storage, now, now + 3600);
    return client_token(client, claims);
}

bool client_fault_rules(struct client *client, const char *rules)
{
    client->bearer[0] = 0;
    client_do(client, &(struct client_send){.method = "PUT",
                                            .base = client->control,
                                            .path = "/_sim/fault",
                                            .body = rules,
                                            .body_len = strlen(rules)});
    return client->status == 200;
}

bool client_faults(struct client *client, const char *rules)
{
    return client_fault_rules(client, rules) && client_sign_in(client);
}

const char *client_member(const struct client *client, const char *path)
{
    static char text[1024];
    struct json_object *tree = client_json(client), *value = NULL;
    bool found = json_pointer_get(tree, path, &value) == 0;
    snprintf(text, sizeof text, "%s", found ? json_object_get_string(value) : "");
    json_object_put(tree);
    return text;
}

bool client_bulk(struct client *client, const char *path, const char *body, bool packed)
{
    static const char KEY[] = "Authorization: ApiKey c2ltOnNlY3JldA==";
    unsigned char data[4096];
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)body,
                       .avail_in = (unsigned)strlen(body),
                       .next_out = data,
                       .avail_out = sizeof data};
    if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, 0) != Z_OK) {
        return false;
    }
    int rc = deflate(&stream, Z_FINISH);
    deflateEnd(&stream);
    if (rc != Z_STREAM_END) {
        return false;
    }
    client->bearer[0] = 0;
    client_do(client, &(struct client_send){.base = client->elastic,
                                            .path = path,
                                            .body = packed ? (char *)data : body,
                                            .body_len = packed ? stream.total_out : strlen(body),
                                            .headers = {"Content-Type: application/x-ndjson", KEY,
                                                        packed ? "Content-Encoding: gzip" : NULL}});
    return client->rc == CURLE_OK;
}

void client_cortex_as(struct client *client, const char *path, const char *body,
                      const char *const headers[4])
{
    client->bearer[0] = 0;
    client_do(client,
              &(struct client_send){.base = client->cortex,
                                    .path = path,
                                    .body = body,
                                    .body_len = strlen(body),
                                    .headers = {"Content-Type: application/json", headers[0],
                                                headers[1], headers[2], headers[3]}});
}

void client_cortex(struct client *client, const char *path, const char *body)
{
    static const char *const STANDARD[4] = {"x-xdr-auth-id: 1",
                                            "Authorization: standard-key-of-the-simulator"};
    client_cortex_as(client, path, body, STANDARD);
}

void client_control(struct client *client, const char *method, const char *path)
{
    client->bearer[0] = 0;
    client_do(client,
              &(struct client_send){.method = method, .base = client->control, .path = path});
}
