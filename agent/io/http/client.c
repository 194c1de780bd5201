/*
 * client.c: a client and its turning wheel. Knows the multi interface, time and the interrupt; nothing of requests, heads or
 * TLS. The client's thread, but for http_interrupt.
 */
#include "inner.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t client_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static CURLcode global_result;

static void global_start(void)
{
    global_result = curl_global_init(CURL_GLOBAL_DEFAULT);
}

const char *http_library(void)
{
    return curl_version();
}

/* Text that may be a secret: a copy, or NULL for NULL. */
static int text_copy(const char *text, char **ret_copy)
{
    char *copy = NULL;

    if (text != NULL && text[0] != '\0') {
        copy = strdup(text);
        if (copy == NULL) {
            return CXD_NOMEM;
        }
    }
    *ret_copy = copy;
    return CXD_OK;
}

static int proxy_check(const char *url, struct cxd_error *err)
{
    static const char *const schemes[] = {"http://",    "https://",  "socks4://",
                                          "socks4a://", "socks5://", "socks5h://"};

    if (url == NULL || url[0] == '\0' || strstr(url, "://") == NULL) {
        return CXD_OK; /* no scheme is http, as everywhere */
    }
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (strncmp(url, schemes[i], strlen(schemes[i])) == 0) {
            return CXD_OK;
        }
    }
    return cxd_error_set(err, CXD_CONFIG,
                         "proxy_url: only http, https, socks4 and socks5 proxies are supported");
}

static int client_fill(struct cxd_client *c, const struct http_settings *s, struct cxd_error *err)
{
    int r = proxy_check(s->proxy_url, err);

    if (r < 0) {
        return r;
    }
    c->verify = s->verify;
    c->protocols = s->protocols != 0 ? s->protocols : HTTP_TLS_1_2 | HTTP_TLS_1_3;
    c->proxy_disable = s->proxy_disable;
    c->connect_timeout_ms = s->connect_timeout_ms != 0 ? s->connect_timeout_ms : HTTP_CONNECT_MS;
    c->follow_redirects = s->follow_redirects;
    c->http1_only = s->http1_only;
    c->idle_timeout_ms = s->idle_timeout_ms;
    for (uint32_t i = 0; i < s->proxy_header_count; i++) {
        r = request_header_add(&c->proxy_headers, &s->proxy_headers[i]);
        if (r < 0) {
            return cxd_error_set(err, r, "proxy_headers: header %u cannot be sent", i + 1);
        }
    }
    r = suite_make(c, s, err);
    if (r < 0) {
        return r;
    }
    if (text_copy(s->proxy_url, &c->proxy_url) < 0 ||
        text_copy(s->user_agent, &c->user_agent) < 0) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for an HTTP client");
    }
    r = trust_new(s, &c->trust, err);
    if (r < 0) {
        return r;
    }
    c->multi = curl_multi_init();
    if (c->multi == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for an HTTP client");
    }
    (void)curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS,
                            s->max_idle != 0 ? (long)s->max_idle : 16L); /* a long: no failure */
    /*
     * One transfer at a time on a connection, with HTTP/2 as well: on a shared one curl keeps a resting stream's bytes
     * while it reads for the others, up to 32 MiB for each stream, and the window would bound nothing.
     */
    (void)curl_multi_setopt(c->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    return CXD_OK;
}

int http_client_new(const struct http_settings *settings, struct cxd_client **ret_client,
                    struct cxd_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static const struct http_settings defaults;
    struct cxd_client *c;
    int r;

    if (pthread_once(&once, global_start) != 0 || global_result != CURLE_OK) {
        return cxd_error_set(err, CXD_BUG, "libcurl cannot be started");
    }
    c = calloc(1, sizeof *c);
    if (c == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for an HTTP client");
    }
    r = client_fill(c, settings != NULL ? settings : &defaults, err);
    if (r < 0) {
        http_client_free(c);
        return r;
    }
    c->left_ms = client_now_ms();
    *ret_client = c;
    return CXD_OK;
}

void http_client_free(struct cxd_client *c)
{
    if (c == NULL) {
        return;
    }
    while (c->first != NULL) {
        http_close(c->first);
    }
    if (c->multi != NULL) {
        (void)curl_multi_cleanup(c->multi); /* no easy handle is left in it */
    }
    trust_free(c->trust);
    if (c->proxy_url != NULL) {
        explicit_bzero(c->proxy_url, strlen(c->proxy_url));
        free(c->proxy_url);
    }
    request_lines_free(c->proxy_headers);
    suite_done(c);
    free(c->user_agent);
    free(c);
}

/* Lets transfers go on whose reader has made room. Curl may call transfer_take from here. */
static void client_resume(struct cxd_client *c, int64_t now_ms)
{
    for (struct cxd_transfer *t = c->first; t != NULL; t = t->next) {
        if (t->is_resumable) {
            CURLcode code;

            t->is_resumable = 0;
            t->is_paused = 0;
            transfer_restart_stall(t, now_ms);
            code = curl_easy_pause(t->easy, CURLPAUSE_CONT);
            if (code != CURLE_OK) {
                transfer_finish(t, code);
            }
        }
    }
}

/* Time that the caller spent elsewhere is not the server's fault: it does not count as a stall. */
static void client_skip_absence(struct cxd_client *c, int64_t now_ms)
{
    for (struct cxd_transfer *t = c->first; t != NULL; t = t->next) {
        t->since_ms += now_ms - c->left_ms;
    }
}

static void client_collect(struct cxd_client *c)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(c->multi, &left)) != NULL) {
        struct cxd_transfer *t = NULL;

        if (message->msg == CURLMSG_DONE &&
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t) == CURLE_OK &&
            t != NULL) {
            transfer_finish(t, message->data.result);
        }
    }
}

/* Ends transfers that stand still; gives the time until the next could have, at most limit_ms. */
static int64_t client_check_stalls(struct cxd_client *c, int64_t now_ms, int64_t limit_ms)
{
    for (struct cxd_transfer *t = c->first; t != NULL; t = t->next) {
        int64_t left_ms;

        if (t->result != CXD_AGAIN) {
            continue;
        }
        if (t->is_paused) {
            transfer_restart_stall(t, now_ms);
            continue;
        }
        left_ms = t->since_ms + t->stall_ms - now_ms;
        if (left_ms <= 0) {
            if (t->moved - t->since_moved < t->stall_need) {
                transfer_fail(t, CXD_TIMEOUT, "stalled");
                continue;
            }
            transfer_restart_stall(t, now_ms);
            left_ms = t->stall_ms;
        }
        limit_ms = left_ms < limit_ms ? left_ms : limit_ms;
    }
    return limit_ms;
}

static void client_fail_all(struct cxd_client *c, CURLMcode code)
{
    for (struct cxd_transfer *t = c->first; t != NULL; t = t->next) {
        if (t->result == CXD_AGAIN) {
            transfer_fail(t, code == CURLM_OUT_OF_MEMORY ? CXD_NOMEM : CXD_IO,
                          curl_multi_strerror(code));
        }
    }
}

static int client_turn(struct cxd_client *c, int64_t deadline_ms)
{
    for (;;) {
        CURLMcode code;
        int64_t now_ms;
        int64_t wait_ms;
        int running;

        if (atomic_exchange(&c->is_interrupted, 0)) {
            return CXD_STOPPED;
        }
        code = curl_multi_perform(c->multi, &running);
        if (code != CURLM_OK) {
            client_fail_all(c, code);
        }
        client_collect(c);
        now_ms = client_now_ms();
        wait_ms = client_check_stalls(c, now_ms, deadline_ms - now_ms);
        if (c->news) {
            c->news = 0;
            return CXD_OK;
        }
        if (now_ms >= deadline_ms) {
            return CXD_OK;
        }
        code = curl_multi_poll(c->multi, NULL, 0, (int)(wait_ms < 60000 ? wait_ms : 60000), NULL);
        if (code != CURLM_OK) {
            client_fail_all(c, code);
            return CXD_OK;
        }
    }
}

int http_wait(struct cxd_client *c, uint32_t timeout_ms)
{
    int64_t now_ms = client_now_ms();
    int r;

    client_skip_absence(c, now_ms);
    client_resume(c, now_ms);
    r = client_turn(c, now_ms + timeout_ms);
    c->left_ms = client_now_ms();
    return r;
}

void http_interrupt(struct cxd_client *c)
{
    atomic_store(&c->is_interrupted, 1);
    (void)curl_multi_wakeup(c->multi); /* the flag alone is enough for the next http_wait */
}
