/*
 * fault.c: why a transfer failed, in our words. Knows curl's codes and what its messages look like. Texts name host and port;
 * of curl's own words only those are passed on that cannot hold a URL: connecting and TLS.
 */
#include "inner.h"

#include <string.h>

struct fault_row {
    CURLcode code;
    int status;
    const char *text;
};

static const struct fault_row rows[] = {
    {CURLE_OUT_OF_MEMORY, CXD_NOMEM, "out of memory"},
    {CURLE_GOT_NOTHING, CXD_IO, "connection closed without a reply"},
    {CURLE_SEND_ERROR, CXD_IO, "connection broke while sending"},
    {CURLE_RECV_ERROR, CXD_IO, "connection broke while receiving"},
    {CURLE_HTTP2, CXD_PROTOCOL, "HTTP/2 framing error"},
    {CURLE_HTTP2_STREAM, CXD_IO, "HTTP/2 stream was reset"},
    {CURLE_WEIRD_SERVER_REPLY, CXD_PROTOCOL, "reply is not HTTP"},
    {CURLE_UNSUPPORTED_PROTOCOL, CXD_PROTOCOL, "reply is not HTTP, or a redirect leads elsewhere"},
    {CURLE_TOO_MANY_REDIRECTS, CXD_PROTOCOL, "too many redirects"},
    {CURLE_BAD_CONTENT_ENCODING, CXD_PROTOCOL, "transfer encoding not understood"},
    {CURLE_SEND_FAIL_REWIND, CXD_IO, "connection broke while sending"},
    {CURLE_SSL_CACERT_BADFILE, CXD_CONFIG, "the system's CA certificates cannot be read"},
    {CURLE_NOT_BUILT_IN, CXD_UNSUPPORTED, "this libcurl does not use OpenSSL"},
    {CURLE_LOGIN_DENIED, CXD_AUTH, "login denied"},
};

static int64_t info_number(struct cxd_transfer *t, CURLINFO info)
{
    curl_off_t number = -1;

    return curl_easy_getinfo(t->easy, info, &number) == CURLE_OK ? (int64_t)number : -1;
}

static void describe_timeout(struct cxd_transfer *t, struct cxd_error *ret_err)
{
    if (info_number(t, CURLINFO_PRETRANSFER_TIME_T) <= 0 &&
        (t->timeout_ms == 0 || t->client->connect_timeout_ms < t->timeout_ms)) {
        (void)cxd_error_set(ret_err, CXD_CONNECT, "%s: no connection within %u ms", t->peer,
                            t->client->connect_timeout_ms);
        return;
    }
    (void)cxd_error_set(ret_err, CXD_TIMEOUT,
                        "%s: not done within %u ms, %llu bytes of body received", t->peer,
                        t->timeout_ms, (unsigned long long)t->received);
}

static void describe_short(struct cxd_transfer *t, struct cxd_error *ret_err)
{
    int64_t expected = info_number(t, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T);

    if (expected >= 0) {
        (void)cxd_error_set(ret_err, CXD_TRUNCATED, "%s: body ended after %llu of %lld bytes",
                            t->peer, (unsigned long long)t->received, (long long)expected);
    } else {
        (void)cxd_error_set(ret_err, CXD_TRUNCATED,
                            "%s: body broke off after %llu bytes, its end is missing", t->peer,
                            (unsigned long long)t->received);
    }
}

/* The certificate was refused. */
static void describe_refusal(struct cxd_transfer *t, struct cxd_error *ret_err)
{
    long result = 0;

    (void)curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &result); /* 0 is an answer, too */
    (void)cxd_error_set(ret_err, CXD_TLS, "%s: %.200s; %s", t->peer,
                        t->reason[0] != '\0' ? t->reason : "certificate refused",
                        trust_advice(result));
}

/*
 * OpenSSL's own complaints start with "error:"; the rest of this code's uses are connections that went away, and an end where
 * none should be is one of those though OpenSSL complains.
 */
static int is_tls_complaint(const struct cxd_transfer *t)
{
    return strstr(t->reason, "error:") != NULL && strstr(t->reason, "unexpected eof") == NULL;
}

static const char *handshake_advice(const struct cxd_transfer *t)
{
    if (strstr(t->reason, "wrong version number") != NULL) {
        return "; the server does not speak TLS on this port";
    }
    if (strstr(t->reason, "certificate required") != NULL ||
        strstr(t->reason, "handshake failure") != NULL || strstr(t->reason, "unknown ca") != NULL ||
        strstr(t->reason, "bad certificate") != NULL) {
        return "; the server may want another client certificate: see ssl.certificate and ssl.key";
    }
    return "";
}

static void describe_handshake(struct cxd_transfer *t, struct cxd_error *ret_err)
{
    int is_complaint = is_tls_complaint(t);

    (void)cxd_error_set(ret_err, is_complaint ? CXD_TLS : CXD_CONNECT, "%s: TLS failed: %.200s%s",
                        t->peer, t->reason[0] != '\0' ? t->reason : "no reason given",
                        is_complaint ? handshake_advice(t) : "");
}

static void describe_own(struct cxd_transfer *t, struct cxd_error *ret_err)
{
    switch (t->own_fault) {
    case CXD_TOO_LARGE:
        (void)cxd_error_set(ret_err, CXD_TOO_LARGE,
                            "%s: reply's head is over %d bytes or %d fields", t->peer,
                            HTTP_HEAD_MAX, HTTP_FIELDS_MAX);
        return;
    case CXD_PROTOCOL:
        (void)cxd_error_set(ret_err, CXD_PROTOCOL, "%s: reply is not HTTP", t->peer);
        return;
    default:
        (void)cxd_error_set(ret_err, CXD_NOMEM, "%s: out of memory for the reply", t->peer);
        return;
    }
}

static void describe_row(struct cxd_transfer *t, CURLcode code, struct cxd_error *ret_err)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == code) {
            (void)cxd_error_set(ret_err, rows[i].status, "%s: %s", t->peer, rows[i].text);
            return;
        }
    }
    (void)cxd_error_set(ret_err, CXD_IO, "%s: transfer failed: %s", t->peer,
                        curl_easy_strerror(code));
}

static void describe(struct cxd_transfer *t, CURLcode code, struct cxd_error *ret_err)
{
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        describe_timeout(t, ret_err);
        return;
    case CURLE_PARTIAL_FILE:
        describe_short(t, ret_err);
        return;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
        (void)cxd_error_set(ret_err, CXD_CONNECT, "%s: %.300s", t->peer,
                            t->reason[0] != '\0' ? t->reason : curl_easy_strerror(code));
        return;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
        describe_refusal(t, ret_err);
        return;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
        describe_handshake(t, ret_err);
        return;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        if (is_tls_complaint(t)) { /* TLS 1.3 refuses client certificates after the handshake */
            describe_handshake(t, ret_err);
            return;
        }
        break;
    default:
        break;
    }
    describe_row(t, code, ret_err);
}

void fault_describe(struct cxd_transfer *t, CURLcode code, struct cxd_error *ret_err)
{
    if (t->own_fault < 0) {
        describe_own(t, ret_err);
    } else {
        describe(t, code, ret_err);
    }
    ret_err->http_status = t->status;
}
