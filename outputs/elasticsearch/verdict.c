/*
 * verdict.c: two tables, read from the top; the first row that fits decides.
 *
 * Facts about the destination: bulk items carry their own status. A version conflict under op_type create means that the id is
 * there already. A failing ingest pipeline answers 500 for good. A missing right, a missing index and a blocked one say nothing
 * about the document: it waits for a person rather than being thrown away.
 */
#include "verdict.h"

struct item_row {
    int low; /* HTTP status, inclusive */
    int high;
    const char *type;   /* equal; NULL: any */
    const char *reason; /* contained; NULL: any */
    struct verdict verdict;
};

#define DELIVERED                                                                                  \
    {                                                                                              \
        CXD_RESULT_DELIVERED, CXD_OK, NULL                                                         \
    }
#define DUPLICATE                                                                                  \
    {                                                                                              \
        CXD_RESULT_DUPLICATE, CXD_OK, NULL                                                         \
    }
#define REJECTED                                                                                   \
    {                                                                                              \
        CXD_RESULT_REJECTED, CXD_OK, NULL                                                          \
    }
#define PENDING(status, advice)                                                                    \
    {                                                                                              \
        CXD_RESULT_PENDING, (status), (advice)                                                     \
    }

static const struct item_row item_rows[] = {
    {200, 299, NULL, NULL, DELIVERED},
    {409, 409, NULL, NULL, DUPLICATE},
    {100, 599, "fail_processor_exception", NULL, REJECTED},
    {100, 599, "ingest_processor_exception", NULL, REJECTED},
    {100, 599, "script_exception", NULL, REJECTED},
    {401, 401, NULL, NULL, PENDING(CXD_AUTH, "check api_key, or username and password")},
    {100, 499, "security_exception", NULL,
     PENDING(CXD_FORBIDDEN,
             "give the user or API key the privileges create_doc and auto_configure")},
    {100, 428, "cluster_block_exception", NULL,
     PENDING(CXD_CONFIG, "the index is blocked for writing: free disk space, remove the block")},
    {429, 429, NULL, NULL, PENDING(CXD_THROTTLED, NULL)},
    {503, 503, NULL, NULL, PENDING(CXD_THROTTLED, NULL)},
    {500, 599, NULL, NULL, PENDING(CXD_SERVER, NULL)},
    {100, 499, "index_not_found_exception", NULL,
     PENDING(CXD_CONFIG, "create the data stream, or allow it to be created automatically")},
    {100, 499, "index_closed_exception", NULL, PENDING(CXD_CONFIG, "open the index")},
    {100, 499, "invalid_index_name_exception", NULL,
     PENDING(CXD_CONFIG, "correct data_stream.dataset and data_stream.namespace")},
    {100, 499, "illegal_argument_exception", "pipeline with id",
     PENDING(CXD_CONFIG, "create the ingest pipeline, or correct the option pipeline")},
    {100, 499, "illegal_argument_exception", "maximum normal shards",
     PENDING(CXD_CONFIG, "delete indices, or raise cluster.max_shards_per_node")},
    {100, 499, "validation_exception", "shards",
     PENDING(CXD_CONFIG, "delete indices, or raise cluster.max_shards_per_node")},
    {403, 403, NULL, NULL,
     PENDING(CXD_FORBIDDEN,
             "give the user or API key the privileges create_doc and auto_configure")},
    {404, 404, NULL, NULL,
     PENDING(CXD_CONFIG, "create the data stream, or allow it to be created automatically")},
    {400, 499, NULL, NULL, REJECTED}, /* mapping, parsing, size: about the document itself */
    {0, 999, NULL, NULL, PENDING(CXD_PROTOCOL, NULL)},
};

struct request_row {
    int low;
    int high;
    int status;
    const char *advice;
};

static const struct request_row request_rows[] = {
    {200, 299, CXD_OK, NULL},
    {300, 399, CXD_CONFIG, "redirects are not followed: put the final address into hosts"},
    {401, 401, CXD_AUTH, "check api_key, or username and password"},
    {403, 403, CXD_FORBIDDEN,
     "give the user or API key the privileges create_doc and auto_configure"},
    {404, 404, CXD_CONFIG, "check hosts and path: no Elasticsearch or OpenSearch answers there"},
    {405, 405, CXD_CONFIG, "check hosts and path: no Elasticsearch or OpenSearch answers there"},
    {407, 407, CXD_AUTH, "the proxy wants credentials: check proxy_url"},
    {408, 408, CXD_TIMEOUT, NULL},
    {413, 413, CXD_TOO_LARGE, NULL},
    {429, 429, CXD_THROTTLED, NULL},
    {503, 503, CXD_THROTTLED, NULL},
    {500, 599, CXD_SERVER, NULL},
    {400, 499, CXD_CONFIG,
     "the destination does not take such requests: check its version, and pipeline"},
    {0, 999, CXD_PROTOCOL, NULL},
};

static int bytes_are(struct cxd_bytes bytes, const char *text)
{
    return text == NULL || (bytes.len == strlen(text) && memcmp(bytes.ptr, text, bytes.len) == 0);
}

static int bytes_have(struct cxd_bytes bytes, const char *text)
{
    return text == NULL ||
           (bytes.len > 0 && memmem(bytes.ptr, bytes.len, text, strlen(text)) != NULL);
}

struct verdict verdict_item(int http_status, struct cxd_bytes type, struct cxd_bytes reason)
{
    const struct item_row *row = item_rows;

    while (row->high != 999 && (http_status < row->low || http_status > row->high ||
                                !bytes_are(type, row->type) || !bytes_have(reason, row->reason))) {
        row++;
    }
    return row->verdict;
}

int verdict_request(int http_status, const char **ret_advice)
{
    const struct request_row *row = request_rows;

    while (row->high != 999 && (http_status < row->low || http_status > row->high)) {
        row++;
    }
    *ret_advice = row->advice;
    return row->status;
}
