/*
 * options.c: what can be said to the module. Names are Filebeat's; response.pagination_max_pages and response.max_body_size
 * are ours. Lists and maps are checked by config.c, which names what it does not know.
 */
#include "config.h"

#include "lib/option_rows.h"

#define ROW OPTION_ROW
#define SECRET OPTION_SECRET

const struct cxd_option config_options[] = {
    ROW("config_version", INT, 0, "2", "Always 2"),
    ROW("interval", DURATION, 0, "60s", "Time from the start of one collection to the next"),
    ROW("auth.basic.enabled", BOOL, 0, NULL, "Basic authentication"),
    ROW("auth.basic.user", STRING, 0, NULL, "User name"),
    SECRET("auth.basic.password", "Password"),
    OPTION_TOKEN_FILE_ROWS,
    OPTION_OAUTH2_ROWS,
    ROW("request.url", STRING, CXD_OPTION_REQUIRED, NULL,
        "URL of the request; a service on this machine: http+unix:///run/a.sock, or with a path to "
        "ask for, http+unix://%2Frun%2Fa.sock/path"),
    ROW("request.method", STRING, 0, "GET", "GET or POST"),
    ROW("request.encode_as", STRING, 0, NULL,
        "application/json or application/x-www-form-urlencoded"),
    ROW("request.body", ANY, 0, NULL, "Body of the request, an object"),
    ROW("request.timeout", DURATION, 0, "30s", "Longest time for a request"),
    ROW("request.ssl", ANY, 0, NULL,
        "TLS: enabled, verification_mode, certificate_authorities, certificate, key, "
        "key_passphrase, key_passphrase_path, ca_sha256, ca_trusted_fingerprint, "
        "supported_protocols, cipher_suites, curve_types; renegotiation is never done"),
    SECRET("request.proxy_url", "Proxy, with user:password@ if needed"),
    ROW("request.proxy_disable", BOOL, CXD_OPTION_ADVANCED, NULL,
        "Ignore proxies from the environment"),
    ROW("request.proxy_headers", ANY, CXD_OPTION_SECRET, NULL,
        "Headers for the proxy alone, by name; at most 16"),
    ROW("request.keep_alive.disable", BOOL, 0, "false", "A new connection for each request"),
    OPTION_IDLE_ROWS("request"),
    ROW("request.retry.max_attempts", INT, 0, "5", "Tries of a request, the first included"),
    ROW("request.retry.wait_min", DURATION, 0, "1s", "Shortest wait before another try"),
    ROW("request.retry.wait_max", DURATION, 0, "60s", "Longest wait before another try"),
    ROW("request.redirect.forward_headers", BOOL, 0, "false",
        "Send all headers also to another host"),
    ROW("request.redirect.headers_ban_list", STRING_LIST, 0, NULL,
        "Headers that no redirected request carries"),
    ROW("request.redirect.max_redirects", INT, 0, "10", "Redirects followed for one request"),
    ROW("request.rate_limit", ANY, 0, NULL,
        "limit, remaining, reset (templates), early_limit, max_non_degraded"),
    ROW("request.transforms", ANY, 0, NULL, "set, append and delete before the request"),
    ROW("request.tracer.enabled", BOOL, 0, NULL, "Write requests and replies to a file"),
    ROW("request.tracer.enable", BOOL, CXD_OPTION_ADVANCED, NULL, "As enabled"),
    OPTION_LOGBOOK_ROWS("request.tracer"),
    ROW("response.decode_as", STRING, 0, NULL,
        "application/json, application/x-ndjson, text/csv, application/xml or application/zip; "
        "without it the reply's Content-Type decides"),
    ROW("response.xsd", STRING, 0, NULL,
        "XML schema: which elements of XML replies are lists, numbers and truths"),
    ROW("response.transforms", ANY, 0, NULL, "set, append and delete in the reply's body"),
    ROW("response.split", ANY, 0, NULL, "Takes the reply apart into events"),
    ROW("response.pagination", ANY, 0, NULL, "Transforms that make the request for the next page"),
    ROW("response.pagination_allowed_hosts", STRING_LIST, 0, NULL,
        "Scheme and host that further pages may come from, beside request.url's own; without it "
        "from anywhere"),
    ROW("response.request_body_on_pagination", BOOL, 0, "false",
        "Send request.body with further pages, too"),
    ROW("response.save_first_response", BOOL, 0, "false", "Keep the first reply as first_response"),
    ROW("response.pagination_max_pages", INT, 0, "10000",
        "Pages of one interval; more is endless pagination"),
    ROW("response.max_body_size", SIZE, 0, "100MiB", "Largest reply"),
    ROW("chain", ANY, 0, NULL, "Requests that follow from each reply: step, while"),
    ROW("cursor", ANY, 0, NULL, "Values kept from one collection to the next"),
    {NULL, 0, 0, NULL, NULL, NULL},
};
