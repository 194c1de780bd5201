#pragma once
/*
 * A simulator run as a program, and a client of it, for flow tests. One thread.
 */
#include <curl/curl.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { CLIENT_URL_MAX = 256, CLIENT_BODY_MAX = 64 << 20 };

struct client {
    pid_t pid;
    int input; /* the program's standard input: closing it ends the program */
    CURL *curl;
    char folder[64]; /* its state */
    char storage[CLIENT_URL_MAX];
    char elastic[CLIENT_URL_MAX];
    char cortex[CLIENT_URL_MAX];
    char control[CLIENT_URL_MAX];
    char bearer[128]; /* "": none is sent */
    /* of the last request */
    CURLcode rc;
    long status;
    double seconds;
    char *body; /* NUL-terminated */
    size_t body_len;
    char headers[8192];
};

struct client_send {
    const char *method; /* NULL: GET, or POST where there is a body */
    const char *base;
    const char *path;
    const char *body;
    size_t body_len;
    const char *headers[8]; /* the first NULL ends them */
};

/* Starts PROGRAM with --state folder and these arguments, and waits until it is ready. */
bool client_start(struct client *client, const char *program, const char *const *arguments);
/* Closes its standard input, waits; the exit status, -1 when it did not exit. Removes the state folder. */
int client_stop(struct client *client);
/* Waits for a program that was told to stop in another way. */
int client_wait(struct client *client);
void client_do(struct client *client, const struct client_send *send);
void client_get(struct client *client, const char *base, const char *path);
/* The body as JSON; NULL when it is not. The caller's. */
struct json_object *client_json(const struct client *client);
/* Signs an assertion with the state folder's service account key and asks for a token; claims as a JSON text. */
bool client_token(struct client *client, const char *claims);
/* A token by an assertion that is all right. */
bool client_sign_in(struct client *client);
/* Puts these fault rules in the place of those before. */
bool client_fault_rules(struct client *client, const char *rules);
/* The same, and signs in. */
bool client_faults(struct client *client, const char *rules);
/* A member of the last reply by JSON pointer, as text; "" when there is none. Valid until the next call. */
const char *client_member(const struct client *client, const char *path);
/* Posts a short body with the API key sim:secret, gzip when packed. */
bool client_bulk(struct client *client, const char *path, const char *body, bool packed);
/* Posts a body to the Cortex API with these headers, or with the Standard key; the first NULL ends them. */
void client_cortex_as(struct client *client, const char *path, const char *body,
                      const char *const headers[4]);
void client_cortex(struct client *client, const char *path, const char *body);
/* A request without a body to the control port. */
void client_control(struct client *client, const char *method, const char *path);
