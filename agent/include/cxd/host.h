/*
 * host.h: all that a module can ask of the agent, as one table. It is the module's whole world: it links nothing of ours.
 *
 * Thread: unless stated, functions are called from the thread that runs the instance. Strings end with NUL where the type is
 * `const char *`; byte ranges do not. A function that returns int gives 0 or a negative enum cxd_status and fills err when
 * it is not NULL; ret_ parameters are set on success only.
 */
#ifndef CXD_HOST_H
#define CXD_HOST_H

#include "abi.h"
#include "event.h"
#include "http.h"
#include "status.h"

struct cxd_self;    /* the instance, as the host knows it */
struct cxd_builder; /* a BSON document being written */
struct cxd_regex;
struct cxd_gzip;

enum cxd_level { CXD_LOG_ERROR = 0, CXD_LOG_WARN, CXD_LOG_INFO, CXD_LOG_DEBUG };

enum cxd_health { CXD_HEALTHY = 0, CXD_DEGRADED, CXD_FAILED };

/* One value of a BSON document. Text and documents are borrowed from the document's bytes. */
enum cxd_scalar_type {
    CXD_NONE = 0,
    CXD_TEXT,
    CXD_INT,
    CXD_FLOAT,
    CXD_BOOL,
    CXD_NIL,
    CXD_DOCUMENT,
    CXD_ARRAY,
    CXD_BINARY
};
struct cxd_scalar {
    uint32_t type;          /* enum cxd_scalar_type */
    uint32_t count;         /* members, for DOCUMENT and ARRAY */
    int64_t number;         /* INT, BOOL */
    double real;            /* FLOAT */
    struct cxd_bytes bytes; /* TEXT (a NUL follows), BINARY, DOCUMENT and ARRAY (BSON) */
};

/* Capabilities: bits of cxd_module.needs and cxd_host.offers. */
enum cxd_capability {
    CXD_CAN_EVENTS = 1u << 0,
    CXD_CAN_HTTP = 1u << 1,
    CXD_CAN_CURSOR = 1u << 2,
    CXD_CAN_CRYPTO = 1u << 3,
    CXD_CAN_GZIP = 1u << 4,
    CXD_CAN_REGEX = 1u << 5,
    CXD_CAN_UNIX =
        1u << 6 /* cxd_request.unix_socket; ask offers: the plain network is there without it */
};

enum cxd_digest {
    CXD_DIGEST_MD5 = 1,
    CXD_DIGEST_SHA1,
    CXD_DIGEST_SHA256,
    CXD_DIGEST_SHA384,
    CXD_DIGEST_SHA512,
    /* SHA-256 over the first 20 bytes of the SHA-256 of either half; the first half is the first (length / 64 + 1) / 2 blocks of
     * 64 bytes. As hard to forge as its first 20 bytes are, and faster: the halves are digested side by side. */
    CXD_DIGEST_SHA256_HALVES
};

struct cxd_host {
    uint32_t size;
    uint32_t abi;    /* CXD_ABI of the host */
    uint64_t offers; /* enum cxd_capability */

    /* memory: the instance's own; alloc gives zeroed memory or NULL; free accepts NULL */
    void *(*alloc)(struct cxd_self *self, size_t size);
    void *(*realloc)(struct cxd_self *self, void *ptr, size_t size);
    void (*free)(struct cxd_self *self, void *ptr);

    /* log: one line for a person; never a secret. Any thread. */
    void (*log)(struct cxd_self *self, int level, const char *text, size_t len);
    int (*is_logged)(struct cxd_self *self, int level);
    /* health of the unit, with the reason (NULL when healthy). Repeats cost nothing. */
    void (*health)(struct cxd_self *self, int health, const char *reason);
    /* adds to a counter of the instance; name is static, Beats' metric name */
    void (*count)(struct cxd_self *self, const char *name, int64_t delta);

    /* time and chance */
    int64_t (*wall_ms)(struct cxd_self *self); /* since 1970, UTC */
    int64_t (*mono_ms)(struct cxd_self *self); /* for waiting only */
    void (*random)(struct cxd_self *self, void *out, size_t len);
    int (*is_stopping)(struct cxd_self *self); /* any thread */

    /* BSON documents: options and cursors. path is dotted, list elements by number: "buckets.0.name". */
    struct cxd_scalar (*doc_get)(struct cxd_bytes doc,
                                 const char *path); /* type CXD_NONE when absent */
    /* member number `index` of doc, with its name; type CXD_NONE past the end */
    struct cxd_scalar (*doc_at)(struct cxd_bytes doc, uint32_t index, struct cxd_bytes *ret_name);
    struct cxd_builder *(*doc_new)(struct cxd_self *self); /* NULL: no memory */
    int (*doc_put)(struct cxd_builder *b, const char *name, const struct cxd_scalar *value);
    int (*doc_push)(struct cxd_builder *b, const char *name,
                    int is_array); /* open a nested one; in arrays name is ignored */
    int (*doc_pop)(struct cxd_builder *b);
    struct cxd_bytes (*doc_bytes)(struct cxd_builder *b); /* finished document, owned by b */
    void (*doc_reset)(struct cxd_builder *b);             /* empty again, memory kept */
    void (*doc_free)(struct cxd_builder *b);

    /* events (input, processor) */
    int (*event_new)(struct cxd_self *self, struct cxd_event **ret_event, struct cxd_error *err);
    void *(*event_alloc)(struct cxd_event *ev, size_t size); /* 8-aligned, not zeroed, or NULL */
    void (*event_set_message)(struct cxd_event *ev,
                              struct cxd_bytes message); /* borrowed until emit returns */
    struct cxd_bytes (*event_message)(struct cxd_event *ev);
    /* the message scanned as one JSON object; scanned once, then remembered. CXD_MALFORMED and others name the byte. */
    int (*event_record)(struct cxd_event *ev, const struct cxd_record **ret_record,
                        struct cxd_error *err);
    struct cxd_node *(*event_root)(struct cxd_event *ev); /* the document: an object in tree form */
    void (*event_set_id)(struct cxd_event *ev,
                         struct cxd_bytes id); /* copied; at most 64 bytes, JSON-safe */
    /* Turns a container's text into child nodes (one level). No effect on trees and scalars. */
    int (*node_expand)(struct cxd_event *ev, struct cxd_node *node);
    /* Member by name; expands parent when needed. NULL: absent, not an object, or no memory. */
    struct cxd_node *(*node_find)(struct cxd_event *ev, struct cxd_node *parent,
                                  struct cxd_bytes key);
    /* Sets a member, replacing one of that name; key is borrowed (static or event memory). Returns it or NULL. */
    struct cxd_node *(*node_put)(struct cxd_event *ev, struct cxd_node *parent,
                                 struct cxd_bytes key, struct cxd_value value);
    /* The string's text without escapes (borrowed, or in event memory). CXD_MALFORMED for lone surrogates. */
    int (*value_text)(struct cxd_event *ev, const struct cxd_value *value,
                      struct cxd_bytes *ret_text);

    /* input: hand over. Both consume the event, also on error. */
    int (*emit)(struct cxd_self *self, struct cxd_event *ev, struct cxd_error *err);
    int (*reject)(struct cxd_self *self, struct cxd_event *ev,
                  const struct cxd_error *why); /* to the dead letters */
    /* The cursor (BSON) that is true once all events so far are safe. Copied. */
    int (*mark)(struct cxd_self *self, struct cxd_bytes cursor, struct cxd_error *err);
    /*
     * The cursor stored for this stream; {NULL,0} at the first start. Borrowed until close. Besides what the module marked it may be
     * {filebeat: [{source: text, cursor: text}..]}: what a Filebeat had stored for an input of the module's name, the cursor as JSON, and
     * the part of its key behind the id as source (`cortexd state import-filebeat`). CXD_UNSUPPORTED from open: not to be gone on from.
     */
    struct cxd_bytes (*cursor)(struct cxd_self *self);

    /* HTTP */
    int (*http_client)(struct cxd_self *self, struct cxd_bytes options,
                       struct cxd_client **ret_client, struct cxd_error *err);
    void (*http_client_free)(struct cxd_client *client); /* closes its transfers too */
    int (*http_start)(struct cxd_client *client, const struct cxd_request *request,
                      struct cxd_transfer **ret_transfer, struct cxd_error *err);
    /* Lets all transfers run until one has something new, the time is over, or http_interrupt. 0, or CXD_STOPPED. */
    int (*http_wait)(struct cxd_client *client, uint32_t timeout_ms);
    /* Next piece of body: 0 and bytes (valid until the next call on this transfer), CXD_AGAIN, CXD_END, or the failure. */
    int (*http_read)(struct cxd_transfer *t, struct cxd_bytes *ret_bytes, struct cxd_error *err);
    int (*http_status)(struct cxd_transfer *t); /* 0 until the reply's head is here */
    const char *(*http_header)(struct cxd_transfer *t,
                               const char *name);      /* NULL: absent; valid until close */
    void (*http_close)(struct cxd_transfer *t);        /* accepts NULL; aborts when running */
    void (*http_interrupt)(struct cxd_client *client); /* any thread */
    /* Milliseconds asked for by a Retry-After value (seconds or HTTP date); -1 when it is neither. */
    int64_t (*http_retry_after)(struct cxd_self *self, const char *value);

    /* crypto */
    void (*sha256)(const void *data, size_t len, unsigned char out[32]);
    /* RSASSA-PKCS1-v1_5 with SHA-256; *sig_len in: room, out: length */
    int (*sign_rs256)(struct cxd_self *self, struct cxd_bytes key_pem, struct cxd_bytes data,
                      unsigned char *sig, size_t *sig_len, struct cxd_error *err);
    /* Base64 without line ends; url: the URL alphabet, unpadded. Returns the length, or 0 when room is too small. */
    size_t (*base64)(const void *data, size_t len, int url, char *out, size_t room);

    /* gzip, streaming. level: -1 to read (gzip and its concatenated members), 0 to 9 to write. */
    int (*gzip_new)(struct cxd_self *self, int level, struct cxd_gzip **ret_gzip,
                    struct cxd_error *err);
    /* One step: reads from *in (moved forward), writes at most room bytes to out. finish: no more input will come (writing).
     * 0: go on; CXD_END: the stream is complete; CXD_TRUNCATED cannot be known here: it is the caller's, when input ends
     * without CXD_END. CXD_MALFORMED: not gzip or a bad checksum. */
    int (*gzip_step)(struct cxd_gzip *z, struct cxd_bytes *in, void *out, size_t room,
                     size_t *ret_len, int finish, struct cxd_error *err);
    int (*gzip_reset)(struct cxd_gzip *z); /* ready for another stream, memory kept */
    void (*gzip_free)(struct cxd_gzip *z);

    /* regular expressions (PCRE2 with match limits; syntax covers RE2's) */
    int (*regex_new)(struct cxd_self *self, const char *pattern, struct cxd_regex **ret_regex,
                     struct cxd_error *err);
    int (*regex_match)(struct cxd_regex *re,
                       struct cxd_bytes text); /* 1, 0, or negative: limit reached */
    void (*regex_free)(struct cxd_regex *re);

    /* JSON text of a string, with its quotes: the length, or 0 when room is too small */
    size_t (*json_quote)(struct cxd_bytes text, char *out, size_t room);

    /* since 1.1: check with CXD_HAS before the first use, or ask for a host that has them */

    /* Field number `index` of the reply's head, in the order sent; 1, or 0 past the end. Valid until close. */
    int (*http_header_at)(struct cxd_transfer *t, uint32_t index, struct cxd_bytes *ret_name,
                          struct cxd_bytes *ret_value);
    /* The first match at or behind offset `from`: how many of groups[0..room) are set (0: the whole match; a group that took
     * no part is {NULL,0}), 0: none, negative: limit reached. They point into text. */
    int (*regex_find)(struct cxd_regex *re, struct cxd_bytes text, size_t from,
                      struct cxd_bytes *groups, uint32_t room);
    /* Gives back an event that will be neither emitted nor rejected. */
    void (*event_drop)(struct cxd_self *self, struct cxd_event *ev);
    /* Why event_alloc, node_put and their like gave NULL last: CXD_TOO_LARGE (the event's own limit) or CXD_NOMEM. */
    int (*event_lack)(const struct cxd_event *ev);
    /* Overwrites every secret of the policy in text by '*', in place: for what a module writes out itself (a trace). */
    void (*redact)(char *text, size_t len);
    /* A digest by enum cxd_digest: its length in bytes, or 0 for another method. Takes no memory. MD5 and SHA-1 are for names that
     * others give, not for safety. */
    size_t (*digest)(int method, const void *data, size_t len, unsigned char out[64]);
    /*
     * One pace for all instances of this process, of any module, that give the same name: requests to one account. 0: go, the
     * request is counted; else milliseconds to wait before asking again. A request may follow the last one after a second's share,
     * 1 / per_second (at least 1). now_ms: mono_ms. CXD_TOO_LARGE: name of 200 bytes or more; CXD_FULL: more than 256 names.
     */
    int64_t (*pace_take)(const char *name, int64_t per_second, int64_t now_ms);
    /* Nobody who gives that name goes before until_ms (mono_ms): the account has had enough. */
    void (*pace_hold)(const char *name, int64_t until_ms);
    /*
     * A private key in PEM (RSA of 2048 bits and more, or EC P-256) as the standards of JOSE see it: *ret_alg is "RS256" or "ES256"
     * (static), jwk gets the public half as JSON with its members in lexical order and a NUL (RFC 7638: its SHA-256 is the key's
     * thumbprint). CXD_CONFIG: not such a key; CXD_FULL: no room.
     */
    int (*jose_key)(struct cxd_bytes key_pem, char *jwk, size_t room, const char **ret_alg,
                    struct cxd_error *err);
    /* Signs as that alg wants it: PKCS#1 v1.5, or r and s of 32 bytes each. *sig_len in: room, out: length. */
    int (*jose_sign)(struct cxd_bytes key_pem, struct cxd_bytes data, unsigned char *sig,
                     size_t *sig_len, struct cxd_error *err);
    /* The record (event_set_message) is for processors, the id and dead letters, and never the document's `message`: its members are
     * the document's own already. */
    void (*event_hide_message)(struct cxd_event *ev);
    /* As event_set_id, and it gives way to any other: where the record was found, when nothing says what it is. */
    void (*event_offer_id)(struct cxd_event *ev, struct cxd_bytes id);
    /*
     * How many marks of this stream are true by now: every event before them is delivered, or in the dead letters. *ret_made: how many
     * were made; both count from the start of the process, over all instances. A mark that another took over before its turn counts with
     * that one. -1: nobody acknowledges here (one-off questions such as `cortexd test input`).
     */
    int64_t (*marks_true)(struct cxd_self *self, int64_t *ret_made);
};

#endif
