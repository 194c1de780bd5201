/* local.c: one GET over a UNIX socket: how commands ask the agent that runs here. */
#include "inner.h"

#include "base/buf.h"

#include <stdio.h>

#define LOCAL_TIMEOUT_MS 5000L

static size_t body_take(char *ptr, size_t size, size_t count, void *arg)
{
    return buf_add(arg, ptr, size * count) == CXD_OK ? size * count : 0;
}

int http_local_get(const char *socket_path, const char *path, struct buf *body, int *ret_status,
                   struct cxd_error *err)
{
    char url[512];
    char reason[CURL_ERROR_SIZE] = "";
    CURL *easy = curl_easy_init();
    CURLcode code = CURLE_OUT_OF_MEMORY;
    long status = 0;

    if (easy == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "%s: out of memory", socket_path);
    }
    (void)snprintf(url, sizeof url, "http://localhost%.480s", path);
    if (curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, reason) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, socket_path) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, LOCAL_TIMEOUT_MS) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_take) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, (void *)body) == CURLE_OK) {
        code = curl_easy_perform(easy);
    }
    if (code == CURLE_OK) {
        (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status); /* 0 when it fails */
    }
    curl_easy_cleanup(easy);
    if (code == CURLE_COULDNT_CONNECT) {
        return cxd_error_set(err, CXD_CONNECT, "%s: nobody answers there", socket_path);
    }
    if (code != CURLE_OK) {
        return cxd_error_set(err, CXD_IO, "%s: %s", socket_path,
                             reason[0] != '\0' ? reason : curl_easy_strerror(code));
    }
    *ret_status = (int)status;
    return CXD_OK;
}
