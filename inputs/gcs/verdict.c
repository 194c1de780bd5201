/*
 * verdict.c: HTTP status and transport status to what is to be done, and its words.
 *
 * Knows Cloud Storage's habits. Does not act (worker.c, bucket.c, auth.c do). Pure; any thread.
 */
#include "verdict.h"

#include <string.h>

/* Cloud Storage also throttles with 403 and one of these reasons. */
static bool verdict_is_quota(const char *reason)
{
    static const char *const quota[] = {"rateLimitExceeded", "userRateLimitExceeded",
                                        "quotaExceeded", "dailyLimitExceeded"};

    for (size_t i = 0; i < sizeof quota / sizeof quota[0]; i++) {
        if (strcmp(reason, quota[i]) == 0) {
            return true;
        }
    }
    return false;
}

enum verdict verdict_of_reply(enum verdict_ask ask, int http_status, const char *reason)
{
    if (http_status == 200 || (http_status == 206 && ask == VERDICT_ASK_MEDIA)) {
        return VERDICT_OK;
    }
    switch (http_status) {
    case 401:
        return VERDICT_TOKEN;
    case 403:
        return verdict_is_quota(reason) ? VERDICT_THROTTLED : VERDICT_DENIED;
    case 404:
    case 410:
        return ask == VERDICT_ASK_MEDIA ? VERDICT_GONE
               : http_status == 404     ? VERDICT_MISSING
                                        : VERDICT_REFUSED;
    case 408:
        return VERDICT_SERVER;
    case 429:
        return VERDICT_THROTTLED;
    default:
        break;
    }
    if (http_status >= 500) {
        return VERDICT_SERVER;
    }
    return ask == VERDICT_ASK_MEDIA ? VERDICT_OBJECT : VERDICT_REFUSED;
}

enum verdict verdict_of_status(int status)
{
    switch (status) {
    case CXD_NOMEM:
        return VERDICT_NOMEM;
    case CXD_STOPPED:
        return VERDICT_STOPPED;
    case CXD_CONNECT:
        return VERDICT_CONNECT;
    case CXD_TLS:
    case CXD_CONFIG:
    case CXD_UNSUPPORTED:
    case CXD_INVALID:
        return VERDICT_CONFIG;
    case CXD_MALFORMED:
        return VERDICT_CORRUPT;
    default:
        return VERDICT_OBJECT;
    }
}

bool verdict_is_final(enum verdict verdict)
{
    return verdict == VERDICT_TOKEN || verdict == VERDICT_DENIED || verdict == VERDICT_MISSING ||
           verdict == VERDICT_CONFIG;
}

static void verdict_say(enum verdict verdict, const struct verdict_where *w, int http_status,
                        struct cxd_error *err)
{
    const char *account = w->account[0] != '\0' ? w->account : "the anonymous caller";

    switch (verdict) {
    case VERDICT_TOKEN:
        (void)cxd_error_set(err, CXD_AUTH,
                            w->account[0] != '\0'
                                ? "Cloud Storage refuses the token of %s (HTTP %d): check that the "
                                  "service account and its key exist and are enabled"
                                : "Cloud Storage refuses %s (HTTP %d): set "
                                  "auth.credentials_json.account_key or auth.credentials_file.path",
                            account, http_status);
        return;
    case VERDICT_DENIED:
        (void)cxd_error_set(err, CXD_FORBIDDEN,
                            "bucket %s: %s lacks the right (HTTP %d): grant "
                            "roles/storage.objectViewer (storage.objects.list and "
                            "storage.objects.get) on it in project %s",
                            w->bucket, account, http_status, w->project);
        return;
    case VERDICT_MISSING:
        (void)cxd_error_set(err, CXD_NOT_FOUND,
                            "bucket %s does not exist (HTTP %d): check buckets[].name and "
                            "project %s",
                            w->bucket, http_status, w->project);
        return;
    case VERDICT_THROTTLED:
        (void)cxd_error_set(err, CXD_THROTTLED,
                            "bucket %s: Cloud Storage asks to slow down (HTTP %d)", w->bucket,
                            http_status);
        return;
    case VERDICT_SERVER:
        (void)cxd_error_set(err, CXD_SERVER, "bucket %s: Cloud Storage failed (HTTP %d)", w->bucket,
                            http_status);
        return;
    case VERDICT_OBJECT:
    case VERDICT_REFUSED:
        (void)cxd_error_set(err, CXD_PROTOCOL, "bucket %s: unexpected reply (HTTP %d)", w->bucket,
                            http_status);
        return;
    default:
        (void)cxd_error_set(err, CXD_PROTOCOL, "bucket %s: request failed (HTTP %d)", w->bucket,
                            http_status);
    }
}

void verdict_explain(enum verdict verdict, const struct verdict_where *where, int http_status,
                     int64_t retry_after_ms, struct cxd_error *err)
{
    verdict_say(verdict, where, http_status, err);
    err->http_status = http_status;
    err->retry_after_ms = retry_after_ms;
}
